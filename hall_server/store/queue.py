"""Tickets and windows in the database."""

from collections.abc import Collection
from functools import cache, partial
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    select,
    text,
    update,
)

from hall_server.domain.instant import Instant
from hall_server.domain.line import Group, Line
from hall_server.domain.points import PriorityClass
from hall_server.domain.ticket import Ticket
from hall_server.domain.window import Window
from hall_server.store.tables import (
    ACTIVE,
    OPEN,
    WAITING,
    priority_class,
    series_day,
    ticket,
    window,
    window_profile,
)
from hall_server.store.upsert import upsert

_COLUMNS = tuple(c.name for c in ticket.c)
_BY_ID = select(ticket).where(ticket.c.id == bindparam("id"))
_BY_TOKEN = select(ticket).where(ticket.c.token == bindparam("token"))
_BY_NUMBER = select(ticket).where(
    ticket.c.day == bindparam("day"),
    ticket.c.series == bindparam("series"),
    ticket.c.sequence == bindparam("sequence"),
)
_ACTIVE = select(ticket).where(ticket.c.window == bindparam("window"), text(ACTIVE))
_RECENT = (
    select(ticket)
    .where(ticket.c.day == bindparam("day"), ticket.c.called.is_not(None))
    .order_by(ticket.c.called.desc())
    .limit(bindparam("limit"))
)
_WAITING = select(ticket).where(text(WAITING), ticket.c.day == bindparam("day"))
_CLASS = select(priority_class.c.head, priority_class.c.rate).where(
    priority_class.c.id == bindparam("id")
)
_SAVE = update(ticket).where(ticket.c.id == bindparam("key"))


def ticket_of(row: Row[Any]) -> Ticket:
    """A row of the ticket table."""
    fields = row._mapping
    return Ticket(**{name: fields[name] for name in _COLUMNS})


def points_rule(class_id: str, head: float, rate: float) -> PriorityClass:
    """A class as the queue needs it, without its words."""
    return PriorityClass(class_id, "", "", head, rate, "", on_kiosk=False)


def _may_call(group: Group, windows: Collection[int], services: Collection[str] | None) -> bool:
    service_id, _, target = group
    if target is not None:
        return target in windows
    return services is None or service_id in services


def _values(entry: Ticket) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _COLUMNS}


class QueueTables:
    """The queue's part of a transaction; see ``service.ports``."""

    def __init__(self, connection: Connection) -> None:
        self._conn = connection

    def _one(self, statement: Any, values: dict[str, Any]) -> Ticket | None:
        row = self._conn.execute(statement, values).first()
        return ticket_of(row) if row is not None else None

    def ticket(self, ticket_id: str) -> Ticket | None:
        return self._one(_BY_ID, {"id": ticket_id})

    def ticket_by_token(self, token: str) -> Ticket | None:
        return self._one(_BY_TOKEN, {"token": token})

    def tickets_by_number(self, day: str, series: str, sequence: int) -> list[Ticket]:
        found = self._one(_BY_NUMBER, {"day": day, "series": series, "sequence": sequence})
        return [found] if found else []

    def tickets_in(self, day: str, states: Collection[str], limit: int) -> list[Ticket]:
        statement = (
            select(ticket)
            .where(ticket.c.day == day, ticket.c.state.in_(states))
            .order_by(ticket.c.issued, ticket.c.id)
            .limit(limit)
        )
        return [ticket_of(row) for row in self._conn.execute(statement)]

    def active_at(self, window: int) -> Ticket | None:
        return self._one(_ACTIVE, {"window": window})

    def active(self) -> list[Ticket]:
        rows = self._conn.execute(select(ticket).where(text(ACTIVE)))
        return [ticket_of(row) for row in rows]

    def line(self, day: str) -> Line:
        """Who waits on this day."""
        return Line(ticket_of(row) for row in self._conn.execute(_WAITING, {"day": day}))

    def priority(self, class_id: str) -> PriorityClass:
        """The points rule of a class; one that the hall no longer has counts as ordinary."""
        row = self._conn.execute(_CLASS, {"id": class_id}).first()
        return points_rule(class_id, *row) if row is not None else points_rule(class_id, 0.0, 1.0)

    def best_waiting(
        self,
        day: str,
        window: int | None,
        services: Collection[str] | None,
        now: Instant,
        limit: int,
    ) -> list[tuple[Ticket, float]]:
        def may_call(group: Group) -> bool:
            if window is None:
                return True
            return _may_call(group, (window,), services)

        classes, calls = cache(self.priority), cache(partial(self.calls, day))
        return self.line(day).best(may_call, classes, calls, now, limit)

    def waiting_before(
        self,
        ticket: Ticket,
        services: Collection[str] | None,
        windows: Collection[int],
        now: Instant,
    ) -> dict[str, int]:
        def may_call(group: Group) -> bool:
            return _may_call(group, windows, services)

        classes, calls = cache(self.priority), cache(partial(self.calls, ticket.day))
        return self.line(ticket.day).before(ticket, may_call, classes, calls, now)

    def recent_calls(self, day: str, limit: int) -> list[Ticket]:
        rows = self._conn.execute(_RECENT, {"day": day, "limit": limit})
        return [ticket_of(row) for row in rows]

    def leftovers(self, day: str) -> list[Ticket]:
        statement = select(ticket).where(text(OPEN), ticket.c.day < day)
        return [ticket_of(row) for row in self._conn.execute(statement)]

    def add_ticket(self, entry: Ticket) -> None:
        self._conn.execute(ticket.insert(), _values(entry))

    def save_ticket(self, entry: Ticket) -> None:
        values = _values(entry)
        key = values.pop("id")
        self._conn.execute(_SAVE, {"key": key, **values})

    def take_sequence(self, day: str, series: str) -> int:
        self._ensure_series(day, series)
        statement = (
            update(series_day)
            .where(series_day.c.day == day, series_day.c.series == series)
            .values(last=series_day.c.last + 1)
            .returning(series_day.c.last)
        )
        return int(self._conn.execute(statement).scalar_one())

    def count_call(self, day: str, series: Collection[str]) -> None:
        # A series without a number today has nobody to wait for the count.
        self._conn.execute(
            update(series_day)
            .where(series_day.c.day == day, series_day.c.series.in_(sorted(series)))
            .values(calls=series_day.c.calls + 1)
        )

    def calls(self, day: str, series: str) -> int:
        statement = select(series_day.c.calls).where(
            series_day.c.day == day, series_day.c.series == series
        )
        return int(self._conn.execute(statement).scalar() or 0)

    def _ensure_series(self, day: str, series: str) -> None:
        upsert(
            self._conn,
            series_day,
            {"day": day, "series": series},
            {"last": 0, "calls": 0},
            keep=True,
        )

    def windows(self) -> list[Window]:
        rows = self._conn.execute(select(window).order_by(window.c.number))
        return [Window(**row._mapping) for row in rows]

    def window(self, number: int) -> Window | None:
        row = self._conn.execute(select(window).where(window.c.number == number)).first()
        return Window(**row._mapping) if row is not None else None

    def save_window(self, entry: Window) -> None:
        fields = {"state", "clerk", "reason", "since"}
        upsert(
            self._conn,
            window,
            {"number": entry.number},
            {name: getattr(entry, name) for name in fields},
        )

    def profiles(self) -> dict[int, str]:
        rows = self._conn.execute(select(window_profile.c.window, window_profile.c.rules))
        return {row[0]: row[1] for row in rows}

    def profile(self, window: int) -> str | None:
        statement = select(window_profile.c.rules).where(window_profile.c.window == window)
        value = self._conn.execute(statement).scalar()
        return str(value) if value is not None else None

    def release_targets(self, window: int) -> None:
        waiting_for_it = update(ticket).where(text(WAITING), ticket.c.target == window)
        self._conn.execute(waiting_for_it.values(target=None))

    def save_profile(self, window: int, rules: str, at: Instant, actor: str) -> None:
        upsert(
            self._conn,
            window_profile,
            {"window": window},
            {"rules": rules, "at": at, "actor": actor},
        )

    def drop_profiles(self) -> None:
        self._conn.execute(window_profile.delete())

    def save_priorities(self, classes: Collection[PriorityClass]) -> None:
        self._conn.execute(priority_class.delete())
        rows = [{"id": c.id, "head": c.head, "rate": c.rate} for c in classes]
        self._conn.execute(priority_class.insert(), rows)
