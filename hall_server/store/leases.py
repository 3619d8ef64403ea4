"""Leases in the database."""

from dataclasses import asdict

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from hall_server.domain.instant import Instant
from hall_server.domain.lease import Lease
from hall_server.store.tables import lease, ticket


def _lease(row: Row[tuple[object, ...]]) -> Lease:
    return Lease(**row._mapping)


class LeaseTables:
    """The leases' part of a transaction; see ``service.leases_ports``."""

    _conn: Connection

    def add_lease(self, entry: Lease) -> None:
        self._conn.execute(lease.insert(), asdict(entry))

    def close_lease(self, lease_id: str) -> None:
        self._conn.execute(update(lease).where(lease.c.id == lease_id).values(closed=True))

    def lease(self, lease_id: str) -> Lease | None:
        row = self._conn.execute(select(lease).where(lease.c.id == lease_id)).first()
        return _lease(row) if row is not None else None

    def open_lease(self, device_id: str, day: str, series: str) -> Lease | None:
        statement = select(lease).where(
            lease.c.device_id == device_id,
            lease.c.day == day,
            lease.c.series == series,
            lease.c.closed.is_(False),
        )
        row = self._conn.execute(statement).first()
        return _lease(row) if row is not None else None

    def open_leases(self, day: str) -> list[Lease]:
        return self._open_leases(lease.c.day == day)

    def open_leases_before(self, day: str) -> list[Lease]:
        return self._open_leases(lease.c.day < day)

    def _open_leases(self, which: ColumnElement[bool]) -> list[Lease]:
        statement = (
            select(lease)
            .where(which, lease.c.closed.is_(False))
            .order_by(lease.c.day, lease.c.series, lease.c.first)
        )
        return [_lease(row) for row in self._conn.execute(statement)]

    def leases_of(self, device_id: str, series: str, sequence: int) -> list[Lease]:
        statement = (
            select(lease)
            .where(
                lease.c.device_id == device_id,
                lease.c.series == series,
                lease.c.first <= sequence,
                lease.c.last >= sequence,
            )
            .order_by(lease.c.day.desc(), lease.c.first.desc())
        )
        return [_lease(row) for row in self._conn.execute(statement)]

    def issued_since(self, day: str, series: str, at: Instant) -> int:
        statement = (
            select(func.count())
            .select_from(ticket)
            .where(ticket.c.day == day, ticket.c.series == series, ticket.c.issued >= at)
        )
        return int(self._conn.execute(statement).scalar_one())

    def issued_in(self, day: str, series: str, first: int, last: int) -> dict[int, Instant]:
        statement = select(ticket.c.sequence, ticket.c.issued).where(
            ticket.c.day == day,
            ticket.c.series == series,
            ticket.c.sequence.between(first, last),
        )
        return {row[0]: row[1] for row in self._conn.execute(statement)}
