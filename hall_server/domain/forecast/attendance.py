"""Whether a window that is closed will call again today: as on other days that stood like this one
at this time of day."""

from collections.abc import Iterable

from hall_server.domain.forecast.learn import Visit
from hall_server.domain.instant import MINUTE, Instant

_DAY = 24 * 60 * MINUTE
# Days of its own that the other windows' habits weigh as much as.
_OTHERS_WEIGHT = 2


class Attendance:
    """When each window called first and last on each day; ``shift``: local time less UTC, ms."""

    def __init__(self, visits: Iterable[Visit] = (), shift: int = 0) -> None:
        self._shift = shift
        self._spans: dict[int, dict[int, tuple[Instant, Instant]]] = {}
        self._days: set[int] = set()
        for visit in visits:
            day, at = divmod(visit.called + shift, _DAY)
            self._days.add(day)
            spans = self._spans.setdefault(visit.window, {})
            first, last = spans.get(day, (at, at))
            spans[day] = min(first, at), max(last, at)

    def chance(self, window: int, now: Instant, *, worked: bool) -> float:
        """That the window calls somebody later today; ``worked``: it did so already. Shrunk
        towards the hall's other windows; 0 for one that never worked."""
        if window not in self._spans:
            return 0.0
        alike = later = 0
        for each in self._spans:
            others = self._count(each, now, worked)
            alike, later = alike + others[0], later + others[1]
        usual = (later + 1) / (alike + 2)
        alike, later = self._count(window, now, worked)
        return (later + _OTHERS_WEIGHT * usual) / (alike + _OTHERS_WEIGHT)

    def _count(self, window: int, now: Instant, worked: bool) -> tuple[int, int]:
        """The other days on which it had worked by now, or had not, and on how many of them it
        called somebody later."""
        today, at = divmod(now + self._shift, _DAY)
        spans = self._spans[window]
        alike = later = 0
        for day in self._days:
            first, last = spans.get(day, (_DAY, -1))
            if day != today and (first < at) == worked:
                alike += 1
                later += last >= at
        return alike, later
