"""The time of day for a hall whose pages a browser shows, which has the machine's clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_HALL = ZoneInfo("Asia/Shanghai")
# Longer than any test, and than a wait that a test makes up.
_NEAR = timedelta(minutes=20)


def away_from_midnight(now: datetime) -> datetime:
    """``now``; where a day of the hall has just begun or soon ends, an hour later or earlier: at
    midnight every number is void, and a test would fail that runs just then."""
    local = now.astimezone(_HALL)
    if (local + _NEAR).date() != local.date():
        return now - timedelta(hours=1)
    if (local - _NEAR).date() != local.date():
        return now + timedelta(hours=1)
    return now


def by_day() -> datetime:
    """Now, on a day of the hall that does not end soon."""
    return away_from_midnight(datetime.now(UTC))


class DayClock:
    """The machine's clock, on a day of the hall that does not end soon."""

    def __init__(self) -> None:
        now = datetime.now(UTC)
        self._shift = away_from_midnight(now) - now

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift
