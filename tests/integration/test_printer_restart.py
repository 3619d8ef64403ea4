"""The program dies at every moment of a ticket: never a silent second print, nothing forgotten."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hallkit.runtime.clock import ManualClock, SystemClock
from hallkit.runtime.ports import free_port
from hallkit.runtime.service import Service
from tests.fakes.printer_rig import (
    BRISK,
    Intake,
    papers,
    program,
    settings,
    slip,
    start_and_stop,
    until,
    virtual_printer,
)
from tests.support.ticket_reading import read_number
from ticket_printer.program import Program
from ticket_printer.spool.store import Spool, SpoolError
from ticket_printer.virtual.faults import Faults


def write_config(folder: Path, port: int, more: str = "") -> Path:
    """A settings file with one printer."""
    path = folder / "printer.toml"
    path.write_text(
        f'data_dir = "{folder / "data"}"\n[intake]\nport = 0\n[[printers]]\nname = "P"\n'
        f'transport = "tcp://127.0.0.1:{port}"\npoll_s = 0.3\n{more}'
    )
    return path


@contextmanager
def hall_printer(config: Path) -> Iterator[tuple[subprocess.Popen[str], Intake]]:
    """``hall printer`` as a process of its own."""
    code = "import sys; from hallkit.runtime.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "printer", "--config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("listening on 127.0.0.1:"), line
            with Intake(int(line.rsplit(":", 1)[1])) as intake:
                yield process, intake
        finally:
            process.kill()


def _kill(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_killed_while_queued_the_ticket_is_printed_once_later(tmp_path: Path) -> None:
    with virtual_printer(tmp_path / "out", cover="open") as printer:
        config = write_config(tmp_path, printer.address[1])
        with hall_printer(config) as (process, intake):
            intake.submit("t-1")
            _kill(process)
        printer.switch(Faults())
        with hall_printer(config) as (_, intake):
            intake.wait_state("t-1", "done")
            intake.submit("t-1")
        assert [read_number(png) for png in papers(tmp_path / "out")] == ["A012"]


@pytest.mark.parametrize(
    ("faults", "state"),
    [({"bytes_per_s": 4_000}, "sending"), ({"rows_left": 200}, "held")],
)
def test_killed_while_printing_the_ticket_is_unknown_and_not_sent_again(
    tmp_path: Path, faults: dict[str, Any], state: str
) -> None:
    with virtual_printer(tmp_path / "out") as printer:
        config = write_config(tmp_path, printer.address[1])
        with hall_printer(config) as (process, intake):
            intake.wait_printer("ready")
            printer.switch(Faults.model_validate(faults))
            intake.submit("t-1")
            intake.wait_state("t-1", state)
            _kill(process)
        printer.switch(Faults())
        with hall_printer(config) as (_, intake):
            view = intake.job("t-1")
            assert (view.state, "重新启动" in view.detail) == ("unknown", True)
            assert intake.submit("t-1").state == "unknown"
            intake.submit("t-2", number="B002")
            intake.wait_state("t-2", "done")
            assert intake.job("t-1").state == "unknown"
        assert len(papers(tmp_path / "out")) <= 2


def test_the_spool_knows_how_many_tickets_may_still_be_in_a_printer(tmp_path: Path) -> None:
    now = SystemClock().now()
    for n in (1, 2):
        spool = Spool(tmp_path / "data")
        spool.recover(now)
        job, _ = spool.accept(f"t-{n}", "P", slip(), now)
        spool.start_sending(job, now)
        spool.close()
    spool = Spool(tmp_path / "data")
    assert (spool.unfinished("P"), spool.unfinished("Q")) == (2, 0)
    spool.move("t-2", "done", ("", ""), now)
    assert spool.unfinished("P") == 0
    spool.close()


def test_a_term_signal_lets_the_ticket_in_hand_finish(tmp_path: Path) -> None:
    with virtual_printer(tmp_path / "out", bytes_per_s=4_000) as printer:
        config = write_config(tmp_path, printer.address[1])
        with hall_printer(config) as (process, intake):
            intake.wait_printer("ready")
            intake.submit("t-1")
            intake.wait_state("t-1", "sending")
            process.terminate()
            # It has a few seconds for that.
            printer.switch(Faults())
            assert process.wait(60) == 0
        with hall_printer(config) as (_, intake):
            assert intake.job("t-1").state == "done"
        assert [read_number(png) for png in papers(tmp_path / "out")] == ["A012"]


def test_two_programs_on_one_spool_are_refused(tmp_path: Path) -> None:
    port = free_port()
    with (
        program(settings(tmp_path / "data", port)),
        pytest.raises(SpoolError, match="另一个打印程序"),
    ):
        start_and_stop(settings(tmp_path / "data", port))


def test_a_busy_port_and_a_data_folder_that_is_a_file_are_said_clearly(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        taken = busy.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            start_and_stop(settings(tmp_path / "data", 9, intake={"port": taken}))
    (tmp_path / "file").write_text("")
    with pytest.raises(SpoolError, match="无法使用数据目录"):
        start_and_stop(settings(tmp_path / "file", 9))


def test_a_spool_that_is_no_database_is_said_clearly(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "spool.sqlite3").write_bytes(b"not a database" * 100)
    with pytest.raises(SpoolError, match="打印队列文件无法使用"):
        start_and_stop(settings(tmp_path / "data", 9))


def test_finished_jobs_are_forgotten_after_keep_days_open_ones_never(tmp_path: Path) -> None:
    clock = ManualClock(SystemClock().now() - timedelta(days=8))
    spool = Spool(tmp_path / "data")
    spool.accept("old-done", "P", slip(), clock.now())
    spool.move("old-done", "withdrawn", ("", ""), clock.now())
    spool.accept("old-open", "P", slip(), clock.now())
    spool.close()
    with (
        virtual_printer(tmp_path / "out", paper="out") as printer,
        program(settings(tmp_path / "data", printer.address[1])) as intake,
    ):
        assert intake.call("GET", "/jobs/old-done")[0] == 404
        assert intake.job("old-open").state == "queued"
        until(lambda: "缺纸" in intake.job("old-open").detail, "the reason")


def test_a_program_that_runs_for_days_forgets_finished_jobs_too(tmp_path: Path) -> None:
    clock = ManualClock(SystemClock().now())
    service = Service()
    with virtual_printer(tmp_path / "out") as printer:
        running = Program(
            settings(tmp_path / "data", printer.address[1]), None, service, clock, BRISK
        )
        try:
            running.start()
            with Intake(running.intake_address[1]) as intake:
                intake.submit("first")
                intake.wait_state("first", "done")
                clock.advance(timedelta(days=8))
                intake.submit("second", number="A013")
                assert intake.call("GET", "/jobs/first")[0] == 404
        finally:
            service.close()
