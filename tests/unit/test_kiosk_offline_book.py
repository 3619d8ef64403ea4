"""The kiosk's book of sealed numbers: each given once, at a time that makes sense."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hallkit.link.server import ServerSettings
from hallkit.wire.lease import Lease, Rejected, SyncAnswer, offline_token
from hallkit.wire.ticket import Ticket
from kiosk.settings import KioskSettings
from kiosk.work.offline import LeaseBook
from kiosk.work.reserve import open_book

NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = NINE

    def __call__(self) -> datetime:
        return self.now


def lease(first: int = 5, last: int = 7, **more: Any) -> Lease:
    values: dict[str, Any] = {
        "series": "A",
        "from": first,
        "to": last,
        "expires": NINE + timedelta(hours=15),
        "server_time": NINE,
        "position_url": "http://hall.test/t/",
        "key": "k",
    }
    return Lease.model_validate(values | more)


def draft() -> Ticket:
    return Ticket(
        id="",
        number="",
        series="A",
        sequence=0,
        service_id="hukou",
        service_name="户口",
        priority_class="ordinary",
        state="waiting",
        issued_at=NINE,
        position_url="",
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_numbers_are_spent_in_order_until_none_is_left(tmp_path: Path, clock: Clock) -> None:
    book = LeaseBook(tmp_path / "book.db", clock)
    assert book.spend("r0", draft()) is None
    book.put(lease())
    assert book.left("A") == (3, 3)
    numbers = [t.number for n in range(3) if (t := book.spend(f"r{n}", draft()))]
    assert numbers == ["A005", "A006", "A007"]
    assert book.spend("r3", draft()) is None
    assert book.left("A") == (0, 3)
    book.close()


def test_the_same_request_gets_the_same_ticket_also_after_a_restart(
    tmp_path: Path, clock: Clock
) -> None:
    book = LeaseBook(tmp_path / "book.db", clock)
    book.put(lease())
    first = book.spend("r1", draft())
    # No close: the process is gone.
    again = LeaseBook(tmp_path / "book.db", clock)
    assert again.spend("r1", draft()) == first
    second = again.spend("r2", draft())
    assert second is not None
    assert second.number == "A006"
    book.close()
    again.close()


def test_a_ticket_is_kept_until_the_server_has_it(tmp_path: Path, clock: Clock) -> None:
    book = LeaseBook(tmp_path / "book.db", clock)
    book.put(lease())
    tickets = [t for n in range(3) if (t := book.spend(f"r{n}", draft()))]
    assert [t.id for t in book.pending(10)] == [t.id for t in tickets]
    assert [t.replaces for t in book.pending(2)] == ["r0", "r1"]
    rejected = [Rejected(id=tickets[1].id, code="not_leased")]
    book.settle(SyncAnswer(accepted=[tickets[0].id], rejected=rejected, server_time=NINE))
    assert [t.number for t in book.pending(10)] == ["A007"]
    book.close()
    # What was not taken stays for whoever is asked about that paper.
    with sqlite3.connect(tmp_path / "book.db") as file:
        assert file.execute("SELECT code FROM ticket WHERE code IS NOT NULL").fetchall() == [
            ("not_leased",)
        ]
    file.close()


def test_what_nobody_saw_is_taken_back(tmp_path: Path, clock: Clock) -> None:
    book = LeaseBook(tmp_path / "book.db", clock)
    book.put(lease())
    book.spend("r1", draft())
    book.take_back("r1")
    assert book.pending(10) == []
    following = book.spend("r2", draft())
    assert following is not None
    assert following.number == "A006"
    book.close()


def test_the_ticket_says_what_the_paper_needs(tmp_path: Path, clock: Clock) -> None:
    book = LeaseBook(tmp_path / "book.db", clock)
    book.put(lease())
    ticket = book.spend("r1", draft())
    assert ticket is not None
    assert ticket.offline
    assert ticket.position_url == f"http://hall.test/t/{offline_token('k', 'A005')}"
    assert len(offline_token("k", "A005")) == 16
    book.close()


def test_a_fresh_block_takes_the_place_of_the_old(tmp_path: Path, clock: Clock) -> None:
    book = LeaseBook(tmp_path / "book.db", clock)
    book.put(lease())
    book.spend("r1", draft())
    book.put(lease(40, 45))
    ticket = book.spend("r2", draft())
    assert ticket is not None
    assert ticket.number == "A040"
    assert len(book.pending(10)) == 2
    book.close()


def test_yesterdays_block_is_worth_nothing(tmp_path: Path, clock: Clock) -> None:
    book = LeaseBook(tmp_path / "book.db", clock)
    book.put(lease())
    clock.now = NINE + timedelta(hours=15)
    assert book.spend("r1", draft()) is None
    assert book.left("A") == (0, 0)
    book.close()


def test_the_time_is_the_servers_and_never_runs_back(tmp_path: Path, clock: Clock) -> None:
    book = LeaseBook(tmp_path / "book.db", clock)
    # This machine's clock is two hours slow.
    clock.now = NINE - timedelta(hours=2)
    book.learn_time(NINE)
    book.put(lease())
    clock.now += timedelta(minutes=5)
    first = book.spend("r1", draft())
    assert first is not None
    assert first.issued_at == NINE + timedelta(minutes=5)
    # A restart without a battery: 1970.
    clock.now = datetime(1970, 1, 1, tzinfo=UTC)
    second = book.spend("r2", draft())
    assert second is not None
    assert second.issued_at == first.issued_at
    book.close()


def test_the_book_lies_beside_the_token_or_nowhere(tmp_path: Path) -> None:
    server = ServerSettings(token_file=str(tmp_path / "token"))
    book = open_book(KioskSettings(server=server))
    assert book is not None
    book.close()
    assert (tmp_path / "offline.db").is_file()
    assert open_book(KioskSettings()) is None
    assert open_book(KioskSettings(server=server, offline=False)) is None
    (tmp_path / "file").write_text("")
    broken = ServerSettings(token_file=str(tmp_path / "file" / "token"))
    assert open_book(KioskSettings(server=broken)) is None
    (tmp_path / "offline.db").write_bytes(b"nonsense" * 1000)
    assert open_book(KioskSettings(server=server)) is None


def test_a_failure_leaves_no_transaction_open(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "offline.db"
    book = LeaseBook(path, clock)
    book.put(lease())
    spent = book.spend("r1", draft())
    assert spent is not None
    with sqlite3.connect(path) as other:
        other.execute(
            "CREATE TRIGGER full BEFORE DELETE ON ticket BEGIN SELECT RAISE(FAIL, 'full'); END"
        )
    with pytest.raises(sqlite3.Error, match="full"):
        book.settle(SyncAnswer(accepted=[spent.id], rejected=[], server_time=clock()))
    assert [t.id for t in book.pending(9)] == [spent.id]
    assert book.spend("r2", draft()) is not None
    assert path.stat().st_mode & 0o077 == 0
    book.close()
