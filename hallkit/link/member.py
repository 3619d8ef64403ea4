"""A device's place in the hall: the server found, the device let in, its state told for as long as
it runs; and let in again when its token no longer counts."""

import logging
import threading
from collections.abc import Callable

from hallkit.link.backoff import Backoff
from hallkit.link.client import ApiClient
from hallkit.link.heartbeat import Heartbeat
from hallkit.link.pairing import enrol
from hallkit.link.server import ServerSettings
from hallkit.runtime.settings import ConfigError
from hallkit.wire.device import DeviceKind, PartStatus

_log = logging.getLogger(__name__)

Begin = Callable[[ApiClient, threading.Event], Callable[[], None]]


class DeviceLink:
    """Runs a device's link to the server in a thread of its own, so that everything else of the
    program goes on meanwhile.

    Once the device is let in, ``begin(client, ending)`` starts what the program does with the
    server and returns what stops that; a ``begin`` that waits for something gives up when
    ``ending`` is set. When the server no longer knows the token (the device was revoked, or the
    server was set up anew) that is stopped and the device asks to be let in again: a manager sees
    it waiting, ``on_code`` gets the code to show, and the old token is kept until there is a new
    one. ``parts`` says how the device is.
    """

    def __init__(
        self,
        settings: ServerSettings,
        kind: DeviceKind,
        name: str,
        url: str | None,
        parts: Callable[[], list[PartStatus]],
        begin: Begin,
        on_code: Callable[[str], None] = lambda _code: None,
    ) -> None:
        self._settings = settings
        self._kind: DeviceKind = kind
        self._name = name
        self._url = url
        self._parts = parts
        self._begin = begin
        self._on_code = on_code
        self._heartbeat: Heartbeat | None = None
        self._shut_out = False
        self._stopping = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="server link", daemon=True)

    def start(self) -> None:
        """Starts looking for the server."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the link and waits for it."""
        self._stopping.set()
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()

    def changed(self) -> None:
        """Has the server told at once how the device is: a part's state changed, or the server
        is back and knows nothing of it."""
        heartbeat = self._heartbeat
        if heartbeat is not None:
            heartbeat.changed()

    def _run(self) -> None:
        backoff = Backoff()
        while not self._stopping.is_set():
            try:
                self._belong()
            except ConfigError as error:
                _log.error("no link to the server: %s", error)
                return
            except Exception:  # noqa: BLE001 - one fault must not cut the device off for ever
                _log.exception("the link to the server failed")
                self._stopping.wait(backoff.next_s())

    def _belong(self) -> None:
        """Is let in and works with the server until the program ends or the token is refused."""
        client = enrol(
            self._settings, self._kind, self._name, self._url, self._stopping, self._on_code,
            anew=self._shut_out,
        )  # fmt: skip
        if client is None:
            return
        self._shut_out = False
        self._ending.clear()
        try:
            # Asked after clearing: stop() sets it before it sets ``ending``.
            if not self._stopping.is_set():
                self._serve(client)
        finally:
            client.close()

    def _serve(self, client: ApiClient) -> None:
        heartbeat = Heartbeat(client, self._parts, self._refused)
        heartbeat.start()
        self._heartbeat = heartbeat
        try:
            end = self._begin(client, self._ending)
            try:
                self._ending.wait()
            finally:
                end()
        finally:
            self._heartbeat = None
            heartbeat.stop()

    def _refused(self) -> None:
        if not self._settings.token_file or self._shut_out:
            return
        _log.warning(
            "服务器不认识本设备的令牌（可能已被停用），重新申请配对 / "
            "the server does not know this device's token (revoked?): asking to be let in again"
        )
        self._shut_out = True
        self._ending.set()
