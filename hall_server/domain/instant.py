"""Points in time. Inside the server a time is an ``Instant``: whole milliseconds since
1970-01-01T00:00Z. It sorts, subtracts and stores the same everywhere."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

Instant = int
MINUTE = 60_000


def to_instant(moment: datetime) -> Instant:
    """An aware time as an instant. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a time with an offset is needed")
    return round(moment.timestamp() * 1000)


def _in(zone: ZoneInfo, instant: Instant) -> datetime:
    return datetime.fromtimestamp(instant / 1000, UTC).astimezone(zone)


# A ticket's times are told again with every change of it.
@lru_cache(maxsize=512)
def from_instant(instant: Instant, zone: ZoneInfo) -> datetime:
    """An instant as an aware time in ``zone``."""
    return _in(zone, instant)


@dataclass(frozen=True)
class Moment:
    """Now, as a command sees it: the instant, the hall's local time and its business day."""

    at: Instant
    local: datetime

    @property
    def day(self) -> str:
        """The business day, ``YYYY-MM-DD`` in the hall's time zone."""
        return self.local.date().isoformat()

    @property
    def day_start(self) -> Instant:
        """When the business day began."""
        return to_instant(datetime.combine(self.local, time.min, self.local.tzinfo))


def moment(now: datetime, zone: ZoneInfo, not_before: Instant = 0) -> Moment:
    """``now`` in the hall's zone, but never before ``not_before`` (the journal's last entry), so
    that a clock that was set back does not turn time around."""
    at = max(to_instant(now), not_before)
    return Moment(at, _in(zone, at))
