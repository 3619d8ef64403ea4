"""A hall with people in it, made up independently of the product's forecaster.

Service times are mixtures of gamma distributions, clerks have speeds of their own, rest, come late
or not at all; visitors come in waves, miss their calls, are sent on. The product's rules decide who
is called. What comes out are tickets and windows as the store would have them, nothing else.
"""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import count
from math import cos, pi

from hall_server.domain.hall import Hall
from hall_server.domain.instant import MINUTE, Instant, Moment, from_instant, to_instant
from hall_server.domain.points import points
from hall_server.domain.profile import Taken
from hall_server.domain.ticket import Ticket
from hall_server.domain.window import Window

DAY_START, DAY_END = time(8, 30), time(17, 0)


@dataclass(frozen=True)
class Habits:
    """What differs between made-up halls. ``load``: work that comes, by what the windows can do;
    ``long``: the share of visits that take two and a half times as long; minutes elsewhere."""

    load: float = 0.93
    long: float = 0.12
    shape: float = 2.5
    green: float = 0.12
    no_show: float = 0.02
    no_show_a_minute: float = 0.001
    sent_on: float = 0.03
    pause: float = 0.04
    pause_min: float = 7.0
    absent: float = 0.1
    lunch: bool = False


HARD = Habits(load=0.88, long=0.3, shape=1.2, pause=0.1, green=0.25)
# Windows close over the hall's break; without it they work through, whatever the hall file says.
LUNCH = Habits(lunch=True)


class World:
    """One hall over several days. ``on_issue`` sees each new ticket before it joins the queue and
    returns it, ``on_call`` each ticket as it is called for the first time."""

    def __init__(self, hall: Hall, seed: int, habits: Habits | None = None) -> None:
        self.hall = hall
        self.habits = habits or Habits()
        self.rng = random.Random(seed)
        self.on_issue: Callable[[Ticket], Ticket] = lambda ticket: ticket
        self.on_call: Callable[[Ticket], None] = lambda _ticket: None
        self.now: Instant = 0
        self.waiting: dict[str, Ticket] = {}
        self.active: dict[int, Ticket] = {}
        self.windows: dict[int, Window] = {}
        self.ended: dict[int, Instant] = {}
        self.over: list[tuple[Ticket, str]] = []
        self._events: list[tuple[Instant, int, Callable[[], None]]] = []
        self._order = count()
        self._sequence: Counter[str] = Counter()
        self._means = {s.id: s.minutes * self.rng.uniform(0.6, 1.5) for s in hall.services.values()}
        self._speeds = {w.number: self.rng.gammavariate(16, 1 / 16) for w in hall.windows}
        self._rates = self._make_rates()
        self._services = [hall.services[key] for key in self._rates]

    def _make_rates(self) -> dict[str, float]:
        """Visitors a minute by service. The services that the same windows take together bring
        work in proportion to those windows, each by chance more or less of it."""
        morning = datetime.combine(date(2026, 11, 23), time(10), self.hall.zone)
        taken = {w.number: self.hall.taken(w.profile, morning) for w in self.hall.windows}
        groups: dict[frozenset[int], list[str]] = {}
        for service in self.hall.services.values():
            takers = frozenset(n for n, t in taken.items() if t.takes(service.id, "ordinary"))
            if service.enabled and takers:
                groups.setdefault(takers, []).append(service.id)
        shares = {n: sum(n in takers for takers in groups) for n in taken}
        rates: dict[str, float] = {}
        for takers, services in groups.items():
            able = sum(1 / shares[n] for n in takers) * (1 - self.habits.absent)
            weights = {service: self.rng.paretovariate(1.3) for service in services}
            work = sum(w * self._mean(service) for service, w in weights.items())
            rates |= {key: self.habits.load * able * w / work for key, w in weights.items()}
        return rates

    @property
    def moment(self) -> Moment:
        """Now."""
        return Moment(self.now, from_instant(self.now, self.hall.zone))

    def takes(self, number: int, ticket: Ticket) -> bool:
        """Whether a window may call a ticket now."""
        return _may(number, self._taken(number), ticket)

    def _taken(self, number: int) -> Taken:
        return self.hall.taken(self.hall.window(number).profile, self.moment.local)

    def _later(self, minutes: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self.now + round(minutes * MINUTE), next(self._order), event))

    def run_day(self, day: date) -> None:
        """From before the opening until the last visitor has left."""
        start = to_instant(datetime.combine(day, DAY_START, self.hall.zone))
        self.now = start - 5 * MINUTE
        self.waiting.clear()
        self.active.clear()
        self.ended.clear()
        self._sequence.clear()
        for place in self.hall.windows:
            self.windows[place.number] = Window(place.number, "closed", None, None, self.now)
            if self.rng.random() >= self.habits.absent or len(self.hall.windows) < 3:
                self._later(self.rng.uniform(2, 10), lambda n=place.number: self._open(n))
        if self.habits.lunch:
            for session in self.hall.hours.on(day)[:-1]:
                end = to_instant(datetime.combine(day, session.end, self.hall.zone))
                self._later((end - self.now) / MINUTE, self._lunch)
        self._people(day)
        while self._events:
            self.now, _, event = heapq.heappop(self._events)
            event()
        for ticket in self.waiting.values():
            self.over.append((ticket.void(self.now), ""))

    def _people(self, day: date) -> None:
        """Two waves, one in the morning and one in the afternoon."""
        minutes = (DAY_END.hour - DAY_START.hour) * 60 + DAY_END.minute - DAY_START.minute
        rate = sum(self._rates.values())
        at = 0.0
        strength = self.rng.uniform(0.93, 1.07)
        while (at := at + self.rng.expovariate(rate * 1.4 * strength)) < minutes - 20:
            wave = 1 - 0.4 * cos(2 * pi * at / (minutes / 2))
            if self.rng.random() * 1.4 < wave:
                self._later(5 + at, lambda: self._come(day))

    def _mean(self, service: str) -> float:
        return self._means[service] * (1 + 1.5 * self.habits.long)

    def _come(self, day: date) -> None:
        service = self.rng.choices(self._services, list(self._rates.values()))[0]
        priority = "green" if self.rng.random() < self.habits.green else "ordinary"
        self._sequence[service.series] += 1
        number = self._sequence[service.series]
        ticket = Ticket(
            id=f"{day}-{service.series}{number}",
            day=day.isoformat(),
            series=service.series,
            sequence=number,
            service_id=service.id,
            priority=priority,
            state="waiting",
            channel="kiosk",
            token="",
            base=self.now,
            issued=self.now,
        )
        ticket = self.on_issue(ticket)
        self._wait(ticket)

    def _wait(self, ticket: Ticket) -> None:
        self.waiting[ticket.id] = ticket
        for number, window in self.windows.items():
            idle = window.state == "open" and number not in self.active
            if idle and self.takes(number, ticket):
                self._later(self.rng.uniform(0.1, 0.6), lambda n=number: self._call(n))

    def _open(self, number: int) -> None:
        self.windows[number] = Window(number, "open", f"c{number}", None, self.now)
        self._call(number)

    def _order_of(self, ticket: Ticket) -> tuple[bool, float, int, int, str]:
        now = points(ticket.base, self.hall.priority(ticket.priority), self.now)
        return ticket.held_until > 0, -now, ticket.base, ticket.issued, ticket.id

    def _lunch(self) -> None:
        for number in self.windows:
            if number not in self.active:
                self._at_lunch(number)

    def _lunch_left(self) -> float:
        """Minutes that the hall's break goes on, 0 when there is none now."""
        if not self.habits.lunch:
            return 0
        local = self.moment.local
        sessions = self.hall.hours.on(local.date())
        begun = [s for s in sessions if s.start <= local.time()]
        later = [s.start for s in sessions if s.start > local.time()]
        if not begun or not later or local.time() < begun[-1].end:
            return 0
        return (datetime.combine(local, later[0], local.tzinfo) - local) / timedelta(minutes=1)

    def _at_lunch(self, number: int) -> bool:
        """Whether the window is, or now goes, to lunch."""
        left = self._lunch_left()
        if left and self.windows[number].state != "closed":
            self.windows[number] = Window(number, "closed", None, None, self.now)
            self._later(left + self.rng.uniform(0, 8), lambda: self._open(number))
        return left > 0

    def _call(self, number: int) -> None:
        if number in self.active or self._at_lunch(number):
            return
        window = self.windows[number]
        if window.state != "open":
            return
        taken = self._taken(number)
        mine = [t for t in self.waiting.values() if _may(number, taken, t)]
        if not mine:
            return
        ticket = min(mine, key=self._order_of)
        del self.waiting[ticket.id]
        called = ticket.call(number, self.now)
        if ticket.first_called is None:
            self.on_call(called)
        for other in mine:
            if other.held_until and other.id in self.waiting:
                self.waiting[other.id] = replace(other, held_until=other.held_until - 1)
        self.active[number] = called
        waited = (self.now - ticket.base) / MINUTE
        if self.rng.random() < self.habits.no_show + self.habits.no_show_a_minute * waited:
            self._later(self.rng.uniform(0.7, 1.8), lambda: self._missed(number))
        else:
            self._later(self.rng.uniform(0.1, 0.7), lambda: self._start(number))

    def _missed(self, number: int) -> None:
        missed = self.active.pop(number).miss(self.now)
        after = self.hall.missed.apply(missed, self.now)
        self._free(number)
        if after.state == "waiting":
            self._wait(after)
        else:
            self.over.append((after, f"c{number}"))

    def _start(self, number: int) -> None:
        ticket = self.active[number] = self.active[number].start(self.now)
        mean = self._means[ticket.service_id] * self._speeds[number]
        if self.rng.random() < self.habits.long:
            mean *= 2.5
        took = self.rng.gammavariate(self.habits.shape, mean / self.habits.shape)
        self._later(max(took, 0.5), lambda: self._finish(number))

    def _finish(self, number: int) -> None:
        ticket = self.active.pop(number)
        self._free(number)
        if self.rng.random() < self.habits.sent_on:
            to = self.rng.choice([s for s in self._services if s.series == ticket.series])
            self._wait(ticket.transfer(to.id, None))
        else:
            self.over.append((ticket.finish(self.now), f"c{number}"))

    def _free(self, number: int) -> None:
        self.ended[number] = self.now
        if self.rng.random() < self.habits.pause:
            self.windows[number] = self.windows[number].pause("", self.now)
            rest = self.rng.gammavariate(2, self.habits.pause_min / 2)
            self._later(rest, lambda: self._open(number))
        else:
            self._later(self.rng.gammavariate(2, 0.2), lambda: self._call(number))


def _may(number: int, taken: Taken, ticket: Ticket) -> bool:
    if ticket.target is not None:
        return ticket.target == number
    return taken.takes(ticket.service_id, ticket.priority)


def days(first: date, number: int) -> list[date]:
    """Workdays from ``first`` on."""
    found: list[date] = []
    day = first
    while len(found) < number:
        if day.isoweekday() <= 5:
            found.append(day)
        day += timedelta(days=1)
    return found
