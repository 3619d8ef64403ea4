"""The queues of a simulation: who can be called by the same windows waits in one queue, a queue
for each rank, in order of base. A window then looks at the heads of a few queues, and points need
computing for those alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from hall_server.domain.forecast.model import Newcomer, Present, Waiter

# What a queue is of: the windows that may call (by time), and the rank.
Group = tuple[tuple[float, tuple[int, ...]], ...]


@dataclass
class Stream:
    """Visitors to come into one queue: their rate, and the median minutes of their visits with
    weights that add up as they go."""

    queue: int
    start: float
    end: float
    rate: float
    minutes: list[float]
    weights: list[float]


@dataclass(frozen=True)
class Layout:
    """Queues by number, with their heads' points rule, and what each window looks at from when.

    ``minutes``: the median of each entry's visit, 0 for one that only asks; ``lists``: per queue
    its entries, as (base, entry); ``asked``: the entry that stands for a newcomer; ``held``:
    (entry, queue, base, calls); ``looks``: per window, from when it looks at
    which queues.
    """

    heads: list[float]
    rates: list[float]
    lists: list[list[tuple[float, int]]]
    minutes: list[float]
    looks: list[list[tuple[float, tuple[int, ...]]]]
    asked: dict[Newcomer, int]
    held: list[tuple[int, int, float, int]]
    arrivals: list["Stream"]


class _Builder:
    def __init__(self, present: Present) -> None:
        self.present = present
        self.desks = present.desks
        self._groups: dict[tuple[str, int], Group] = {}
        self._queues: dict[tuple[Group, int], int] = {}
        self.lists: list[list[tuple[float, int]]] = []
        self.ranks: list[int] = []
        self.minutes: list[float] = []
        moments = {start for desk in self.desks for start, _ in desk.takes if start > 0}
        self._moments = [0.0, *sorted(moments)]

    def group(self, service: str, rank: int) -> Group:
        """The windows that take such a visitor, by time."""
        found = self._groups.get((service, rank))
        if found is None:
            steps: list[tuple[float, tuple[int, ...]]] = []
            for at in self._moments:
                desks = enumerate(self.desks)
                who = tuple(i for i, d in desks if d.may_call(service, rank, at))
                if not steps or steps[-1][1] != who:
                    steps.append((at, who))
            found = self._groups[service, rank] = tuple(steps)
        return found

    def queue(self, group: Group, rank: int) -> int:
        """The queue's number, made when it is new."""
        key = (group, rank)
        found = self._queues.get(key)
        if found is None:
            found = self._queues[key] = len(self.lists)
            self.lists.append([])
            self.ranks.append(rank)
        return found

    def of(self, waiter: Waiter) -> int:
        """The queue of somebody who waits."""
        if waiter.target is None:
            return self.queue(self.group(waiter.service, waiter.rank), waiter.rank)
        only = tuple(i for i, d in enumerate(self.desks) if d.number == waiter.target)
        return self.queue(((0.0, only),), waiter.rank)

    def looks(self) -> list[list[tuple[float, tuple[int, ...]]]]:
        """Per window: from when it looks at which queues."""
        result: list[list[tuple[float, tuple[int, ...]]]] = []
        for i in range(len(self.desks)):
            steps: list[tuple[float, tuple[int, ...]]] = []
            for at in self._moments:
                mine = tuple(q for (g, _), q in self._queues.items() if i in _at(g, at))
                if not steps or steps[-1][1] != mine:
                    steps.append((at, mine))
            result.append(steps)
        return result


def _at(group: Group, at: float) -> tuple[int, ...]:
    found = group[0][1]
    for start, who in group:
        if start <= at:
            found = who
    return found


def lay_out(present: Present, asked: Iterable[Newcomer]) -> Layout:
    """The queues of the hall at this moment."""
    build = _Builder(present)
    default = _default(present)
    held: list[tuple[int, int, float, int]] = []
    for place, waiter in enumerate(present.waiting):
        queue = build.of(waiter)
        build.minutes.append(present.times.minutes.get(waiter.service, default))
        if waiter.held > 0:
            held.append((place, queue, waiter.base, waiter.held))
        else:
            build.lists[queue].append((waiter.base, place))
    stands_for: dict[Newcomer, int] = {}
    places: dict[tuple[int, float], int] = {}
    for newcomer in asked:
        service, rank, base = newcomer
        queue = build.queue(build.group(service, rank), rank)
        if (queue, base) not in places:
            places[queue, base] = len(build.minutes)
            build.minutes.append(0.0)
            build.lists[queue].append((base, places[queue, base]))
        stands_for[newcomer] = places[queue, base]
    for entries in build.lists:
        entries.sort()
    arrivals = _streams(build, default)
    ranks = present.ranks
    return Layout(
        heads=[ranks[r].head for r in build.ranks],
        rates=[ranks[r].rate for r in build.ranks],
        lists=build.lists,
        minutes=build.minutes,
        looks=build.looks(),
        asked=stands_for,
        held=held,
        arrivals=arrivals,
    )


def _streams(build: _Builder, default: float) -> list[Stream]:
    found: dict[tuple[int, float, float], Stream] = {}
    for coming in build.present.coming:
        if coming.rate <= 0:
            continue
        queue = build.queue(build.group(coming.service, coming.rank), coming.rank)
        key = (queue, coming.start, coming.end)
        stream = found.setdefault(key, Stream(*key, 0.0, [], []))
        stream.rate += coming.rate
        stream.minutes.append(build.present.times.minutes.get(coming.service, default))
        stream.weights.append(stream.rate)
    return list(found.values())


def _default(present: Present) -> float:
    known = present.times.minutes.values()
    return sum(known) / len(known) if known else 10.0
