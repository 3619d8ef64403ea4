"""The store: opens the database, hands out transactions."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from hall_server.service.ports import StorageFailed, Then
from hall_server.store.database import (
    DATABASE,
    DatabaseTaken,
    DatabaseUnusable,
    database_url,
    is_sqlite,
    read_engine,
    shown,
    write_engine,
)
from hall_server.store.journal import JournalEntry
from hall_server.store.live_transaction import LiveTransaction
from hall_server.store.lock import DataLocked
from hall_server.store.schema import SchemaError, ensure_schema
from hall_server.store.transaction import SqlTransaction
from hall_server.store.writer import Writer

_log = logging.getLogger(__name__)
R = TypeVar("R")


class DataFolderError(Exception):
    """The data folder cannot be used; the message says why, in both languages."""


def prepare_data_dir(data_dir: Path) -> None:
    """Makes the folder (mode 700) and checks that it can be written. Raises DataFolderError."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = data_dir / ".write-test"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise DataFolderError(
            f"数据目录 {data_dir} 无法写入 / the data folder {data_dir} cannot be written: "
            f"{error.strerror}"
        ) from None


def _trouble(url: str, error: Exception) -> Exception:
    if isinstance(error, SchemaError):
        return error
    where = shown(url)
    if isinstance(error, DatabaseTaken):
        return DataLocked(
            f"数据库 {where} 正在被另一服务使用，请先停止它 / the database {where} is in use: "
            "stop the other server first"
        )
    reason = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    if reason in {"disk I/O error", "database or disk is full"}:
        reason += "（磁盘可能已满 / is the disk full?）"
    return DataFolderError(
        f"数据库 {where} 无法打开 / the database {where} cannot be opened: "
        + " ".join(reason.split())
    )


class SqlStore:
    """``Store`` of ``service.ports``: SQLite in ``data_dir``, or the PostgreSQL database that
    ``HALL_DATABASE_URL`` names.

    ``serving``: this process alone serves the database (see ``write_engine``). Raises
    DataFolderError when the folder or the database cannot be used, DataLocked when another
    process serves it, SchemaError when it is of another product version.
    """

    def __init__(self, data_dir: Path, *, serving: bool = False, url: str | None = None) -> None:
        prepare_data_dir(data_dir)
        try:
            self.url = url or database_url(data_dir)
            self._write = write_engine(self.url, serving=serving)
        except DatabaseUnusable as error:
            raise DataFolderError(str(error)) from None
        try:
            if is_sqlite(self.url):
                # Pins and tokens are hashed in it, but it is nobody else's business all the same.
                (data_dir / DATABASE).touch(mode=0o600)
            ensure_schema(self._write)
        except (OSError, SQLAlchemyError, SchemaError) as error:
            self._write.dispose()
            raise _trouble(self.url, error) from None
        self._read = read_engine(self.url)
        self._writer = Writer(self._write)
        self._writer.start()

    def publish_to(self, on_commit: Callable[[list[JournalEntry]], None]) -> None:
        """``on_commit`` is told of journal entries after they are durable, in order."""
        self._writer.on_commit = on_commit

    def write(self, work: Callable[[LiveTransaction], R], request_id: str | None = None) -> R:
        """Runs ``work`` in the writer's thread; returns after it is durable."""
        return self._writer.submit(work, request_id)

    def begin(
        self,
        work: Callable[[LiveTransaction], R],
        then: Then[R],
        request_id: str | None = None,
    ) -> None:
        """The same without waiting; ``then`` is told in the writer's thread. Raises
        WriterStopped."""
        self._writer.begin(work, then, request_id)

    def read(self, work: Callable[[SqlTransaction], R]) -> R:
        """Runs ``work`` on a reading connection, on one consistent state. Raises StorageFailed
        when the database does not answer."""
        try:
            with self._read.begin() as connection:
                return work(SqlTransaction(connection))
        except OperationalError as error:
            _log.error("the database could not be read: %s", error.orig)
            raise StorageFailed(str(error.orig)) from None

    def close(self) -> None:
        """Finishes what was submitted, then closes every connection."""
        self._writer.stop()
        self._read.dispose()
        self._write.dispose()
