"""The journal: a chain that shows what was changed behind its back."""

from pathlib import Path

import pytest

from hall_server.admin.failure import Failure
from hall_server.service.ports import NewEvent, Remembered
from tests.fakes.store_rows import AT, DAY, append, store_in
from tests.support.database import Database, behind_its_back, check

pytestmark = pytest.mark.usefixtures("database")


def _journal(folder: Path, entries: int = 5) -> None:
    with store_in(folder) as store:
        for number in range(1, entries + 1):
            store.write(lambda tx, n=number: append(tx, n, AT + n))


def test_an_untouched_journal_is_sound(tmp_path: Path, database: Database) -> None:
    _journal(tmp_path)
    assert check(database) == 5


def test_an_empty_journal_is_sound(tmp_path: Path, database: Database) -> None:
    _journal(tmp_path, entries=0)
    assert check(database) == 0


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("UPDATE journal SET body = replace(body, '3', '7') WHERE seq = 3", 3),
        ("UPDATE journal SET actor = 'nobody' WHERE seq = 1", 1),
        ("UPDATE journal SET at = at - 1 WHERE seq = 5", 5),
        ("UPDATE journal SET type = 'ticket.called' WHERE seq = 2", 2),
        ("DELETE FROM journal WHERE seq = 2", 2),
        ("DELETE FROM journal WHERE seq = 1", 1),
        ("UPDATE journal SET hash = (SELECT hash FROM journal WHERE seq = 1) WHERE seq = 4", 4),
    ],
)
def test_the_first_broken_entry_is_named(
    tmp_path: Path, database: Database, statement: str, seq: int
) -> None:
    _journal(tmp_path)
    behind_its_back(database, statement)
    with pytest.raises(Failure, match=rf"第 {seq} 条.*entry {seq} "):
        check(database)


def test_an_index_that_was_dropped_is_noticed(tmp_path: Path, database: Database) -> None:
    _journal(tmp_path)
    behind_its_back(database, "DROP INDEX uq_ticket_active_window")
    with pytest.raises(Failure, match="uq_ticket_active_window is missing"):
        check(database)


def test_a_database_of_another_program_is_no_hall_s(tmp_path: Path, database: Database) -> None:
    behind_its_back(database, "CREATE TABLE a (b TEXT)")
    with pytest.raises(Failure, match="no alembic_version"):
        check(database)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_damaged_pages_are_noticed(tmp_path: Path, database: Database) -> None:
    _journal(tmp_path, entries=400)
    file = tmp_path / "hall.db"
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 3000] = b"\xa5" * 3000
    file.write_bytes(raw)
    with pytest.raises(Failure):
        check(database)


def test_entries_are_read_in_order_and_resumed_after_any_of_them(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        for number in range(1, 8):
            store.write(lambda tx, n=number: append(tx, n))
        pages = [store.read(lambda tx, after=n: tx.entries_after(after, 3)) for n in (0, 3, 6, 7)]
        assert [[e.seq for e in page] for page in pages] == [[1, 2, 3], [4, 5, 6], [7], []]


def test_listeners_get_each_entry_once_in_order(tmp_path: Path) -> None:
    heard: list[int] = []
    with store_in(tmp_path) as store:
        store.publish_to(lambda entries: heard.extend(e.seq for e in entries))
        for number in range(5):
            store.write(lambda tx, n=number: append(tx, n))
        store.write(lambda tx: [append(tx, 6), append(tx, 7)])
    assert heard == [1, 2, 3, 4, 5, 6, 7]


def test_an_answer_is_remembered_once_and_forgotten_in_time(tmp_path: Path) -> None:
    first = Remembered("clerk:1001", "call-next", '{"ticket":null}')
    with store_in(tmp_path) as store:
        store.write(lambda tx: tx.remember("r1", first, AT))
        assert store.write(lambda tx: tx.remembered("r1")) == first
        assert store.write(lambda tx: tx.remembered("r2")) is None
        store.write(lambda tx: tx.trim_answers(AT, 10))
        assert store.write(lambda tx: tx.remembered("r1")) == first
        store.write(lambda tx: tx.trim_answers(AT + 1, 10))
        assert store.write(lambda tx: tx.remembered("r1")) is None


def test_chinese_text_is_kept_as_it_is(tmp_path: Path, database: Database) -> None:
    with store_in(tmp_path) as store:
        name = "户口、养老、合疗 𠮷"
        store.write(
            lambda tx: tx.append(
                NewEvent("hall.changed", data={"name": name}), AT, DAY, "张三", "r"
            )
        )
        entry = store.read(lambda tx: tx.entries_after(0, 1))[0]
    assert name in entry.body and entry.actor == "张三"
    assert check(database) == 1
