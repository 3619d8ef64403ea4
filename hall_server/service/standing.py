"""How the queue stands for a ticket: how many come before it, and how long that may take."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from hall_server.domain.forecast import Wait, estimate
from hall_server.domain.hall import Hall
from hall_server.domain.instant import Moment
from hall_server.domain.ticket import Ticket
from hall_server.domain.window import Window
from hall_server.service.context import parsed_profile
from hall_server.service.ports import QueueReader

# A service, and the window that alone may call the ticket (None: whichever takes the service).
Kind = tuple[str, int | None]


def kind_of(ticket: Ticket) -> Kind:
    """Which windows may call the ticket depends on this."""
    return ticket.service_id, ticket.target


@dataclass(frozen=True)
class Pool:
    """The windows that may call a ticket: their numbers, the services they take together (None:
    every one), how many are open, and the nominal minutes of what those serve now."""

    windows: frozenset[int]
    services: frozenset[str] | None
    open_windows: int
    busy_minutes: tuple[float, ...]

    def may_call(self, service_id: str, target: int | None) -> bool:
        """Whether one of the windows may call a ticket of this service and target."""
        if target is not None:
            return target in self.windows
        return self.services is None or service_id in self.services


class Standing:
    """The queue at one moment, read once."""

    def __init__(self, reader: QueueReader, hall: Hall, moment: Moment) -> None:
        self._reader = reader
        self._hall = hall
        self._moment = moment
        self._pools: dict[tuple[str, int | None], Pool] = {}

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
    def taken(self) -> dict[int, frozenset[str] | None]:
        """The services each window takes now (None: every one)."""
        changed = self._reader.profiles()
        result: dict[int, frozenset[str] | None] = {}
        for place in self._hall.windows:
            text = changed.get(place.number)
            profile = place.profile if text is None else parsed_profile(text)
            ids = profile.services_at(self._moment.local)
            result[place.number] = None if ids is None else self._hall.resolve(ids)
        return result

    def pool(self, service_id: str, target: int | None = None) -> Pool:
        """The windows that may call this service (``target``: that one only); if none is open,
        those that would when open."""
        key = (service_id, target)
        found = self._pools.get(key)
        if found is None:
            found = self._pools[key] = self._make_pool(service_id, target)
        return found

    def _takers(self, service_id: str, target: int | None) -> list[int]:
        if target is not None:
            return [target] if target in self.taken else []
        return [n for n, ids in self.taken.items() if ids is None or service_id in ids]

    def _make_pool(self, service_id: str, target: int | None) -> Pool:
        takers = self._takers(service_id, target)
        opened = [n for n in takers if self.windows[n].state == "open"]
        services: set[str] | None = {service_id} if target is None else set()
        for number in opened or takers:
            ids = self.taken[number]
            if ids is None:
                services = None
                break
            services = (services or set()) | ids
        busy = (self.active[n].service_id for n in opened if n in self.active)
        return Pool(
            frozenset(opened or takers),
            frozenset(services) if services is not None else None,
            len(opened),
            tuple(float(self._minutes(s)) for s in busy),
        )

    def _minutes(self, service_id: str) -> int:
        service = self._hall.services.get(service_id)
        return service.minutes if service else 10

    def of(self, ticket: Ticket) -> tuple[int, Wait | None]:
        """People before a waiting ticket, and its wait; (0, None) for any other ticket."""
        if ticket.state != "waiting":
            return 0, None
        pool = self.pool(ticket.service_id, ticket.target)
        before = self._reader.waiting_before(
            ticket,
            self._hall.priority(ticket.priority),
            pool.services,
            pool.windows,
            self._moment.at,
        )
        return self._judge(pool, before.items())

    def in_order(self, waiting: Iterable[Ticket]) -> list[tuple[Ticket, int, Wait | None]]:
        """The same for every waiting ticket, given all of them in calling order."""
        before: Counter[Kind] = Counter()
        result = []
        for entry in waiting:
            pool = self.pool(entry.service_id, entry.target)
            mine = [(k[0], n) for k, n in before.items() if pool.may_call(*k)]
            result.append((entry, *self._judge(pool, mine)))
            before[kind_of(entry)] += 1
        return result

    def _judge(self, pool: Pool, before: Iterable[tuple[str, int]]) -> tuple[int, Wait | None]:
        counts = list(before)
        ahead = sum(n for _, n in counts)
        minutes = [float(self._minutes(s)) for s, n in counts for _ in range(n)]
        return ahead, estimate(minutes, pool.busy_minutes, pool.open_windows)

    def next_in(self, service_id: str, waiting: Mapping[Kind, int]) -> Wait | None:
        """What somebody who took a number for this service now would wait; ``waiting`` counts
        the people waiting."""
        pool = self.pool(service_id)
        mine = [(k[0], n) for k, n in waiting.items() if pool.may_call(*k)]
        return self._judge(pool, mine)[1]
