"""One writer: batches, failures, durability."""

import json
import logging
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from hall_server.domain.errors import Conflict
from hall_server.service.ports import StorageFailed, WriterStopped
from hall_server.store.database import database_url, write_engine
from hall_server.store.journal import JournalEntry
from hall_server.store.live_transaction import LiveTransaction
from hall_server.store.schema import ensure_schema
from hall_server.store.store import SqlStore
from hall_server.store.transaction import SqlTransaction
from hall_server.store.writer import MOST_TOGETHER, Writer
from tests.fakes.store_rows import append, store_in, ticket_row
from tests.support.database import Database, behind_its_back, check

pytestmark = pytest.mark.usefixtures("database")

PATIENCE_S = 60


class _Held:
    """A writer whose thread is kept busy until ``go``, so that commands gather."""

    def __init__(self, folder: Path) -> None:
        self.engine = write_engine(database_url(folder))
        ensure_schema(self.engine)
        self.commits = 0
        event.listen(self.engine, "commit", self._count)
        self.writer = Writer(self.engine)
        self.published: list[list[JournalEntry]] = []
        self.writer.on_commit = self.published.append
        self._go = threading.Event()
        self._started = threading.Event()

    def _count(self, _connection: object) -> None:
        self.commits += 1

    def hold(self, pool: ThreadPoolExecutor) -> None:
        self.writer.start()
        pool.submit(self.writer.submit, self._wait)
        assert self._started.wait(PATIENCE_S)
        self.commits = 0

    def _wait(self, _tx: SqlTransaction) -> None:
        self._started.set()
        assert self._go.wait(PATIENCE_S)

    def release(self, queued: int) -> None:
        while self.writer._queue.qsize() < queued:
            threading.Event().wait(0.005)
        self._go.set()

    def close(self) -> None:
        self.writer.stop()
        self.engine.dispose()


def test_commands_that_wait_together_share_one_commit(tmp_path: Path) -> None:
    held = _Held(tmp_path)
    with ThreadPoolExecutor(40) as pool:
        held.hold(pool)
        futures = [
            pool.submit(held.writer.submit, lambda tx, n=n: append(tx, n)) for n in range(30)
        ]
        held.release(30)
        for future in futures:
            future.result(PATIENCE_S)
    held.close()
    # The command that held the writer, then all thirty at once.
    assert held.commits == 2
    assert [e.seq for batch in held.published for e in batch] == list(range(1, 31))


def test_a_batch_has_an_end(tmp_path: Path) -> None:
    held = _Held(tmp_path)
    many = MOST_TOGETHER + 6
    with ThreadPoolExecutor(many + 1) as pool:
        held.hold(pool)
        futures = [
            pool.submit(held.writer.submit, lambda tx, n=n: append(tx, n)) for n in range(many)
        ]
        held.release(many)
        for future in futures:
            future.result(PATIENCE_S)
    held.close()
    assert held.commits == 3


def test_a_failing_command_undoes_only_itself(tmp_path: Path, database: Database) -> None:
    held = _Held(tmp_path)

    def refused(tx: LiveTransaction) -> None:
        append(tx, 999)
        tx.add_ticket(ticket_row(999))
        raise Conflict("no", "不行", "no")

    with ThreadPoolExecutor(12) as pool:
        held.hold(pool)
        good = [pool.submit(held.writer.submit, lambda tx, n=n: append(tx, n)) for n in range(5)]
        bad = [pool.submit(held.writer.submit, refused) for _ in range(3)]
        late = [pool.submit(held.writer.submit, lambda tx: append(tx, 5))]
        held.release(9)
        for future in good + late:
            future.result(PATIENCE_S)
        for future in bad:
            with pytest.raises(Conflict):
                future.result(PATIENCE_S)
    with held.engine.begin() as connection:
        tx = SqlTransaction(connection)
        bodies = [e.body for e in tx.entries_after(0, 99)]
        assert tx.ticket(ticket_row(999).id) is None
    held.close()
    assert held.commits == 3
    assert len(bodies) == 6 and not any("999" in b for b in bodies)
    assert [e.seq for batch in held.published for e in batch] == list(range(1, 7))
    assert check(database) == 6


def _throws(_result: object, _error: object) -> None:
    raise RuntimeError("told")


def test_who_does_not_wait_is_told_of_an_error_and_of_no_result(tmp_path: Path) -> None:
    told: list[tuple[object, Exception | None]] = []
    ended = threading.Event()

    def then(result: object, error: Exception | None) -> None:
        told.append((result, error))
        ended.set()

    with store_in(tmp_path) as store:
        store.write(lambda tx: tx.add_ticket(ticket_row(1)))

        def twice(tx: LiveTransaction) -> str:
            tx.add_ticket(replace(ticket_row(2), token=ticket_row(1).token))
            return "done"

        store.begin(twice, then)
        assert ended.wait(PATIENCE_S)
        ((result, error),) = told
        assert result is None
        assert isinstance(error, IntegrityError)
        # Whoever throws an error when told does not stop the writer.
        store.begin(lambda _tx: "done", _throws)
        assert store.write(lambda _tx: "on") == "on"


def test_numbers_taken_by_many_threads_are_all_different(tmp_path: Path) -> None:
    with store_in(tmp_path) as store, ThreadPoolExecutor(8) as pool:
        taken = list(
            pool.map(
                lambda _: store.write(lambda tx: tx.take_sequence("2026-11-23", "A")), range(200)
            )
        )
    assert sorted(taken) == list(range(1, 201))


def test_after_stop_no_command_is_taken_and_none_is_lost(tmp_path: Path) -> None:
    store = SqlStore(tmp_path)
    store.write(lambda tx: append(tx, 1))
    store.close()
    with pytest.raises(WriterStopped):
        store.write(lambda tx: append(tx, 2))
    with store_in(tmp_path) as again:
        assert again.read(lambda tx: tx.last_seq()) == 1


def test_a_listener_that_fails_does_not_stop_the_writer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_entries: list[JournalEntry]) -> None:
        raise RuntimeError("a broken listener")

    with store_in(tmp_path) as store, caplog.at_level(logging.CRITICAL):
        store.publish_to(broken)
        store.write(lambda tx: append(tx, 1))
        store.publish_to(lambda _: None)
        store.write(lambda tx: append(tx, 2))
        assert store.read(lambda tx: tx.last_seq()) == 2


def test_the_reading_side_cannot_write_and_reads_on(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        store.write(lambda tx: append(tx, 1))
        for _ in range(20):  # more often than there are reading connections
            with pytest.raises((StorageFailed, DBAPIError), match=r"read-?only"):
                store.read(lambda tx: tx.set_meta("a", "b"))
        assert store.read(lambda tx: tx.last_seq()) == 1
        assert store.read(lambda tx: tx.meta("a")) is None


def test_a_read_sees_one_state_while_commands_go_on(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        store.write(lambda tx: append(tx, 1))

        def twice(tx: LiveTransaction) -> tuple[int, int]:
            before = tx.last_seq()
            writer = threading.Thread(target=lambda: store.write(lambda w: append(w, 2)))
            writer.start()
            writer.join(PATIENCE_S)
            return before, tx.last_seq()

        assert store.read(twice) == (1, 1)
        assert store.read(lambda tx: tx.last_seq()) == 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_full_disk_refuses_the_command_and_keeps_what_was_there(
    tmp_path: Path, database: Database
) -> None:
    with store_in(tmp_path) as store:
        store.write(lambda tx: append(tx, 1))
        _limit_pages(store, extra=2)
        with pytest.raises(StorageFailed):
            store.write(lambda tx: tx.add_hall("x" * 400_000, 1, "test"))
        # Room again: the writer goes on, nothing of the refused command is there.
        _limit_pages(store, extra=1_000_000)
        store.write(lambda tx: append(tx, 2))
        assert store.read(lambda tx: tx.hall_document()) is None
        assert store.read(lambda tx: tx.last_seq()) == 2
    assert check(database) == 2


def _limit_pages(store: SqlStore, extra: int) -> None:
    def limit(tx: SqlTransaction) -> None:
        pages = tx._conn.execute(text("PRAGMA page_count")).scalar_one()
        tx._conn.execute(text(f"PRAGMA max_page_count = {pages + extra}"))

    store.write(limit)


_CHILD = """
import sys
from pathlib import Path
from concurrent.futures import ThreadPoolExecutor
from hall_server.store.store import SqlStore
from tests.fakes.store_rows import append

store = SqlStore(Path(sys.argv[1]))

def one(number):
    store.write(lambda tx: append(tx, number))
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()

with ThreadPoolExecutor(4) as pool:
    for number in range(100_000):
        pool.submit(one, number)
"""


def test_killed_in_the_middle_of_work_no_acknowledged_command_is_lost(
    tmp_path: Path, database: Database
) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    acknowledged = [int(child.stdout.readline()) for _ in range(150)]
    child.kill()
    rest = child.stdout.read().split("\n")
    child.stdout.close()
    child.wait(PATIENCE_S)
    # The last line may be cut off in the middle of a number.
    acknowledged += [int(line) for line in rest[:-1]]
    stored = {
        json.loads(str(body))["data"]["number"]
        for (body,) in behind_its_back(database, "SELECT body FROM journal")
    }
    assert set(acknowledged) <= stored
    with store_in(tmp_path) as store:
        before = store.read(lambda tx: tx.last_seq())
        store.write(lambda tx: append(tx, -1))
    assert check(database) == before + 1
