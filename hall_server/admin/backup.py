"""``backup``: a copy of the live database, complete or not there at all."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from hall_server.admin.failure import Failure, in_words, need_database, need_sqlite
from hall_server.admin.verify import check_database
from hall_server.store.database import DATABASE

_HEADER = b"SQLite format 3\0"
_BUSY_S = 10.0


def backup(data_dir: Path, target: Path) -> str:
    """Writes a checked copy to ``target``, replacing an older backup only when it is good;
    works while the server runs. Raises Failure."""
    with in_words():
        need_sqlite(data_dir, "pg_dump")
    need_database(data_dir)
    source = data_dir / DATABASE
    _check_target(source, target)
    part = target.with_name(target.name + ".part")
    with in_words():
        try:
            copy_database(source, part)
            entries = check_database(part)
            sync_file(part)
            part.replace(target)
            sync_file(target.parent)
        finally:
            part.unlink(missing_ok=True)
    size = target.stat().st_size
    return f"已备份 / backed up to {target}: {size:,} bytes, {entries} journal entries"


def copy_database(source: Path, target: Path) -> None:
    """Copies a database, live or not, into one file without a log beside it (mode 600).

    Raises Failure, OSError.
    """
    os.close(os.open(target, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
    try:
        with (
            closing(sqlite3.connect(source, timeout=_BUSY_S)) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            live.execute("PRAGMA query_only=ON")
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise Failure(f"{source} 无法复制 / cannot be copied: {error}") from None


def sync_file(path: Path) -> None:
    """Makes a file's or folder's content durable. Raises OSError."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def is_sqlite(path: Path) -> bool:
    """Whether the file begins as a SQLite database does. Raises OSError."""
    with path.open("rb") as file:
        return file.read(len(_HEADER)) == _HEADER


def _check_target(source: Path, target: Path) -> None:
    with in_words():
        if not target.exists():
            return
        if target.is_dir() or target.samefile(source):
            raise Failure(f"{target} 不能作为备份文件 / cannot be the backup file")
        if not is_sqlite(target):
            raise Failure(
                f"{target} 已存在且不是备份，未覆盖 / exists and is no backup; it was left alone"
            )
