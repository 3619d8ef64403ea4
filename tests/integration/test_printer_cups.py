"""A queue of a real, private CUPS in front of a virtual printer."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.printer_cups import QUEUE, private_cups, tell
from tests.fakes.printer_rig import papers, program, settings, until, virtual_printer
from tests.support.ticket_reading import read_number
from ticket_printer.cli import main
from ticket_printer.settings import PrinterProgramSettings
from ticket_printer.transport import cups_link
from ticket_printer.transport.address import CupsAddress
from ticket_printer.transport.cups_link import CupsLink
from ticket_printer.transport.links import LineLost, PrinterAway
from ticket_printer.virtual.faults import Faults

ADDRESS = f"cups://{QUEUE}"


def _chosen(data: Path, transport: str = ADDRESS) -> PrinterProgramSettings:
    return settings(data, 0, printer={"transport": transport})


def test_a_queue_prints_and_says_that_it_confirms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        virtual_printer(tmp_path / "out") as printer,
        private_cups(printer.address, monkeypatch),
        program(_chosen(tmp_path / "data")) as intake,
    ):
        assert "只写打印机" in intake.wait_printer("ready").detail
        intake.submit("t-1")
        assert "无法确认" in intake.wait_state("t-1", "done", "unknown").detail
        until(lambda: bool(papers(tmp_path / "out")), "the ticket")
        assert [read_number(png) for png in papers(tmp_path / "out")] == ["A012"]


def test_a_stopped_queue_is_offline_and_the_ticket_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        virtual_printer(tmp_path / "out") as printer,
        private_cups(printer.address, monkeypatch),
        program(_chosen(tmp_path / "data")) as intake,
    ):
        intake.wait_printer("ready")
        tell("cupsdisable", QUEUE)
        assert "CUPS 队列" in intake.wait_printer("offline").detail
        intake.submit("t-1")
        until(lambda: "离线" in intake.job("t-1").detail, "the reason in the job")
        tell("cupsenable", QUEUE)
        assert intake.wait_state("t-1", "done", "unknown").state == "done"


def test_a_ticket_that_stays_in_the_queue_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The printer behind the queue is off: the ticket must not come out when it is switched on."""
    with (
        virtual_printer(tmp_path / "out") as printer,
        private_cups(printer.address, monkeypatch),
    ):
        printer.switch(Faults(power="off"))
        link = CupsLink(CupsAddress(QUEUE), leaves_s=0.5)
        link.exchange(b"\x1b@A012\n\x1dV\x01", 1.0)
        with pytest.raises(LineLost, match="cancelled"):
            link.finish()
        assert tell("lpstat", "-o", QUEUE) == ""
        printer.switch(Faults())
        tell("cupsenable", QUEUE)
        next_one = CupsLink(CupsAddress(QUEUE))
        next_one.exchange(b"\x1b@A013\n\x1dV\x01", 1.0)
        next_one.finish()
        until(lambda: bool(papers(tmp_path / "out")), "the next ticket")
    assert (tmp_path / "out/0001.txt").read_text() == "A013\n"


@pytest.mark.parametrize("printed_meanwhile", [False, True])
def test_a_ticket_that_cups_does_not_give_back_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    printed_meanwhile: bool,
) -> None:
    with (
        virtual_printer(tmp_path / "out") as printer,
        private_cups(printer.address, monkeypatch),
    ):
        printer.switch(Faults(power="off"))
        link = CupsLink(CupsAddress(QUEUE), leaves_s=0.5)
        link.exchange(b"\x1b@A012\n\x1dV\x01", 1.0)
        real = shutil.which("cancel")
        first = f"{real} -a {QUEUE}" if printed_meanwhile else "true"
        (tmp_path / "cancel").write_text(f"#!/bin/sh\n{first}\necho no >&2\nexit 1\n")
        (tmp_path / "cancel").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        if printed_meanwhile:
            link.finish()
        else:
            with pytest.raises(LineLost, match="may be printed: no"):
                link.finish()
        assert "was cancelled" not in caplog.text


def test_what_is_not_finished_is_not_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        virtual_printer(tmp_path / "out") as printer,
        private_cups(printer.address, monkeypatch),
    ):
        link = CupsLink(CupsAddress(QUEUE))
        assert link.exchange(b"\x1b@A012\n\x1dV\x01", 1.0) == (10, b"")
        link.close()
        assert tell("lpstat", "-W", "all", "-o", QUEUE) == ""


def test_a_queue_cannot_be_registered_as_a_printer_that_confirms(tmp_path: Path) -> None:
    for caps in ("auto", "mute", "write-only"):
        (one,) = settings(tmp_path, 0, printer={"transport": ADDRESS, "caps": caps}).printers
        assert one.fixed_caps == "write-only"
    with pytest.raises(ValueError, match="CUPS 队列不回报任何状态"):
        settings(tmp_path, 0, printer={"transport": ADDRESS, "caps": "epson"})


def _no_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def _no_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CUPS_SERVER", str(tmp_path / "no.sock"))


@pytest.mark.parametrize(
    ("missing", "words"),
    [(_no_programs, "没有安装 cups-client"), (_no_server, "CUPS 队列不存在或已停用")],
)
def test_without_cups_it_says_so(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    missing: Callable[[pytest.MonkeyPatch, Path], None],
    words: str,
) -> None:
    missing(monkeypatch, tmp_path)
    with pytest.raises(PrinterAway) as refused:
        CupsLink(CupsAddress(QUEUE))
    assert refused.value.zh == words
    assert main(["probe", ADDRESS]) == 1
    assert words in capsys.readouterr().err


def test_a_cups_that_does_not_answer_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cups_link, "_COMMAND_S", 0.5)
    (tmp_path / "lpstat").write_text("#!/bin/sh\nexec sleep 600\n")
    (tmp_path / "lpstat").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(PrinterAway) as refused:
        CupsLink(CupsAddress(QUEUE))
    assert refused.value.zh == "CUPS 没有应答"


@pytest.mark.parametrize("program_of_cups", ["#!/bin/sh\necho no >&2\nexit 1\n", None])
def test_a_ticket_that_cups_refuses_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program_of_cups: str | None
) -> None:
    with (
        virtual_printer(tmp_path / "out") as printer,
        private_cups(printer.address, monkeypatch),
    ):
        link = CupsLink(CupsAddress(QUEUE))
        link.exchange(b"\x1b@A012\n\x1dV\x01", 1.0)
        if program_of_cups is None:
            tell("cupsreject", QUEUE)
        else:
            (tmp_path / "lp").write_text(program_of_cups)
            (tmp_path / "lp").chmod(0o755)
            monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        with pytest.raises(LineLost, match=r"^lp: "):
            link.finish()


def test_probe_and_list_name_the_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        virtual_printer(tmp_path / "out") as printer,
        private_cups(printer.address, monkeypatch),
    ):
        assert main(["probe", ADDRESS]) == 0
        assert 'caps = "write-only"' in capsys.readouterr().out
        assert main(["probe"]) == 0
        assert (
            f"{ADDRESS}  → ours://127.0.0.1:{printer.address[1]}  可用" in capsys.readouterr().out
        )
        tell("cupsdisable", QUEUE)
        main(["probe"])
        assert f"{ADDRESS}  → ours" in (listed := capsys.readouterr().out)
        assert "不可用：printer ticket disabled" in listed
        assert papers(tmp_path / "out") == []
