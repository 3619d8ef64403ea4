"""``verify``: whether the data is what was written."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from hall_server.admin.failure import Failure, need_database
from hall_server.store.journal import GENESIS, entry_hash
from hall_server.store.schema import REVISION
from hall_server.store.tables import metadata

# How long to wait for a running server's commit.
_BUSY_S = 10.0
_SHOWN = 10


def verify(data_dir: Path) -> str:
    """Checks the database in a data folder. Raises Failure with what is wrong."""
    path = need_database(data_dir)
    entries = check_database(path)
    return f"完好：日志 {entries} 条，哈希链连续 / sound: {entries} journal entries, chain unbroken"


def check_database(path: Path) -> int:
    """Checks a database file: pages, constraints, schema, hash chain; returns how many entries
    the journal has. Raises Failure."""
    try:
        with closing(_open(path)) as connection:
            problems = [*_page_problems(connection), *_schema_problems(connection)]
            if problems:
                raise Failure(_listed("数据库已损坏", "the database is damaged", problems))
            return _check_chain(connection)
    except sqlite3.Error as error:
        raise Failure(f"{path} 不是完好的数据库 / is not a sound database: {error}") from None


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_S)
    connection.execute("PRAGMA query_only=ON")
    # Each check sees the same state, whatever a running server does meanwhile.
    connection.execute("BEGIN")
    return connection


def _page_problems(connection: sqlite3.Connection) -> Iterator[str]:
    """``integrity_check`` also covers NOT NULL, UNIQUE and CHECK."""
    for (line,) in connection.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield line
    for row in connection.execute("PRAGMA foreign_key_check"):
        yield f"foreign key of {row[0]}, row {row[1]}"


def _schema_problems(connection: sqlite3.Connection) -> Iterator[str]:
    there = {r[0] for r in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    if "alembic_version" not in there:
        yield "not a hall's database: no alembic_version"
        return
    revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if revision is None or revision[0] != REVISION:
        yield f"schema {revision[0] if revision else '?'}, this version has {REVISION}"
        return
    indexes = {r[0] for r in connection.execute("SELECT name FROM sqlite_master")}
    for table in metadata.sorted_tables:
        if table.name not in there:
            yield f"table {table.name} is missing"
        for index in table.indexes:
            if index.name not in indexes:
                yield f"index {index.name} is missing"


def _check_chain(connection: sqlite3.Connection) -> int:
    previous, expected = GENESIS, 0
    rows = connection.execute("SELECT seq, at, type, actor, body, hash FROM journal ORDER BY seq")
    for seq, at, type_, actor, body, found in rows:
        expected += 1
        if seq != expected:
            raise Failure(
                f"日志第 {expected} 条缺失（其后是 {seq}）/ journal entry {expected} is missing "
                f"(the next is {seq})"
            )
        if entry_hash(previous, seq, at, type_, actor, body) != found:
            raise Failure(
                f"日志第 {seq} 条与哈希链不符，此条或上一条被改动 / journal entry {seq} does not "
                "fit the hash chain: it or the one before it was changed"
            )
        previous = found
    return expected


def _listed(zh: str, en: str, problems: list[str]) -> str:
    shown = problems[:_SHOWN]
    more = [f"… {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
    return "\n  ".join([f"{zh} / {en}:", *shown, *more])
