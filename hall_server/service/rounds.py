"""A thread that does the same small work again and again while the server runs."""

import logging
import threading
from collections.abc import Callable

from hall_server.service.ports import StorageFailed, WriterStopped

_log = logging.getLogger(__name__)


class Rounds:
    """Calls ``work`` every ``every_s`` seconds in a thread of that ``name``; what fails is tried
    again in the next round. ``stop`` ends it at once, and so does a writer that has stopped."""

    def __init__(self, name: str, work: Callable[[], object], every_s: float) -> None:
        self._name = name
        self._work = work
        self._every_s = every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stops and waits for the thread."""
        self._stopping.set()
        self._thread.join()

    def pause(self, seconds: float) -> bool:
        """Waits, for the work; true when it is to end."""
        return self._stopping.wait(seconds)

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            try:
                self._work()
            except WriterStopped:
                return
            except StorageFailed as error:
                _log.warning("%s: the database refused: %s", self._name, error)
            except Exception:  # noqa: BLE001 - the next round may succeed
                _log.exception("%s failed", self._name)
