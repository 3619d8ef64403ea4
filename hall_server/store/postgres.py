"""PostgreSQL: one transaction writes at a time, and one process serves a database.

Source of the lock functions: PostgreSQL manual, 9.27.10 "Advisory Lock Functions".
"""

import logging
from typing import Any

import psycopg
from psycopg.types.string import StrDumper
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool, StaticPool

from hall_server.store.database import DatabaseTaken

_log = logging.getLogger(__name__)
# Held for a transaction that writes, and for as long as a process serves the database.
_WRITING, _SERVING = 0x79636800, 0x79636801
# How long a command waits for another process's (``hall admin add-staff``) transaction to end.
LOCK_TIMEOUT_MS = 5_000
# How long a server that was just killed may need to be found out.
_SERVE_WAIT_MS = 2_000
# A database machine on the LAN that does not answer for so long is gone.
_CONNECT_S, _SILENT_S = 5, 15
_READERS = 4
_KEEPALIVE = {
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": _SILENT_S * 1000,
}
# The server's side of the same: a machine that lost its power lets go of its locks.
_SESSION = (
    "SET client_encoding = 'UTF8'",
    "SET synchronous_commit = on",
    f"SET lock_timeout = {LOCK_TIMEOUT_MS}",
    "SET tcp_keepalives_idle = 5",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 2",
)
# What only the database's administrator can set, and what every answer's durability rests on.
_DURABLE = ("fsync", "full_page_writes")


class _Text(StrDumper):
    """Text as PostgreSQL can hold it: a NUL, which it cannot, becomes the replacement sign."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "\ufffd"))


def _engine(url: URL, begin: str, *, serving: bool, **pool: Any) -> Engine:
    arguments = {"autocommit": True, "connect_timeout": _CONNECT_S, **_KEEPALIVE}
    engine = create_engine(
        # A connection that was lost is noticed when it is taken up, and made again.
        url,
        connect_args=arguments,
        pool_pre_ping=True,
        use_native_hstore=False,
        **pool,
    )

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        connection.adapters.register_dumper(str, _Text)
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise SQLAlchemyError(f"its encoding is {encoding}, it should be UTF8")
        connection.execute("; ".join(_SESSION))
        if serving:
            _serve(connection)

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _serve(connection: Any) -> None:
    try:
        connection.execute(f"SET lock_timeout = {_SERVE_WAIT_MS}")
        connection.execute(f"SELECT pg_advisory_lock({_SERVING})")
        connection.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
    except psycopg.errors.LockNotAvailable:
        connection.close()
        raise DatabaseTaken("another process serves this database") from None
    for name in _DURABLE:
        (found,) = connection.execute(f"SHOW {name}").fetchone()
        if found != "on":
            _log.warning(
                "the database server has %s = %s: a power cut may lose numbers", name, found
            )


def write_engine(url: URL, *, serving: bool) -> Engine:
    """The engine with the one writing connection. Transactions of several processes take turns,
    and see what the one before them left. Raises DatabaseTaken when it connects."""
    # In one round trip. The lock comes first: each later statement sees what was committed.
    begin = f"BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({_WRITING})"
    return _engine(url, begin, serving=serving, poolclass=StaticPool)


def read_engine(url: URL) -> Engine:
    """The engine with the reading connections."""
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
    pool = {"poolclass": QueuePool, "pool_size": _READERS, "max_overflow": 4}
    return _engine(url, begin, serving=False, **pool)
