"""What waited at closing time does not come out beside the numbers of the next day."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from hallkit.runtime.clock import ManualClock
from tests.fakes.printer_rig import papers, program, settings, slip, until, virtual_printer
from ticket_printer.render.samples import sample
from ticket_printer.spool.failover import Failover
from ticket_printer.spool.states import IllegalMove
from ticket_printer.spool.store import Spool
from ticket_printer.spool.worker import PrinterWorker
from ticket_printer.virtual.faults import Faults

HALL = timezone(timedelta(hours=8))
CLOSING = datetime(2026, 11, 23, 17, 30, tzinfo=HALL)
MORNING = CLOSING + timedelta(hours=15)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    opened = Spool(tmp_path / "spool")
    yield opened
    opened.close()


def test_a_number_that_waited_for_paper_over_night_is_not_printed(tmp_path: Path) -> None:
    clock = ManualClock(CLOSING)
    receipt = sample("receipt").model_dump(mode="json")
    with (
        virtual_printer(tmp_path / "out", paper="out") as printer,
        program(
            settings(tmp_path / "data", printer.address[1], printer={"mode": "text"}), clock=clock
        ) as intake,
    ):
        intake.wait_printer("paper_out")
        intake.submit("t-1", number="A118", issued_at=CLOSING)
        intake.submit("t-2", number="A119", issued_at=CLOSING)
        assert intake.post("/jobs", {"job_id": "r-1", "slip": receipt})[0] == 202
        clock.set(datetime(2026, 11, 23, 23, 59, 59, tzinfo=HALL))
        until(lambda: "缺纸" in intake.job("t-1").detail, "the reason in the job")
        assert intake.job("t-1").state == "queued"
        clock.set(MORNING)
        # Nobody has to load paper for that.
        assert intake.wait_state("t-1", "withdrawn", "done").detail == "号码已过日，未打印"
        intake.wait_state("t-2", "withdrawn")
        assert intake.printers()["P"].waiting_jobs == 1
        intake.submit("t-3", number="A001", issued_at=MORNING)
        printer.switch(Faults())
        intake.wait_state("t-3", "done")
        assert intake.job("r-1").state == "done"
    first, second = (png.with_suffix(".txt").read_text() for png in papers(tmp_path / "out"))
    assert "受理凭证" in first
    assert "A001" in second


def test_a_number_of_an_earlier_day_goes_to_no_other_printer(tmp_path: Path, spool: Spool) -> None:
    clock = ManualClock(MORNING)
    one, two = (
        PrinterWorker(printer, spool, lambda _: b"", clock)
        for printer in settings(tmp_path, 9, 9).printers
    )
    # As a printer that is well.
    two._see("ready")
    spool.accept("t-1", "P", slip(issued_at=CLOSING), CLOSING)
    spool.accept("r-1", "P", sample("receipt"), CLOSING)
    Failover(spool, [one, two], {"P": ["P2"]}, 0.0, clock).turn()
    assert [job.job_id for job in spool.queued("P")] == ["t-1"]
    assert [job.job_id for job in spool.queued("P2")] == ["r-1"]


def test_only_the_printer_that_has_a_job_ends_it_unsent(spool: Spool) -> None:
    job, _ = spool.accept("t-1", "P", slip(), CLOSING)
    spool.hand_over(job, "P2", ("改由 P2 打印", "at P2"), CLOSING)
    with pytest.raises(IllegalMove):
        spool.end_unsent(job, "failed", ("", ""), CLOSING)
    (moved,) = spool.queued("P2")
    spool.start_sending(moved, CLOSING)
    with pytest.raises(IllegalMove):
        spool.end_unsent(moved, "withdrawn", ("", ""), CLOSING)
