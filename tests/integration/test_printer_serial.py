"""Printers on a serial line and behind a device file, over a pseudo-terminal."""

from pathlib import Path

import pytest

from tests.fakes.printer_pty import serial_line
from tests.fakes.printer_rig import papers, program, settings, until, virtual_printer
from tests.support.ticket_reading import read_number, read_qr
from ticket_printer.virtual.faults import Faults


@pytest.mark.parametrize("query", ["", "?baud=115200&flow=none", "?baud=19200&flow=xonxoff"])
def test_a_serial_printer_prints_in_text_and_confirms(tmp_path: Path, query: str) -> None:
    with (
        virtual_printer(tmp_path / "out") as printer,
        serial_line(printer.address) as path,
        program(
            settings(tmp_path / "data", 0, printer={"transport": f"serial://{path}{query}"})
        ) as intake,
    ):
        intake.submit("t-1")
        assert intake.wait_state("t-1", "done", "unknown").state == "done"
        (png,) = papers(tmp_path / "out")
        assert "A012" in png.with_suffix(".txt").read_text().splitlines()
        read_qr(png)
        assert intake.printers()["P"].state == "ready"


def test_a_device_file_prints_pictures_and_a_fault_is_seen(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "out") as printer,
        serial_line(printer.address) as path,
        program(settings(tmp_path / "data", 0, printer={"transport": f"file://{path}"})) as intake,
    ):
        intake.wait_printer("ready")
        printer.switch(Faults(rows_left=400))
        intake.submit("t-1")
        assert "缺纸" in intake.wait_state("t-1", "held").detail
        printer.switch(Faults())
        assert intake.wait_state("t-1", "done", "unknown").state == "done"
        assert [read_number(png) for png in papers(tmp_path / "out")] == ["A012"]


def test_an_unplugged_device_is_offline_and_comes_back(tmp_path: Path) -> None:
    plug = tmp_path / "lp0"
    with virtual_printer(tmp_path / "out") as printer:
        chosen = settings(tmp_path / "data", 0, printer={"transport": f"file://{plug}"})
        with program(chosen) as intake:
            with serial_line(printer.address) as path:
                plug.symlink_to(path)
                intake.wait_printer("ready")
                plug.unlink()
            intake.wait_printer("offline")
            intake.submit("t-1")
            until(lambda: "离线" in intake.job("t-1").detail, "the reason in the job")
            with serial_line(printer.address) as path:
                plug.symlink_to(path)
                assert intake.wait_state("t-1", "done", "unknown").state == "done"
        assert [read_number(png) for png in papers(tmp_path / "out")] == ["A012"]
