"""PostgreSQL: who may serve a database, and what happens when it goes away and comes back."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from hall_server.program import start
from hall_server.service.ports import NewEvent, StorageFailed
from hall_server.settings import ServerSettings
from hall_server.store.lock import DataLocked
from hall_server.store.store import DataFolderError, SqlStore
from hall_server.store.transaction import SqlTransaction
from hallkit.runtime.clock import SystemClock
from hallkit.runtime.paths import config_dir
from hallkit.runtime.service import Service
from tests.fakes.running_hall import running
from tests.fakes.store_rows import AT, DAY, append, store_in
from tests.support.database import Database, check
from tests.support.postgres import PostgresServer

ON_POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def store(tmp_path: Path, database: Database) -> Iterator[SqlStore]:
    with store_in(tmp_path) as opened:
        yield opened


def test_two_processes_that_write_take_turns(
    store: SqlStore, database: Database, tmp_path: Path
) -> None:
    """``hall admin add-staff`` beside a server; each sees what the other left."""
    with store_in(tmp_path) as other, ThreadPoolExecutor(4) as pool:
        stores = [store, other] * 60
        found = list(pool.map(lambda s: s.write(_count), stores))
    assert sorted(found) == list(range(120))
    assert check(database) == 120


def _count(tx: SqlTransaction) -> int:
    number = tx.last_seq()
    append(tx, number)
    return number


@ON_POSTGRESQL
def test_a_database_is_served_by_one_server(tmp_path: Path, database: Database) -> None:
    hall = config_dir() / "halls" / "baishui-town.toml"

    def serve(service: Service, name: str) -> str:
        settings = ServerSettings(
            hall_file=hall, data_dir=tmp_path / name, host="127.0.0.1", port=0, announce=False
        )
        return start(service, settings, SystemClock(), None)

    first, second = Service(), Service()
    try:
        serve(first, "one")
        with pytest.raises(DataLocked, match=r"正在被另一服务使用.*stop the other server"):
            serve(second, "another machine")
        second.close()
        first.close()
        second = Service()
        serve(second, "another machine")
    finally:
        first.close()
        second.close()
    assert check(database) > 0


@ON_POSTGRESQL
def test_a_connection_lost_while_nobody_used_it_is_made_again(
    store: SqlStore, database: Database, postgres: PostgresServer
) -> None:
    store.write(lambda tx: append(tx, 1))
    store.read(lambda tx: tx.last_seq())
    _cut_all(postgres, database)
    store.write(lambda tx: append(tx, 2))
    assert store.read(lambda tx: tx.last_seq()) == 2


def _cut_all(postgres: PostgresServer, database: Database) -> None:
    name = database.url.rpartition("?")[0].rpartition("/")[2]
    cut = f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
    assert len(postgres.run(cut)) >= 2


@ON_POSTGRESQL
def test_a_command_whose_connection_is_cut_is_refused_whole(
    store: SqlStore, database: Database, postgres: PostgresServer
) -> None:
    def cut_short(tx: SqlTransaction) -> None:
        append(tx, 1)
        _cut_all(postgres, database)
        append(tx, 2)

    store.read(lambda tx: tx.last_seq())
    with pytest.raises(StorageFailed):
        store.write(cut_short)
    store.write(lambda tx: append(tx, 3))
    assert [e.body for e in store.read(lambda tx: tx.entries_after(0, 9))] == [
        '{"data":{"number":3}}'
    ]


@ON_POSTGRESQL
def test_a_read_whose_connection_is_cut_says_so_and_the_next_is_answered(
    store: SqlStore, database: Database, postgres: PostgresServer
) -> None:
    store.write(lambda tx: append(tx, 1))

    def cut_short(tx: SqlTransaction) -> int:
        tx.last_seq()
        _cut_all(postgres, database)
        return tx.last_seq()

    with pytest.raises(StorageFailed):
        store.read(cut_short)
    assert store.read(lambda tx: tx.last_seq()) == 1


@ON_POSTGRESQL
def test_while_the_database_is_down_requests_are_refused_and_then_served(
    tmp_path: Path, postgres: PostgresServer, database: Database
) -> None:
    with running(tmp_path) as hall:
        kiosk, clerk = hall.device(), hall.clerk(5)
        request = {"service_id": "pension-join", "channel": "kiosk", "request_id": _REQUEST}
        postgres.stop()
        try:
            kiosk.post("tickets", request).refused(503, "storage_failed")
            kiosk.get("tickets?state=waiting").refused(503, "storage_failed")
        finally:
            postgres.start()
        first = kiosk.post("tickets", request).ok(201)
        assert first["number"] == "E001"
        assert kiosk.post("tickets", request).ok(201) == first
        assert clerk.call_next(5)["number"] == "E001"
    assert check(database) > 0


_REQUEST = "6f5b3f0e-0d3b-4b7a-9a52-2f6a4a1f8c11"


@ON_POSTGRESQL
def test_a_read_sees_one_state_also_while_another_process_writes(
    store: SqlStore, tmp_path: Path
) -> None:
    def twice(tx: SqlTransaction) -> tuple[int, int]:
        before = tx.last_seq()
        with store_in(tmp_path) as other:
            writer = threading.Thread(target=lambda: other.write(lambda w: append(w, 1)))
            writer.start()
            writer.join()
        return before, tx.last_seq()

    assert store.read(twice) == (0, 0)
    assert store.read(lambda tx: tx.last_seq()) == 1


def test_a_sign_that_the_database_cannot_keep_is_no_failure(
    store: SqlStore, database: Database
) -> None:
    """PostgreSQL has no NUL; whoever sends one is told what everybody is told."""
    assert store.read(lambda tx: tx.ticket("t\0")) is None
    store.write(lambda tx: tx.set_meta("odd", "a\0b"))
    assert store.read(lambda tx: tx.meta("odd")) in ("a\0b", "a\ufffdb")
    event = NewEvent("hall.changed", data={"name": "a\0b"})
    store.write(lambda tx: tx.append(event, AT, DAY, "test", "r"))
    assert check(database) == 1


@ON_POSTGRESQL
def test_what_is_durable_does_not_depend_on_the_database_s_settings(
    database: Database, postgres: PostgresServer, tmp_path: Path
) -> None:
    name = database.url.rpartition("?")[0].rpartition("/")[2]
    postgres.run(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with store_in(tmp_path) as store:
        statement = text("SHOW synchronous_commit")
        assert store.write(lambda tx: tx._conn.execute(statement).scalar()) == "on"


@ON_POSTGRESQL
def test_a_database_server_that_forgets_in_a_power_cut_is_warned_of(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The tests' own server is such a one."""
    with store_in(tmp_path):
        assert "power cut" not in caplog.text
    with store_in(tmp_path, serving=True):
        assert "fsync = off: a power cut may lose numbers" in caplog.text


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://hall@db/hall", "应为 postgresql"),
        ("nonsense", "应为 postgresql"),
        ("postgresql://hall@db", "应为 postgresql"),
        ("postgresql://hall:geheim@/hall?host=/no/such/folder", "cannot be opened: connection"),
    ],
)
def test_an_address_that_is_of_no_use_is_a_clear_error(
    url: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALL_DATABASE_URL", url)
    with pytest.raises(DataFolderError, match=words) as raised:
        SqlStore(tmp_path)
    assert "geheim" not in str(raised.value) and len(str(raised.value).splitlines()) == 1
    assert not (tmp_path / "hall.db").exists()


def test_a_database_that_cannot_hold_chinese_is_a_clear_error(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.run("CREATE DATABASE narrow ENCODING 'LATIN1' TEMPLATE template0")
    url = postgres.address_of("narrow")
    monkeypatch.setenv("HALL_DATABASE_URL", url)
    with pytest.raises(DataFolderError, match="encoding is LATIN1"):
        SqlStore(tmp_path)
    postgres.drop(url)
