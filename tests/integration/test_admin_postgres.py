"""``hall admin`` where the hall's data is in PostgreSQL."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, select

from hall_server.hallfile.loader import load_hall_file
from hall_server.hallfile.schema import HallFile
from hall_server.service.people import People
from hall_server.store.database import sqlite_url
from hall_server.store.tables import metadata
from hallkit.runtime.clock import SystemClock
from hallkit.runtime.paths import config_dir
from tests.fakes.admin_command import AdminCommand
from tests.fakes.running_hall import running
from tests.fakes.store_rows import append, store_in
from tests.support.database import Database, behind_its_back
from tests.support.postgres import PostgresServer

BAISHUI = config_dir() / "halls" / "baishui-town.toml"
ON_POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def run(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> AdminCommand:
    return AdminCommand(data, capsys, monkeypatch)


@ON_POSTGRESQL
def test_a_hall_is_made_and_cared_for(run: AdminCommand, data: Path, database: Database) -> None:
    status, out, _ = run("init", "--hall", BAISHUI)
    assert status == 0 and "postgresql+psycopg://" in out
    assert not (data / "hall.db").exists()
    assert run("init")[0] == 1
    with store_in(data, serving=True) as server:
        assert run("add-staff", "1001", "--name", "李四", typed="482913\n")[0] == 0
        assert People(server, SystemClock()).log_in("1001", "482913")[1].role == "clerk"
        status, _, err = run("import-hall", BAISHUI)
        assert status == 1 and "请先停止它" in err
    assert run("import-hall", BAISHUI)[0] == 0
    assert HallFile.model_validate_json(_document(data)) == load_hall_file(BAISHUI)
    assert "哈希链连续" in run("verify")[1]
    behind_its_back(database, "UPDATE journal SET actor = 'x' WHERE seq = 1")
    status, _, err = run("verify")
    assert status == 1 and "日志第 1 条" in err


def _document(data: Path) -> str:
    with store_in(data) as store:
        document = store.read(lambda tx: tx.hall_document())
    assert document is not None
    return document


@ON_POSTGRESQL
@pytest.mark.parametrize(("command", "program"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_a_backup_is_postgresql_s_own_business(
    run: AdminCommand, database: Database, tmp_path: Path, command: str, program: str
) -> None:
    run("init")
    status, _, err = run(command, tmp_path / "b.db")
    assert status == 1 and program in err and not (tmp_path / "b.db").exists()


@ON_POSTGRESQL
@pytest.mark.parametrize("words", [["verify"], ["export-hall"], ["backup", "b.db"]])
def test_an_empty_database_is_not_made_into_a_hall_s(
    run: AdminCommand, data: Path, database: Database, words: list[str]
) -> None:
    assert run(*words)[0] == 1
    assert not data.exists()
    tables = "SELECT 1 FROM pg_tables WHERE schemaname = 'public'"
    assert behind_its_back(database, tables) == []


def _rows(url: str) -> dict[str, list[str]]:
    engine = create_engine(url)
    with engine.begin() as connection:
        found = {
            name: sorted(str(tuple(row)) for row in connection.execute(select(table)))
            for name, table in metadata.tables.items()
        }
    engine.dispose()
    return found


def test_a_hall_moves_into_postgresql_and_goes_on(
    run: AdminCommand,
    data: Path,
    postgres: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running(data) as hall:
        kiosk, clerk = hall.device(), hall.clerk(5)
        first = [kiosk.issue("pension-join")["number"] for _ in range(5)]
        clerk.call_next(5)
        told = {"text": "停电", "places": ["voice", "panels"], "every_min": 10}
        hall.manager().command("notices", **told).ok(201)
    with store_in(data) as store:
        store.write(lambda tx: [append(tx, n) for n in range(3_000)])
    url = postgres.fresh()
    status, out, err = run("copy-to", url)
    assert status == 0, err
    assert "HALL_DATABASE_URL=" in out
    old = _rows(sqlite_url(data))
    assert _rows(url) == old and len(old["journal"]) > 3_000
    monkeypatch.setenv("HALL_DATABASE_URL", url)
    with running(data) as hall:
        clerk, kiosk = hall.clerk(5, opened=False), hall.device()
        clerk.verb(5, "start").ok()
        clerk.verb(5, "finish").ok()
        assert clerk.call_next(5)["number"] == first[1]
        assert kiosk.issue("pension-join")["number"] == "E006"
        (notice,) = hall.anyone().get("board").ok()["notices"]
        assert notice["text"] == "停电"
    assert run("verify")[0] == 0
    # Its own count goes on after the rows that were brought.
    assert run("import-hall", BAISHUI)[0] == 0
    assert _rows(sqlite_url(data)) == old
    status, _, err = run("copy-to", url)
    assert status == 1 and "已在 PostgreSQL" in err
    postgres.drop(url)


def test_only_into_an_empty_database_and_only_sound_data(
    run: AdminCommand, data: Path, postgres: PostgresServer
) -> None:
    run("init", "--hall", BAISHUI)
    url = postgres.fresh()
    engine = create_engine(sqlite_url(data))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE journal SET actor = 'x'")
    status, _, err = run("copy-to", url)
    assert status == 1 and "哈希链" in err
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE journal SET actor = 'admin'")
    engine.dispose()
    assert run("copy-to", url)[0] == 0
    before = _rows(url)
    status, _, err = run("copy-to", url)
    assert status == 1 and "已有数据" in err
    assert _rows(url) == before
    assert run("copy-to", "sqlite:///x.db")[0] == 1
    postgres.drop(url)
