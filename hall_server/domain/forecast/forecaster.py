"""The forecaster's memory and its look at the hall: pure, so that made-up days can be put to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from hall_server.domain.forecast.calibrate import Scored, calibrate
from hall_server.domain.forecast.learn import Visit, learn
from hall_server.domain.forecast.model import Spread
from hall_server.domain.forecast.present import Schedule, Seen, coming_of, present_of, ranks_of
from hall_server.domain.forecast.simulation import simulate
from hall_server.domain.forecast.throughput import pace, wait_behind
from hall_server.domain.hall import Hall
from hall_server.domain.instant import MINUTE, Moment
from hall_server.domain.points import points
from hall_server.domain.ticket import Ticket

# Two or three weeks of a large hall; older visits say little about today.
MOST_VISITS = 6_000
# What was learnt is kept until this many visits more are over.
_LEARN_AFTER = 20
_HOUR = 60 * MINUTE


@dataclass(frozen=True)
class Forecast:
    """For each waiting ticket, and for whoever took a number of a service now; None where no
    window is expected to call. Minutes from the look, calibrated, unrounded."""

    waits: Mapping[str, Spread | None]
    joining: Mapping[str, Spread | None]


class Forecaster:
    """Learns from visits, is scored by calls, and forecasts. ``k`` is the calibration."""

    def __init__(self, hall: Hall, k: float = 1.0) -> None:
        self.hall = hall
        self.k = k
        self._visits: list[Visit] = []
        self._fresh = 0
        self._nominal = {s.id: float(s.minutes) for s in hall.services.values()}
        self._learnt = learn((), self._nominal)

    def add(self, visits: Iterable[Visit]) -> None:
        """Visits that are over, oldest first."""
        before = len(self._visits)
        self._visits.extend(visits)
        self._fresh += len(self._visits) - before
        del self._visits[:-MOST_VISITS]

    def score(self, scored: Iterable[Scored]) -> None:
        """Calls of tickets that had a forecast, in their order."""
        self.k = calibrate(self.k, scored)

    def look(
        self,
        moment: Moment,
        seen: Seen,
        schedules: Mapping[int, Schedule],
        asked: Iterable[str] | None = None,
    ) -> Forecast:
        """The forecast at this moment; ``asked``: for newcomers to these services only. The same
        state at the same moment gives the same forecast."""
        if self._fresh >= _LEARN_AFTER or (self._fresh and not self._learnt.speeds):
            self._learnt = learn(self._visits, self._nominal)
            self._fresh = 0
        waiting = list(seen.waiting)
        tickets = [*waiting, *seen.active.values()]
        coming = coming_of(self.hall, moment.at, [*self._prior(), *tickets], self._days(moment))
        present = present_of(self.hall, moment, seen, schedules, self._learnt, coming)
        services = list(asked if asked is not None else self._nominal)
        if not self._learnt.timed:
            return self._by_pace(moment, seen, schedules, services)
        outcome = simulate(present, services, seed=moment.at)
        return Forecast(
            {key: s and s.stretched(self.k) for key, s in outcome.waits.items()},
            {key: s and s.stretched(self.k) for key, s in outcome.joining.items()},
        )

    def _prior(self) -> list[Visit]:
        return [v for v in self._visits if v.priority != "ordinary"]

    def _days(self, moment: Moment) -> int:
        """On how many days before today there were visits."""
        offset = moment.local.utcoffset() or timedelta()
        shift, day = round(offset.total_seconds() * 1000), 24 * _HOUR
        today = (moment.at + shift) // day
        return len({(v.issued + shift) // day for v in self._visits} - {today})

    def _by_pace(
        self,
        moment: Moment,
        seen: Seen,
        schedules: Mapping[int, Schedule],
        services: Iterable[str],
    ) -> Forecast:
        """For a hall where nobody presses finish when a visit ends: whoever the same windows may
        call comes one after another, at the pace of their calls."""
        _, ranks = ranks_of(self.hall)
        opened = [w.number for w in seen.windows if w.state == "open"]
        last = [v.window for v in self._visits if moment.at - v.called < _HOUR]

        def takers(service: str, rank: int, target: int | None = None) -> frozenset[int]:
            now = {n: schedules[n][0][1] for n in opened if target in (None, n)}
            return frozenset(
                n for n, taken in now.items() if any(t.has(service, rank) for t in taken)
            )

        def behind(people: Iterable[frozenset[int]], mine: frozenset[int]) -> Spread | None:
            called = sum(1 for n in last if n in mine)
            calls = pace(self._learnt.pace * len(mine), called) if mine else 0.0
            found = wait_behind(sum(1 for who in people if who & mine), calls)
            return found and found.stretched(self.k)

        def place(ticket: Ticket) -> tuple[bool, float, int]:
            rule = self.hall.priority(ticket.priority)
            return ticket.held_until > 0, -points(ticket.base, rule, moment.at), ticket.base

        queue = sorted(seen.waiting, key=place)
        who = [takers(t.service_id, ranks.get(t.priority, 0), t.target) for t in queue]
        return Forecast(
            {t.id: behind(who[:i], who[i]) for i, t in enumerate(queue)},
            {service: behind(who, takers(service, 0)) for service in services},
        )
