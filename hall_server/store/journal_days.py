"""The journal's entries of one day, found without an index: time never runs backwards in it."""

from sqlalchemy import Connection, func, select

from hall_server.store.journal import JournalEntry
from hall_server.store.tables import journal


class JournalDays:
    """A part of a transaction; see ``service.ports``."""

    _conn: Connection

    def entries_of_day(self, day: str) -> list[JournalEntry]:
        columns = (journal.c.seq, journal.c.at, journal.c.type, journal.c.actor, journal.c.body)
        statement = (
            select(*columns)
            .where(journal.c.seq >= self._first_of(day), journal.c.seq < self._first_of(day + "~"))
            .order_by(journal.c.seq)
        )
        return [JournalEntry(*row) for row in self._conn.execute(statement)]

    def _first_of(self, day: str) -> int:
        """The first sequence whose entry is of this day or a later one; one past the last when
        there is none."""
        ends = self._conn.execute(select(func.min(journal.c.seq), func.max(journal.c.seq))).one()
        if ends[0] is None:
            return 0
        low, high = int(ends[0]), int(ends[1]) + 1
        while low < high:
            middle = (low + high) // 2
            found = select(journal.c.day).where(journal.c.seq >= middle).order_by(journal.c.seq)
            if self._conn.execute(found.limit(1)).scalar_one() >= day:
                high = middle
            else:
                low = middle + 1
        return low
