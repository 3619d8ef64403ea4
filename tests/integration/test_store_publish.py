"""What the store tells of a commit, and when."""

from pathlib import Path

import pytest

from hall_server.store.journal import JournalEntry
from tests.fakes.store_rows import append, store_in

pytestmark = pytest.mark.usefixtures("database")


def test_an_entry_is_told_before_its_command_is_answered(tmp_path: Path) -> None:
    told: list[int] = []
    with store_in(tmp_path) as store:
        store.publish_to(lambda entries: told.extend(e.seq for e in entries))
        for number in range(1, 40):
            store.write(lambda tx: append(tx, number))  # noqa: B023 - called at once
            assert told[-1] == number
    assert told == list(range(1, 40))


def test_a_listener_that_fails_does_not_undo_what_is_durable(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_entries: list[JournalEntry]) -> None:
        raise RuntimeError("no")

    with store_in(tmp_path) as store:
        store.publish_to(broken)
        store.write(lambda tx: append(tx, 1))
        assert "publishing 1 journal entries failed" in caplog.text
        assert store.read(lambda tx: tx.last_seq()) == 1
        heard: list[JournalEntry] = []
        store.publish_to(heard.extend)
        store.write(lambda tx: append(tx, 2))
        assert [entry.seq for entry in heard] == [2]
