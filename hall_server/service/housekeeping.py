"""The thread that keeps house while the hall works."""

import logging
import threading
from collections.abc import Callable

from hall_server.service.commands import Commands
from hall_server.service.ports import StorageFailed, WriterStopped
from hall_server.service.retention import Trimming

_log = logging.getLogger(__name__)

# How soon after the day has begun its work is looked for; it is not urgent.
LOOK_EVERY_S = 60.0
# Between two transactions others have the writer to themselves.
PAUSE_S = 0.05


class Housekeeper:
    """Removes what is no longer kept, once a day, little by little. ``stop`` ends it at once."""

    def __init__(self, commands: Commands, *, look_every_s: float = LOOK_EVERY_S) -> None:
        self._stopping = threading.Event()
        self._look_every_s = look_every_s
        pause: Callable[[], bool] = lambda: self._stopping.wait(PAUSE_S)  # noqa: E731
        self._trimming = Trimming(commands, pause)
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

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
                self._trimming.run()
            except WriterStopped:
                return
            except StorageFailed as error:
                _log.warning("what is no longer kept could not be removed: %s", error)
            except Exception:  # noqa: BLE001 - the next day is tried again
                _log.exception("keeping house failed")
