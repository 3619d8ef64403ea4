"""Stops, lines and reports that end badly: the program goes on, or ends, as it should."""

import errno
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageFont

from hallkit.link.client import ApiClient
from hallkit.runtime.clock import SystemClock
from hallkit.runtime.fonts import face
from tests.fakes.printer_modem import NullModem
from tests.fakes.printer_rig import BRISK, settings, slip, until
from ticket_printer.reprint_news import ReprintNews
from ticket_printer.spool.failover import Failover
from ticket_printer.spool.reprints import Reprints
from ticket_printer.spool.store import Spool
from ticket_printer.spool.worker import PrinterWorker
from ticket_printer.transport.address import TcpAddress
from ticket_printer.transport.links import LineLost, Link, PrinterAway, TcpLink
from ticket_printer.virtual.faults import Faults
from ticket_printer.virtual.machine import Machine

_FACE = face()


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    opened = Spool(tmp_path / "data")
    yield opened
    opened.close()


class _StoppedInBetween(threading.Event):
    """The stop comes at the worst moment: just before the thread forgets why it was woken."""

    def __init__(self, stop: Any) -> None:
        super().__init__()
        self._stop_it = stop

    def clear(self) -> None:
        self._stop_it()
        self.set()
        super().clear()


def _failover(spool: Spool) -> Any:
    return Failover(spool, [], {"P": ["P2"]}, 0.0, SystemClock())


def _news(spool: Spool) -> Any:
    return ReprintNews(ApiClient("http://127.0.0.1:9", device_id="p"), Reprints(spool))


@pytest.mark.parametrize(("make", "wakes"), [(_failover, "_changed"), (_news, "_wake")])
def test_a_stop_is_heard_whenever_it_comes(spool: Spool, make: Any, wakes: str) -> None:
    one = make(spool)
    setattr(one, wakes, _StoppedInBetween(lambda: setattr(one, "_stopping", True)))
    one.start()
    until(lambda: not one._thread.is_alive(), "the thread to end")


def test_a_worker_that_polls_rarely_hears_a_stop_whenever_it_comes(spool: Spool) -> None:
    (one,) = settings(Path("data"), 9, printer={"poll_s": 60.0}).printers
    machine = _machine()
    worker = PrinterWorker(
        one, spool, lambda _: b"", SystemClock(), open_line=lambda _: NullModem(machine)
    )
    worker._wake = _StoppedInBetween(worker._stop.set)
    worker.start()
    until(lambda: not worker._thread.is_alive(), "the thread to end")


def _machine() -> Machine:
    return Machine(
        576,
        lambda size: ImageFont.truetype(str(_FACE.path), size, index=_FACE.index),
        Faults(),
        lambda _picture, _lines: None,
    )


class _Torn(NullModem):
    """A line that breaks, and cannot even be closed."""

    def exchange(self, data: bytes, timeout_s: float) -> tuple[int, bytes]:
        raise LineLost("pulled out")

    def close(self) -> None:
        raise OSError(errno.EIO, "Input/output error")


def test_a_line_that_cannot_be_closed_is_opened_anew(
    spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    (one,) = settings(Path("data"), 9).printers
    machine = _machine()
    lines: list[Link] = [_Torn(machine)]
    worker = PrinterWorker(
        one,
        spool,
        lambda _slip: b"A012\n\x1dV\x01",
        SystemClock(),
        patience=BRISK,
        open_line=lambda _: lines.pop() if lines else NullModem(machine),
    )
    spool.accept("t-1", "P", slip(), SystemClock().now())
    worker.start()
    try:
        until(lambda: worker.view().state == "ready", "the printer to be ready")
    finally:
        worker.stop()
    assert "Traceback" not in caplog.text


def test_a_slip_that_cannot_be_drawn_is_ended_by_the_printer_that_has_it(spool: Spool) -> None:
    """It was given to another printer while it was being drawn."""
    (one,) = settings(Path("data"), 9).printers
    clock = SystemClock()
    job, _ = spool.accept("t-1", "P", slip(), clock.now())

    def draw(_slip: object) -> bytes:
        spool.hand_over(job, "P2", ("改由 P2 打印", "at P2"), clock.now())
        raise ValueError("cannot be drawn here")

    worker = PrinterWorker(one, spool, draw, clock, open_line=lambda _: NullModem(_machine()))
    worker.start()
    try:
        until(lambda: worker.view().state == "ready", "the worker to go on")
    finally:
        worker.stop()
    assert [queued.job_id for queued in spool.queued("P2")] == ["t-1"]


def test_two_printers_that_start_together_leave_the_temporary_directory_alone() -> None:
    code = (
        "import tempfile, threading\n"
        "from ticket_printer.transport.links import escpos_printer\n"
        "usual = tempfile.gettempdir()\n"
        "first = threading.Thread(target=escpos_printer, args=('Network',))\n"
        "first.start()\n"
        "while first.is_alive() and tempfile.tempdir == usual: pass\n"
        "escpos_printer('Serial')\n"
        "first.join()\n"
        "assert tempfile.tempdir == usual, tempfile.tempdir\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_network_printer_that_does_not_answer_is_told_in_chinese() -> None:
    with ExitStack() as stack, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            # Whoever comes after them is not answered.
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        with pytest.raises(PrinterAway) as away:
            TcpLink(TcpAddress(*listener.getsockname()))
    assert "没有应答" in away.value.zh


@pytest.mark.parametrize("host", ["no-such-printer.invalid", "no..name"])
def test_an_unknown_host_is_told_in_chinese(host: str) -> None:
    with pytest.raises(PrinterAway) as away:
        TcpLink(TcpAddress(host, 9100))
    assert "主机名" in away.value.zh
