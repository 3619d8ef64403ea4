"""Printers on USB: pyusb itself on a bus of ours, with virtual printers that can be pulled out."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Literal

import pytest

from hallkit.runtime.clock import SystemClock
from hallkit.runtime.fonts import face
from hallkit.wire.printing import PrinterState
from tests.fakes.printer_rig import BRISK, papers, slip, until
from tests.fakes.printer_usb import IN, OUT, UsbBus, UsbPrinter
from tests.support.ticket_reading import read_number
from ticket_printer.layouts import load_layouts
from ticket_printer.render.sheet import Typeface
from ticket_printer.render.slips import Renderer
from ticket_printer.settings import PrinterSettings
from ticket_printer.spool.store import Spool
from ticket_printer.spool.worker import PrinterWorker
from ticket_printer.transport.address import Address, UsbAddress, parse_address
from ticket_printer.transport.links import LineLost, PrinterAway
from ticket_printer.transport.probe import probe
from ticket_printer.transport.session import Session
from ticket_printer.transport.status import ASK_PRINTER
from ticket_printer.transport.usb_link import UsbLink
from ticket_printer.virtual.faults import Faults, Then

ANY = "usb://04b8:0e15"


class Desk:
    """One printer's worker and its spool."""

    def __init__(self, spool: Spool, worker: PrinterWorker) -> None:
        self.spool = spool
        self.worker = worker

    def submit(self, job_id: str, **changes: object) -> None:
        self.spool.accept(job_id, self.worker.name, slip(**changes), SystemClock().now())
        self.worker.wake()

    def state(self, job_id: str) -> str:
        """The state of the job."""
        job = self.spool.job(job_id)
        assert job is not None
        return job.state

    def ends(self, job_id: str, state: str) -> str:
        """Waits for the job to be in this state; what is said about it."""
        until(lambda: self.state(job_id) == state, f"{job_id} to be {state}")
        job = self.spool.job(job_id)
        assert job is not None
        return job.detail

    def shows(self, state: PrinterState) -> str:
        """Waits for the printer to be in this state; the words for it."""
        until(lambda: self.worker.view().state == state, f"the printer to be {state}")
        return self.worker.view().detail


@contextmanager
def desk(
    folder: Path,
    bus: UsbBus,
    transport: str = ANY,
    poll_s: float = 0.3,
    open_line: Callable[[Address], UsbLink] | None = None,
    mode: Literal["raster", "text"] = "raster",
) -> Iterator[Desk]:
    """A running worker at the printer on ``bus``."""
    settings = PrinterSettings(name="P", transport=transport, poll_s=poll_s, mode=mode)
    spool = Spool(folder / "data")
    renderer = Renderer(80, settings.raster, Typeface(face(), face("bold")), load_layouts(None))
    worker = PrinterWorker(
        settings,
        spool,
        renderer,
        SystemClock(),
        patience=BRISK,
        open_line=open_line or _on(bus),
    )
    worker.start()
    try:
        yield Desk(spool, worker)
    finally:
        worker.stop()
        spool.close()


def _on(bus: UsbBus) -> Callable[[Address], UsbLink]:
    def open_line(address: Address) -> UsbLink:
        assert isinstance(address, UsbAddress)
        return UsbLink(address, bus)

    return open_line


@pytest.fixture
def bus() -> UsbBus:
    return UsbBus()


def _link(bus: UsbBus, text: str = ANY) -> UsbLink:
    return _on(bus)(parse_address(text))


def _numbers(folder: Path) -> list[str]:
    return [read_number(png) for png in papers(folder)]


@pytest.mark.parametrize("caps", ["epson", "clone"])
def test_a_usb_printer_prints_confirms_and_is_given_back(
    tmp_path: Path, bus: UsbBus, caps: str
) -> None:
    printer = bus.plug(UsbPrinter(tmp_path / "out", caps=caps))
    with desk(tmp_path, bus) as one:
        one.submit("t-1")
        one.ends("t-1", "done")
        assert one.spool.capabilities("P", ANY) == caps
        assert (printer.usblp, printer.claimed) == (set(), {0})
    assert (printer.usblp, printer.claimed) == ({0}, set())
    assert _numbers(tmp_path / "out") == ["A012"]


def test_paper_out_within_a_ticket_holds_it_until_the_roll_is_there(
    tmp_path: Path, bus: UsbBus
) -> None:
    printer = bus.plug(UsbPrinter(tmp_path / "out", rows_left=300))
    with desk(tmp_path, bus) as one:
        one.submit("t-1")
        assert "缺纸" in one.ends("t-1", "held")
        printer.switch(Faults())
        one.ends("t-1", "done")
    assert _numbers(tmp_path / "out") == ["A012"]


def test_unplugged_and_plugged_in_again(tmp_path: Path, bus: UsbBus) -> None:
    printer = bus.plug(UsbPrinter(tmp_path / "out"))
    with desk(tmp_path, bus) as one:
        one.shows("ready")
        bus.unplug(printer, power_lost=True)
        assert "没接好" in one.shows("offline")
        one.submit("t-1")
        bus.plug(printer)
        one.ends("t-1", "done")
        one.shows("ready")
    assert _numbers(tmp_path / "out") == ["A012"]


@pytest.mark.parametrize("at", ["raster", "cut", "confirm"])
def test_unplugged_within_a_ticket_is_unknown_and_never_printed_again(
    tmp_path: Path, bus: UsbBus, at: str
) -> None:
    printer = bus.plug(UsbPrinter(tmp_path / "out", silent=False))
    with desk(tmp_path, bus) as one:
        one.shows("ready")
        # It stops there; then it is pulled out.
        printer.switch(Faults(then=Then.model_validate({"at": at, "power": "off"})))
        one.submit("t-1")
        until(lambda: printer.machine.faults.power == "off", "the moment")
        bus.unplug(printer, power_lost=True)
        assert "不知是否已出纸" in one.ends("t-1", "unknown")
        printer.switch(Faults())
        bus.plug(printer)
        one.submit("t-2", number="A013")
        one.ends("t-2", "done")
    *before, last = papers(tmp_path / "out")
    assert read_number(last) == "A013"
    if at == "raster":
        # The paper shows the beginning of the ticket, which ends above its number.
        assert [png.stat().st_size < last.stat().st_size for png in before] == [True]
    else:
        assert [read_number(png) for png in before] == ["A012"]


def test_pulled_out_at_any_byte_a_number_is_on_paper_once_at_most(
    tmp_path: Path, bus: UsbBus
) -> None:
    chance = Random(20261127)
    printer = bus.plug(UsbPrinter(tmp_path / "out"))
    ended: dict[str, str] = {}
    with desk(tmp_path, bus, mode="text") as one:
        for n in range(30):
            number = f"A{n:03d}"
            one.shows("ready")
            at = chance.randrange(900)
            then = Then(at=at, power="off") if chance.random() < 0.7 else None
            printer.switch(Faults(then=then))
            one.submit(number, number=number)
            until(
                lambda: printer.machine.faults.power == "off" or one.state(number) == "done",  # noqa: B023
                f"{number} to be printed, or the plug to be pulled",
            )
            if printer.machine.faults.power == "off":
                bus.unplug(printer, power_lost=True)
                # Behind its last byte it may have been confirmed before.
                until(lambda: one.state(number) in ("done", "unknown"), number)  # noqa: B023
                one.shows("offline")
                printer.switch(Faults())
                bus.plug(printer)
            ended[number] = one.state(number)
    lines = [
        line
        for png in papers(tmp_path / "out")
        for line in png.with_suffix(".txt").read_text().splitlines()
    ]
    on_paper = {number: lines.count(number) for number in ended}
    assert max(on_paper.values()) == 1
    assert all(on_paper[number] for number, state in ended.items() if state == "done")
    # It was neither always in time nor always too late.
    assert {on_paper[number] for number, state in ended.items() if state == "unknown"} == {0, 1}


def test_a_printer_that_takes_nothing_more_is_noticed(tmp_path: Path, bus: UsbBus) -> None:
    printer = bus.plug(UsbPrinter(tmp_path / "out"))
    with desk(tmp_path, bus) as one:
        one.shows("ready")
        printer.takes_most = 3000
        one.submit("t-1")
        assert "停止接收" in one.ends("t-1", "unknown")
        printer.takes_most = None
        one.submit("t-2", number="A013")
        one.ends("t-2", "done")
    half, whole = papers(tmp_path / "out")
    assert half.stat().st_size < whole.stat().st_size
    assert read_number(whole) == "A013"


def test_stalled_answers_go_on_when_that_is_acknowledged(tmp_path: Path, bus: UsbBus) -> None:
    printer = bus.plug(UsbPrinter(tmp_path / "out"))
    link = _link(bus)
    printer.halted.add(IN)
    assert Session(link).ask(ASK_PRINTER) == 0x12
    link.close()


def test_a_stalled_line_is_lost_and_the_next_one_works(tmp_path: Path, bus: UsbBus) -> None:
    printer = bus.plug(UsbPrinter(tmp_path / "out"))
    link = _link(bus)
    printer.halted.add(OUT)
    with pytest.raises(LineLost, match="Pipe error"):
        link.exchange(b"\x1b@", 1.0)
    link.close()
    with desk(tmp_path, bus) as one:
        one.submit("t-1")
        one.ends("t-1", "done")


def test_what_a_printer_said_to_another_program_is_not_taken_for_an_answer(
    tmp_path: Path, bus: UsbBus
) -> None:
    printer = bus.plug(UsbPrinter(tmp_path / "out"))
    printer.heard = b"\x32" * 40
    link = _link(bus)
    assert Session(link).ask(ASK_PRINTER) == 0x12
    link.close()


def test_a_wait_for_a_silent_printer_ends_in_time(tmp_path: Path, bus: UsbBus) -> None:
    bus.plug(UsbPrinter(tmp_path / "out", caps="mute"))
    link = _link(bus)
    began = time.monotonic()
    assert link.exchange(b"", 0.2) == (0, b"")
    assert time.monotonic() - began >= 0.2
    assert probe(Session(link)).caps is None
    link.close()


def test_a_printer_that_says_nothing_over_and_over_costs_no_time(
    tmp_path: Path, bus: UsbBus
) -> None:
    printer = bus.plug(UsbPrinter(tmp_path / "out"))
    printer.says_nothing = True
    link = _link(bus)
    printer.reads = 0
    assert link.exchange(b"", 0.2) == (0, b"")
    assert printer.reads <= 21
    link.close()


def test_an_absent_printer_is_tried_again_sooner_than_it_is_polled(
    tmp_path: Path, bus: UsbBus
) -> None:
    tried: list[Address] = []

    def open_line(address: Address) -> UsbLink:
        tried.append(address)
        return _on(bus)(address)

    with desk(tmp_path, bus, poll_s=60.0, open_line=open_line) as one:
        until(lambda: len(tried) >= 3, "a third try")
        bus.plug(UsbPrinter(tmp_path / "out"))
        one.shows("ready")


def test_of_two_alike_the_serial_number_tells(tmp_path: Path, bus: UsbBus) -> None:
    bus.plug(UsbPrinter(tmp_path / "one", serial="L1/a"))
    bus.plug(UsbPrinter(tmp_path / "two", serial="L2"))
    with pytest.raises(PrinterAway, match="2 printers") as refused:
        _link(bus)
    assert "序列号" in refused.value.zh
    with desk(tmp_path, bus, f"{ANY}/L1%2Fa") as one:
        one.submit("t-1")
        one.ends("t-1", "done")
    assert (len(papers(tmp_path / "one")), papers(tmp_path / "two")) == (1, [])
    with pytest.raises(PrinterAway, match="not connected"):
        _link(bus, f"{ANY}/L3")


@pytest.mark.parametrize("text", [ANY, f"{ANY}/L1"])
def test_without_permission_it_says_what_to_do(tmp_path: Path, bus: UsbBus, text: str) -> None:
    bus.plug(UsbPrinter(tmp_path / "out", serial="L1")).refused = True
    with pytest.raises(PrinterAway) as refused:
        _link(bus, text)
    assert "没有权限" in refused.value.zh


def test_a_printer_that_another_program_has_is_told(tmp_path: Path, bus: UsbBus) -> None:
    bus.plug(UsbPrinter(tmp_path / "out"))
    link = _link(bus)
    with pytest.raises(PrinterAway) as refused:
        _link(bus)
    assert "另一个程序" in refused.value.zh
    link.close()
    _link(bus).close()


@pytest.mark.parametrize(
    ("interfaces", "chosen", "one_way"),
    [
        (((7, 4, (0x03, 0x84)), (7, 2, (OUT, IN))), 1, False),  # IPP over USB first
        (((3, 0, (0x84,)), (0xFF, 0, (OUT, IN))), 1, False),  # a vendor's own
        (((7, 1, (OUT,)),), 0, True),
        (((7, 1, (0x03,)), (7, 2, (OUT, IN))), 1, False),
    ],
)
def test_the_interface_that_speaks_escpos_is_claimed(
    tmp_path: Path,
    bus: UsbBus,
    interfaces: tuple[tuple[int, int, tuple[int, ...]], ...],
    chosen: int,
    one_way: bool,
) -> None:
    printer = bus.plug(UsbPrinter(tmp_path / "out", interfaces=interfaces))
    link = _link(bus)
    assert (printer.claimed, link.one_way) == ({chosen}, one_way)
    assert link.exchange(b"\x1b@", 1.0)[0] == 2
    link.close()


def test_a_usb_device_that_is_no_printer_is_told(tmp_path: Path, bus: UsbBus) -> None:
    bus.plug(UsbPrinter(tmp_path / "out", interfaces=((3, 0, (IN,)),)))
    with pytest.raises(PrinterAway) as refused:
        _link(bus)
    assert "不是票据打印机" in refused.value.zh
