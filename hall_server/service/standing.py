"""How the queue stands for a ticket: how many come before it, and how long that may take."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from hall_server.domain.forecast import Wait, Work, estimate
from hall_server.domain.hall import ORDINARY, Hall
from hall_server.domain.instant import Moment
from hall_server.domain.points import points
from hall_server.domain.profile import Taken
from hall_server.domain.ticket import Ticket
from hall_server.service.layout import Kind, Layout, kind_of
from hall_server.service.ports import QueueReader

# Of a service that the hall no longer has.
_UNKNOWN_MIN = 10


@dataclass(frozen=True)
class Pool:
    """The windows that may call a ticket: their numbers, what they take together, how many are
    open, and what those serve now."""

    windows: frozenset[int]
    taken: Taken
    open_windows: int
    busy: Work

    def may_call(self, kind: Kind) -> bool:
        """Whether one of the windows may call such a ticket."""
        service_id, class_id, target = kind
        if target is not None:
            return target in self.windows
        return self.taken.takes(service_id, class_id)


def _until_free(everybody: Work, held: int, own_place: Work) -> Work:
    """The people before a ticket that missed its call: as long as it is held everybody comes
    before it, but only ``held`` of them are called before it has its ``own_place`` again."""
    return own_place if own_place.people >= held else everybody.first(held)


class Standing:
    """The queue at one moment, read once."""

    def __init__(
        self, reader: QueueReader, hall: Hall, moment: Moment, layout: Layout | None = None
    ) -> None:
        self._reader = reader
        self._hall = hall
        self._moment = moment
        self.layout = layout if layout is not None else Layout.read(reader, hall, moment)
        self._pools: dict[Kind, Pool] = {}

    @cached_property
    def active(self) -> dict[int, Ticket]:
        """The ticket called or being served, by window."""
        return {t.window: t for t in self._reader.active() if t.window is not None}

    def pool(self, kind: Kind) -> Pool:
        """The windows that may call such a ticket; if none is open, those that would when
        open."""
        found = self._pools.get(kind)
        if found is None:
            windows, taken, opened = self.layout.takers(kind)
            active = self.active
            busy = [self._minutes(active[n].service_id) for n in opened if n in active]
            found = self._pools[kind] = Pool(windows, taken, len(opened), Work.of(busy))
        return found

    def _minutes(self, service_id: str) -> int:
        return self._hall.minutes.get(service_id, _UNKNOWN_MIN)

    def of(self, ticket: Ticket) -> tuple[int, Wait | None]:
        """People before a waiting ticket, and its wait; (0, None) for any other ticket."""
        if ticket.state != "waiting":
            return 0, None
        pool = self.pool(kind_of(ticket, self._hall))
        ahead, held = self._before(ticket, pool), ticket.held_until
        if held:
            own_place = self._before(replace(ticket, held_until=0), pool)
            ahead = _until_free(ahead, held, own_place)
        return ahead.people, self._judge(pool, ahead)

    def _before(self, ticket: Ticket, pool: Pool) -> Work:
        before = self._reader.waiting_before(
            ticket,
            pool.taken,
            pool.windows,
            self._moment.at,
        )
        known = self._hall.minutes
        everybody = first = second = 0
        for service_id, people in before.items():
            minutes = known.get(service_id, _UNKNOWN_MIN)
            everybody += people
            first += minutes * people
            second += minutes * minutes * people
        return Work(everybody, first, second)

    def _place(self, ticket: Ticket) -> tuple[float, int, int, str]:
        """Sorts as the line does, but for what holds a ticket."""
        mine = points(ticket.base, self._hall.priority(ticket.priority), self._moment.at)
        return -mine, ticket.base, ticket.issued, ticket.id

    def in_order(self, waiting: Iterable[Ticket]) -> list[tuple[Ticket, int, Wait | None]]:
        """The same for every waiting ticket, given all of them in calling order."""
        entries = [(entry, self.pool(kind_of(entry, self._hall))) for entry in waiting]
        # Many services share their windows: one count for each group of windows.
        pools = {(pool.windows, pool.taken): pool for _, pool in entries}
        before = dict.fromkeys(pools, Work())
        result = []
        for entry, pool in entries:
            ahead, held = before[pool.windows, pool.taken], entry.held_until
            if held:
                ahead = _until_free(ahead, held, self._own_place(entry, pool, entries))
            result.append((entry, ahead.people, self._judge(pool, ahead)))
            minutes, kind = self._minutes(entry.service_id), kind_of(entry, self._hall)
            for key, other in pools.items():
                if other.may_call(kind):
                    before[key] = before[key].plus(minutes)
        return result

    def _own_place(self, held: Ticket, pool: Pool, entries: list[tuple[Ticket, Pool]]) -> Work:
        place = self._place(held)
        return Work.of(
            self._minutes(other.service_id)
            for other, _ in entries
            if pool.may_call(kind_of(other, self._hall))
            and not other.held_until
            and self._place(other) < place
        )

    def _judge(self, pool: Pool, ahead: Work) -> Wait | None:
        return estimate(ahead, pool.busy, pool.open_windows)

    def next_in(self, service_id: str, waiting: Mapping[Kind, int]) -> Wait | None:
        """What an ordinary visitor who took a number for this service now would wait; ``waiting``
        counts the people waiting."""
        pool = self.pool((service_id, ORDINARY, None))
        ahead = Work()
        for kind, people in waiting.items():
            if pool.may_call(kind):
                ahead = ahead.plus(self._minutes(kind[0]), people)
        return self._judge(pool, ahead)
