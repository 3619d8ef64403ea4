"""The journal and what else a command leaves behind: its answer, the hall's versions."""

import hashlib
from dataclasses import dataclass

from pydantic_core import to_json
from sqlalchemy import Connection, func, select

from hall_server.domain.instant import Instant
from hall_server.service.ports import NewEvent
from hall_server.store.tables import hall_version, journal, meta
from hall_server.store.upsert import upsert


@dataclass(frozen=True)
class JournalEntry:
    """An entry as it was written; ``body`` is JSON text."""

    seq: int
    at: Instant
    type: str
    actor: str
    body: str


# What the first entry names as the hash before it.
GENESIS = "0" * 64

_LAST = select(journal.c.seq, journal.c.hash, journal.c.at).order_by(journal.c.seq.desc()).limit(1)


def entry_hash(previous: str, seq: int, at: Instant, type_: str, actor: str, body: str) -> str:
    """The hash that chains an entry to the one before it: SHA-256, hexadecimal."""
    text = "\n".join((previous, str(seq), str(at), type_, actor, body))
    return hashlib.sha256(text.encode()).hexdigest()


def body_of(event: NewEvent) -> str:
    """What the journal keeps of an event, as JSON text without needless spaces."""
    parts = []
    if event.ticket is not None:
        parts.append(f'"ticket":{event.ticket.model_dump_json()}')
    if event.window is not None:
        parts.append(f'"window":{event.window.model_dump_json()}')
    if event.data:
        parts.append(f'"data":{to_json(event.data).decode()}')
    return f"{{{','.join(parts)}}}"


class JournalTables:
    """The journal's part of a transaction; see ``service.ports``."""

    def __init__(self, connection: Connection) -> None:
        self._conn = connection

    def last_seq(self) -> int:
        return int(self._conn.execute(select(func.max(journal.c.seq))).scalar() or 0)

    def last_at(self) -> Instant:
        row = self._conn.execute(_LAST).first()
        return int(row.at) if row is not None else 0

    def entries_after(self, seq: int, limit: int) -> list[JournalEntry]:
        """The journal's entries after ``seq``, oldest first."""
        columns = (journal.c.seq, journal.c.at, journal.c.type, journal.c.actor, journal.c.body)
        statement = select(*columns).where(journal.c.seq > seq).order_by(journal.c.seq)
        rows = self._conn.execute(statement.limit(limit))
        return [JournalEntry(*row) for row in rows]

    def meta(self, key: str) -> str | None:
        value = self._conn.execute(select(meta.c.value).where(meta.c.key == key)).scalar()
        return str(value) if value is not None else None

    def set_meta(self, key: str, value: str) -> None:
        upsert(self._conn, meta, {"key": key}, {"value": value})

    def add_hall(self, document: str, at: Instant, actor: str) -> None:
        self._conn.execute(hall_version.insert(), {"document": document, "at": at, "actor": actor})

    def hall_document(self) -> str | None:
        statement = select(hall_version.c.document).order_by(hall_version.c.version.desc()).limit(1)
        value = self._conn.execute(statement).scalar()
        return str(value) if value is not None else None
