"""Where programs get the time from."""

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol


class Clock(Protocol):
    """The time of day, aware, in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is told to move; thread-safe."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._lock = Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def set(self, now: datetime) -> None:
        """Moves to ``now``, forwards or backwards. Raises ValueError for a naive time."""
        if now.tzinfo is None:
            raise ValueError("a time with an offset is needed")
        with self._lock:
            self._now = now.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Moves forward by ``by``."""
        with self._lock:
            self._now += by
