"""What the database knows of past visits and of what was promised for them."""

from sqlalchemy import Connection, select

from hall_server.domain.instant import Instant
from hall_server.domain.ticket import Ticket
from hall_server.store.journal_days import first_of
from hall_server.store.queue import ticket_of
from hall_server.store.tables import journal, ticket


class ForecastTables:
    """The forecasts' part of a transaction; see ``service.forecasts_ports``."""

    _conn: Connection

    def called_since(self, day: str, limit: int) -> list[Ticket]:
        statement = (
            select(ticket)
            .where(ticket.c.day >= day, ticket.c.called.is_not(None))
            .order_by(ticket.c.day.desc(), ticket.c.called.desc())
            .limit(limit)
        )
        return [ticket_of(row) for row in self._conn.execute(statement)][::-1]

    def called_on(self, day: str) -> list[Ticket]:
        statement = select(ticket).where(ticket.c.day == day, ticket.c.called.is_not(None))
        return [ticket_of(row) for row in self._conn.execute(statement)]

    def openings(self, since: Instant) -> list[tuple[Instant, str]]:
        first = first_of(self._conn, journal.c.at, since)
        statement = (
            select(journal.c.at, journal.c.body)
            .where(journal.c.seq >= first, journal.c.type == "window.opened")
            .order_by(journal.c.seq)
        )
        return [(row.at, row.body) for row in self._conn.execute(statement)]
