"""Telling the server how a device and its parts are."""

import logging
import threading
from collections.abc import Callable

from hallkit.link.backoff import Backoff
from hallkit.link.client import ApiClient, LinkError, ServerRefused
from hallkit.runtime.logs import Outage
from hallkit.runtime.version import product_version
from hallkit.wire.device import DeviceStatus, PartStatus
from hallkit.wire.message import Message

_log = logging.getLogger(__name__)

# The server calls a device absent after 45 s, two missed beats.
BEAT_S = 20.0
# When many parts change at once, what they are is told together.
_LEAST_S = 0.5
# A server that comes back knows no device's state: it is told soon.
_RETRY_MOST_S = 5.0
# The server's word for a token that it does not know (any more).
_BAD_TOKEN = "bad_token"  # noqa: S105 - an error code


class Beat(Message):
    """The server's answer to a heartbeat; its content does not matter to the device."""


class Heartbeat:
    """Sends the parts' states every 20 s, at once after :meth:`changed`, and sooner again after a
    beat that did not arrive. A client without a device id sends nothing.

    ``on_refused()`` is called, from this thread, when the server does not know the token.
    """

    def __init__(
        self,
        client: ApiClient,
        parts: Callable[[], list[PartStatus]],
        on_refused: Callable[[], None] = lambda: None,
    ) -> None:
        self._client = client
        self._parts = parts
        self._on_refused = on_refused
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
        self._outage = Outage(_log, "heartbeat")

    def start(self) -> None:
        """Starts sending."""
        self._thread.start()

    def changed(self) -> None:
        """Says that a part's state changed."""
        self._wake.set()

    def stop(self) -> None:
        """Stops sending and waits for the thread."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        if not self._client.device_id:
            _log.warning("this device has no id: the server is not told how it is")
            return
        backoff = Backoff(most_s=_RETRY_MOST_S)
        while not self._stopping.is_set():
            self._wake.clear()
            sent = False
            try:
                sent = self._beat()
            except Exception:  # noqa: BLE001 - the next beat must still be sent
                _log.exception("a heartbeat could not be made")
            if sent:
                backoff.reset()
            if self._stopping.wait(_LEAST_S):
                return
            self._wake.wait(BEAT_S if sent else backoff.next_s())

    def _beat(self) -> bool:
        status = DeviceStatus(version=product_version(), parts=self._parts())
        try:
            self._client.post(f"/devices/{self._client.device_id}/status", status, Beat)
        except LinkError as error:
            self._outage.failed(error)
            if isinstance(error, ServerRefused) and error.info.code == _BAD_TOKEN:
                self._on_refused()
            return False
        self._outage.recovered()
        return True
