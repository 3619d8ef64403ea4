"""The whole hall run forward from a present state, many times: when is each ticket called?

A window that becomes free takes the most points among the services that it takes then, as
``call-next`` does. One run is a heap of windows by the time they become free, and per queue of
``layout`` a pointer to its head. Minutes throughout.
"""

import random
from bisect import bisect_left, insort
from collections.abc import Iterable
from heapq import heapify, heappop, heapreplace
from math import inf, log

from hall_server.domain.forecast.draws import POOL, even_pool, gap_pool, lognormal_pool
from hall_server.domain.forecast.layout import Layout, lay_out
from hall_server.domain.forecast.model import (
    FAR_MIN,
    Desk,
    Newcomer,
    Outcome,
    Present,
    rest,
    spread,
)

RUNS = 32
# Whoever is not called within this time is not called in this run.
HORIZON = 24 * 60.0
# Visitors are made up for this many times what the present work should take, and some minutes.
_MARGIN, _SPARE = 2.0, 30.0
_NOBODY = -1e18

Queue = list[tuple[float, int]]
# Calls left, queue, base, entry.
Hold = tuple[int, int, float, int]


def simulate(
    present: Present,
    asked: Iterable[Newcomer] = (),
    *,
    runs: int = RUNS,
    seed: int = 0,
) -> Outcome:
    """Runs the hall ``runs`` times until everybody who waits has been called.

    ``asked``: visitors of whom it is asked what they would wait who took a number now; they delay
    nobody. The same arguments give the same answer.
    """
    layout = lay_out(present, asked)
    world = _World(present, layout, runs, seed)
    for number in range(runs):
        world.run(number)
    found = [spread(calls, runs) for calls in world.calls]
    return Outcome(
        {waiter.id: found[place] for place, waiter in enumerate(present.waiting)},
        {newcomer: found[place] for newcomer, place in layout.asked.items()},
    )


class _World:
    """What the runs share, and where they write: ``calls`` per entry."""

    def __init__(self, present: Present, layout: Layout, runs: int, seed: int) -> None:
        # The less flexible of two idle windows takes an arrival.
        order = sorted(
            (i for i, d in enumerate(present.desks) if d.opens < HORIZON),
            key=lambda i: len(layout.looks[i][0][1]),
        )
        self._desks = [present.desks[i] for i in order]
        self._looks = [layout.looks[i] for i in order]
        self._layout = layout
        self._times = present.times
        self._rng = random.Random(seed)  # noqa: S311 - chance, not secrecy
        self._speeds = [d.speed * (1 + present.times.again) for d in self._desks]
        self._free = [self._first_free(i, runs) for i in range(len(self._desks))]
        self._leaves = [self._leaving(desk, runs) for desk in self._desks]
        self._until = self._end_of_arrivals()
        self.calls: list[list[float]] = [[] for _ in layout.minutes]

    def _first_free(self, i: int, runs: int) -> list[float]:
        """When the window becomes free, a value for each run: its quantiles, shuffled."""
        desk, times = self._desks[i], self._times
        chances = [(n + self._rng.random()) / runs for n in range(runs)]
        values = [0.0] * runs
        if desk.busy is not None:
            median = times.minutes.get(desk.busy, 10.0) * self._speeds[i]
            values = [rest(median, times.sigma, desk.elapsed, c) for c in chances]
        elif not desk.paused and desk.opens <= 0 and self._is_wanted(i):
            values = [self._rest_of_gap(desk, c) for c in chances]
        self._rng.shuffle(values)
        if desk.paused:
            values = [v - times.pause * log(1 - self._rng.random()) for v in values]
        if desk.busy is not None:
            values = [v + self._rng.choice(times.gaps) for v in values]
        values = [max(v, desk.opens) for v in values]
        if desk.chance < 1:
            opens = round(desk.chance * runs)
            values = [v if n < opens else inf for n, v in enumerate(values)]
            self._rng.shuffle(values)
        return values

    def _leaving(self, desk: Desk, runs: int) -> list[tuple[float, float] | None]:
        """The break that the window takes, for each run."""
        stay = round(desk.stays * runs) if desk.away is not None else runs
        found = [None if n < stay else desk.away for n in range(runs)]
        if 0 < stay < runs:
            self._rng.shuffle(found)
        return found

    def _is_wanted(self, i: int) -> bool:
        """Whether somebody waits whom the idle window may call."""
        layout = self._layout
        lists = (layout.lists[q] for q in self._looks[i][0][1])
        return any(layout.minutes[entry] > 0 for entries in lists for _, entry in entries)

    def _rest_of_gap(self, desk: Desk, chance: float) -> float:
        gaps = sorted(self._times.gaps)
        longer = gaps[bisect_left(gaps, desk.elapsed) :]
        if not longer:
            return -self._times.pause * log(1 - chance)
        return longer[int(chance * len(longer))] - desk.elapsed

    def _end_of_arrivals(self) -> float:
        """Until when made-up visitors matter: the busiest window's share of the present work,
        generously."""
        layout = self._layout
        work = [sum(layout.minutes[i] for _, i in entries) for entries in layout.lists]
        looking = [0] * len(work)
        for steps in self._looks:
            for q in steps[0][1]:
                looking[q] += 1
        shares = (sum(work[q] / looking[q] for q in steps[0][1]) for steps in self._looks)
        free = (value for values in self._free for value in values if value < inf)
        slowest = max(free, default=0.0)
        slowest += max((away[1] for of in self._leaves for away in of if away), default=0.0)
        return min(HORIZON, slowest + _MARGIN * max(shares, default=0.0) + _SPARE)

    def _arrivals(self, lists: list[Queue], minutes: list[float]) -> None:
        """Adds this run's visitors to come at the ends of their queues."""
        draw = self._rng.expovariate
        touched = set()
        for stream in self._layout.arrivals:
            at, end = stream.start, min(stream.end, self._until)
            first = len(minutes)
            entries = lists[stream.queue]
            while (at := at + draw(stream.rate)) < end:
                entries.append((at, first))
                first += 1
            more = first - len(minutes)
            kinds, weights = stream.minutes, stream.weights
            minutes += self._rng.choices(kinds, cum_weights=weights, k=more) if more else []
            touched.add(stream.queue)
        for queue in touched:
            lists[queue].sort()

    def _queues(self) -> tuple[list[Queue], list[float]]:
        """This run's queues, each with an end, and the median of each entry's visit."""
        lists, minutes = [entries.copy() for entries in self._layout.lists], self._layout.minutes
        if self._layout.arrivals:
            minutes = minutes.copy()
            self._arrivals(lists, minutes)
        for entries in lists:
            entries.append((inf, -1))
        return lists, minutes

    def run(self, number: int) -> None:
        """One run: every window from its free time on, until nobody is left."""
        layout, times = self._layout, self._times
        lists, minutes = self._queues()
        base = [entries[0][0] for entries in lists]
        at = [0] * len(lists)
        heap = [(free[number], d) for d, free in enumerate(self._free) if free[number] < inf]
        heapify(heap)
        heads, rates, looks, speeds = layout.heads, layout.rates, self._looks, self._speeds
        factors, gaps, even = lognormal_pool(times.sigma), gap_pool(times.gaps), even_pool()
        (a, b), missed = times.missing, times.missed
        calls, known = self.calls, len(layout.minutes)
        held: list[Hold] = [(n, q, since, i) for i, q, since, n in layout.held]
        left = known
        k = self._rng.randrange(POOL)
        leaves = [of[number] for of in self._leaves]
        while heap and left:
            now, d = heap[0]
            away = leaves[d]
            if away and away[0] <= now < away[1]:
                heapreplace(heap, (away[1], d))
                continue
            steps = looks[d]
            queues = steps[0][1] if len(steps) == 1 else _look(steps, now)
            best, most = -1, _NOBODY
            for q in queues:
                waited = now - base[q]
                if waited >= 0:
                    points = heads[q] + rates[q] * waited
                    if points > most:
                        best, most = q, points
            if best < 0:
                best = self._otherwise(heap, queues, lists, at, base, held)
                if best < 0:
                    continue
            since, i = lists[best][at[best]]
            at[best] += 1
            base[best] = lists[best][at[best]][0]
            if i < known:
                left -= 1
                if not minutes[i]:
                    # Whoever comes to an idle window waits for the clerk to notice.
                    calls[i].append(now or self._rng.choice(times.reactions))
                    continue
                calls[i].append(now)
            k += 1
            if k == POOL:
                k = 0
            waited = now - since
            lost = a + b * waited if waited <= FAR_MIN else times.absent(waited)
            took = missed if even[k] < lost else minutes[i] * speeds[d] * factors[k]
            heapreplace(heap, (now + took + gaps[k], d))
            if held:
                held = _count(queues, held, lists, at, base)

    def _otherwise(
        self,
        heap: list[tuple[float, int]],
        queues: tuple[int, ...],
        lists: list[Queue],
        at: list[int],
        base: list[float],
        held: list[Hold],
    ) -> int:
        """The queue to call from although nobody is due in any: an early appointment, or somebody
        held who comes to the head of it. Else -1, the window waits for the next event."""
        now, d = heap[0]
        if now > HORIZON:
            heap.clear()
            return -1
        known = len(self._layout.minutes)
        early = [q for q in queues if base[q] < inf and lists[q][at[q]][1] < known]
        if early:
            return min(early, key=base.__getitem__)
        waiting = [hold for hold in held if hold[1] in queues]
        if waiting:
            first = min(waiting, key=lambda hold: hold[2])
            held.remove(first)
            _insert(first, lists, at, base)
            return first[1]
        changes = [start for start, _ in self._looks[d] if start > now]
        event = min([base[q] for q in queues] + changes, default=inf)
        if event < inf:
            heapreplace(heap, (event, d))
        else:
            heappop(heap)
        return -1


def _look(steps: list[tuple[float, tuple[int, ...]]], now: float) -> tuple[int, ...]:
    found = steps[0][1]
    for start, queues in steps:
        if start > now:
            break
        found = queues
    return found


def _insert(hold: Hold, lists: list[Queue], at: list[int], base: list[float]) -> None:
    _, q, since, entry = hold
    insort(lists[q], (since, entry), lo=at[q])
    base[q] = lists[q][at[q]][0]


def _count(
    queues: tuple[int, ...], held: list[Hold], lists: list[Queue], at: list[int], base: list[float]
) -> list[Hold]:
    """Whoever is held in one of the queues is one call nearer."""
    still: list[Hold] = []
    for n, q, since, entry in held:
        left = n - 1 if q in queues else n
        if left > 0:
            still.append((left, q, since, entry))
        else:
            _insert((0, q, since, entry), lists, at, base)
    return still
