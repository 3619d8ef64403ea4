"""Earlier days as a what-if reads them."""

from collections.abc import Collection

from sqlalchemy import select

from hall_server.domain.whatif_days import Served
from hall_server.store.queue import QueueTables
from hall_server.store.tables import series_day, ticket


class WhatIfTables(QueueTables):
    """The what-if's part of a transaction; see ``service.whatif_ports``."""

    def days_before(self, day: str, count: int) -> list[str]:
        statement = (
            select(series_day.c.day)
            .where(series_day.c.day < day)
            .distinct()
            .order_by(series_day.c.day.desc())
            .limit(count)
        )
        return list(self._conn.execute(statement).scalars())

    def served_on(self, days: Collection[str], limit: int) -> list[Served]:
        columns = (
            ticket.c.day,
            ticket.c.service_id,
            ticket.c.priority,
            ticket.c.state,
            ticket.c.window,
            ticket.c.base,
            ticket.c.issued,
            ticket.c.called,
            ticket.c.ended,
        )
        statement = (
            select(*columns)
            .where(ticket.c.day.in_(days))
            .where(ticket.c.called.is_not(None), ticket.c.window.is_not(None))
            .order_by(ticket.c.day.desc(), ticket.c.issued)
            .limit(limit)
        )
        return [Served(*row) for row in self._conn.execute(statement)]
