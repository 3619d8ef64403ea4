"""The oldest entries of the journal and the oldest answers, removed a few at a time."""

import json
from dataclasses import asdict

from sqlalchemy import Connection, func, select

from hall_server.domain.instant import Instant
from hall_server.service.retention_ports import Anchor
from hall_server.store.tables import command, journal, meta
from hall_server.store.upsert import upsert

ANCHOR = "journal_anchor"


class RetentionTables:
    """The retention's part of a transaction; see ``service.retention_ports``."""

    def __init__(self, connection: Connection) -> None:
        self._conn = connection

    def anchor(self) -> Anchor | None:
        return read_anchor(self._conn)

    def trim_journal(self, before_day: str, most: int) -> tuple[int, Anchor | None]:
        last = self._conn.execute(select(func.max(journal.c.seq))).scalar() or 0
        oldest = (
            select(journal.c.seq, journal.c.hash, journal.c.day)
            .where(journal.c.seq < last)
            .order_by(journal.c.seq)
            .limit(most)
        )
        going = []
        for row in self._conn.execute(oldest):
            if row.day >= before_day:
                break
            going.append(row)
        if not going:
            return 0, self.anchor()
        anchor = Anchor(going[-1].seq, going[-1].hash, going[-1].day)
        self._conn.execute(journal.delete().where(journal.c.seq <= anchor.seq))
        upsert(self._conn, meta, {"key": ANCHOR}, {"value": json.dumps(asdict(anchor))})
        return len(going), anchor

    def trim_answers(self, before: Instant, most: int) -> int:
        oldest = (
            select(command.c.request_id)
            .where(command.c.at < before)
            .order_by(command.c.at)
            .limit(most)
        )
        ids = [row.request_id for row in self._conn.execute(oldest)]
        if ids:
            self._conn.execute(command.delete().where(command.c.request_id.in_(ids)))
        return len(ids)


def read_anchor(connection: Connection) -> Anchor | None:
    """The anchor on any connection, for ``verify`` too. None while the journal is whole."""
    text = connection.execute(select(meta.c.value).where(meta.c.key == ANCHOR)).scalar()
    return Anchor(**json.loads(text)) if text else None
