"""The journal read backwards, one day at a time: as fast after ten years as on the first day."""

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from hall_server.service.audit_ports import Wanted
from hall_server.store.journal import JournalEntry
from hall_server.store.journal_days import ENTRY, day_span
from hall_server.store.tables import journal


def _has(text: str) -> ColumnElement[bool]:
    return journal.c.body.contains(text, autoescape=True)


def _is(type_: str, *texts: str) -> ColumnElement[bool]:
    return and_(journal.c.type == type_, or_(*map(_has, texts)))


# Somebody decided, not the rule.
_JUMPS = or_(
    journal.c.type.in_(("ticket.transferred", "ticket.reclassed", "ticket.parked")),
    _is("ticket.called", '"by_hand":true'),
    _is("ticket.requeued", '"policy":"by_hand"', '"policy":"supplement"'),
    _is("ticket.started", '"resumed":true'),
)


class AuditTables:
    """A part of a transaction; see ``service.audit_ports``."""

    def __init__(self, connection: Connection) -> None:
        self._conn = connection

    def entries_back(self, wanted: Wanted) -> list[JournalEntry]:
        first, end = day_span(self._conn, wanted.day)
        if wanted.before is not None:
            end = min(end, wanted.before)
        statement = select(*ENTRY).where(journal.c.seq >= first, journal.c.seq < end)
        if wanted.type is not None:
            statement = statement.where(journal.c.type == wanted.type)
        if wanted.number is not None:
            statement = statement.where(_has(f'"number":"{wanted.number}"'))
        if wanted.jumps:
            statement = statement.where(_JUMPS)
        rows = self._conn.execute(statement.order_by(journal.c.seq.desc()).limit(wanted.limit))
        return [JournalEntry(*row) for row in rows]
