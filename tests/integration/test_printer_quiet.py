"""A printer that falls silent with a ticket out: everybody is told, the tickets behind go
elsewhere, and the one that is out waits where it is."""

import threading
from pathlib import Path

import pytest
from PIL import ImageFont

from hallkit.runtime.fonts import face
from hallkit.wire.printing import PrinterState
from tests.fakes.printer_modem import NullModem
from tests.fakes.printer_rig import DEADLINE_S, papers, program, settings, virtual_printer
from ticket_printer.settings import PrinterProgramSettings
from ticket_printer.spool import worker as spool_worker
from ticket_printer.transport.confirm import DONE, DONE_UNCONFIRMED, Delivery, Patience, Watch
from ticket_printer.transport.session import Session
from ticket_printer.virtual.faults import Faults, Then
from ticket_printer.virtual.machine import Machine

_FACE = face()
_BODY = b"A012\n\x1dV\x01"
# A test that waits for the state would fail if the job ended first.
_LONG = Patience(stall_s=DEADLINE_S, silence_s=DEADLINE_S, confirm_s=DEADLINE_S, quiet_s=0.5)
_SOON = Patience(stall_s=DEADLINE_S, quiet_s=0.2, gone_s=0.2)


def _chosen(data: Path, *ports: int) -> PrinterProgramSettings:
    chosen = settings(data, *ports, printer={"mode": "text"}, failover_after_s=0)
    values = chosen.model_dump(exclude_unset=True)
    values["printers"][0]["failover"] = ["P2"]
    return PrinterProgramSettings.model_validate(values)


def test_a_silent_printer_is_told_while_its_ticket_is_out_and_the_next_goes_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody waits at the end for the ticket that is out.
    monkeypatch.setattr(spool_worker, "STOP_GRACE_S", 0.1)
    with (
        virtual_printer(tmp_path / "P", caps="clone") as one,
        virtual_printer(tmp_path / "P2") as two,
        program(
            _chosen(tmp_path / "data", one.address[1], two.address[1]), patience=_LONG
        ) as intake,
    ):
        intake.wait_printer("ready")
        intake.wait_printer("ready", "P2")
        one.switch(Faults(caps="clone", then=Then(at=0, silent=True)))
        intake.submit("t-1", "P")
        intake.wait_printer("unknown")
        assert (intake.job("t-1").state, intake.job("t-1").printer) == ("sending", "P")
        intake.submit("t-2", "P", number="B002")
        assert intake.wait_state("t-2", "done").printer == "P2"
        assert (intake.job("t-1").state, intake.job("t-1").printer) == ("sending", "P")
        one.switch(Faults(caps="clone"))
        intake.wait_printer("ready")
    assert len(papers(tmp_path / "P2")) == 1
    assert "B002" in papers(tmp_path / "P2")[0].with_suffix(".txt").read_text()


class _Waiting(NullModem):
    """A line on which a ticket is stuck until somebody was told."""

    def __init__(self, caps: str) -> None:
        font = lambda size: ImageFont.truetype(str(_FACE.path), size, index=_FACE.index)  # noqa: E731
        faults = Faults.model_validate({"caps": caps})
        super().__init__(Machine(576, font, faults, lambda _picture, _lines: None))
        self.told = threading.Event()


class _Stalled(_Waiting):
    """It takes nothing."""

    def exchange(self, data: bytes, timeout_s: float) -> tuple[int, bytes]:
        if not self.told.is_set():
            self.told.wait(timeout_s)
            return 0, b""
        return super().exchange(data, timeout_s)


class _Queued(_Waiting):
    """It took everything, and has it still."""

    def finish(self) -> None:
        assert self.told.wait(DEADLINE_S)


def _seen_on(link: _Waiting) -> tuple[list[PrinterState], Watch]:
    seen: list[PrinterState] = []

    def told(state: PrinterState) -> None:
        seen.append(state)
        link.told.set()

    nothing = Watch(lambda _: None, stopping=lambda: False, withdraw=lambda: False, seen=told)
    return seen, nothing


@pytest.mark.parametrize(
    ("link", "caps", "end"),
    [
        (_Stalled("epson"), "epson", DONE),
        (_Queued("mute"), "write-only", DONE_UNCONFIRMED),
    ],
)
def test_a_line_that_does_not_go_on_is_told_once_and_the_ticket_waits(
    link: _Waiting, caps: str, end: object
) -> None:
    seen, watch = _seen_on(link)
    delivery = Delivery(Session(link, answer_s=0.1), caps, b"0001", watch, _SOON)
    assert delivery.run(_BODY) is end
    assert seen == ["unknown"]
