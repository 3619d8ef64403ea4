"""Counters of the numbers given, in the database."""

from sqlalchemy import Connection, func, or_, select

from hall_server.domain.instant import Instant
from hall_server.store.tables import quota_used, ticket
from hall_server.store.upsert import upsert


class QuotaTables:
    """The limits' part of a transaction; see ``service.quotas_ports``."""

    _conn: Connection

    def quotas_used(self, day: str) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for row in self._conn.execute(select(quota_used).where(quota_used.c.day == day)):
            found.setdefault(row.service_id, {})[row.slot] = row.used
        return found

    def quota_used(self, day: str, service_id: str) -> dict[str, int]:
        statement = select(quota_used.c.slot, quota_used.c.used).where(
            quota_used.c.day == day, quota_used.c.service_id == service_id
        )
        return {row.slot: row.used for row in self._conn.execute(statement)}

    def set_quota(self, day: str, service_id: str, slot: str, used: int) -> None:
        key = {"day": day, "service_id": service_id, "slot": slot}
        upsert(self._conn, quota_used, key, {"used": used})

    def numbers_given(
        self, day: str, service_id: str, since: Instant | None, until: Instant | None
    ) -> int:
        statement = select(func.count()).where(
            ticket.c.day == day,
            ticket.c.service_id == service_id,
            or_(ticket.c.state != "cancelled", ticket.c.first_called.is_not(None)),
        )
        if since is not None:
            statement = statement.where(ticket.c.issued >= since)
        if until is not None:
            statement = statement.where(ticket.c.issued < until)
        return int(self._conn.execute(statement).scalar_one())
