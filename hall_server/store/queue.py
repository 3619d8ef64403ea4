"""Tickets and windows in the database."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, text

from hall_server.domain.hall import ORDINARY
from hall_server.domain.instant import Instant
from hall_server.domain.line import Group, Line, MayCall
from hall_server.domain.points import PriorityClass
from hall_server.domain.profile import Taken
from hall_server.domain.ticket import Ticket
from hall_server.domain.window import Window
from hall_server.store.tables import (
    ACTIVE,
    CALLED,
    OPEN,
    priority_class,
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
    .where(ticket.c.day == bindparam("day"), text(CALLED))
    .order_by(ticket.c.called.desc())
    .limit(bindparam("limit"))
)
_WAITING = select(ticket).where(
    text(OPEN), ticket.c.state == "waiting", ticket.c.day == bindparam("day")
)
_CLASSES = select(priority_class)


def ticket_of(row: Row[Any]) -> Ticket:
    """A row of the ticket table."""
    fields = row._mapping
    return Ticket(**{name: fields[name] for name in _COLUMNS})


def points_rule(class_id: str, head: float, rate: float) -> PriorityClass:
    """A class as the queue needs it, without its words."""
    return PriorityClass(class_id, "", "", head, rate, "", on_kiosk=False)


def rule_of(classes: Mapping[str, PriorityClass], class_id: str) -> PriorityClass:
    """A class; one that the hall no longer has counts as ordinary, as in ``Hall.priority``."""
    return classes.get(class_id) or classes.get(ORDINARY) or _ORDINARY


_ORDINARY = points_rule(ORDINARY, 0.0, 1.0)


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

    def classes(self) -> Mapping[str, PriorityClass]:
        """The points rules in force."""
        rows = self._conn.execute(_CLASSES)
        return {row.id: points_rule(row.id, row.head, row.rate) for row in rows}

    def may_call(self, taken: Taken, windows: frozenset[int] | None) -> MayCall:
        """What ``windows``, which together take this, may call; None: everybody."""
        classes = self.classes()

        def judge(group: Group) -> bool:
            service_id, class_id, target = group
            if windows is None or target is not None:
                return windows is None or target in windows
            return taken.takes(service_id, rule_of(classes, class_id).id)

        return MayCall(judge)

    def best_waiting(
        self,
        day: str,
        window: int | None,
        taken: Taken,
        now: Instant,
        limit: int,
    ) -> list[tuple[Ticket, float]]:
        may_call = self.may_call(taken, None if window is None else frozenset({window}))
        return self.line(day).best(may_call, partial(rule_of, self.classes()), now, limit)

    def waiting_before(
        self,
        ticket: Ticket,
        taken: Taken,
        windows: frozenset[int],
        now: Instant,
    ) -> Mapping[str, int]:
        may_call = self.may_call(taken, windows)
        return self.line(ticket.day).before(ticket, may_call, partial(rule_of, self.classes()), now)

    def recent_calls(self, day: str, limit: int) -> list[Ticket]:
        rows = self._conn.execute(_RECENT, {"day": day, "limit": limit})
        return [ticket_of(row) for row in rows]

    def held(self, day: str) -> list[Ticket]:
        return self.line(day).aside

    def leftovers(self, day: str) -> list[Ticket]:
        statement = select(ticket).where(text(OPEN), ticket.c.day < day)
        return [ticket_of(row) for row in self._conn.execute(statement)]

    def windows(self) -> list[Window]:
        rows = self._conn.execute(select(window).order_by(window.c.number))
        return [Window(**row._mapping) for row in rows]

    def windows_version(self) -> object | None:
        return None

    def window(self, number: int) -> Window | None:
        row = self._conn.execute(select(window).where(window.c.number == number)).first()
        return Window(**row._mapping) if row is not None else None

    def profiles(self) -> dict[int, str]:
        rows = self._conn.execute(select(window_profile.c.window, window_profile.c.rules))
        return {row[0]: row[1] for row in rows}

    def profile(self, window: int) -> str | None:
        statement = select(window_profile.c.rules).where(window_profile.c.window == window)
        value = self._conn.execute(statement).scalar()
        return str(value) if value is not None else None

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
