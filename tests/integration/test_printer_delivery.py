"""What a printer may say at the wrong moment, and what the program must not make of it."""

import sqlite3
from pathlib import Path

import pytest
from PIL import ImageFont

from hallkit.runtime.clock import ManualClock, SystemClock
from hallkit.runtime.fonts import face
from tests.fakes.printer_modem import NullModem
from tests.fakes.printer_rig import BRISK, settings, slip, until, virtual_printer
from ticket_printer.render.escpos_raster import BAND_ROWS
from ticket_printer.spool import store
from ticket_printer.spool.store import FILE_NAME, Spool
from ticket_printer.spool.worker import PrinterWorker
from ticket_printer.transport.commands import ASK_PAPER_IN_ORDER, cut_off_the_rest
from ticket_printer.transport.confirm import (
    DONE,
    NOT_TAKEN_BACK,
    SILENT,
    WITHDRAWN,
    Delivery,
    Outcome,
    Patience,
    Watch,
)
from ticket_printer.transport.probe import Caps
from ticket_printer.transport.session import Session
from ticket_printer.transport.status import ASK_PRINTER
from ticket_printer.virtual.faults import Faults
from ticket_printer.virtual.machine import Machine

_FACE = face()
_BODY = b"A012\n\x1dV\x01"
_QUICK = Patience(stall_s=0.5, silence_s=2.5, confirm_s=3.0, settle_s=0.3)


def _machine(**faults: object) -> Machine:
    return Machine(
        576,
        lambda size: ImageFont.truetype(str(_FACE.path), size, index=_FACE.index),
        Faults.model_validate(faults),
        lambda _picture, _lines: None,
    )


def _deliver(
    link: NullModem, caps: Caps, *, withdraw: bool = False, unfinished: int = 0
) -> tuple[Outcome, list[str]]:
    held: list[str] = []
    watch = Watch(held.append, stopping=lambda: bool(held), withdraw=lambda: withdraw)
    delivery = Delivery(Session(link, answer_s=0.1), caps, b"0001", watch, _QUICK)
    return delivery.run(_BODY, unfinished=unfinished), held


def test_the_answer_behind_an_earlier_ticket_does_not_confirm_this_one() -> None:
    """A printer without GS ( H that held a ticket while the program was started anew."""
    link = NullModem(_machine(caps="clone", then={"at": 0, "cover": "open"}), stray=b"\x00")
    outcome, held = _deliver(link, "clone")
    assert (outcome.state, held) == ("unknown", ["cover_open"])


def test_the_answers_behind_several_earlier_tickets_do_not_confirm_this_one() -> None:
    """The program was killed twice, each time with a ticket in the printer."""

    class Earlier(NullModem):
        left = 2

        def exchange(self, data: bytes, timeout_s: float) -> tuple[int, bytes]:
            if ASK_PAPER_IN_ORDER in data and self.left:
                self.left -= 1
                self.stray(b"\x00")
            return super().exchange(data, timeout_s)

    link = Earlier(_machine(caps="clone", then={"at": 0, "cover": "open"}))
    outcome, held = _deliver(link, "clone", unfinished=2)
    assert (outcome.state, held) == ("unknown", ["cover_open"])


def test_a_printer_that_talked_nonsense_and_then_lost_its_power_confirms_nothing() -> None:
    tickets: list[list[str]] = []
    machine = _machine(caps="clone", then={"at": 0, "cover": "open", "garbage": True})
    machine._on_ticket = lambda _picture, lines: tickets.append(lines)

    class Restarted(NullModem):
        def exchange(self, data: bytes, timeout_s: float) -> tuple[int, bytes]:
            if self.machine.faults.garbage and self.sent.count(ASK_PRINTER) == 3:
                self.machine.disconnected(power_lost=True)
                self.machine.set_faults(Faults(caps="clone"))
            return super().exchange(data, timeout_s)

    outcome, held = _deliver(Restarted(machine), "clone")
    assert (outcome.state, held, tickets) == ("unknown", [], [])


def test_a_zero_in_nonsense_confirms_nothing() -> None:
    outcome, _ = _deliver(NullModem(_machine(caps="clone", garbage=True)), "clone")
    assert outcome is SILENT


def test_a_ticket_that_was_reported_is_done_though_the_printer_hung_up() -> None:
    outcome, _ = _deliver(NullModem(_machine(caps="lan-close")), "epson")
    assert outcome is DONE


def test_a_printer_without_confirmation_that_was_silent_for_a_while_is_not_believed() -> None:
    machine = _machine(caps="status-only", then={"at": "cut", "silent": True})

    class Returns(NullModem):
        def exchange(self, data: bytes, timeout_s: float) -> tuple[int, bytes]:
            if self.sent.count(b"\x10\x04\x01") == 2:
                self.machine.set_faults(Faults(caps="status-only"))
            return super().exchange(data, timeout_s)

    outcome, _ = _deliver(Returns(machine), "status-only")
    assert outcome is SILENT


def test_taking_back_is_confirmed_or_not_or_too_late() -> None:
    assert _deliver(NullModem(_machine(cover="open")), "epson", withdraw=True)[0] is WITHDRAWN
    link = NullModem(_machine(caps="clone", cover="open"))
    assert _deliver(link, "clone", withdraw=True)[0] is NOT_TAKEN_BACK
    assert _deliver(NullModem(_machine()), "epson", withdraw=True)[0].state == "done"


def test_a_late_answer_is_not_taken_for_the_answer_to_the_next_question() -> None:
    machine = _machine(silent=True, cover="open")
    link = NullModem(machine)
    session = Session(link, answer_s=0.1)
    assert session.ask_status() is None
    machine.set_faults(Faults(cover="open"))
    link.stray(b"\x12")
    status = session.ask_status()
    assert status is not None
    assert status.offline


def test_after_half_a_picture_the_next_ticket_is_whole_and_on_paper_of_its_own() -> None:
    """On a serial line no printer notices that the program died."""
    tickets: list[list[str]] = []
    machine = _machine(keeps_half=True)
    machine._on_ticket = lambda _picture, lines: tickets.append(lines)
    rows = BAND_ROWS.to_bytes(2, "little")
    machine.receive(b"\x1b@\x1dv0\x00\x48\x00" + rows + b"\xff" * 720)
    delivery = Delivery(
        Session(NullModem(machine)),
        "epson",
        b"0001",
        Watch(lambda _state: None, stopping=lambda: False, withdraw=lambda: False),
        _QUICK,
    )
    assert delivery.run(_BODY, cut_off_the_rest(picture=True)) is DONE
    assert tickets == [[f"[RASTER 576x{BAND_ROWS}]"], ["A012"]]


def test_what_ends_half_a_picture_is_as_long_as_a_picture_can_be() -> None:
    assert cut_off_the_rest(picture=True).count(0) >= BAND_ROWS * 72


def test_an_end_that_cannot_be_kept_is_kept_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The disk is locked by another program for longer than a commit may wait."""
    monkeypatch.setattr(store, "_LOCK_TIMEOUT_S", 0.3)
    spool = Spool(tmp_path / "data")
    clock = ManualClock(SystemClock().now())
    other = sqlite3.connect(tmp_path / "data" / FILE_NAME, isolation_level=None)
    with virtual_printer(tmp_path / "out", bytes_per_s=400) as printer:
        (one,) = settings(tmp_path / "data", printer.address[1]).printers
        worker = PrinterWorker(one, spool, lambda _slip: b"text\n" * 60, clock, patience=BRISK)
        worker.start()
        try:
            spool.accept("t-1", one.name, slip(), clock.now())
            worker.wake()
            _until_state(spool, "t-1", "sending")
            other.execute("BEGIN IMMEDIATE")
            until(lambda: "is locked" in caplog.text, "the end to be refused by the spool")
            other.execute("ROLLBACK")
            _until_state(spool, "t-1", "done")
        finally:
            worker.stop()
            other.close()
            spool.close()


def _until_state(spool: Spool, job_id: str, state: str) -> None:
    def reached() -> bool:
        job = spool.job(job_id)
        return job is not None and job.state == state

    until(reached, f"{job_id} to be {state}")


@pytest.mark.parametrize("caps", ["epson", "clone"])
def test_a_usual_ticket_is_done(caps: Caps) -> None:
    assert _deliver(NullModem(_machine(caps=caps)), caps)[0] is DONE
