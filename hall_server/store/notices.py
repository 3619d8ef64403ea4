"""Notices in the database."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from hall_server.domain.instant import Instant
from hall_server.domain.notice import Notice
from hall_server.store.tables import notice

_ended = func.coalesce(notice.c.withdrawn, notice.c.ends)


def _notice(row: Row[Any]) -> Notice:
    return Notice(**row._mapping)


class NoticeTables:
    """The notices' part of a transaction; see ``service.notices_ports``."""

    _conn: Connection

    def notices_since(self, since: Instant) -> list[Notice]:
        statement = (
            select(notice)
            .where(_ended.is_(None) | (_ended >= since))
            .order_by(notice.c.posted.desc(), notice.c.id.desc())
        )
        return [_notice(row) for row in self._conn.execute(statement)]

    def notice(self, notice_id: str) -> Notice | None:
        row = self._conn.execute(select(notice).where(notice.c.id == notice_id)).first()
        return _notice(row) if row is not None else None

    def add_notice(self, entry: Notice) -> None:
        self._conn.execute(notice.insert(), asdict(entry))

    def save_notice(self, entry: Notice) -> None:
        values = asdict(entry)
        key = values.pop("id")
        self._conn.execute(update(notice).where(notice.c.id == key).values(**values))

    def drop_notices(self, before: Instant) -> None:
        self._conn.execute(notice.delete().where(_ended < before))
