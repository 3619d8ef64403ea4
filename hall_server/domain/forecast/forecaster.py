"""The forecaster's memory and its look at the hall: pure, so that made-up days can be put to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

from hall_server.domain.appointment import APPOINTMENT_CLASS
from hall_server.domain.forecast.attendance import Attendance
from hall_server.domain.forecast.calibrate import Scored, calibrate
from hall_server.domain.forecast.learn import Visit, learn
from hall_server.domain.forecast.model import Newcomer, Spread
from hall_server.domain.forecast.present import Schedule, Seen, coming_of, present_of, ranks_of
from hall_server.domain.forecast.simulation import simulate
from hall_server.domain.forecast.throughput import pace, wait_behind
from hall_server.domain.hall import Hall
from hall_server.domain.instant import MINUTE, Moment
from hall_server.domain.points import points
from hall_server.domain.ticket import Ticket

# Two or three weeks of a large hall; older visits say little about today.
MOST_VISITS = 6_000
# What was learnt is kept until this many visits more are over, and one in so many of all.
_LEARN_AFTER, _LEARN_SHARE = 20, 100
_HOUR = 60 * MINUTE
# How early or late for an appointment a newcomer is asked about, minutes; between them it is
# interpolated.
_LEADS = {APPOINTMENT_CLASS: (-20.0, 0.0, 10.0, 30.0)}


@dataclass(frozen=True)
class Forecast:
    """For each waiting ticket, and by service and class for whoever took a number now; None where
    no window is expected to call. Minutes from the look, calibrated, unrounded. ``joining`` has it
    by the minutes from which a newcomer's time counts, in order: 0 for now, more for whoever is
    early for an appointment, less for whoever is late."""

    waits: Mapping[str, Spread | None]
    joining: Mapping[tuple[str, str], Sequence[tuple[float, Spread | None]]]


class Forecaster:
    """Learns from visits, is scored by calls, and forecasts. ``k`` is the calibration."""

    def __init__(self, hall: Hall, k: float = 1.0) -> None:
        self.hall = hall
        self.k = k
        self._visits: list[Visit] = []
        self._fresh = 0
        self._nominal = {s.id: float(s.minutes) for s in hall.services.values()}
        self._learnt = learn((), self._nominal)
        self._attendance = Attendance()

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
        asked: Iterable[tuple[str, str]] | None = None,
    ) -> Forecast:
        """The forecast at this moment; ``asked``: for newcomers of these services and classes only.
        The same state at the same moment gives the same forecast."""
        enough = max(_LEARN_AFTER, len(self._visits) // _LEARN_SHARE)
        if self._fresh >= enough or (self._fresh and not self._learnt.speeds):
            self._learnt = learn(self._visits, self._nominal)
            self._attendance = Attendance(self._visits, _shift(moment))
            self._fresh = 0
        waiting = list(seen.waiting)
        tickets = [*waiting, *seen.active.values()]
        coming = coming_of(self.hall, moment, [*self._prior(), *tickets], self._days(moment))
        present = present_of(
            self.hall, moment, seen, schedules, self._learnt, coming, self._attendance
        )
        pairs = list(asked if asked is not None else product(self._nominal, self._classes()))
        if not self._learnt.timed:
            return self._by_pace(moment, seen, schedules, pairs)
        _, ranks = ranks_of(self.hall)
        wanted = {
            (s, c): [Newcomer(s, ranks.get(c, 0), base) for base in _LEADS.get(c, (0.0,))]
            for s, c in pairs
        }
        every = [newcomer for group in wanted.values() for newcomer in group]
        outcome = simulate(present, every, seed=moment.at)
        waits = {key: s and s.stretched(self.k) for key, s in outcome.waits.items()}
        joining = {n: s and s.stretched(self.k) for n, s in outcome.joining.items()}
        return Forecast(waits, {p: [(n.base, joining[n]) for n in g] for p, g in wanted.items()})

    def _classes(self) -> list[str]:
        return [p.id for p in self.hall.priorities]

    def _prior(self) -> list[Visit]:
        return [v for v in self._visits if v.priority != "ordinary"]

    def _days(self, moment: Moment) -> int:
        """On how many days before today there were visits."""
        shift, day = _shift(moment), 24 * _HOUR
        today = (moment.at + shift) // day
        return len({(v.issued + shift) // day for v in self._visits} - {today})

    def _by_pace(
        self,
        moment: Moment,
        seen: Seen,
        schedules: Mapping[int, Schedule],
        pairs: Iterable[tuple[str, str]],
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

        def calls(mine: frozenset[int]) -> float:
            called = sum(1 for n in last if n in mine)
            return pace(self._learnt.pace * len(mine), called) if mine else 0.0

        def behind(people: int, mine: frozenset[int]) -> Spread | None:
            found = wait_behind(people, calls(mine))
            return found and found.stretched(self.k)

        def place(ticket: Ticket) -> tuple[bool, float, int]:
            rule = self.hall.priority(ticket.priority)
            return ticket.held_until > 0, -points(ticket.base, rule, moment.at), ticket.base

        queue = sorted(seen.waiting, key=place)
        who = [takers(t.service_id, ranks.get(t.priority, 0), t.target) for t in queue]

        def ahead(priority: str, mine: frozenset[int]) -> int:
            """Whom a newcomer has not outranked by the time of their turn."""
            rule, each = self.hall.priority(priority), calls(mine)
            before = 0
            for t, other in zip(queue, who, strict=True):
                if other & mine:
                    turn = moment.at + round(before / each * MINUTE)
                    theirs = points(t.base, self.hall.priority(t.priority), turn)
                    if not t.held_until and points(moment.at, rule, turn) > theirs:
                        break
                    before += 1
            return before

        def joins(service: str, priority: str) -> Spread | None:
            mine = takers(service, ranks.get(priority, 0))
            return behind(ahead(priority, mine), mine) if mine else None

        counts = [sum(1 for other in who[:i] if other & mine) for i, mine in enumerate(who)]
        return Forecast(
            {t.id: behind(n, mine) for t, n, mine in zip(queue, counts, who, strict=True)},
            {pair: [(0.0, joins(*pair))] for pair in pairs},
        )


def _shift(moment: Moment) -> int:
    """Local time less UTC, ms."""
    return round((moment.local.utcoffset() or timedelta()).total_seconds() * 1000)
