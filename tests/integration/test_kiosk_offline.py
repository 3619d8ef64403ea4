"""The server away: the kiosk gives out numbers all the same, each once, and they find their places
in the queue. Real server, real kiosk threads, a printer beside them."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hall_server.admin.verify import verify
from hallkit.link.server import ServerSettings
from hallkit.runtime.ports import free_port
from hallkit.wire.hall import Hall
from hallkit.wire.ids import new_id
from kiosk.flow.inputs import HallRead, Input, Issue, ServerLost, TicketGranted
from kiosk.settings import KioskSettings, PrinterSettings
from kiosk.work.desks import Desks
from tests.fakes.kiosk_fakes import FakePrinter
from tests.fakes.running_hall import Client, RunningHall, running

PATIENCE_S = 60.0
# Spends one number and is killed at once.
KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from hallkit.wire.ticket import Ticket
from kiosk.work.offline import LeaseBook, Owner
draft = Ticket(id="", number="", series="E", sequence=0, service_id="pension-join",
    service_name="", priority_class="ordinary", state="waiting", issued_at=datetime.now(UTC),
    position_url="")
ticket = LeaseBook(Path(sys.argv[1])).spend(sys.argv[2], draft, Owner(*sys.argv[3:5]))
sys.stdout.write(ticket.model_dump_json())
sys.stdout.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


class Screen:
    """What the kiosk's threads tell the screen."""

    def __init__(self) -> None:
        self.seen: list[Input] = []
        self._changed = threading.Condition()

    def post(self, happened: Input) -> None:
        """Takes what happened."""
        with self._changed:
            self.seen.append(happened)
            self._changed.notify_all()

    def wait(self, what: Callable[[Input], bool], since: int = 0) -> Input:
        """The first of these since then."""
        with self._changed:
            found = self._changed.wait_for(
                lambda: [i for i in self.seen[since:] if what(i)], PATIENCE_S
            )
        assert found, self.seen[-5:]
        return found[0]


class Kiosk:
    """The kiosk's desks without a screen."""

    def __init__(self, folder: Path, hall: RunningHall, device: Client, printer: str) -> None:
        token = folder / "token"
        token.write_text(device.headers["Authorization"].removeprefix("Bearer "))
        token.with_name("token.id").write_text(device.device_id)
        token.chmod(0o600)
        settings = KioskSettings(
            server=ServerSettings(url=hall.base_url, token_file=str(token)),
            printer=PrinterSettings(url=printer),
        )
        self.screen = Screen()
        self.desks = Desks(settings, hall.base_url, self.screen.post)
        self.desks.start()

    def hall(self, what: Callable[[Hall], bool] = lambda _h: True, since: int = 0) -> Hall:
        """The hall as the screen knows it."""
        read = self.screen.wait(lambda i: isinstance(i, HallRead) and what(i.hall), since)
        assert isinstance(read, HallRead)
        return read.hall

    def take(self, hall: Hall, service_id: str = "pension-join") -> TicketGranted:
        """A number, as a visitor takes it."""
        request_id = new_id()
        self.desks.do(Issue(request_id, service_id, None, hall))
        granted = self.screen.wait(
            lambda i: isinstance(i, TicketGranted) and i.request_id == request_id
        )
        assert isinstance(granted, TicketGranted)
        return granted

    def lost(self) -> Hall:
        """What can be chosen without the server."""
        return self.hall(lambda h: any(not s.open for c in h.categories for s in c.services))


@contextmanager
def kiosk_of(folder: Path, hall: RunningHall, device: Client, printer: str) -> Iterator[Kiosk]:
    kiosk = Kiosk(folder, hall, device, printer)
    try:
        yield kiosk
    finally:
        kiosk.desks.stop()


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


def leased(hall: RunningHall) -> bool:
    return bool(hall.journal("lease.granted"))


def sealed(kiosk: Kiosk, hall: RunningHall) -> None:
    """Waits until the kiosk holds a block, which it does a moment after it was granted."""
    until(lambda: leased(hall))
    until(lambda: kiosk.desks._book and kiosk.desks._book.declared([], hall.hall.id))


def waiting(client: Client) -> list[str]:
    return [t["number"] for t in client.get("tickets?state=waiting").ok()["tickets"]]


def until(condition: Callable[[], object]) -> None:
    deadline = threading.Event()
    for _ in range(int(PATIENCE_S / 0.05)):
        if condition():
            return
        deadline.wait(0.05)
    raise AssertionError("it never happened")


def test_numbers_taken_while_the_server_is_away(
    tmp_path: Path, hall: RunningHall, printer: FakePrinter
) -> None:
    device = hall.device()
    with kiosk_of(tmp_path, hall, device, printer.url) as kiosk:
        seen = kiosk.hall()
        online = kiosk.take(seen).ticket
        assert (online.number, online.offline) == ("E001", False)
        # The day's first number was given, so the kiosk seals a reserve.
        sealed(kiosk, hall)
        hall.stop()
        without = kiosk.lost()
        assert without.service("pension-join").open
        assert not without.service("hukou").open
        taken = [kiosk.take(without).ticket for _ in range(2)]
        until(lambda: len(printer.jobs) == 3)

    # The kiosk is killed in the middle of giving out the third.
    third = subprocess.run(
        [
            sys.executable, "-c", KILLED, str(tmp_path / "offline.db"), new_id(),
            device.device_id, hall.base_url,
        ],
        capture_output=True, check=False, timeout=PATIENCE_S,
    )  # fmt: skip
    assert third.returncode == -signal.SIGKILL, third.stderr
    numbers = [*(t.number for t in taken), json.loads(third.stdout)["number"]]
    assert numbers == ["E002", "E003", "E004"]

    # It starts again, still without the server, and goes on.
    with kiosk_of(tmp_path, hall, device, printer.url) as kiosk:
        fourth = kiosk.take(kiosk.lost()).ticket
        assert fourth.number == "E005"
        assert fourth.offline
        hall.later(minutes=30)
        read = len(kiosk.screen.seen)
        hall.start()
        until(lambda: len(hall.journal("ticket.issued")) == 5)
        # What is taken from now on comes from the server again, after the block.
        back = kiosk.take(kiosk.hall(lambda h: h.service("hukou").open, read)).ticket
        assert not back.offline
        until(lambda: len(printer.jobs) == 5)
    slips = {job.slip.number: job.slip for job in printer.jobs.values()}
    assert {n: s.tags for n, s in slips.items() if s.tags} == {
        n: ["离线"] for n in ("E002", "E003", "E005")
    }

    queue = waiting(device)
    assert queue == ["E001", *numbers, "E005", back.number]
    for ticket in [*taken, fourth]:
        there = device.get(f"tickets/{ticket.id}").ok()
        assert (there["number"], there["offline"]) == (ticket.number, True)
        assert there["position_url"] == slips[ticket.number].position_url
    assert "完好" in verify(hall.data)


def test_without_a_reserve_the_kiosk_says_that_the_server_is_away(
    tmp_path: Path, hall: RunningHall, printer: FakePrinter
) -> None:
    with kiosk_of(tmp_path, hall, hall.device(), printer.url) as kiosk:
        kiosk.hall()
        hall.stop()
        kiosk.screen.wait(lambda i: isinstance(i, ServerLost))
        hall.start()


def test_when_the_reserve_is_spent(tmp_path: Path, hall: RunningHall, printer: FakePrinter) -> None:
    with kiosk_of(tmp_path, hall, hall.device(), printer.url) as kiosk:
        kiosk.take(kiosk.hall())
        sealed(kiosk, hall)
        [(_, _, body)] = hall.journal("lease.granted")
        size = body["data"]["last"] - body["data"]["first"] + 1
        hall.stop()
        without = kiosk.lost()
        numbers = [kiosk.take(without).ticket.number for _ in range(size)]
        assert len(set(numbers)) == size
        kiosk.screen.wait(lambda i: isinstance(i, ServerLost))
        hall.start()
        # All of them are handed in, and there is a fresh reserve.
        until(lambda: len(hall.journal("ticket.issued")) == size + 1)
        until(lambda: len(hall.journal("lease.granted")) == 2)
