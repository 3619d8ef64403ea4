"""Every fault at its place: what is on paper, what the job says, what the printer says."""

from pathlib import Path
from typing import Any

import pytest

from hallkit.runtime.clock import SystemClock
from hallkit.runtime.ports import free_port
from tests.fakes.printer_rig import (
    BRISK,
    papers,
    program,
    settings,
    slip,
    until,
    virtual_printer,
)
from tests.support.ticket_reading import read_number
from ticket_printer.spool.store import Spool
from ticket_printer.spool.worker import PrinterWorker
from ticket_printer.virtual.faults import Faults


@pytest.mark.parametrize(
    ("fault", "state", "words"),
    [
        ({"paper": "out"}, "paper_out", "缺纸"),
        ({"cover": "open"}, "cover_open", "上盖打开"),
    ],
)
def test_a_fault_before_the_ticket_keeps_it_queued_until_mended(
    tmp_path: Path, fault: dict[str, Any], state: str, words: str
) -> None:
    with (
        virtual_printer(tmp_path / "out", **fault) as printer,
        program(settings(tmp_path / "data", printer.address[1])) as intake,
    ):
        assert words in intake.wait_printer(state).detail
        intake.submit("t-1")
        until(lambda: words in intake.job("t-1").detail, "the reason in the job")
        assert intake.job("t-1").state == "queued"
        assert intake.printers()["P"].waiting_jobs == 1
        printer.switch(Faults())
        intake.wait_state("t-1", "done")
        assert [read_number(png) for png in papers(tmp_path / "out")] == ["A012"]
        intake.wait_printer("ready")


def test_paper_near_its_end_still_prints_and_is_told(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "out", paper="near-end") as printer,
        program(settings(tmp_path / "data", printer.address[1])) as intake,
    ):
        assert "纸将尽" in intake.wait_printer("paper_near_end").detail
        intake.submit("t-1")
        intake.wait_state("t-1", "done")


@pytest.mark.parametrize("caps", ["epson", "clone", "status-only"])
def test_paper_out_in_the_middle_holds_the_ticket_and_goes_on(tmp_path: Path, caps: str) -> None:
    with (
        virtual_printer(tmp_path / "out", caps=caps) as printer,
        program(settings(tmp_path / "data", printer.address[1], printer={"caps": caps})) as intake,
    ):
        intake.wait_printer("ready")
        printer.switch(Faults(caps=caps, rows_left=300))
        intake.submit("t-1")
        assert "缺纸" in intake.wait_state("t-1", "held").detail
        assert intake.printers()["P"].state == "paper_out"
        assert papers(tmp_path / "out") == []
        printer.switch(Faults(caps=caps))
        intake.wait_state("t-1", "done")
        assert [read_number(png) for png in papers(tmp_path / "out")] == ["A012"]


def test_a_full_receive_buffer_without_paper_is_held_not_lost(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "out", buffer_bytes=4096) as printer,
        program(settings(tmp_path / "data", printer.address[1])) as intake,
    ):
        intake.wait_printer("ready")
        printer.switch(Faults(buffer_bytes=4096, rows_left=10))
        intake.submit("t-1")
        assert intake.wait_state("t-1", "held", "unknown").state == "held"
        printer.switch(Faults(buffer_bytes=4096))
        assert intake.wait_state("t-1", "done", "unknown").state == "done"
        assert [read_number(png) for png in papers(tmp_path / "out")] == ["A012"]


def test_a_jammed_cutter_holds_the_ticket(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "out") as printer,
        program(settings(tmp_path / "data", printer.address[1])) as intake,
    ):
        intake.wait_printer("ready")
        printer.switch(Faults(cutter="error"))
        intake.submit("t-1")
        assert "切刀故障" in intake.wait_state("t-1", "held").detail
        assert intake.printers()["P"].state == "cutter_error"
        printer.switch(Faults())
        intake.wait_state("t-1", "done")
        assert len(papers(tmp_path / "out")) == 1


def test_a_connection_lost_in_the_middle_is_unknown_and_never_sent_again(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "out") as printer,
        program(settings(tmp_path / "data", printer.address[1])) as intake,
    ):
        intake.wait_printer("ready")
        printer.switch(Faults(drop_after_bytes=20_000))
        intake.submit("t-1")
        view = intake.wait_state("t-1", "unknown", "done")
        assert view.state == "unknown"
        assert "连接中断" in view.detail
        assert "reprint" in view.detail_en
        intake.submit("t-2", number="B002")
        intake.wait_state("t-2", "done")
        assert intake.job("t-1").state == "unknown"
        # What had been printed of it is cut off: the next ticket is on paper of its own.
        _, whole = papers(tmp_path / "out")
        assert read_number(whole) == "B002"


def test_power_lost_in_the_middle_is_unknown(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "out", bytes_per_s=4_000) as printer,
        program(settings(tmp_path / "data", printer.address[1])) as intake,
    ):
        intake.wait_printer("ready")
        intake.submit("t-1")
        intake.wait_state("t-1", "sending")
        printer.switch(Faults(power="off"))
        assert intake.wait_state("t-1", "unknown", "done").state == "unknown"
        assert "离线" in intake.wait_printer("offline").detail
        printer.switch(Faults())
        intake.wait_printer("ready")
        assert papers(tmp_path / "out") == []


def test_silence_after_sending_is_unknown(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "out", bytes_per_s=4_000) as printer,
        program(settings(tmp_path / "data", printer.address[1])) as intake,
    ):
        intake.wait_printer("ready")
        intake.submit("t-1")
        intake.wait_state("t-1", "sending")
        printer.switch(Faults(silent=True))
        view = intake.wait_state("t-1", "unknown", "done")
        assert (view.state, "不再应答" in view.detail) == ("unknown", True)


def test_a_printer_that_never_confirms_is_unknown(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "out", caps="clone") as printer,
        program(
            settings(tmp_path / "data", printer.address[1], printer={"caps": "epson"})
        ) as intake,
    ):
        intake.submit("t-1")
        assert intake.wait_state("t-1", "unknown", "done").state == "unknown"


@pytest.mark.parametrize("fault", [{"caps": "mute"}, {"garbage": True}])
def test_a_printer_that_cannot_be_understood_gets_no_ticket(
    tmp_path: Path, fault: dict[str, Any]
) -> None:
    with (
        virtual_printer(tmp_path / "out", **fault) as printer,
        program(settings(tmp_path / "data", printer.address[1])) as intake,
    ):
        intake.submit("t-1")
        until(lambda: "没有应答" in intake.printers()["P"].detail, "the state to be told")
        assert intake.printers()["P"].state == "unknown"
        assert intake.job("t-1").state == "queued"
        printer.switch(Faults())
        intake.wait_state("t-1", "done")
        assert len(papers(tmp_path / "out")) == 1


def test_an_absent_printer_prints_when_it_appears(tmp_path: Path) -> None:
    port = free_port()
    with program(settings(tmp_path / "data", port)) as intake:
        intake.submit("t-1")
        intake.submit("t-2", number="A013")
        until(lambda: "离线" in intake.job("t-1").detail, "the reason in the job")
        assert intake.wait_printer("offline").waiting_jobs == 2
        with virtual_printer(tmp_path / "out", port=port):
            intake.wait_state("t-2", "done")
            assert intake.job("t-1").state == "done"
            numbers = [read_number(png) for png in papers(tmp_path / "out")]
            assert numbers == ["A012", "A013"]


def test_a_queued_ticket_can_be_withdrawn(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "out", paper="out") as printer,
        program(settings(tmp_path / "data", printer.address[1])) as intake,
    ):
        intake.submit("t-1")
        assert intake.post("/jobs/t-1/reprint", {"job_id": "x"})[0] == 409
        assert intake.post("/jobs/t-1/withdraw", {})[1]["state"] == "withdrawn"
        assert intake.post("/jobs/t-1/withdraw", {})[0] == 409
        printer.switch(Faults())
        intake.submit("t-2", number="B002")
        intake.wait_state("t-2", "done")
        assert [read_number(png) for png in papers(tmp_path / "out")] == ["B002"]


def test_a_held_ticket_can_be_withdrawn_from_the_printer(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "out") as printer,
        program(settings(tmp_path / "data", printer.address[1])) as intake,
    ):
        intake.wait_printer("ready")
        printer.switch(Faults(rows_left=100))
        intake.submit("t-1")
        intake.wait_state("t-1", "held")
        assert intake.post("/jobs/t-1/withdraw", {})[0] == 202
        assert "可能已打出一部分" in intake.wait_state("t-1", "withdrawn", "unknown").detail
        printer.switch(Faults())
        intake.wait_printer("ready")
        assert papers(tmp_path / "out") == []


def test_a_withdrawal_that_comes_too_late_does_not_hit_the_next_ticket(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "data")
    clock = SystemClock()
    # Slow enough for a ticket to be out while the withdrawal is looked for.
    with virtual_printer(tmp_path / "out", bytes_per_s=400) as printer:
        (one,) = settings(tmp_path / "data", printer.address[1]).printers
        worker = PrinterWorker(one, spool, lambda _slip: b"text\n" * 60, clock, patience=BRISK)
        worker.start()
        try:
            for job_id in ("t-1", "t-2"):
                spool.accept(job_id, one.name, slip(), clock.now())
                worker.wake()
                _until_done(spool, job_id)
                worker.withdraw("t-1")
        finally:
            worker.stop()
            spool.close()


def _until_done(spool: Spool, job_id: str) -> None:
    def done() -> bool:
        job = spool.job(job_id)
        return job is not None and job.state == "done"

    until(done, f"{job_id} is done")
