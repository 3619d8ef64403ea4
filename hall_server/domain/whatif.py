"""What another points rule would cost: the same days run twice, with the same visitors, service
times and windows, once by each rule. Pure; minutes from the day's midnight throughout.

Who can be called by the same windows at the same times waits in one queue for each class, in order
of base; a free window then compares the heads of a few queues. Differences are to be believed, not
levels: breaks and errands of the day are not known.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import ceil

from hall_server.domain.points import PriorityClass
from hall_server.domain.profile import Taken

_FREE, _ARRIVAL, _RULES, _OVERTIME = range(4)


@dataclass(frozen=True)
class Visit:
    """Somebody who takes a number: when, from when points count, what for, and for how long the
    window is taken."""

    arrives: float
    base: float
    service: str
    class_id: str
    minutes: float


@dataclass(frozen=True)
class Desk:
    """A window that works from ``opens``; after ``closes`` it calls nobody until every window has
    closed, and then helps until nobody waits. ``takes``: what it takes from when, the first from
    0, in order."""

    opens: float
    closes: float
    takes: tuple[tuple[float, Taken], ...]

    def taken(self, at: float) -> Taken:
        """What it takes at this time."""
        found = self.takes[0][1]
        for start, taken in self.takes:
            if start > at:
                break
            found = taken
        return found


@dataclass(frozen=True)
class Day:
    """A day's visitors in order of arrival, and its windows."""

    visits: tuple[Visit, ...]
    desks: tuple[Desk, ...]


@dataclass(frozen=True)
class Waits:
    """Minutes until the call."""

    mean: float
    p90: float
    p95: float

    @classmethod
    def of(cls, waits: Iterable[float]) -> "Waits":
        """Of at least one wait."""
        ordered = sorted(waits)
        last = len(ordered) - 1

        def share(part: float) -> float:
            return ordered[max(0, min(last, ceil(part * len(ordered)) - 1))]

        return cls(sum(ordered) / len(ordered), share(0.9), share(0.95))


@dataclass(frozen=True)
class Effect:
    """How long a class waits now and then; ``people`` were simulated."""

    class_id: str
    people: int
    now: Waits
    then: Waits


class Replay:
    """A day laid out in queues, to be run by any points rule."""

    def __init__(self, day: Day) -> None:
        self._day = day
        self._slots = sorted({0.0, *(at for desk in day.desks for at, _ in desk.takes)})
        self._class_of: list[str] = []
        self._who: list[list[tuple[int, ...]]] = []
        self._queue_of = self._queues()
        self._looks = [
            [
                [q for q, who in enumerate(self._who) if d in who[slot]]
                for d in range(len(day.desks))
            ]
            for slot in range(len(self._slots))
        ]
        for slot, looks in enumerate(self._looks):
            for who in self._who:
                # The least flexible of several idle windows takes an arrival.
                choices = [len(queues) for queues in looks]
                who[slot] = tuple(sorted(who[slot], key=choices.__getitem__))

    def _queues(self) -> list[int]:
        """The queue of each visit."""
        known: dict[tuple[str, str], int] = {}
        alike: dict[tuple[object, str], int] = {}
        result = []
        for visit in self._day.visits:
            key = (visit.service, visit.class_id)
            if key not in known:
                who = [self._takers(key, at) for at in self._slots]
                queue = alike.setdefault((tuple(who), visit.class_id), len(self._who))
                if queue == len(self._who):
                    self._who.append(who)
                    self._class_of.append(visit.class_id)
                known[key] = queue
            result.append(known[key])
        return result

    def _takers(self, key: tuple[str, str], at: float) -> tuple[int, ...]:
        return tuple(i for i, d in enumerate(self._day.desks) if d.taken(at).takes(*key))

    def run(self, classes: Mapping[str, PriorityClass]) -> list[float | None]:
        """Each visit's wait by these classes' rule; None for one that nobody ever called."""
        return _Run(self._day, classes, self._queue_of, self._class_of).through(
            self._slots, self._looks, self._who
        )


class _Run:
    def __init__(
        self,
        day: Day,
        classes: Mapping[str, PriorityClass],
        queue_of: Sequence[int],
        class_of: Sequence[str],
    ) -> None:
        self.day = day
        self.queue_of = queue_of
        self.rules = [(classes[c].head, classes[c].rate) for c in class_of]
        self.queues: list[list[tuple[float, int]]] = [[] for _ in class_of]
        self.waits: list[float | None] = [None] * len(day.visits)
        self.events: list[tuple[float, int, int]] = []

    def through(
        self,
        slots: Sequence[float],
        looks: Sequence[Sequence[Sequence[int]]],
        who: Sequence[Sequence[tuple[int, ...]]],
    ) -> list[float | None]:
        """Runs the whole day."""
        day, events = self.day, self.events
        over = max((d.closes for d in day.desks), default=0.0)
        events += [(desk.opens, _FREE, d) for d, desk in enumerate(day.desks)]
        events += [(visit.arrives, _ARRIVAL, i) for i, visit in enumerate(day.visits)]
        events += [(at, _RULES, k) for k, at in enumerate(slots)]
        events.append((over, _OVERTIME, 0))
        heapify(events)
        slot, idle, gone = 0, set[int](), set[int]()
        while events:
            at, kind, n = heappop(events)
            asked: Iterable[int] = ()
            if kind == _FREE:
                if day.desks[n].closes <= at < over:
                    gone.add(n)
                else:
                    idle.add(n)
                    asked = (n,)
            elif kind == _ARRIVAL:
                queue = self.queue_of[n]
                heappush(self.queues[queue], (day.visits[n].base, n))
                asked = next(((d,) for d in who[queue][slot] if d in idle), ())
            else:
                if kind == _RULES:
                    slot = n
                else:
                    idle |= gone
                    gone.clear()
                asked = sorted(idle)
            for d in asked:
                if not self._gone(d, at, over) and self._call(d, at, looks[slot][d]):
                    idle.discard(d)
        return self.waits

    def _gone(self, d: int, at: float, over: float) -> bool:
        return self.day.desks[d].closes <= at < over

    def _call(self, d: int, at: float, looks: Sequence[int]) -> bool:
        """Has the window call the most points among these queues' heads."""
        best: tuple[float, float, int] | None = None
        place = -1
        for q in looks:
            if not self.queues[q]:
                continue
            base, i = self.queues[q][0]
            head, rate = self.rules[q]
            points = head + rate * (at - base) if at >= base else at - base
            key = (-points, base, i)
            if best is None or key < best:
                best, place = key, q
        if best is None:
            return False
        _, i = heappop(self.queues[place])
        visit = self.day.visits[i]
        self.waits[i] = at - visit.arrives
        heappush(self.events, (at + visit.minutes, _FREE, d))
        return True


@dataclass(frozen=True)
class Compared:
    """Every class's effect, over so many days."""

    days: int
    effects: tuple[Effect, ...]


def compare(
    days: Iterable[Day],
    now: Mapping[str, PriorityClass],
    then: Mapping[str, PriorityClass],
    go_on: Callable[[], bool] = lambda: True,
) -> Compared:
    """Every class's waits by either rule, over the days until ``go_on`` says no; one day at
    least. Both rules must have every class that a visitor has."""
    before: dict[str, list[float]] = {}
    after: dict[str, list[float]] = {}
    ran = 0
    for day in days:
        replay = Replay(day)
        for visit, one, other in zip(day.visits, replay.run(now), replay.run(then), strict=True):
            if one is not None and other is not None:
                before.setdefault(visit.class_id, []).append(one)
                after.setdefault(visit.class_id, []).append(other)
        ran += 1
        if not go_on():
            break
    effects = (
        Effect(class_id, len(waits), Waits.of(waits), Waits.of(after[class_id]))
        for class_id, waits in before.items()
    )
    return Compared(ran, tuple(effects))
