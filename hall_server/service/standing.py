"""How the queue stands for a ticket: how many come before it, and how long that may take."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from hall_server.domain.forecast import Wait, Work, estimate
from hall_server.domain.hall import ORDINARY, Hall
from hall_server.domain.instant import Moment
from hall_server.domain.points import points
from hall_server.domain.profile import Part, Taken, WorkProfile
from hall_server.domain.ticket import Ticket
from hall_server.domain.window import Window
from hall_server.service.context import parsed_profile
from hall_server.service.ports import QueueReader

# A service, a priority class, and the window that alone may call the ticket (None: whichever takes
# the two).
Kind = tuple[str, str, int | None]


def kind_of(ticket: Ticket, hall: Hall) -> Kind:
    """Which windows may call the ticket depends on this."""
    return ticket.service_id, hall.priority(ticket.priority).id, ticket.target


def may_call(window: int, taken: Taken, kind: Kind) -> bool:
    """Whether this window, which takes this, may call such a ticket."""
    service_id, class_id, target = kind
    return taken.takes(service_id, class_id) if target is None else target == window


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

    def __init__(self, reader: QueueReader, hall: Hall, moment: Moment) -> None:
        self._reader = reader
        self._hall = hall
        self._moment = moment
        self._pools: dict[Kind, Pool] = {}

    @cached_property
    def windows(self) -> dict[int, Window]:
        """Every window of the hall file, by number; one that never opened is closed."""
        stored = {w.number: w for w in self._reader.windows()}
        return {
            place.number: stored.get(place.number)
            or Window(place.number, "closed", None, None, self._moment.at)
            for place in self._hall.windows
        }

    @cached_property
    def active(self) -> dict[int, Ticket]:
        """The ticket called or being served, by window."""
        return {t.window: t for t in self._reader.active() if t.window is not None}

    @cached_property
    def profiles(self) -> dict[int, WorkProfile]:
        """The work profile in force at each window: the manager's, or else the hall file's."""
        changed = self._reader.profiles()
        return {
            place.number: parsed_profile(changed[place.number])
            if place.number in changed
            else place.profile
            for place in self._hall.windows
        }

    @cached_property
    def opened(self) -> frozenset[int]:
        """The numbers of the open windows."""
        return frozenset(n for n, w in self.windows.items() if w.state == "open")

    @cached_property
    def taken(self) -> dict[int, Taken]:
        """What each window takes now."""
        return {
            number: self._hall.taken(profile, self._moment.local, self.opened)
            for number, profile in self.profiles.items()
        }

    def with_profile(self, number: int, profile: WorkProfile) -> "Standing":
        """The same moment, were this the profile of the window."""
        other = Standing(self._reader, self._hall, self._moment)
        other.__dict__.update(
            windows=self.windows, active=self.active, profiles=self.profiles | {number: profile}
        )
        return other

    def with_window(self, window: Window) -> "Standing":
        """The same moment, were this the state of the window."""
        other = Standing(self._reader, self._hall, self._moment)
        other.__dict__.update(
            windows=self.windows | {window.number: window},
            active=self.active,
            profiles=self.profiles,
        )
        return other

    def pool(self, kind: Kind) -> Pool:
        """The windows that may call such a ticket; if none is open, those that would when
        open."""
        found = self._pools.get(kind)
        if found is None:
            found = self._pools[kind] = self._make_pool(kind)
        return found

    def takers(self, kind: Kind) -> list[int]:
        """The windows that may call such a ticket, open or not."""
        return [n for n, taken in self.taken.items() if may_call(n, taken, kind)]

    def _make_pool(self, kind: Kind) -> Pool:
        takers = self.takers(kind)
        opened = [n for n in takers if n in self.opened]
        service_id, class_id, target = kind
        together = [self.taken[n] for n in opened or takers]
        if target is None and not takers:
            # Nobody at all: those who want the same are still counted.
            together = [Taken((Part(frozenset({service_id}), frozenset({class_id})),))]
        busy = (self._minutes(self.active[n].service_id) for n in opened if n in self.active)
        return Pool(
            frozenset(opened or takers), Taken.together(together), len(opened), Work.of(busy)
        )

    def _minutes(self, service_id: str) -> int:
        service = self._hall.services.get(service_id)
        return service.minutes if service else 10

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
        ahead = Work()
        for service_id, people in before.items():
            ahead = ahead.plus(self._minutes(service_id), people)
        return ahead

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
