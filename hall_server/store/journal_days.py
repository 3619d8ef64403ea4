"""The journal's entries by their time, found without an index: time never runs backwards in it,
so twenty looks find a moment among a million entries."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from hall_server.store.journal import JournalEntry
from hall_server.store.tables import journal

ENTRY = tuple(journal.c[name] for name in ("seq", "at", "type", "actor", "body"))
# Sorts after every day, and before nothing that is a day.
_AFTER = "~"


def first_of(connection: Connection, column: ColumnElement[Any], value: Any) -> int:
    """The first sequence whose ``column`` (``day`` or ``at``) is ``value`` or later; one past the
    last when there is none. What retention removed is missing at the beginning only."""
    low, last = connection.execute(select(func.min(journal.c.seq), func.max(journal.c.seq))).one()
    low, high = (int(low), int(last) + 1) if low is not None else (0, 0)
    while low < high:
        middle = (low + high) // 2
        found = connection.execute(select(column).where(journal.c.seq == middle)).scalar_one()
        if found < value:
            low = middle + 1
        else:
            high = middle
    return low


def day_span(connection: Connection, day: str) -> tuple[int, int]:
    """The first sequence of this day, and the first after it."""
    return first_of(connection, journal.c.day, day), first_of(
        connection, journal.c.day, day + _AFTER
    )


class JournalDays:
    """A part of a transaction; see ``service.ports``."""

    _conn: Connection

    def entries_of_day(self, day: str) -> list[JournalEntry]:
        first, end = day_span(self._conn, day)
        statement = select(*ENTRY).where(journal.c.seq >= first, journal.c.seq < end)
        rows = self._conn.execute(statement.order_by(journal.c.seq))
        return [JournalEntry(*row) for row in rows]
