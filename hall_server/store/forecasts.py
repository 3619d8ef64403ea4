"""What the database knows of past visits and of what was promised for them."""

from typing import Any

from sqlalchemy import Row, func, select

from hall_server.domain.instant import Instant
from hall_server.domain.ticket import Ticket
from hall_server.store.queue import QueueTables
from hall_server.store.tables import journal, ticket


def _ticket(row: Row[Any]) -> Ticket:
    return Ticket(**row._mapping)


class ForecastTables(QueueTables):
    """The forecasts' part of a transaction; see ``service.forecasts_ports``."""

    def called_since(self, day: str, limit: int) -> list[Ticket]:
        statement = (
            select(ticket)
            .where(ticket.c.day >= day, ticket.c.called.is_not(None))
            .order_by(ticket.c.day.desc(), ticket.c.called.desc())
            .limit(limit)
        )
        return [_ticket(row) for row in self._conn.execute(statement)][::-1]

    def openings(self, since: Instant) -> list[tuple[Instant, str]]:
        first = self._first_since(since)
        statement = (
            select(journal.c.at, journal.c.body)
            .where(journal.c.seq >= first, journal.c.type == "window.opened")
            .order_by(journal.c.seq)
        )
        return [(row.at, row.body) for row in self._conn.execute(statement)]

    def _first_since(self, since: Instant) -> int:
        """The first sequence whose entry is not before ``since``: times grow with sequences, and
        there is no index on them."""
        last = self._conn.execute(select(func.max(journal.c.seq))).scalar()
        low, high = 1, int(last or 0) + 1
        while low < high:
            middle = (low + high) // 2
            # Entries that retention removed leave holes at the beginning.
            at = self._conn.execute(
                select(journal.c.at).where(journal.c.seq >= middle).order_by(journal.c.seq).limit(1)
            ).scalar()
            if at is not None and at < since:
                low = middle + 1
            else:
                high = middle
        return low
