"""SQLite: a file in the data folder, as durable as the card under it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import NullPool, QueuePool, StaticPool

# How long a statement waits for another process (a backup, a technician's sqlite3) to let go.
BUSY_TIMEOUT_MS = 5_000
_READERS = 4
# Pages kept by each connection: a day of a large hall where it is written, and what is read
# often; the rest is in the kernel's cache.
_WRITER_CACHE_KIB, _READER_CACHE_KIB = 2_048, 512
_ARGUMENTS = {"check_same_thread": False}
_KEPT = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


def file_url(path: Path) -> str:
    """The address of a database file."""
    return f"sqlite+pysqlite:///{path}"


def _prepare(engine: Engine, begin: str, pragmas: Iterable[str]) -> Engine:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", *pragmas):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def write_engine(url: str) -> Engine:
    """The engine with the one writing connection."""
    engine = create_engine(url, poolclass=StaticPool, connect_args=_ARGUMENTS)
    return _prepare(engine, "BEGIN IMMEDIATE", (*_KEPT, f"cache_size=-{_WRITER_CACHE_KIB}"))


def read_engine(url: str) -> Engine:
    """The engine with the reading connections."""
    engine = create_engine(
        url, poolclass=QueuePool, pool_size=_READERS, max_overflow=4, connect_args=_ARGUMENTS
    )
    cache = f"cache_size=-{_READER_CACHE_KIB}"
    return _prepare(engine, "BEGIN", (*_KEPT, cache, "query_only=ON"))


def look_engine(url: str) -> Engine:
    """An engine that leaves the file as it is, also whether it has a log beside it."""
    return _prepare(create_engine(url, poolclass=NullPool), "BEGIN", ["query_only=ON"])
