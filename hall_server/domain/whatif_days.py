"""The days that a what-if runs: the hall's own recent ones, or made-up ones at a stated load."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import exp, log, sqrt

from hall_server.domain.hall import ORDINARY, Hall
from hall_server.domain.instant import MINUTE, Instant, to_instant
from hall_server.domain.profile import NOTHING, Taken, WorkProfile
from hall_server.domain.whatif import Day, Desk, Visit

# A finish that was forgotten or pressed at once says nothing: minutes that a visit can take.
_SHORTEST_MIN, _LONGEST_MIN = 0.25, 150.0
# From an end to the next call, and what a missed call costs the window, minutes.
_GAP_MIN, _MISSED_MIN = 0.3, 1.0
# Fewer visitors than this teach nothing.
ENOUGH_PEOPLE = 60
# Standard deviation of made-up service times relative to their mean.
_SPREAD = 0.6
# Of made-up visitors: the classes that a kiosk offers together, each other class by itself.
KIOSK_SHARE, OTHER_SHARE = 0.12, 0.04
_MADE_UP_MIN = 480.0
_MOST_DAYS, _PLENTY = 80, 20_000
_MORNING = time(10)


@dataclass(frozen=True)
class Served:
    """A ticket of an earlier day that was called: what a replay needs of it."""

    day: str
    service_id: str
    priority: str
    state: str
    window: int
    base: Instant
    issued: Instant
    called: Instant
    ended: Instant | None


def schedule(
    hall: Hall, profile: WorkProfile, day: date, opened: Iterable[int]
) -> tuple[tuple[float, Taken], ...]:
    """What a window takes from which minute of the day on, while these windows are open."""
    edges = {time.min} | {t for r in profile.rules for t in (r.start, r.end) if t is not None}
    windows, steps = frozenset(opened), list[tuple[float, Taken]]()
    for edge in sorted(edges):
        taken = hall.taken(profile, datetime.combine(day, edge, hall.zone), windows)
        if not steps or steps[-1][1] != taken:
            steps.append((edge.hour * 60.0 + edge.minute, taken))
    return tuple(steps)


def recorded_days(
    hall: Hall, profiles: Mapping[int, WorkProfile], served: Iterable[Served]
) -> list[Day]:
    """The days of these tickets as they would be under today's work profiles: a window works
    from its first call of the day to its last end."""
    by_day: dict[str, list[Served]] = {}
    for ticket in served:
        if ticket.window in profiles:
            by_day.setdefault(ticket.day, []).append(ticket)
    return [_recorded(hall, profiles, day, tickets) for day, tickets in sorted(by_day.items())]


def _recorded(
    hall: Hall, profiles: Mapping[int, WorkProfile], day: str, tickets: list[Served]
) -> Day:
    local = date.fromisoformat(day)
    midnight = to_instant(datetime.combine(local, time.min, hall.zone))

    def minute(at: Instant) -> float:
        return (at - midnight) / MINUTE

    at_work: dict[int, tuple[float, float]] = {}
    visits = []
    for ticket in tickets:
        minutes = _minutes(hall, ticket)
        begin = minute(ticket.called)
        first, last = at_work.get(ticket.window, (begin, begin))
        at_work[ticket.window] = (min(first, begin), max(last, begin + minutes))
        class_id = hall.priority(ticket.priority).id
        visits.append(
            Visit(minute(ticket.issued), minute(ticket.base), ticket.service_id, class_id, minutes)
        )
    desks = [
        Desk(first, last, schedule(hall, profiles[number], local, at_work))
        for number, (first, last) in sorted(at_work.items())
    ]
    return Day(tuple(sorted(visits, key=lambda v: v.arrives)), tuple(desks))


def _minutes(hall: Hall, ticket: Served) -> float:
    if ticket.state != "done":
        return _MISSED_MIN
    if ticket.ended is None:
        service = hall.services.get(ticket.service_id)
        return float(service.minutes if service else 10) + _GAP_MIN
    took = (ticket.ended - ticket.called) / MINUTE
    return min(max(took, _SHORTEST_MIN), _LONGEST_MIN) + _GAP_MIN


def shares(hall: Hall) -> dict[str, float]:
    """What part of made-up visitors each class is."""
    offered = [p.id for p in hall.priorities if p.on_kiosk and p.id != ORDINARY]
    others = [p.id for p in hall.priorities if not p.on_kiosk and p.id != ORDINARY]
    found = {class_id: KIOSK_SHARE / len(offered) for class_id in offered}
    found |= dict.fromkeys(others, OTHER_SHARE)
    return {ORDINARY: 1.0 - sum(found.values())} | found


@dataclass(frozen=True)
class MadeUp:
    """What made-up days are made of: the windows, every service's mean minutes, what part of the
    visitors each class is, when the doors open, and the load."""

    desks: tuple[Desk, ...]
    minutes: Mapping[str, float]
    shares: Mapping[str, float]
    start: float
    load: float

    def days(self) -> Iterator[Day]:
        """Days of eight hours with every window at work, its share of the visitors being ``load``
        of what it can serve: two days, and more until they have plenty of visitors. The same every
        time."""
        wanted = {class_id: self._wanted(class_id) for class_id in self.shares}
        people = 0
        for number in range(_MOST_DAYS):
            rng = random.Random(number)  # noqa: S311 - chance, not secrecy
            visits = self._visits(wanted, rng)
            yield Day(tuple(visits), self.desks)
            people += len(visits)
            if number and people >= _PLENTY:
                return

    def _wanted(self, class_id: str) -> list[list[str]]:
        """For each window the services that people of the class may want of it."""
        at = _MORNING.hour * 60.0
        found = [
            [s for s in self.minutes if desk.taken(at).takes(s, class_id)] for desk in self.desks
        ]
        return [services for services in found if services]

    def _visits(
        self, wanted: Mapping[str, Sequence[Sequence[str]]], rng: random.Random
    ) -> list[Visit]:
        means = [
            sum(self.minutes[s] for s in services) / len(services) for services in wanted[ORDINARY]
        ]
        if not means:
            return []
        # Each window is wanted by as many as it can serve in ``load`` of its time.
        rates = [self.load / (mean + _GAP_MIN) for mean in means]
        parts = {class_id: share for class_id, share in self.shares.items() if wanted[class_id]}
        total, visits, at = sum(rates), list[Visit](), self.start
        while (at := at + rng.expovariate(total)) < self.start + _MADE_UP_MIN:
            class_id = rng.choices(list(parts), list(parts.values()))[0]
            of_class = wanted[class_id]
            place = rng.choices(range(len(rates)), rates)[0]
            services = of_class[place] if len(of_class) == len(rates) else rng.choice(of_class)
            service = rng.choice(services)
            minutes = self.minutes[service] * _factor(rng) + _GAP_MIN
            visits.append(Visit(at, at, service, class_id, minutes))
        return visits


def made_up(hall: Hall, profiles: Mapping[int, WorkProfile], day: date, load: float) -> MadeUp:
    """Every window with its profile on this day, or the next on which the hall opens, and the
    services' nominal minutes."""
    day = _working_day(hall, day)
    begin = min((s.start for s in hall.hours.sessions), default=time(9))
    start = begin.hour * 60.0 + begin.minute
    steps = [schedule(hall, profile, day, profiles) for profile in profiles.values()]
    desks = tuple(
        Desk(start, start + _MADE_UP_MIN, takes)
        for takes in steps
        if any(taken != NOTHING for _, taken in takes)
    )
    minutes = {s.id: float(s.minutes) for s in hall.services.values()}
    return MadeUp(desks, minutes, shares(hall), start, load)


def _working_day(hall: Hall, day: date) -> date:
    for ahead in range(7):
        after = day + timedelta(days=ahead)
        if any(after.isoweekday() in s.weekdays for s in hall.hours.sessions):
            return after
    return day


def _factor(rng: random.Random) -> float:
    """Lognormal with mean 1."""
    sigma = sqrt(log(1 + _SPREAD * _SPREAD))
    return exp(rng.gauss(-sigma * sigma / 2, sigma))
