"""When the hall is open."""

from dataclasses import dataclass
from datetime import datetime, time


@dataclass(frozen=True)
class OpeningSession:
    """Open on ``weekdays`` (1 = Monday) from ``start`` up to but not including ``end``."""

    weekdays: frozenset[int]
    start: time
    end: time

    def holds(self, local: datetime) -> bool:
        """Whether the hall is in this session at this local time."""
        clock = local.time().replace(tzinfo=None)
        return local.isoweekday() in self.weekdays and self.start <= clock < self.end


@dataclass(frozen=True)
class Hours:
    """The hall's week. ``always`` opens it at any hour (a demonstration); ``serve_all_taken``:
    whoever has a number when it closes is still served."""

    sessions: tuple[OpeningSession, ...]
    always: bool = False
    serve_all_taken: bool = True

    def open_at(self, local: datetime) -> bool:
        """Whether numbers are given at this local time."""
        return self.always or any(s.holds(local) for s in self.sessions)

    def sends_home_at(self, local: datetime) -> bool:
        """Whether the day's last session is over in a hall that then serves nobody who waits."""
        ends = [s.end for s in self.sessions if local.isoweekday() in s.weekdays]
        over = bool(ends) and local.time().replace(tzinfo=None) >= max(ends)
        return over and not self.always and not self.serve_all_taken
