"""What the writer knows in memory is what the database has, whatever fails."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hall_server.domain.errors import Conflict
from hall_server.domain.window import Window
from hall_server.service.ports import NewEvent, StorageFailed
from hall_server.store.live import Live
from hall_server.store.live_transaction import LiveTransaction
from hall_server.store.store import SqlStore
from tests.fakes.store_rows import AT, DAY, append, store_in, ticket_row

PATIENCE_S = 60
Work = Callable[[LiveTransaction], Any]


@contextmanager
def together(store: SqlStore) -> Iterator[Callable[[Work], "Future[Any]"]]:
    """Whatever is handed in is one batch, in this order: the writer is held until the end."""
    go, started = threading.Event(), threading.Event()

    def hold(_tx: LiveTransaction) -> None:
        started.set()
        assert go.wait(PATIENCE_S)

    with ThreadPoolExecutor(8) as pool:
        pool.submit(store.write, hold)
        assert started.wait(PATIENCE_S)
        queued = 0

        def submit(work: Work) -> "Future[Any]":
            nonlocal queued
            queued += 1
            future = pool.submit(store.write, work)
            while store._writer._queue.qsize() < queued:
                threading.Event().wait(0.002)
            return future

        yield submit
        go.set()


def _issue(number: int) -> Work:
    def work(tx: LiveTransaction) -> int:
        taken = tx.take_sequence(DAY, "A")
        tx.add_ticket(ticket_row(number))
        append(tx, number)
        return taken

    return work


@contextmanager
def _full_disk(store: SqlStore) -> Iterator[None]:
    """The database may not grow. SQLite then gives up the whole transaction by itself, and a later
    COMMIT says nothing."""
    connection: Any = store._write.raw_connection().driver_connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages}")
    yield
    connection.execute(f"PRAGMA max_page_count={2**31}")


def test_what_was_lost_while_a_later_command_looked_is_not_acknowledged(tmp_path: Path) -> None:
    def large(tx: LiveTransaction) -> None:
        _issue(1)(tx)
        tx.append(NewEvent("hall.changed", data={"long": "x" * 100_000}), AT, DAY, "test", "r")

    with store_in(tmp_path) as store:
        with _full_disk(store), together(store) as submit:
            first = submit(large)
            looking = submit(lambda tx: tx.meta("nothing"))
        for future in (first, looking):
            with pytest.raises(StorageFailed, match="full"):
                future.result(PATIENCE_S)
        assert store.read(lambda tx: tx.ticket(ticket_row(1).id)) is None
        assert store.write(_issue(2)) == 1
        waiting = store.read(lambda tx: tx.tickets_in(DAY, ("waiting",), 9))
        assert [t.id for t in waiting] == [ticket_row(2).id]


def _refused(tx: LiveTransaction) -> None:
    """Touches everything, looks into the database in between, and then fails."""
    tx.take_sequence(DAY, "A")
    tx.save_window(Window(1, "open", "c9", None, AT))
    tx.meta("something")
    tx.add_ticket(ticket_row(8))
    waiting = tx.ticket(ticket_row(1).id)
    assert waiting is not None
    tx.save_ticket(waiting.call(1, AT))
    tx.save_profile(1, "[]", AT, "c9")
    append(tx, 8)
    raise Conflict("no", "不行", "no")


def _picture(live: Live) -> dict[str, object]:
    return {
        "open": live.open,
        "active": live.active,
        "windows": live.windows,
        "profiles": live.profiles,
        "counters": live.counters,
        "end": (live.seq, live.at, live.hash),
        "waiting": {day: len(line) for day, line in live.lines.items()},
    }


@pytest.mark.parametrize("beside", [False, True])
def test_a_command_that_fails_leaves_the_picture_as_the_database_is(
    tmp_path: Path, beside: bool
) -> None:
    with store_in(tmp_path) as store:
        store.write(_issue(1))
        store.write(lambda tx: tx.save_window(Window(1, "closed", None, None, AT)))
        with together(store) as submit:
            before = submit(_issue(2)) if beside else None
            failing = submit(_refused)
            after = submit(
                lambda tx: tx.save_ticket(replace(ticket_row(1), target=3)) if beside else None
            )
        with pytest.raises(Conflict):
            failing.result(PATIENCE_S)
        after.result(PATIENCE_S)
        assert before is None or before.result(PATIENCE_S) == 2
        known = store._writer._live
        assert known is not None
        with store._read.begin() as connection:
            assert _picture(known) == _picture(Live(connection))


def test_days_that_are_over_are_forgotten(tmp_path: Path) -> None:
    def day_of(number: int) -> Work:
        def work(tx: LiveTransaction) -> None:
            ticket = ticket_row(number, day=f"2026-11-{number:02d}", token=f"token-{number}")
            tx.add_ticket(ticket)
            tx.save_ticket(ticket.void(AT))
            if number == 9:
                raise Conflict("no", "不行", "no")

        return work

    with store_in(tmp_path) as store:
        for number in (7, 8):
            store.write(day_of(number))
        with pytest.raises(Conflict):
            store.write(day_of(9))
        known = store._writer._live
        assert known is not None
        assert list(known.lines) == ["2026-11-09"]


@pytest.mark.usefixtures("database")
def test_what_was_new_in_a_command_that_fails_is_not_there(tmp_path: Path) -> None:
    """It looked into the database after it had made a window and a counter: both were written."""

    def refused(tx: LiveTransaction) -> None:
        tx.take_sequence(DAY, "A")
        tx.save_window(Window(1, "open", "c9", None, AT))
        tx.meta("something")
        raise Conflict("no", "不行", "no")

    with store_in(tmp_path) as store:
        with together(store) as submit:
            before = submit(lambda tx: append(tx, 1))
            failing = submit(refused)
        before.result(PATIENCE_S)
        with pytest.raises(Conflict):
            failing.result(PATIENCE_S)
        assert store.read(lambda tx: tx.window(1)) is None
        known = store._writer._live
        assert known is not None
        with store._read.begin() as connection:
            assert _picture(known) == _picture(Live(connection))
