"""Noticing that the machine's clock was set forward: a Pi without a battery starts with a wrong
time and is corrected some minutes later."""

import time
from collections.abc import Callable
from threading import Lock

from hall_server.domain.instant import Instant

# Counts seconds whatever the clock is set to, and also while a machine sleeps.
Steady = Callable[[], float]


def since_boot() -> float:
    """Seconds since the machine started."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class ClockWatch:
    """Compares the clock with one that nobody sets; thread-safe. Without a ``steady`` one (a
    replay moves its clock by hand) it notices nothing. A jump of up to ``least_s`` is NTP's."""

    def __init__(self, steady: Steady | None, least_s: int) -> None:
        self._steady = steady
        self._least_s = least_s
        self._lock = Lock()
        self._seen: tuple[Instant, float] | None = None
        self._untold = 0

    def jumped_s(self, now: Instant) -> int:
        """By how many seconds the clock went forward since the last look, beyond the time that
        passed; 0 when it did not. Each jump is told once, unless it is taken back."""
        if self._steady is None:
            return 0
        with self._lock:
            seen = (now, self._steady())
            before, self._seen = self._seen, seen
            untold, self._untold = self._untold, 0
        if before is None:
            return untold
        ahead = (seen[0] - before[0]) / 1000 - (seen[1] - before[1])
        return untold + (round(ahead) if ahead > self._least_s else 0)

    def take_back(self, jumped_s: int) -> None:
        """What was told could not be noted: the next look tells it again."""
        with self._lock:
            self._untold += jumped_s
