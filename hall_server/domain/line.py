"""The line: everybody who waits, kept so that who is next is found without looking at everyone.

Within a class, earlier ``base`` means more points at any time, so tickets of the same service,
class and target stand in one order that never changes, and only their heads need comparing.
A ticket that missed its call stands aside until enough others were called (see ``missed``).
"""

import heapq
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping

from hall_server.domain.instant import Instant
from hall_server.domain.points import PriorityClass, points
from hall_server.domain.ticket import Ticket

# Service, priority class, and the window that alone may call it.
Group = tuple[str, str, int | None]
# Held, minus the points, base, issued, id: who sorts first is called first.
Place = tuple[bool, float, Instant, Instant, str]
_Entry = tuple[Instant, Instant, str, Ticket]


def _entry(ticket: Ticket) -> _Entry:
    return ticket.base, ticket.issued, ticket.id, ticket


def group_of(ticket: Ticket) -> Group:
    """Tickets of one group may be called by the same windows and keep their order."""
    return ticket.service_id, ticket.priority, ticket.target


class MayCall:
    """Whether a group may be called, by whomever ``judge`` speaks for; asked once for each."""

    def __init__(self, judge: Callable[[Group], bool]) -> None:
        self._judge = judge
        self._known: dict[Group, bool] = {}
        self._groups: tuple[object, list[tuple[str, str, list[_Entry]]]] = (None, [])

    def __call__(self, group: Group) -> bool:
        found = self._known.get(group)
        if found is None:
            found = self._known[group] = self._judge(group)
        return found

    def among(
        self, shape: object, groups: Mapping[Group, list[_Entry]]
    ) -> list[tuple[str, str, list[_Entry]]]:
        """Those of a line's groups, with service and class; ``shape`` is another object whenever
        the line has another group."""
        if self._groups[0] is not shape:
            found = [(key[0], key[1], entries) for key, entries in groups.items() if self(key)]
            self._groups = (shape, found)
        return self._groups[1]


class Line:
    """The waiting tickets of one day. ``classes`` gives a priority class by its id."""

    def __init__(self, waiting: Iterable[Ticket] = ()) -> None:
        # A group stays when it is empty: the next one for it will come.
        self._groups: dict[Group, list[_Entry]] = {}
        self._shape = object()
        self._aside: dict[str, Ticket] = {}
        for ticket in waiting:
            self.add(ticket)

    def __len__(self) -> int:
        return len(self._aside) + sum(map(len, self._groups.values()))

    @property
    def aside(self) -> list[Ticket]:
        """Those that a missed call still holds back."""
        return list(self._aside.values())

    def add(self, ticket: Ticket) -> None:
        """Adds a waiting ticket."""
        if ticket.held_until:
            self._aside[ticket.id] = ticket
            return
        group = self._groups.get(group_of(ticket))
        if group is None:
            group = self._groups[group_of(ticket)] = []
            self._shape = object()
        entry = _entry(ticket)
        # A new number goes to the end; only a return or a merge needs a search.
        if group and group[-1] > entry:
            insort(group, entry)
        else:
            group.append(entry)

    def remove(self, ticket: Ticket) -> None:
        """Removes a ticket as it was added."""
        if self._aside.pop(ticket.id, None) is not None:
            return
        group = self._groups[group_of(ticket)]
        del group[bisect_left(group, _entry(ticket)[:3])]

    def best(
        self,
        may_call: MayCall,
        classes: Callable[[str], PriorityClass],
        now: Instant,
        limit: int,
    ) -> list[tuple[Ticket, float]]:
        """The first ``limit`` tickets of groups that ``may_call``, in calling order, with their
        points."""
        found = [
            (_place(ticket, classes(ticket.priority), now), ticket)
            for ticket in self._candidates(may_call, limit)
        ]
        first = heapq.nsmallest(limit, found, key=lambda pair: pair[0])
        return [(ticket, -place[1]) for place, ticket in first]

    def _candidates(self, may_call: MayCall, limit: int) -> Iterator[Ticket]:
        heads: dict[str, list[_Entry]] = {}
        for _, class_id, group in may_call.among(self._shape, self._groups):
            if group:
                heads.setdefault(class_id, []).append(group[0])
        for of_class in heads.values():
            # Within a class the first are in the groups whose heads come first.
            for head in heapq.nsmallest(limit, of_class):
                for entry in self._groups[group_of(head[3])][:limit]:
                    yield entry[3]
        for ticket in self._aside.values():
            if may_call(group_of(ticket)):
                yield ticket

    def before(
        self,
        ticket: Ticket,
        may_call: MayCall,
        classes: Callable[[str], PriorityClass],
        now: Instant,
    ) -> dict[str, int]:
        """How many tickets of groups that ``may_call`` are called before ``ticket``, by service."""
        mine = _place(ticket, classes(ticket.priority), now)
        held, own, own_class = mine[0], mine[2:], ticket.priority
        found: dict[str, int] = {}
        for service_id, class_id, group in may_call.among(self._shape, self._groups):
            if not group:
                continue
            # Whoever asks has mostly just come: the whole group is before them.
            if held or (class_id == own_class and group[-1] < own):
                first = len(group)
            elif class_id == own_class:
                first = bisect_left(group, own)
            else:
                first = _many_before(group, mine, classes(class_id), now)
            if first:
                found[service_id] = found.get(service_id, 0) + first
        for other in self._aside.values():
            if may_call(group_of(other)) and _place(other, classes(other.priority), now) < mine:
                found[other.service_id] = found.get(other.service_id, 0) + 1
        return found


def _order(entry: _Entry, rule: PriorityClass, now: Instant) -> tuple[float, Instant, Instant, str]:
    return -points(entry[0], rule, now), *entry[:3]


def _many_before(group: list[_Entry], mine: Place, rule: PriorityClass, now: Instant) -> int:
    if _order(group[-1], rule, now) < mine[1:]:
        return len(group)
    return bisect_left(group, mine[1:], key=lambda entry: _order(entry, rule, now))


def _place(ticket: Ticket, rule: PriorityClass, now: Instant) -> Place:
    held = ticket.held_until > 0
    return held, -points(ticket.base, rule, now), *_entry(ticket)[:3]
