"""Tickets and windows in the database."""

from collections.abc import Collection
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
    text,
    true,
    tuple_,
    update,
)
from sqlalchemy import Float as SqlFloat

from hall_server.domain.hall import ORDINARY
from hall_server.domain.instant import MINUTE, Instant
from hall_server.domain.points import PriorityClass, points
from hall_server.domain.profile import Taken
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
_head = func.coalesce(priority_class.c.head, 0.0)
_rate = func.coalesce(priority_class.c.rate, 1.0)
_now: ColumnElement[Any] = bindparam("now", type_=BigInteger)
_minutes = cast(_now - ticket.c.base, SqlFloat) / float(MINUTE)
_points: ColumnElement[Any] = case(
    (ticket.c.base <= _now, _head + _rate * _minutes), else_=_minutes
)

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
_held = case((ticket.c.held_until > 0, 1), else_=0)
_queue = ticket.outerjoin(priority_class, priority_class.c.id == ticket.c.priority)
_waiting = and_(text(WAITING), ticket.c.day == bindparam("day"))
_WAITING = (
    select(ticket, _points.label("points"))
    .select_from(_queue)
    .where(_waiting)
    .order_by(_held, _points.desc(), ticket.c.base, ticket.c.issued, ticket.c.id)
    .limit(bindparam("limit"))
)
_place = tuple_(_held, -_points, ticket.c.base, ticket.c.issued, ticket.c.id)
_BEFORE = (
    select(ticket.c.service_id, func.count())
    .select_from(_queue)
    .where(
        _waiting,
        _place
        < tuple_(*(bindparam(name) for name in ("held", "minus_points", "base", "issued", "id"))),
    )
    .group_by(ticket.c.service_id)
)
_here = ticket.c.target == bindparam("window")
_aimed = ticket.c.target.in_(bindparam("windows", expanding=True))
# As ``Hall.priority``: a class that the hall no longer has counts as ordinary.
_class = func.coalesce(priority_class.c.id, ORDINARY)
_SAVE = update(ticket).where(ticket.c.id == bindparam("key"))
_HELD = select(ticket).where(_waiting, ticket.c.held_until > 0)


def _ticket(row: Row[Any]) -> Ticket:
    fields = row._mapping
    return Ticket(**{name: fields[name] for name in _COLUMNS})


# Of each part of a ``Taken``: whether it names services, and whether it names classes.
Shape = tuple[tuple[bool, bool], ...]


def _shape(taken: Taken) -> Shape:
    return tuple((p.services is not None, p.classes is not None) for p in taken.parts)


def _names(taken: Taken) -> dict[str, Any]:
    """The values for a statement of ``_shape(taken)``."""
    values: dict[str, Any] = {}
    for i, part in enumerate(taken.parts):
        if part.services is not None:
            values[f"services_{i}"] = tuple(part.services)
        if part.classes is not None:
            values[f"classes_{i}"] = tuple(part.classes)
    return values


def _among(i: int, shape: tuple[bool, bool]) -> ColumnElement[bool]:
    by_service, by_class = shape
    conditions: list[ColumnElement[bool]] = [true()]
    if by_service:
        names: BindParameter[Any] = bindparam(f"services_{i}", expanding=True)
        conditions.append(ticket.c.service_id.in_(names))
    if by_class:
        conditions.append(_class.in_(bindparam(f"classes_{i}", expanding=True)))
    return and_(*conditions)


def _may_be_called(shape: Shape, aimed: ColumnElement[bool]) -> ColumnElement[bool]:
    parts = [_among(i, part) for i, part in enumerate(shape)]
    return or_(and_(ticket.c.target.is_(None), or_(*parts)), aimed) if parts else aimed


@lru_cache(maxsize=64)
def _best(shape: Shape) -> "Select[Any]":
    return _WAITING.where(_may_be_called(shape, _here))


@lru_cache(maxsize=64)
def _before(shape: Shape) -> "Select[Any]":
    return _BEFORE.where(_may_be_called(shape, _aimed))


def _values(entry: Ticket) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _COLUMNS}


class QueueTables:
    """The queue's part of a transaction; see ``service.ports``."""

    def __init__(self, connection: Connection) -> None:
        self._conn = connection

    def _one(self, statement: Any, values: dict[str, Any]) -> Ticket | None:
        row = self._conn.execute(statement, values).first()
        return _ticket(row) if row is not None else None

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
        return [_ticket(row) for row in self._conn.execute(statement)]

    def active_at(self, window: int) -> Ticket | None:
        return self._one(_ACTIVE, {"window": window})

    def active(self) -> list[Ticket]:
        rows = self._conn.execute(select(ticket).where(text(ACTIVE)))
        return [_ticket(row) for row in rows]

    def waiting_before(
        self,
        ticket: Ticket,
        priority: PriorityClass,
        taken: Taken,
        windows: Collection[int],
        now: Instant,
    ) -> dict[str, int]:
        values: dict[str, Any] = {
            "day": ticket.day,
            "id": ticket.id,
            "now": now,
            "held": int(ticket.held_until > 0),
            "minus_points": -points(ticket.base, priority, now),
            "base": ticket.base,
            "issued": ticket.issued,
            "windows": sorted(windows),
        }
        rows = self._conn.execute(_before(_shape(taken)), values | _names(taken))
        return {row[0]: row[1] for row in rows}

    def best_waiting(
        self,
        day: str,
        window: int | None,
        taken: Taken,
        now: Instant,
        limit: int,
    ) -> list[tuple[Ticket, float]]:
        values: dict[str, Any] = {"day": day, "now": now, "limit": limit}
        statement = _WAITING
        if window is not None:
            statement = _best(_shape(taken))
            values |= {"window": window} | _names(taken)
        rows = self._conn.execute(statement, values)
        return [(_ticket(row), float(row._mapping["points"])) for row in rows]

    def recent_calls(self, day: str, limit: int) -> list[Ticket]:
        rows = self._conn.execute(_RECENT, {"day": day, "limit": limit})
        return [_ticket(row) for row in rows]

    def held(self, day: str) -> list[Ticket]:
        return [_ticket(row) for row in self._conn.execute(_HELD, {"day": day})]

    def leftovers(self, day: str) -> list[Ticket]:
        statement = select(ticket).where(text(OPEN), ticket.c.day < day)
        return [_ticket(row) for row in self._conn.execute(statement)]

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

    def _ensure_series(self, day: str, series: str) -> None:
        upsert(
            self._conn,
            series_day,
            {"day": day, "series": series},
            {"last": 0},
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
