"""The forecaster put to the days of a made-up hall: it sees what the store would show it, and its
promises are scored by the calls. See ``hall_world``."""

import time
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import count

from hall_server.domain.forecast.calibrate import Accuracy, Scored, accuracy
from hall_server.domain.forecast.forecaster import Forecaster
from hall_server.domain.forecast.learn import visit_of
from hall_server.domain.forecast.model import Taking
from hall_server.domain.forecast.present import Schedule, Seen, ranks_of, schedule_of
from hall_server.domain.hall import ORDINARY, Hall
from hall_server.domain.instant import MINUTE
from hall_server.domain.profile import WorkProfile
from hall_server.domain.ticket import Ticket
from tests.support.hall_world import Habits, World, days

FIRST_DAY = date(2026, 11, 2)


@dataclass
class Scores:
    """What came of it: the calls scored, of ordinary visitors and of those with priority, how long
    each look took (ms), and who had no promise. Only the ordinary have the yardstick."""

    ordinary: list[Scored] = field(default_factory=list)
    priority: list[Scored] = field(default_factory=list)
    looks_ms: list[float] = field(default_factory=list)
    without: int = 0

    @property
    def figures(self) -> Accuracy:
        """The accuracy over all of them."""
        return accuracy(self.ordinary + self.priority)

    @property
    def mean_wait(self) -> float:
        """Minutes that the ordinary waited."""
        return sum(s.wait for s in self.ordinary) / len(self.ordinary)


class Rig:
    """One hall. ``every``: of so many tickets one is promised a wait."""

    def __init__(
        self, hall: Hall, seed: int, habits: Habits | None = None, *, every: int = 1
    ) -> None:
        self.world = World(hall, seed, habits)
        self.forecaster = Forecaster(hall)
        self.scores = Scores()
        self._hall = hall
        self._every = every
        self._count = count(1)
        self._fed = 0
        self._ahead: dict[str, int] = {}
        self._average = 0.0
        _, self._ranks = ranks_of(hall)

    def run(self, history: int, scored: int) -> Scores:
        """So many days to learn from, and so many on which waits are promised."""
        calendar = days(FIRST_DAY, history + scored)
        for day in calendar[:history]:
            self.world.run_day(day)
        done = [v for t, c in self.world.over if (v := visit_of(t, c)) is not None and v.done]
        self._average = sum(v.minutes for v in done) / len(done)
        self.world.on_issue, self.world.on_call = self._promise, self._score
        for day in calendar[history:]:
            self.world.run_day(day)
        return self.scores

    def _promise(self, ticket: Ticket) -> Ticket:
        if next(self._count) % self._every:
            return ticket
        self._feed()
        world = self.world
        began = time.perf_counter()
        waiting = sorted(world.waiting.values(), key=lambda t: (t.issued, t.id))
        seen = Seen(list(world.windows.values()), dict(world.active), waiting, world.ended)
        pair = ticket.service_id, ticket.priority
        found = self.forecaster.look(world.moment, seen, self._schedules(), [pair])
        self.scores.looks_ms.append((time.perf_counter() - began) * 1000)
        spread = found.joining[pair][0][1]
        if spread is None:
            self.scores.without += 1
            return ticket
        self._ahead[ticket.id] = self._people_ahead(ticket)
        return replace(ticket, forecast_p50=spread.p50, forecast_p90=spread.p90)

    def _people_ahead(self, ticket: Ticket) -> int:
        """Everybody who waits for a window that may call this ticket."""
        world = self.world
        mine = [n for n, w in world.windows.items() if w.state != "closed"]
        mine = [n for n in mine if world.takes(n, ticket)]
        return sum(any(world.takes(n, other) for n in mine) for other in world.waiting.values())

    def _feed(self) -> None:
        new = self.world.over[self._fed :]
        self._fed = len(self.world.over)
        visits = (visit_of(ticket, clerk) for ticket, clerk in new)
        self.forecaster.add(v for v in visits if v is not None)

    def _schedules(self) -> dict[int, Schedule]:
        local = self.world.moment.local
        profiles = {w.profile for w in self._hall.windows}
        each = {p: schedule_of(_Takes(self._hall, p, self._ranks), local) for p in profiles}
        return {w.number: each[w.profile] for w in self._hall.windows}

    def _score(self, ticket: Ticket) -> None:
        p50, p90, called = ticket.forecast_p50, ticket.forecast_p90, ticket.first_called
        if p50 is None or p90 is None or called is None:
            return
        wait = (called - ticket.issued) / MINUTE
        scored = Scored(wait, p50, p90)
        if ticket.priority == ORDINARY:
            scored = replace(scored, yardstick=self._ahead[ticket.id] * self._average)
            self.scores.ordinary.append(scored)
        else:
            self.scores.priority.append(scored)
        self.forecaster.score([scored])


@dataclass(frozen=True)
class _Takes:
    hall: Hall
    profile: WorkProfile
    ranks: dict[str, int]

    def __call__(self, local: datetime) -> tuple[Taking, ...]:
        taken = self.hall.taken(self.profile, local)
        return tuple(
            Taking(
                part.services,
                None if part.classes is None else frozenset(self.ranks[c] for c in part.classes),
            )
            for part in taken.parts
        )
