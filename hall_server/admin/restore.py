"""``restore``: a backup in the place of the data, which is kept aside."""

import os
from datetime import datetime
from pathlib import Path

from hall_server.admin.backup import copy_database, is_sqlite, sync_file
from hall_server.admin.failure import Failure, in_words, need_sqlite
from hall_server.admin.verify import check_database
from hall_server.store.database import DATABASE
from hall_server.store.lock import DataLock
from hall_server.store.store import prepare_data_dir


def restore(data_dir: Path, source: Path) -> str:
    """Puts a backup into ``data_dir`` after checking it; what was there stays beside it as
    ``hall.db.before-…``. Raises Failure."""
    with in_words():
        need_sqlite(data_dir, "pg_restore")
        if not source.is_file() or not is_sqlite(source):
            raise Failure(f"{source} 不是备份文件 / is not a backup")
        prepare_data_dir(data_dir)
        with DataLock(data_dir):
            kept, entries = _replace(data_dir, source)
    done = f"已恢复 / restored {source}: {entries} journal entries"
    return f"{done}\n原数据保留在 / what was there is kept as {kept}" if kept else done


def _replace(data_dir: Path, source: Path) -> tuple[Path | None, int]:
    database, fresh = data_dir / DATABASE, data_dir / f"{DATABASE}.restoring"
    try:
        copy_database(source, fresh)
        entries = check_database(fresh)
        sync_file(fresh)
        kept = _keep_aside(database)
        fresh.replace(database)
        sync_file(data_dir)
    finally:
        fresh.unlink(missing_ok=True)
    return kept, entries


def _keep_aside(database: Path) -> Path | None:
    """Gives the present data a second name. Its log goes first: SQLite would play a log that
    it found beside the restored database into it."""
    if not database.exists():
        return None
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S-%f")
    kept = database.with_name(f"{database.name}.before-{stamp}")
    os.link(database, kept)
    log = database.with_name(f"{database.name}-wal")
    if log.exists():
        log.rename(kept.with_name(f"{kept.name}-wal"))
    database.with_name(f"{database.name}-shm").unlink(missing_ok=True)
    return kept
