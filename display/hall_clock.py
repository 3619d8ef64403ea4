"""The hall's time on a machine whose own clock may be wrong."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hallkit.runtime.clock import Clock


class HallClock:
    """The server's time, as its last event told it, carried on by a steady clock: a Raspberry Pi
    without a network for its clock is hours off, and jumps when it is set. ``own`` is used until
    the first event. Thread-safe."""

    def __init__(self, own: Clock, steady: Callable[[], float] = time.monotonic) -> None:
        self._own = own
        self._steady = steady
        self._lock = threading.Lock()
        self._told: tuple[datetime, float] | None = None

    def told(self, at: datetime) -> None:
        """Takes the time of an event that happened just now."""
        with self._lock:
            self._told = at.astimezone(UTC), self._steady()

    def now(self) -> datetime:
        """The hall's time, in UTC."""
        with self._lock:
            if self._told is None:
                return self._own.now()
            at, then = self._told
            return at + timedelta(seconds=self._steady() - then)
