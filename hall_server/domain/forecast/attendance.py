"""Whether a window that is closed will call again today, and whether one that is open works through
the hall's break: as on other days that stood like this one at this time of day."""

from collections.abc import Callable, Iterable

from hall_server.domain.forecast.learn import Visit
from hall_server.domain.instant import MINUTE, Instant

_DAY = 24 * 60 * MINUTE
# Days of its own that the other windows' habits weigh as much as.
_OTHERS_WEIGHT = 2
# Whoever waits when a break begins may still be served, ms.
_FINISHING = 30 * MINUTE
# A look asks for those who worked today and those who did not, and for the break.
_MOST_KEPT = 4
_Of = Callable[[list[Instant]], bool]
_Counts = dict[int, tuple[int, int]]


class Attendance:
    """When each window called on each day; ``shift``: local time less UTC, ms."""

    def __init__(self, visits: Iterable[Visit] = (), shift: int = 0) -> None:
        self._shift = shift
        self._calls: dict[int, dict[int, list[Instant]]] = {}
        self._days: set[int] = set()
        self._kept: dict[tuple[int, int, int], _Counts] = {}
        for visit in visits:
            day, at = divmod(visit.called + shift, _DAY)
            self._days.add(day)
            self._calls.setdefault(visit.window, {}).setdefault(day, []).append(at)

    def chance(self, window: int, now: Instant, *, worked: bool) -> float:
        """That the window calls somebody later today; ``worked``: it did so already. Shrunk
        towards the hall's other windows; 0 for one that never worked."""
        if window not in self._calls:
            return 0.0
        today, at = divmod(now + self._shift, _DAY)

        def stood(calls: list[Instant]) -> bool:
            return any(call < at for call in calls) == worked

        def later(calls: list[Instant]) -> bool:
            return any(call >= at for call in calls)

        return _shrunk(window, self._counts((today, at, worked), stood, later))

    def stays(self, window: int, now: Instant, start: Instant, end: Instant) -> float:
        """That the window works through the break from ``start`` to ``end``, if it worked before:
        that it calls somebody well after the start. Shrunk as well."""
        today, _ = divmod(now + self._shift, _DAY)
        first, last = (start + self._shift) % _DAY, (end + self._shift) % _DAY

        def stood(calls: list[Instant]) -> bool:
            return any(call < first for call in calls)

        def through(calls: list[Instant]) -> bool:
            return any(first + _FINISHING <= call < last for call in calls)

        return _shrunk(window, self._counts((today, first, last), stood, through))

    def _counts(self, key: tuple[int, int, int], stood: _Of, did: _Of) -> _Counts:
        """By window the other days that ``stood`` so, and on how many of them it ``did`` that. Kept
        while a look asks for one window after the other."""
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            others = [day for day in self._days if day != key[0]]
            found = self._kept[key] = {}
            for window, mine in self._calls.items():
                alike = [calls for day in others if stood(calls := mine.get(day, []))]
                found[window] = len(alike), sum(map(did, alike))
        return found


def _shrunk(window: int, counts: _Counts) -> float:
    alike, done = (sum(count[i] for count in counts.values()) for i in (0, 1))
    usual = (done + 1) / (alike + 2)
    alike, done = counts.get(window, (0, 0))
    return (done + _OTHERS_WEIGHT * usual) / (alike + _OTHERS_WEIGHT)
