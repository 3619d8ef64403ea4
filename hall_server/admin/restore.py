"""``restore``: a backup in the place of the data, which is kept aside.

Numbers were given after the backup was made, and a kiosk without the server may be giving more
from its block. None of them is known to the backup, so the day's series go on far behind them.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hall_server.admin.backup import copy_database, is_sqlite, sync_file
from hall_server.admin.failure import Failure, in_words, need_database, need_sqlite, opened
from hall_server.admin.verify import check_database
from hall_server.domain.hall import Hall
from hall_server.domain.instant import Moment, moment
from hall_server.domain.numbering import ticket_number
from hall_server.hallfile.build import build_hall
from hall_server.hallfile.schema import HallFile
from hall_server.service.leases import skip_numbers
from hall_server.store.database import DATABASE, look_engine
from hall_server.store.live_transaction import LiveTransaction
from hall_server.store.lock import DataLock
from hall_server.store.schema import current_revision
from hall_server.store.sqlite import file_url
from hall_server.store.store import SqlStore, prepare_data_dir
from hallkit.runtime.clock import SystemClock

ACTOR = "admin"
_system_time = SystemClock().now
# By day and series: the last number that was given or sealed.
_Counters = dict[tuple[str, str], int]


def restore(data_dir: Path, source: Path, now: Callable[[], datetime] = _system_time) -> str:
    """Puts a backup, also one of an earlier version, into ``data_dir`` after checking it; what was
    there stays beside it as ``hall.db.before-…``. Today's numbers go on behind those that may be
    on paper. Raises Failure."""
    with in_words():
        need_sqlite(data_dir, "pg_restore")
        if not source.is_file() or not is_sqlite(source):
            raise Failure(f"{source} 不是备份文件 / is not a backup")
        prepare_data_dir(data_dir)
        with DataLock(data_dir):
            kept, entries, skipped = _replace(data_dir, source, now)
    lines = [f"已恢复 / restored {source}: {entries} journal entries", *skipped]
    if kept:
        lines.append(f"原数据保留在 / what was there is kept as {kept}")
    return "\n".join(lines)


def _replace(
    data_dir: Path, source: Path, now: Callable[[], datetime]
) -> tuple[Path | None, int, list[str]]:
    database = data_dir / DATABASE
    with TemporaryDirectory(prefix="restoring-", dir=data_dir) as folder:
        fresh = Path(folder) / DATABASE
        copy_database(source, fresh)
        _bring_up(fresh)
        entries = check_database(fresh)
        with opened(fresh.parent) as store:
            skipped = skip(store, now, _counters(database))
        sync_file(fresh)
        kept = _keep_aside(database)
        fresh.replace(database)
        sync_file(data_dir)
    return kept, entries, skipped


def _bring_up(database: Path) -> None:
    """Migrates the copy of an earlier version's backup. Raises what ``in_words`` knows."""
    engine = look_engine(file_url(database))
    try:
        found = current_revision(engine)
    finally:
        engine.dispose()
    # What has none is no hall's, and is not made one.
    if found is not None:
        with opened(database.parent):
            pass


def _counters(database: Path) -> _Counters:
    """How far the data that is replaced had come; nothing when it cannot be read, which may be
    why it is replaced."""
    if not database.exists():
        return {}
    # In a copy, as SQLite would change the log that is kept aside with the data.
    with TemporaryDirectory(prefix="looking-", dir=database.parent) as folder:
        try:
            copy = Path(shutil.copy(database, folder))
            log = database.with_name(f"{database.name}-wal")
            if log.exists():
                shutil.copy(log, folder)
            with closing(sqlite3.connect(copy)) as connection:
                rows = connection.execute("SELECT day, series, last FROM series_day").fetchall()
        except (sqlite3.Error, OSError):
            return {}
    return {(day, series): last for day, series, last in rows}


def skip_todays(data_dir: Path) -> str:
    """The same for a database that another program restored. Raises Failure."""
    need_database(data_dir)
    with in_words(), DataLock(data_dir), opened(data_dir, serving=True) as store:
        skipped = skip(store, _system_time)
    return "\n".join(skipped) or (
        "今天还没有开放取号，不必跳过 / the hall has not opened yet today: nothing to skip"
    )


def skip(store: SqlStore, now: Callable[[], datetime], known: _Counters | None = None) -> list[str]:
    """Has today's series go on behind whatever is on paper, journaled; returns lines that say so,
    none when no number of today can have been given yet. Raises what the store does."""

    def work(tx: LiveTransaction) -> tuple[Moment, dict[str, int]] | None:
        document = tx.hall_document()
        if document is None:
            return None
        hall = build_hall(HallFile.model_validate_json(document))
        when = moment(now(), hall.zone, tx.last_at())
        if _nobody_yet(hall, when.local):
            return None
        today = {series: last for (day, series), last in (known or {}).items() if day == when.day}
        return when, skip_numbers(tx, hall, when, ACTOR, today)

    done = store.write(work)
    if done is None:
        return []
    when, following = done
    numbers = "、".join(ticket_number(series, number) for series, number in following.items())
    return [
        f"{when.day} 的号码跳过可能已经发出的，从这里接着取 / numbers of {when.day} go on behind "
        f"those that may be on paper, from: {numbers}"
    ]


def _nobody_yet(hall: Hall, local: datetime) -> bool:
    """Whether it is too early for any number of the day, also for those who booked; whatever the
    calendar says, as it may be another one than the backup's."""
    early = timedelta(minutes=hall.appointments.early_min if hall.appointments.enabled else 0)
    clock = local.replace(tzinfo=None)
    starts = [datetime.combine(clock.date(), session.start) for session in hall.hours.sessions]
    return all(clock < start - early for start in starts)


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
