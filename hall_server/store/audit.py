"""The journal read backwards, one day at a time: as fast after ten years as on the first day."""

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from hall_server.service.audit_ports import Wanted
from hall_server.store.journal import JournalEntry
from hall_server.store.tables import journal

_COLUMNS = tuple(journal.c[name] for name in ("seq", "at", "type", "actor", "body"))


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
        end = self._begins(wanted.day + "~")
        if wanted.before is not None:
            end = min(end, wanted.before)
        statement = select(*_COLUMNS).where(
            journal.c.seq >= self._begins(wanted.day), journal.c.seq < end
        )
        if wanted.type is not None:
            statement = statement.where(journal.c.type == wanted.type)
        if wanted.number is not None:
            statement = statement.where(_has(f'"number":"{wanted.number}"'))
        if wanted.jumps:
            statement = statement.where(_JUMPS)
        rows = self._conn.execute(statement.order_by(journal.c.seq.desc()).limit(wanted.limit))
        return [JournalEntry(*row) for row in rows]

    def _begins(self, day: str) -> int:
        """The first sequence of this day or a later one: time never runs backwards in the journal,
        so twenty looks find it among a million."""
        low, last = self._conn.execute(
            select(func.min(journal.c.seq), func.max(journal.c.seq))
        ).one()
        low, high = (low, last + 1) if low is not None else (0, 0)
        while low < high:
            middle = (low + high) // 2
            found = select(journal.c.day).where(journal.c.seq == middle)
            if str(self._conn.execute(found).scalar()) < day:
                low = middle + 1
            else:
                high = middle
        return int(low)
