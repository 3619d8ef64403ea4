"""Engines: one connection that writes, a few that read."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import QueuePool, StaticPool

# How long a statement waits for another process (a backup, a technician's sqlite3) to let go.
BUSY_TIMEOUT_MS = 5_000
DATABASE = "hall.db"
_READERS = 4
# Pages kept by each connection: a day of a large hall where it is written, and what is read
# often; the rest is in the kernel's cache.
_WRITER_CACHE_KIB, _READER_CACHE_KIB = 4_096, 1_024


def sqlite_url(data_dir: Path) -> str:
    """The address of the hall's database in a data folder."""
    return f"sqlite+pysqlite:///{data_dir / DATABASE}"


def _prepare_sqlite(engine: Engine, *, begin: str, read_only: bool) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"cache_size=-{_READER_CACHE_KIB if read_only else _WRITER_CACHE_KIB}",
            f"query_only={'ON' if read_only else 'OFF'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def write_engine(url: str) -> Engine:
    """The engine with the one writing connection."""
    arguments = {"check_same_thread": False}
    engine = create_engine(url, poolclass=StaticPool, connect_args=arguments)
    _prepare_sqlite(engine, begin="BEGIN IMMEDIATE", read_only=False)
    return engine


def read_engine(url: str) -> Engine:
    """The engine with the reading connections; they cannot write."""
    arguments = {"check_same_thread": False}
    engine = create_engine(
        url, poolclass=QueuePool, pool_size=_READERS, max_overflow=4, connect_args=arguments
    )
    _prepare_sqlite(engine, begin="BEGIN", read_only=True)
    return engine
