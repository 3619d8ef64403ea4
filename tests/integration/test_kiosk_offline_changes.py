"""What changes while a kiosk gives out numbers by itself: who it is, which server is there and how
old that server's data is, the time, and whether the visitor is still there. Real server, real
kiosk threads."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hall_server.admin.backup import backup
from hall_server.admin.restore import restore
from hall_server.admin.verify import verify
from hallkit.link.client import ApiClient
from hallkit.runtime.ports import free_port
from hallkit.wire.hall import Hall
from hallkit.wire.ids import new_id
from hallkit.wire.lease import Lease
from kiosk.flow.inputs import Abandon, HallRead, Issue, IssueDelayed, ServerLost
from kiosk.work.offline import LeaseBook, Owner
from kiosk.work.reserve import Reserve
from tests.fakes.kiosk_fakes import FakePrinter
from tests.fakes.running_hall import Client, RunningHall, running
from tests.integration.test_api_sync import sync
from tests.integration.test_kiosk_offline import Kiosk, kiosk_of, leased, sealed, until, waiting


@pytest.fixture
def printer() -> Iterator[FakePrinter]:
    fake = FakePrinter()
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RunningHall]:
    with running(tmp_path / "data", port=free_port()) as found:
        yield found


def with_reserve(kiosk: Kiosk, hall: RunningHall) -> None:
    """The day's first number is given, and the kiosk has a block."""
    assert kiosk.take(kiosk.hall()).ticket.number == "E001"
    sealed(kiosk, hall)


def reserve_of(hall: RunningHall, device: Client) -> str:
    """The state of the kiosk's reserve, as the manager sees it."""
    devices = hall.manager().get("devices").ok()["devices"]
    [shown] = [d for d in devices if d["id"] == device.device_id]
    parts = (shown["status"] or {"parts": []})["parts"]
    return next((part["state"] for part in parts if part["name"] == "reserve"), "")


def client_of(hall: RunningHall, device: Client) -> ApiClient:
    """How the device calls the server."""
    token = device.headers["Authorization"].removeprefix("Bearer ")
    return ApiClient(hall.base_url, token, device.device_id)


def issued(hall: RunningHall) -> list[str]:
    return [body["ticket"]["number"] for _, _, body in hall.journal("ticket.issued")]


def test_a_kiosk_that_is_paired_anew_hands_in_its_numbers(
    tmp_path: Path, hall: RunningHall, printer: FakePrinter
) -> None:
    device = hall.device()
    with kiosk_of(tmp_path, hall, device, printer.url) as kiosk:
        with_reserve(kiosk, hall)
        hall.stop()
        assert kiosk.take(kiosk.lost()).ticket.number == "E002"
    hall.start()
    hall.manager().command(f"devices/{device.device_id}/revoke").ok()
    fresh = hall.device()
    with kiosk_of(tmp_path, hall, fresh, printer.url) as kiosk:
        until(lambda: issued(hall) == ["E001", "E002"])
        assert waiting(fresh) == ["E001", "E002"]
        # It has a block of its own, and spends nothing of the one that the old device had.
        until(lambda: len(hall.journal("lease.granted")) == 2)
        [first, second] = [body["data"] for _, _, body in hall.journal("lease.granted")]
        until(lambda: _held(kiosk, hall) == second["first"])
        hall.stop()
        assert kiosk.take(kiosk.lost()).ticket.sequence == second["first"] > first["last"]
        hall.start()
        until(lambda: len(issued(hall)) == 3)
    assert "完好" in verify(hall.data)


def _held(kiosk: Kiosk, hall: RunningHall) -> int:
    """Where the block begins that the kiosk holds; 0 while it holds none."""
    book = kiosk.desks._book
    blocks = book.declared([], hall.hall.id) if book is not None else []
    return blocks[-1].from_ if blocks else 0


def test_another_hall_gets_none_of_them(
    tmp_path: Path, hall: RunningHall, printer: FakePrinter
) -> None:
    device = hall.device()
    with kiosk_of(tmp_path, hall, device, printer.url) as kiosk:
        with_reserve(kiosk, hall)
        hall.stop()
        assert kiosk.take(kiosk.lost()).ticket.number == "E002"
    hall.start()
    with running(tmp_path / "other", "baotou-city") as other:
        guest = other.device()
        with kiosk_of(tmp_path, other, guest, printer.url) as kiosk:
            kiosk.hall()
            until(lambda: reserve_of(other, guest) == "elsewhere")
            assert other.journal("ticket.issued") == other.journal("lease.adopted") == []
            # Nothing of the other hall's block is spent here.
            other.stop()
            kiosk.screen.wait(lambda i: isinstance(i, ServerLost))
            other.start()
    # Back in its own hall, nothing was lost.
    with kiosk_of(tmp_path, hall, device, printer.url):
        until(lambda: issued(hall) == ["E001", "E002"])
        until(lambda: reserve_of(hall, device) == "ready")


@pytest.mark.parametrize("told", [True, False], ids=["restored", "copied"])
def test_a_server_with_older_data_learns_what_the_kiosk_gave(
    tmp_path: Path, hall: RunningHall, printer: FakePrinter, told: bool
) -> None:
    device, other = hall.device(), hall.device()
    backup(hall.data, tmp_path / "backup.db")
    with kiosk_of(tmp_path, hall, device, printer.url) as kiosk:
        with_reserve(kiosk, hall)
        hall.stop()
        away = kiosk.lost()
        taken = [kiosk.take(away).ticket for _ in range(2)]
        assert [t.number for t in taken] == ["E002", "E003"]
        if told:
            restore(hall.data, tmp_path / "backup.db", hall.clock.now)
        else:
            for file in hall.data.glob("hall.db*"):
                file.unlink()
            shutil.copy(tmp_path / "backup.db", hall.data / "hall.db")
        read = len(kiosk.screen.seen)
        hall.start()
        until(lambda: {"E002", "E003"} <= set(issued(hall)))
        # No number of the block is given again, neither by the server …
        kiosk.screen.wait(lambda i: isinstance(i, HallRead) and i.board.business_day != "", read)
        later = other.issue("pension-join")["sequence"]
        [(_, _, adopted)] = hall.journal("lease.adopted")
        assert later > adopted["data"]["last"]
        # … nor by the kiosk, which has another block by now.
        book, last = kiosk.desks._book, adopted["data"]["last"]
        assert book is not None
        until(lambda: any(b.from_ > last for b in book.declared([], hall.hall.id)))
        hall.stop()
        assert kiosk.take(away).ticket.sequence > last
        hall.start()
        until(lambda: len(issued(hall)) == 4)
        assert len({*issued(hall)}) == 4
    assert "完好" in verify(hall.data)


def test_a_restored_server_seals_a_reserve_the_same_day(tmp_path: Path, hall: RunningHall) -> None:
    """Its data lacks the day's first number, which somebody has."""
    device = hall.device()
    backup(hall.data, tmp_path / "backup.db")
    client = client_of(hall, device)
    with closing(client), closing(LeaseBook(tmp_path / "book.db")) as book:
        reserve, seen = Reserve(book, client), client.get("/hall", Hall)
        reserve.with_server(seen)
        assert reserve.part.ok and not leased(hall)
        device.issue("pension-join")
        hall.stop()
        restore(hall.data, tmp_path / "backup.db", hall.clock.now)
        hall.start()
        reserve.with_server(seen)
        assert reserve.part.ok and leased(hall)


def test_a_second_machine_is_noticed_also_by_who_hands_in_much(
    tmp_path: Path, hall: RunningHall
) -> None:
    device = hall.device()
    client = client_of(hall, device)
    with closing(client), closing(LeaseBook(tmp_path / "book.db")) as book:
        reserve, seen = Reserve(book, client, greet_again_s=0), client.get("/hall", Hall)
        reserve.with_server(seen)
        lease = device.command("leases", series="E", count=150).ok()
        owner = Owner(device.device_id, client.base_url)
        book.put(Lease.model_validate(lease), owner, seen.id)
        for _ in range(110):
            assert reserve.issue(Issue(new_id(), "pension-join", None, seen))
        for _ in range(2):
            sync(device)
            reserve.with_server(seen)
        assert len(issued(hall)) == 110
        assert reserve.part.state == "shared_token"


def test_what_cannot_be_read_in_the_book_keeps_nobody_from_the_server(
    tmp_path: Path, hall: RunningHall, printer: FakePrinter
) -> None:
    device = hall.device()
    values = ("x", "E", hall.hall.id, device.device_id, hall.base_url, 1, 1, "{}")
    LeaseBook(tmp_path / "offline.db").close()
    with closing(sqlite3.connect(tmp_path / "offline.db")) as file:
        file.execute("INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        file.commit()
    with kiosk_of(tmp_path, hall, device, printer.url) as kiosk:
        assert kiosk.take(kiosk.hall()).ticket.number == "E001"


def test_a_number_that_two_have_is_shown_to_the_manager(
    tmp_path: Path, hall: RunningHall, printer: FakePrinter
) -> None:
    device, other = hall.device(), hall.device()
    backup(hall.data, tmp_path / "backup.db")
    with kiosk_of(tmp_path, hall, device, printer.url) as kiosk:
        with_reserve(kiosk, hall)
        hall.stop()
        assert kiosk.take(kiosk.lost()).ticket.number == "E002"
    # Copied back by hand, and numbers are given before the kiosk is there again.
    for file in hall.data.glob("hall.db*"):
        file.unlink()
    shutil.copy(tmp_path / "backup.db", hall.data / "hall.db")
    hall.start()
    assert [other.issue("pension-join")["number"] for _ in range(2)] == ["E001", "E002"]
    with kiosk_of(tmp_path, hall, device, printer.url):
        until(lambda: reserve_of(hall, device) == "not_taken")
    [(_, _, body)] = hall.journal("sync.rejected")
    assert [(t["number"], t["code"]) for t in body["data"]["tickets"]] == [("E002", "number_taken")]


def test_the_kiosk_closes_with_the_hall(
    tmp_path: Path, hall: RunningHall, printer: FakePrinter
) -> None:
    hall.at("2026-11-23T17:29:58")
    with kiosk_of(tmp_path, hall, hall.device(), printer.url) as kiosk:
        with_reserve(kiosk, hall)
        hall.stop()
        kiosk.screen.wait(lambda i: isinstance(i, ServerLost))
        hall.start()


def test_an_abandoned_number_is_cancelled_after_a_power_cut(
    tmp_path: Path, hall: RunningHall, printer: FakePrinter
) -> None:
    device = hall.device()
    with kiosk_of(tmp_path, hall, device, printer.url) as kiosk:
        seen = kiosk.hall()
        asked = {"request_id": new_id(), "service_id": "pension-join", "channel": "kiosk"}
        # The server gave the number, and its answer was lost.
        number = device.post("tickets", asked).ok(201)["number"]
        hall.stop()
        kiosk.desks.do(Issue(asked["request_id"], "pension-join", None, seen))
        kiosk.screen.wait(lambda i: isinstance(i, IssueDelayed))
        kiosk.desks.do(Abandon(asked["request_id"]))
    hall.start()
    with kiosk_of(tmp_path, hall, device, printer.url):
        until(lambda: hall.journal("ticket.cancelled"))
        [(_, _, body)] = hall.journal("ticket.cancelled")
        assert body["ticket"]["number"] == number
        assert waiting(device) == []


def test_what_the_visitor_got_in_the_end_is_not_cancelled(
    tmp_path: Path, hall: RunningHall, printer: FakePrinter
) -> None:
    device = hall.device()
    with kiosk_of(tmp_path, hall, device, printer.url) as kiosk:
        seen, request_id = kiosk.hall(), new_id()
        hall.stop()
        kiosk.desks.do(Issue(request_id, "pension-join", None, seen))
        kiosk.screen.wait(lambda i: isinstance(i, IssueDelayed))
        book = kiosk.desks._book
        assert book is not None
        until(lambda: [a.request_id for a in book.asked(device.device_id)] == [request_id])
        hall.start()
        until(lambda: waiting(device) == ["E001"])
        until(lambda: book.asked(device.device_id) == [])


def test_a_copied_card_gives_no_number_twice(tmp_path: Path, hall: RunningHall) -> None:
    device = hall.device()
    assert device.issue("pension-join")["number"] == "E001"
    client = client_of(hall, device)
    seen = client.get("/hall", Hall)
    with closing(client), closing(LeaseBook(tmp_path / "one.db")) as first_book:
        one = Reserve(first_book, client, greet_again_s=0)
        one.with_server(seen)
        with (
            closing(sqlite3.connect(tmp_path / "one.db")) as card,
            closing(sqlite3.connect(tmp_path / "two.db")) as copy,
        ):
            card.backup(copy)
        with closing(LeaseBook(tmp_path / "two.db")) as second_book:
            two = Reserve(second_book, client, greet_again_s=0)
            # The copy is the first to be there again, and the other one learns of it.
            for reserve in (two, one, two):
                reserve.with_server(seen)
            numbers = [
                ticket.number
                for reserve in (one, two, one, two)
                if (ticket := reserve.issue(Issue(new_id(), "pension-join", None, seen)))
            ]
            assert len(numbers) == len(set(numbers)) > 0
            # Once it is sure neither takes blocks any more, and the manager sees why.
            for reserve in (one, two, one, two):
                reserve.with_server(seen)
            granted = len(hall.journal("lease.granted"))
            for reserve in (one, two):
                assert (reserve.part.state, reserve.part.ok) == ("shared_token", False)
                reserve.with_server(seen)
            assert len(hall.journal("lease.granted")) == granted
            # The copy is gone.
            for _ in range(2):
                one.with_server(seen)
            assert one.part.ok
            assert len(hall.journal("lease.granted")) > granted
    assert "完好" in verify(hall.data)
