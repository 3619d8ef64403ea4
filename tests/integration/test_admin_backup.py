"""``hall admin``: backup, restore, verify."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hall_server.hallfile.loader import load_hall_file
from hall_server.hallfile.schema import HallFile
from hall_server.store.lock import DataLock
from hall_server.store.store import SqlStore
from hallkit.runtime.paths import config_dir
from tests.fakes.admin_command import AdminCommand
from tests.fakes.store_rows import append, store_in

BAISHUI = config_dir() / "halls" / "baishui-town.toml"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def run(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> AdminCommand:
    return AdminCommand(data, capsys, monkeypatch)


def _changes(store: SqlStore) -> int:
    """How many entries the journal has besides that of numbers skipped, which is there or not by
    the time of day."""
    entries = store.read(lambda tx: tx.entries_after(0, 1_000))
    return sum(entry.type != "numbers.skipped" for entry in entries)


def _hall(data: Path) -> HallFile:
    with store_in(data) as store:
        document = store.read(lambda tx: tx.hall_document())
    assert document is not None
    return HallFile.model_validate_json(document)


def test_a_backup_of_a_busy_hall_can_be_restored(
    run: AdminCommand, data: Path, tmp_path: Path
) -> None:
    run("import-hall", BAISHUI)
    target = tmp_path / "backup.db"
    with DataLock(data), store_in(data) as store:
        for number in range(50):
            store.write(lambda tx, n=number: append(tx, n))
        status, out, _ = run("backup", target)
        assert status == 0 and "51 journal entries" in out
        store.write(lambda tx: append(tx, 99))
    assert target.stat().st_mode & 0o077 == 0
    assert [p.name for p in tmp_path.iterdir() if "backup" in p.name] == ["backup.db"]
    status, out, _ = run("restore", target)
    assert status == 0 and "51 journal entries" in out and "before-" in out
    with store_in(data) as store:
        assert _changes(store) == 51
    (kept,) = data.glob("hall.db.before-*")
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("SELECT max(seq) FROM journal").fetchone() == (52,)
    assert run("verify")[0] == 0


def test_data_that_was_never_checkpointed_is_kept_whole(
    run: AdminCommand, data: Path, tmp_path: Path
) -> None:
    """After a power cut much of the data is in the log beside the database."""
    run("import-hall", BAISHUI)
    run("backup", tmp_path / "backup.db")
    crashed = tmp_path / "crashed"
    with store_in(data) as store:
        for number in range(20):
            store.write(lambda tx, n=number: append(tx, n))
        shutil.copytree(data, crashed)
    assert (crashed / "hall.db-wal").stat().st_size > 0
    assert run("--data", crashed, "restore", tmp_path / "backup.db")[0] == 0
    with store_in(crashed) as store:
        assert _changes(store) == 1
    (kept,) = (p for p in crashed.glob("hall.db.before-*") if not p.name.endswith("wal"))
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("SELECT max(seq) FROM journal").fetchone() == (21,)


def test_a_restore_into_an_empty_folder(run: AdminCommand, data: Path, tmp_path: Path) -> None:
    run("import-hall", BAISHUI)
    run("backup", tmp_path / "backup.db")
    elsewhere = tmp_path / "new machine"
    assert run("--data", elsewhere, "restore", tmp_path / "backup.db")[0] == 0
    assert _hall(elsewhere) == load_hall_file(BAISHUI)


def test_a_backup_of_an_earlier_version_is_brought_up(
    run: AdminCommand, data: Path, tmp_path: Path
) -> None:
    run("import-hall", BAISHUI)
    backup = tmp_path / "backup.db"
    run("backup", backup)
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute("DROP TABLE notice")
        connection.execute("UPDATE alembic_version SET version_num = '0003'")
        connection.commit()
    older = tmp_path / "older"
    older.mkdir()
    shutil.copy(backup, older / "hall.db")
    status, _, err = run("--data", older, "verify")
    assert status == 1 and "已损坏" not in err and "启动一次服务器" in err and "0003" in err
    assert run("restore", backup)[0] == 0
    assert run("verify")[0] == 0
    assert _hall(data) == load_hall_file(BAISHUI)


def _spoil(backup: Path, how: str) -> None:
    if how == "no database":
        backup.write_bytes(b"hello")
    elif how == "another program's":
        backup.unlink()
        with closing(sqlite3.connect(backup)) as connection:
            connection.execute("CREATE TABLE a (b)")
    elif how == "cut off":
        os.truncate(backup, backup.stat().st_size // 2)
    elif how == "tampered":
        with closing(sqlite3.connect(backup)) as connection:
            connection.execute("UPDATE journal SET actor = 'x'")
            connection.commit()
    elif how == "newer":
        with closing(sqlite3.connect(backup)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
            connection.commit()
    else:
        backup.unlink()


@pytest.mark.parametrize(
    "how", ["no database", "another program's", "cut off", "tampered", "newer", "missing"]
)
def test_a_bad_backup_is_not_restored(
    run: AdminCommand, data: Path, tmp_path: Path, how: str
) -> None:
    run("import-hall", BAISHUI)
    backup = tmp_path / "backup.db"
    run("backup", backup)
    _spoil(backup, how)
    before = sorted(p.name for p in data.iterdir())
    status, out, err = run("restore", backup)
    assert (status, out) == (1, "") and "/" in err
    assert sorted(p.name for p in data.iterdir()) == before
    assert _hall(data) == load_hall_file(BAISHUI)


def test_a_backup_overwrites_backups_only(run: AdminCommand, data: Path, tmp_path: Path) -> None:
    run("import-hall", BAISHUI)
    target = tmp_path / "thesis.txt"
    target.write_text("years of work")
    status, _, err = run("backup", target)
    assert status == 1 and "未覆盖" in err and target.read_text() == "years of work"
    assert run("backup", data / "hall.db")[0] == 1
    assert run("backup", tmp_path)[0] == 1
    assert run("backup", tmp_path / "b.db")[0] == run("backup", tmp_path / "b.db")[0] == 0


def test_a_backup_that_cannot_be_written_leaves_nothing(
    run: AdminCommand, data: Path, tmp_path: Path
) -> None:
    run("import-hall", BAISHUI)
    status, _, err = run("backup", tmp_path / "no" / "such" / "folder.db")
    assert status == 1 and "文件操作失败" in err and len(err.splitlines()) == 1
    assert not (tmp_path / "no").exists()


def test_damaged_data_is_not_backed_up_over_a_good_backup(
    run: AdminCommand, data: Path, tmp_path: Path
) -> None:
    run("import-hall", BAISHUI)
    run("backup", tmp_path / "b.db")
    good = (tmp_path / "b.db").read_bytes()
    _spoil(data / "hall.db", "tampered")
    status, _, err = run("backup", tmp_path / "b.db")
    assert status == 1 and "哈希链" in err
    assert (tmp_path / "b.db").read_bytes() == good
    assert not list(tmp_path.glob("*.part"))


def test_verify_names_the_first_broken_entry(run: AdminCommand, data: Path) -> None:
    run("import-hall", BAISHUI)
    with store_in(data) as store:
        store.write(lambda tx: [append(tx, n) for n in range(5)])
    assert "日志 6 条" in run("verify")[1]
    with closing(sqlite3.connect(data / "hall.db")) as connection:
        connection.execute("UPDATE journal SET body = '{}' WHERE seq = 4")
        connection.commit()
    status, _, err = run("verify")
    assert status == 1 and "日志第 4 条" in err and "entry 4" in err


def test_numbers_are_skipped_where_another_program_restored(
    run: AdminCommand, data: Path, tmp_path: Path
) -> None:
    # Open from midnight, so that it is open already whenever this runs.
    hall = tmp_path / "hall.toml"
    text = BAISHUI.read_text(encoding="utf-8").replace('from = "08:30"', 'from = "00:00"')
    hall.write_text(text, encoding="utf-8")
    run("import-hall", hall)
    status, out, _ = run("skip-numbers")
    assert status == 0 and "E1001" in out
    with store_in(data) as store:
        assert _changes(store) == 1
        assert store.read(lambda tx: tx.last_seq()) == 2
    with DataLock(data):
        assert run("skip-numbers")[0] == 1
    assert run("verify")[0] == 0
