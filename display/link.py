"""The display program's link to the server: found and paired in a thread of its own, so that
panels and watchdog go on meanwhile."""

import logging
import threading
from collections.abc import Callable

from display.announcer import Announcer
from display.follow import HallFollow, ShowSigns
from hallkit.link.client import ApiClient
from hallkit.link.heartbeat import Heartbeat
from hallkit.link.pairing import enrol
from hallkit.link.server import ServerSettings
from hallkit.runtime.settings import ConfigError
from hallkit.wire.device import PartStatus

_log = logging.getLogger(__name__)

NAME = "显示屏与语音"


class HallLink:
    """Finds the server, pairs if needed, then follows the hall and tells how the parts are."""

    def __init__(
        self,
        settings: ServerSettings,
        server_url: str | None,
        show: ShowSigns,
        announcer: Announcer,
        lost_after_s: float,
        parts: Callable[[], list[PartStatus]],
    ) -> None:
        self._settings = settings
        self._url = server_url
        self._show = show
        self._announcer = announcer
        self._lost_after_s = lost_after_s
        self._parts = parts
        self._heartbeat: Heartbeat | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hall link", daemon=True)

    def start(self) -> None:
        """Starts looking for the server."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the link."""
        self._stopping.set()
        self._thread.join()

    def changed(self) -> None:
        """Says that a part's state changed; the server is told at once."""
        heartbeat = self._heartbeat
        if heartbeat is not None:
            heartbeat.changed()

    def _run(self) -> None:
        try:
            client = enrol(self._settings, "display", NAME, self._url, self._stopping)
        except ConfigError as error:
            _log.error("no link to the server: %s", error)
            return
        if client is None:
            return
        try:
            self._serve(client)
        finally:
            client.close()

    def _serve(self, client: ApiClient) -> None:
        heartbeat = Heartbeat(client, self._settings.device_id, self._parts)
        follow = HallFollow(client, self._show, self._announcer, self._lost_after_s)
        follow.start()
        heartbeat.start()
        self._heartbeat = heartbeat
        try:
            self._stopping.wait()
        finally:
            self._heartbeat = None
            heartbeat.stop()
            follow.stop()
