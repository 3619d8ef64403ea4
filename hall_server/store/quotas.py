"""Counters of the numbers given, in the database."""

from sqlalchemy import Connection, select

from hall_server.store.tables import quota_used
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
