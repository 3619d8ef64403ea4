"""Which server a device belongs to, and who it is there."""

import logging
import threading
from pathlib import Path

from pydantic import Field

from hallkit.link.backoff import Backoff
from hallkit.link.client import ApiClient
from hallkit.link.discovery import find_server
from hallkit.runtime.settings import Settings

_log = logging.getLogger(__name__)

# One round of discovery: an announcement is answered in 0.1 s, a busy Wi-Fi may need a few.
DISCOVERY_S = 3.0


class ServerSettings(Settings):
    """``[server]`` of every device's file."""

    url: str = Field(default="", description="empty: find it on the network by zeroconf")
    device_id: str = Field(default="", description="given by the server when the device was paired")
    token_file: str = Field(default="", description="file with the device token, mode 600")


def read_token(settings: ServerSettings) -> str:
    """The device token, empty when none was stored yet."""
    path = Path(settings.token_file) if settings.token_file else None
    return path.read_text().strip() if path is not None and path.exists() else ""


def connect(
    settings: ServerSettings, override_url: str | None, stopping: threading.Event
) -> ApiClient | None:
    """A client for the configured, given or discovered server; waits until one is found.

    Returns None when ``stopping`` was set meanwhile. A server with a known address need not be
    up: the client's calls then raise ServerAway.
    """
    url = override_url or settings.url
    backoff = Backoff(first_s=1.0)
    while not url and not stopping.is_set():
        url = find_server(DISCOVERY_S) or ""
        if url:
            _log.info("found the hall server at %s", url)
            break
        _log.warning("no hall server found on the network yet; --server URL names one")
        stopping.wait(backoff.next_s())
    return ApiClient(url, read_token(settings)) if url else None
