"""The thread that notices when devices fall silent."""

import logging
import threading

from hall_server.service.devices import Devices
from hall_server.service.ports import StorageFailed, WriterStopped

_log = logging.getLogger(__name__)

# A device counts as absent after 45 s; how much later everybody is told.
LOOK_EVERY_S = 3.0


class DeviceWatch:
    """Tells the journal, and so every page, of devices that fell silent. ``stop`` ends it at
    once."""

    def __init__(self, devices: Devices, *, look_every_s: float = LOOK_EVERY_S) -> None:
        self._devices = devices
        self._look_every_s = look_every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="device watch", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stops and waits for the thread."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._look_every_s):
            try:
                self._devices.tell_absent()
            except WriterStopped:
                return
            except StorageFailed as error:
                _log.warning("an absent device could not be noted: %s", error)
            except Exception:  # noqa: BLE001 - the next look may succeed
                _log.exception("looking for absent devices failed")
