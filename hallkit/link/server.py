"""Which server a device belongs to, and who it is there."""

import logging
import os
import threading
from pathlib import Path

from pydantic import Field, field_validator

from hallkit.link.backoff import Backoff
from hallkit.link.client import ApiClient, server_url
from hallkit.runtime.settings import ConfigError, Problem, Settings

_log = logging.getLogger(__name__)

# One round of discovery: an announcement is answered in 0.1 s, a busy Wi-Fi may need a few.
DISCOVERY_S = 3.0


class ServerSettings(Settings):
    """``[server]`` of every device's file."""

    url: str = Field(default="", description="empty: find it on the network by zeroconf")
    device_id: str = Field(
        default="", description="for a token made by hand; pairing keeps it beside the token file"
    )
    token_file: str = Field(default="", description="file with the device token, mode 600")

    @field_validator("url")
    @classmethod
    def _whole(cls, value: str) -> str:
        return server_url(value) if value else ""


class TokenStore:
    """The device's token and id on disk, each readable by its owner only.

    ``token_file`` holds the token, ``token_file.id`` the device's id, ``token_file.request`` the
    pairing request while it waits for approval. Every method raises ConfigError when a file
    cannot be read or written.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self._token = Path(settings.token_file)
        self._id = self._token.with_name(self._token.name + ".id")
        self._request = self._token.with_name(self._token.name + ".request")

    def token(self) -> str:
        """The token, empty when none was stored yet."""
        token = _read(self._token)
        if not all("!" <= char <= "~" for char in token):
            raise _problem(self._token, "不是设备令牌", "does not hold a device token")
        return token

    def device_id(self) -> str:
        """The id that the token belongs to, empty when unknown."""
        return _read(self._id)

    def request_id(self) -> str:
        """The pairing request that waits for approval, empty when there is none."""
        return _read(self._request)

    def keep_request(self, request_id: str) -> None:
        """Keeps a pairing request over a restart."""
        _write(self._request, request_id)

    def forget_request(self) -> None:
        """Drops the pairing request."""
        self._request.unlink(missing_ok=True)

    def keep(self, device_id: str, token: str) -> None:
        """Keeps what approval brought. The token comes last: it is what says "paired"."""
        _write(self._id, device_id)
        _write(self._token, token)
        self.forget_request()

    def check_writable(self) -> None:
        """Finds out now, not after a manager's approval, whether the token can be kept."""
        probe = self._token.with_name(self._token.name + ".new")
        _write(probe, "")
        probe.unlink(missing_ok=True)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise _problem(path, "无法读取", f"cannot be read: {error}") from error


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise _problem(path, "无法写入", f"cannot be written: {error}") from error


def _problem(path: Path, zh: str, en: str) -> ConfigError:
    return ConfigError([Problem(str(path), "server.token_file", zh, en)])


def read_token(settings: ServerSettings) -> str:
    """The device token, empty when none was stored. Raises ConfigError when unreadable."""
    return TokenStore(settings).token() if settings.token_file else ""


def read_device_id(settings: ServerSettings) -> str:
    """The device's id: the one that pairing brought together with the token, or the configured
    one; empty when unknown."""
    kept = TokenStore(settings).device_id() if settings.token_file else ""
    return kept or settings.device_id


def _checked(url: str) -> str:
    try:
        return server_url(url)
    except ValueError as error:
        zh, _, en = str(error).partition(" / ")
        raise ConfigError([Problem("--server", "", zh, en)]) from None


def connect(
    settings: ServerSettings, override_url: str | None, stopping: threading.Event
) -> ApiClient | None:
    """A client for the configured, given or discovered server; waits until one is found.

    Returns None when ``stopping`` was set meanwhile. A server with a known address need not be
    up: the client's calls then raise ServerAway. Raises ConfigError for an unreadable token file
    or when ``override_url`` is no address.
    """
    url = _checked(override_url) if override_url else settings.url
    backoff = Backoff(first_s=1.0)
    while not url and not stopping.is_set():
        # Imported here: zeroconf is 6 MB, which a device with a configured server never needs.
        from hallkit.link.discovery import find_server

        url = find_server(DISCOVERY_S, stopping=stopping) or ""
        if url:
            _log.info("found the hall server at %s", url)
            break
        _log.warning("no hall server found on the network yet; --server URL names one")
        stopping.wait(backoff.next_s())
    if not url or stopping.is_set():
        return None
    return ApiClient(url, read_token(settings), read_device_id(settings))
