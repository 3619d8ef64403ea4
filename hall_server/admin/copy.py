"""``copy-to``: a hall that has outgrown its machine moves into PostgreSQL."""

from pathlib import Path

from sqlalchemy import Connection, func, select

from hall_server.admin.failure import Failure, in_words, need_database
from hall_server.admin.verify import check_url
from hall_server.store.database import (
    DATABASE_VARIABLE,
    is_sqlite,
    look_engine,
    postgresql_url,
    shown,
    write_engine,
)
from hall_server.store.lock import DataLock
from hall_server.store.schema import ensure_schema
from hall_server.store.tables import hall_version, metadata

_PAGE = 2_000


def copy_to(data_dir: Path, target: str) -> str:
    """Copies every table of the data folder's database into an empty PostgreSQL database, all or
    nothing, and checks both. Raises Failure."""
    with in_words():
        url = postgresql_url(target)
        source = need_database(data_dir)
        if not is_sqlite(source):
            raise Failure(
                f"数据已在 PostgreSQL 中，请取消 {DATABASE_VARIABLE} 再复制 / the data is in "
                f"PostgreSQL already: unset {DATABASE_VARIABLE} to copy from the data folder"
            )
        with DataLock(data_dir):
            before = check_url(source)
            rows = _copy(source, url)
            if check_url(url) != before:
                raise Failure("复制的日志条数不同 / the copied journal has another length")
    return (
        f"已复制 {rows} 行，日志 {before} 条，已检查 / copied and checked: {rows} rows, {before} "
        f"journal entries\n下一步：设置 / next: {DATABASE_VARIABLE}={shown(url)}"
    )


def _copy(source: str, url: str) -> int:
    reading, writing = look_engine(source), write_engine(url, serving=True)
    try:
        ensure_schema(writing)
        with reading.begin() as old, writing.begin() as new:
            _need_empty(new, url)
            return _rows(old, new)
    finally:
        reading.dispose()
        writing.dispose()


def _need_empty(new: Connection, url: str) -> None:
    for table in metadata.sorted_tables:
        if new.execute(select(func.count()).select_from(table)).scalar():
            raise Failure(
                f"{shown(url)} 中已有数据，未复制 / there is data in {shown(url)} already: "
                "nothing was copied"
            )


def _rows(old: Connection, new: Connection) -> int:
    copied = 0
    for table in metadata.sorted_tables:
        with old.execute(select(table)) as rows:
            for page in rows.mappings().partitions(_PAGE):
                new.execute(table.insert(), [dict(row) for row in page])
                copied += len(page)
    # The rows brought their numbers; PostgreSQL's own count goes on after them.
    last = select(func.max(hall_version.c.version)).scalar_subquery()
    sequence = func.pg_get_serial_sequence(hall_version.name, "version")
    new.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))
    return copied
