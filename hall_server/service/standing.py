"""How the queue stands for a ticket: how many come before it, and how long that may take."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from hall_server.domain.forecast import Wait, estimate
from hall_server.domain.hall import Hall
from hall_server.domain.instant import Moment
from hall_server.domain.ticket import Ticket
from hall_server.domain.window import Window
from hall_server.service.context import parsed_profile
from hall_server.service.ports import QueueReader


@dataclass(frozen=True)
class Pool:
    """The windows that may call a service, seen from its queue: the services they take together
    (None: every one), how many are open, and the nominal minutes of what those serve now."""

    services: frozenset[str] | None
    open_windows: int
    busy_minutes: tuple[float, ...]


class Standing:
    """The queue at one moment, read once."""

    def __init__(self, reader: QueueReader, hall: Hall, moment: Moment) -> None:
        self._reader = reader
        self._hall = hall
        self._moment = moment
        self._pools: dict[str, Pool] = {}

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

    def pool(self, service_id: str) -> Pool:
        """The windows that may call this service; if none is open, those that would when open."""
        found = self._pools.get(service_id)
        if found is None:
            found = self._pools[service_id] = self._make_pool(service_id)
        return found

    def _make_pool(self, service_id: str) -> Pool:
        takers = [n for n, ids in self.taken.items() if ids is None or service_id in ids]
        opened = [n for n in takers if self.windows[n].state == "open"]
        services: set[str] | None = {service_id}
        for number in opened or takers:
            ids = self.taken[number]
            if ids is None:
                services = None
                break
            services = (services or set()) | ids
        busy = (self.active[n].service_id for n in opened if n in self.active)
        return Pool(
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
        pool = self.pool(ticket.service_id)
        before = self._reader.waiting_before(
            ticket.day,
            pool.services,
            ticket,
            self._hall.priority(ticket.priority),
            self._moment.at,
        )
        return self._judge(pool, before.items())

    def in_order(self, waiting: Iterable[Ticket]) -> list[tuple[Ticket, int, Wait | None]]:
        """The same for every waiting ticket, given all of them in calling order."""
        before: dict[str, int] = {}
        result = []
        for entry in waiting:
            pool = self.pool(entry.service_id)
            mine = [
                (s, n) for s, n in before.items() if pool.services is None or s in pool.services
            ]
            result.append((entry, *self._judge(pool, mine)))
            before[entry.service_id] = before.get(entry.service_id, 0) + 1
        return result

    def _judge(self, pool: Pool, before: Iterable[tuple[str, int]]) -> tuple[int, Wait | None]:
        counts = list(before)
        ahead = sum(n for _, n in counts)
        minutes = [float(self._minutes(s)) for s, n in counts for _ in range(n)]
        return ahead, estimate(minutes, pool.busy_minutes, pool.open_windows)

    def next_in(self, service_id: str, waiting: dict[str, int]) -> Wait | None:
        """What somebody who took a number for this service now would wait; ``waiting`` counts
        the people waiting by service."""
        pool = self.pool(service_id)
        mine = [(s, n) for s, n in waiting.items() if pool.services is None or s in pool.services]
        return self._judge(pool, mine)[1]
