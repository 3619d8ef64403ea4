"""The kiosk's book of sealed numbers: each given once, as whom it was sealed for, at a time that
is known."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hallkit.link.server import ServerSettings
from hallkit.wire.ids import new_id
from hallkit.wire.lease import Lease, Rejected, SyncAnswer, offline_token
from hallkit.wire.ticket import Ticket
from kiosk.settings import KioskSettings
from kiosk.work.known_time import ThisMachine
from kiosk.work.offline import Asked, LeaseBook, Owner
from kiosk.work.reserve import open_book

NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
HALL = "town"
KIOSK = Owner("d1", "http://hall.test")


class Machine:
    """A machine whose clocks the test moves. ``battery``: its own clock is kept right."""

    def __init__(self) -> None:
        self.boot = "first"
        self.clock = NINE
        self.since_boot = 100.0
        self.battery = False

    def wall(self) -> datetime:
        """Its clock."""
        return self.clock

    def running_s(self) -> float:
        """Since it was switched on."""
        return self.since_boot

    def keeps_time(self) -> bool:
        """Whether its clock is right."""
        return self.battery

    def later(self, **by: float) -> None:
        """Time goes by."""
        self.clock += timedelta(**by)
        self.since_boot += timedelta(**by).total_seconds()

    def boots(self, clock: datetime) -> None:
        """A power cut; its clock says this afterwards."""
        self.boot, self.clock, self.since_boot = new_id(), clock, 20.0


def span(start_h: float, end_h: float) -> dict[str, datetime]:
    """So many hours after nine."""
    return {"from": NINE + timedelta(hours=start_h), "to": NINE + timedelta(hours=end_h)}


def lease(first: int = 5, last: int = 7, **more: Any) -> Lease:
    values: dict[str, Any] = {
        "id": new_id(),
        "series": "A",
        "day": "2026-11-23",
        "from": first,
        "to": last,
        "open": [span(-1, 3), span(5, 8)],
        "expires": NINE + timedelta(hours=8),
        "server_time": NINE,
        "position_url": "http://hall.test/t/",
        "key": "k",
    }
    return Lease.model_validate(values | more)


def draft(series: str = "A") -> Ticket:
    return Ticket(
        id="",
        number="",
        series=series,
        sequence=0,
        service_id="hukou",
        service_name="户口",
        priority_class="ordinary",
        state="waiting",
        issued_at=NINE,
        position_url="",
    )


def answer(*spendable: str, accepted: list[str] | None = None, **more: Any) -> SyncAnswer:
    values = {"accepted": accepted or [], "rejected": [], "server_time": NINE, "contact": "w1"}
    return SyncAnswer.model_validate(values | {"spendable": spendable} | more)


def spent(book: LeaseBook, request_id: str, owner: Owner = KIOSK) -> str:
    """The number, empty when none was given."""
    ticket = book.spend(request_id, draft(), owner)
    return ticket.number if ticket is not None else ""


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def book(tmp_path: Path, machine: Machine) -> Iterator[LeaseBook]:
    with closing(LeaseBook(tmp_path / "book.db", machine)) as found:
        yield found


def again(tmp_path: Path, machine: Machine) -> LeaseBook:
    """The book as the next start of the program finds it: nothing was closed."""
    return LeaseBook(tmp_path / "book.db", machine)


def test_numbers_are_spent_in_order_until_none_is_left(book: LeaseBook) -> None:
    assert spent(book, "r0") == ""
    book.put(lease(), KIOSK, HALL)
    assert book.left("A", KIOSK) == (3, 3)
    assert [spent(book, f"r{n}") for n in range(5)] == ["A005", "A006", "A007", "", ""]
    assert book.left("A", KIOSK) == (0, 3)
    assert not book.can_give("A", KIOSK)


def test_the_same_request_gets_the_same_ticket_also_after_a_restart(
    tmp_path: Path, machine: Machine, book: LeaseBook
) -> None:
    book.put(lease(), KIOSK, HALL)
    first = book.spend("r1", draft(), KIOSK)
    with closing(again(tmp_path, machine)) as other:
        assert other.spend("r1", draft(), KIOSK) == first
        assert spent(other, "r2") == "A006"


def test_a_ticket_is_kept_until_the_server_has_it(tmp_path: Path, book: LeaseBook) -> None:
    block = lease()
    book.put(block, KIOSK, HALL)
    tickets = [t for n in range(3) if (t := book.spend(f"r{n}", draft(), KIOSK))]
    pending = book.pending(10, HALL)
    assert [t.id for t in pending] == [t.id for t in tickets]
    assert [(t.replaces, t.lease) for t in book.pending(2, HALL)] == [
        ("r0", block.id),
        ("r1", block.id),
    ]
    rejected = [Rejected(id=tickets[1].id, code="number_taken")]
    told = answer(block.id, accepted=[tickets[0].id], rejected=rejected)
    book.settle(told, book.declared(pending, HALL), KIOSK)
    assert [t.number for t in book.pending(10, HALL)] == ["A007"]
    assert book.not_taken() == ["A006"]
    # What was not taken stays for whoever is asked about that paper.
    with closing(sqlite3.connect(tmp_path / "book.db")) as file:
        assert file.execute("SELECT code FROM given WHERE code IS NOT NULL").fetchall() == [
            ("number_taken",)
        ]


def test_what_was_not_taken_is_shown_for_the_day(book: LeaseBook, machine: Machine) -> None:
    block = lease()
    book.put(block, KIOSK, HALL)
    ticket = book.spend("r", draft(), KIOSK)
    assert ticket is not None
    book.settle(answer(rejected=[Rejected(id=ticket.id, code="number_taken")]), [], KIOSK)
    machine.later(hours=11)
    assert book.not_taken() == ["A005"]
    machine.later(hours=2)
    assert book.not_taken() == []


def test_what_nobody_saw_is_taken_back_and_its_request_cancelled(book: LeaseBook) -> None:
    book.put(lease(), KIOSK, HALL)
    spent(book, "r1")
    asked = Asked("r1", "hukou", None)
    book.take_back(asked, KIOSK.device_id)
    assert book.pending(10, HALL) == []
    assert book.asked(KIOSK.device_id) == [asked]
    assert spent(book, "r2") == "A006"


def test_the_ticket_says_what_the_paper_needs(book: LeaseBook) -> None:
    book.put(lease(), KIOSK, HALL)
    ticket = book.spend("r1", draft(), KIOSK)
    assert ticket is not None
    assert ticket.offline
    assert ticket.position_url == f"http://hall.test/t/{offline_token('k', 'A005')}"
    assert len(offline_token("k", "A005")) == 16


def test_a_fresh_block_takes_the_place_of_the_old(book: LeaseBook) -> None:
    old, fresh = lease(), lease(40, 45)
    book.put(old, KIOSK, HALL)
    spent(book, "r1")
    book.put(fresh, KIOSK, HALL)
    assert spent(book, "r2") == "A040"
    pending = book.pending(10, HALL)
    assert [t.lease for t in pending] == [old.id, fresh.id]
    # Each is declared for as long as a ticket of it is not handed in, and the one that is held.
    assert {b.id for b in book.declared(pending, HALL)} == {old.id, fresh.id}
    accepted = [t.id for t in pending]
    book.settle(answer(fresh.id, accepted=accepted), book.declared(pending, HALL), KIOSK)
    assert [b.id for b in book.declared([], HALL)] == [fresh.id]


def test_a_block_is_spent_as_whom_it_was_given_to(book: LeaseBook) -> None:
    book.put(lease(), KIOSK, HALL)
    for stranger in (Owner("d2", KIOSK.server), Owner(KIOSK.device_id, "http://other.test")):
        assert book.left("A", stranger) == (0, 0)
        assert not book.can_give("A", stranger)
        assert spent(book, f"r {stranger}", stranger) == ""
    assert spent(book, "r") == "A005"


def test_the_server_may_move_to_another_address(book: LeaseBook) -> None:
    block, moved = lease(), Owner(KIOSK.device_id, "http://10.0.0.9:8080")
    book.put(block, KIOSK, HALL)
    book.settle(answer(block.id), book.declared([], HALL), moved)
    assert spent(book, "r", moved) == "A005"
    assert spent(book, "s") == ""


def test_a_block_that_the_server_does_not_know_is_not_spent_further(book: LeaseBook) -> None:
    book.put(lease(), KIOSK, HALL)
    assert spent(book, "r1") == "A005"
    book.settle(answer(), book.declared([], HALL), KIOSK)
    assert spent(book, "r2") == ""
    # Its ticket is still handed in, and the block declared with it.
    [ticket] = book.pending(10, HALL)
    [block] = book.declared([ticket], HALL)
    assert (block.id, block.from_, block.to) == (ticket.lease, 5, 7)


def test_another_halls_tickets_are_kept_for_it(book: LeaseBook, machine: Machine) -> None:
    book.put(lease(), KIOSK, HALL)
    spent(book, "r1")
    assert book.pending(10, "city") == []
    assert book.declared([], "city") == []
    assert book.of_other_halls("city") == ["A005"]
    assert book.of_other_halls(HALL) == []
    book.settle(answer(), [], Owner("d2", "http://city.test"))
    assert [t.number for t in book.pending(10, HALL)] == ["A005"]
    machine.later(days=15)
    assert book.of_other_halls("city") == []
    assert len(book.pending(10, HALL)) == 1


def test_the_servers_word_is_this_devices(book: LeaseBook) -> None:
    assert book.contact("d1") is None
    book.settle(answer(contact="w7"), [], KIOSK)
    assert book.contact("d1") == "w7"
    assert book.contact("d2") is None


def test_numbers_are_given_while_the_hall_gives_them(book: LeaseBook, machine: Machine) -> None:
    book.put(lease(5, 20), KIOSK, HALL)
    machine.later(hours=2, minutes=59, seconds=59)
    assert spent(book, "morning") == "A005"
    machine.later(seconds=1)
    # The hall rests at noon; the block is still there for the afternoon.
    assert spent(book, "noon") == ""
    assert book.left("A", KIOSK) == (15, 16)
    machine.later(hours=2)
    assert spent(book, "afternoon") == "A006"
    machine.later(hours=2, minutes=59, seconds=59)
    assert spent(book, "the last") == "A007"
    machine.later(seconds=1)
    assert spent(book, "closed") == ""
    assert book.left("A", KIOSK) == (0, 0)


def test_the_time_is_the_servers_whatever_the_clock_does(book: LeaseBook, machine: Machine) -> None:
    # This machine's clock is two hours slow, and set right by the network afterwards.
    machine.clock = NINE - timedelta(hours=2)
    book.put(lease(), KIOSK, HALL)
    machine.later(minutes=5)
    machine.clock += timedelta(hours=2)
    first = book.spend("r1", draft(), KIOSK)
    assert first is not None
    assert first.issued_at == NINE + timedelta(minutes=5)


def test_the_time_goes_on_over_a_restart_of_the_program(
    tmp_path: Path, machine: Machine, book: LeaseBook
) -> None:
    book.put(lease(), KIOSK, HALL)
    machine.later(minutes=5)
    with closing(again(tmp_path, machine)) as other:
        assert other.time() == NINE + timedelta(minutes=5)


@pytest.mark.parametrize(
    "clock",
    [
        datetime(1970, 1, 1, tzinfo=UTC),
        # Where it stopped: a minute before the last number, and an hour after it.
        NINE + timedelta(minutes=9),
        NINE + timedelta(minutes=70),
    ],
)
def test_after_a_power_cut_a_clock_without_a_battery_gives_nothing(
    tmp_path: Path, machine: Machine, book: LeaseBook, clock: datetime
) -> None:
    book.put(lease(), KIOSK, HALL)
    machine.later(minutes=10)
    assert spent(book, "r1") == "A005"
    # The next morning the machine believes that it is still yesterday.
    machine.boots(clock)
    with closing(again(tmp_path, machine)) as other:
        assert other.time() is None
        assert spent(other, "r2") == ""
        machine.later(hours=1)
        assert spent(other, "r3") == ""
        # What was given is not forgotten, and the server says what time it is.
        assert len(other.pending(10, HALL)) == 1
        tomorrow = NINE + timedelta(days=1)
        other.learn_time(tomorrow)
        assert other.time() == tomorrow
        assert spent(other, "r4") == ""


def test_after_a_power_cut_a_clock_with_a_battery_goes_on(
    tmp_path: Path, machine: Machine, book: LeaseBook
) -> None:
    # Its clock is ten minutes slow, and the book knows.
    machine.clock -= timedelta(minutes=10)
    machine.battery = True
    book.put(lease(), KIOSK, HALL)
    machine.boots(NINE + timedelta(minutes=20))
    with closing(again(tmp_path, machine)) as other:
        assert other.time() == NINE + timedelta(minutes=30)
        assert spent(other, "r1") == "A005"
    # The battery is empty: it says an earlier time than was seen.
    machine.boots(NINE + timedelta(minutes=19))
    with closing(again(tmp_path, machine)) as other:
        assert spent(other, "r2") == ""


def test_this_machine_knows_its_boot() -> None:
    one, two = ThisMachine(), ThisMachine()
    assert one.boot == two.boot
    assert 0 < one.running_s() <= two.running_s()
    assert abs(one.wall() - datetime.now(UTC)) < timedelta(minutes=1)
    assert one.keeps_time() in (True, False)


def test_abandoned_requests_outlive_the_program(
    tmp_path: Path, machine: Machine, book: LeaseBook
) -> None:
    book.learn_time(NINE)
    first, second = Asked("r1", "hukou", None), Asked("r2", "hukou", "green")
    for asked in (first, first, second):
        book.keep_asked(asked, "d1")
    with closing(again(tmp_path, machine)) as other:
        assert other.asked("d1") == [first, second]
        other.forget_asked("r1")
        machine.later(hours=11)
        assert other.asked("d1") == [second]
        # By the next day it is void by itself, and must not take a number of that day.
        machine.later(hours=2)
        assert other.asked("d1") == []
        # Another device's request is none of this one's.
        other.keep_asked(first, "d1")
        assert other.asked("d2") == []
        assert other.asked("d1") == []


def test_a_number_given_offline_is_not_abandoned(book: LeaseBook) -> None:
    book.put(lease(), KIOSK, HALL)
    book.keep_asked(Asked("r1", "hukou", None), "d1")
    assert spent(book, "r1") == "A005"
    assert book.asked("d1") == []


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


def test_a_failure_leaves_no_transaction_open(tmp_path: Path, book: LeaseBook) -> None:
    path = tmp_path / "book.db"
    block = lease()
    book.put(block, KIOSK, HALL)
    ticket = book.spend("r1", draft(), KIOSK)
    assert ticket is not None
    with closing(sqlite3.connect(path)) as other:
        other.execute(
            "CREATE TRIGGER full BEFORE DELETE ON given BEGIN SELECT RAISE(FAIL, 'full'); END"
        )
    with pytest.raises(sqlite3.Error, match="full"):
        book.settle(answer(block.id, accepted=[ticket.id]), [], KIOSK)
    assert [t.id for t in book.pending(9, HALL)] == [ticket.id]
    assert spent(book, "r2") == "A006"
    assert path.stat().st_mode & 0o077 == 0
