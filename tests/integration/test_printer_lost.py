"""Slips that came to nothing: who is told, and how a person prints them again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hallkit.runtime.clock import ManualClock
from hallkit.runtime.ports import free_port
from hallkit.wire.device import PartStatus
from hallkit.wire.slips import ReceiptSlip
from tests.fakes import printer_rig
from tests.fakes.hall_server_fake import FakeHall
from tests.fakes.printer_rig import (
    BRISK,
    Intake,
    papers,
    settings,
    slip,
    until,
    virtual_printer,
)
from ticket_printer.commands.reprint import main
from ticket_printer.intake.desk import PrintDesk
from ticket_printer.intake.routes import Routes
from ticket_printer.server_link import part_statuses
from ticket_printer.settings import PrinterProgramSettings
from ticket_printer.spool.store import Spool
from ticket_printer.spool.worker import PrinterWorker

# In UTC it is still the day before.
_MORNING = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
# A day that does not end while a test runs.
program = partial(printer_rig.program, clock=ManualClock(_MORNING))
_WHO = ("--by", "李芳", "--reason", "卡纸")


def _of(now: datetime, number: str = "A012") -> Any:
    return slip(number=number, issued_at=now.astimezone(slip().issued_at.tzinfo))


def _receipt() -> ReceiptSlip:
    return ReceiptSlip(
        hall_name="便民服务中心", service_name="居住证办理", case_number="SL-7",
        issued_at=slip().issued_at,
    )  # fmt: skip


def _ends(
    spool: Spool, job_id: str, content: Any, now: datetime, state: Any = "unknown", **more: Any
) -> None:
    """A job that ended like this, as the program leaves it in its spool."""
    job, _ = spool.accept(job_id, "P", content, now, **more)
    if state != "failed":
        spool.start_sending(job, now)
    spool.move(job_id, state, (f"{job_id} 的说明", f"about {job_id}"), now)


@contextmanager
def _desk(tmp_path: Path, clock: ManualClock) -> Iterator[tuple[Spool, PrintDesk]]:
    """A spool and its desk; its printers are never asked."""
    spool = Spool(tmp_path / "data")
    chosen = settings(tmp_path / "data", 9, 9)
    workers = [PrinterWorker(p, spool, lambda _: b"", clock) for p in chosen.printers]
    try:
        yield spool, PrintDesk(spool, workers, Routes(chosen), clock, 7)
    finally:
        spool.close()


def _first(desk: PrintDesk) -> PartStatus:
    return part_statuses(desk)[0]


def test_the_device_page_names_what_may_not_be_on_paper_until_it_is_printed_again(
    tmp_path: Path,
) -> None:
    clock = ManualClock(_MORNING)
    now = clock.now()
    with _desk(tmp_path, clock) as (spool, desk):
        _ends(spool, "t-1", _of(now), now, "done")
        assert "不知" not in _first(desk).text
        _ends(spool, "t-2", _of(now, "A013"), now)
        _ends(spool, "t-3", _of(now, "A014"), now)
        _ends(spool, "t-4", _receipt(), now, "failed")
        part, other = part_statuses(desk)
        assert part.text == "尚未连接；2 张不知是否出纸：A013、A014；1 张没有打出：受理凭证 SL-7"
        assert part.text_en == (
            "not connected yet; 2 may or may not be on paper: A013, A014;"
            " 1 not printed: receipt SL-7"
        )
        assert (part.ok, other.text) == (False, "尚未连接")
        for old in ("t-2", "t-3", "t-4"):
            desk.reprint(old, f"again-{old}")
        assert _first(desk).text == "尚未连接"
        # A reprint that comes to nothing is as much a matter for a person; one taken back is none.
        spool.move("again-t-2", "failed", ("", ""), now)
        spool.move("again-t-3", "withdrawn", ("", ""), now)
        assert _first(desk).text == "尚未连接；1 张不知是否出纸：A014；1 张没有打出：A013"
        desk.reprint("t-2", "again-2-t-2")
        assert _first(desk).text == "尚未连接；1 张不知是否出纸：A014"


def test_what_came_to_nothing_is_told_until_midnight_in_the_hall(tmp_path: Path) -> None:
    clock = ManualClock(_MORNING)
    with _desk(tmp_path, clock) as (spool, desk):
        _ends(spool, "t-1", _of(clock.now()), clock.now())
        clock.set(datetime(2026, 11, 24, 15, 59, tzinfo=UTC))
        assert "A012" in _first(desk).text
        clock.advance(timedelta(minutes=1))
        assert _first(desk).text == "尚未连接"


def test_the_words_stay_short_and_a_slip_that_cannot_be_read_does_not_end_them(
    tmp_path: Path,
) -> None:
    clock = ManualClock(_MORNING)
    now = clock.now()
    with _desk(tmp_path, clock) as (spool, desk):
        for n in range(1, 10):
            _ends(spool, f"t-{n}", _of(now, f"A{n:03}"), now)
        assert "9 张不知是否出纸：A001、A002、A003、A004、A005 等" in _first(desk).text
        with spool.change() as db:
            db.execute("UPDATE jobs SET slip = '{' WHERE job_id = 't-1'")
        assert "9 张不知是否出纸：单据、A002" in _first(desk).text
        for n in range(10, 20):
            long = _receipt().model_copy(update={"case_number": f"{n}" * 30})
            _ends(spool, f"t-{n}", long, now, "failed")
        assert len(_first(desk).text_en) == 400


def _part(hall: FakeHall) -> PartStatus | None:
    return hall.statuses[-1][1].parts[0] if hall.statuses else None


def test_a_ready_printer_with_a_lost_ticket_is_not_ok_at_the_server(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "data")
    now = _MORNING
    job, _ = spool.accept("t-1", "P", _of(now), now)
    spool.start_sending(job, now)
    spool.close()

    def shows(text: str, ok: bool) -> bool:
        part = _part(hall)
        return part is not None and (part.text, part.ok) == (text, ok)

    with FakeHall() as hall, virtual_printer(tmp_path / "out") as printer:
        chosen = settings(
            tmp_path / "data",
            printer.address[1],
            printer={"mode": "text"},
            server={"url": hall.url, "device_id": "printer-1"},
        )
        with program(chosen) as intake:
            assert hall.wait_for(lambda: shows("正常；1 张不知是否出纸：A012", ok=False))
            assert main(["A012", "--url", intake.url, *_WHO]) == 0
            assert hall.wait_for(lambda: shows("正常", ok=True))


class _Broken:
    """A line on which a ticket does something that nobody foresaw."""

    keep_open = True
    one_way = True

    def exchange(self, data: bytes, timeout_s: float) -> tuple[int, bytes]:
        raise ValueError(f"{len(data)} bytes, {timeout_s} s")

    def finish(self) -> None:
        """Everything has left."""

    def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_whoever_watches_a_printer_is_told_of_a_slip_that_came_to_nothing(
    tmp_path: Path, state: str
) -> None:
    spool, clock = Spool(tmp_path / "data"), ManualClock(_MORNING)
    seen: list[str] = []

    def changed() -> None:
        job = spool.job("t-1")
        seen.append(job.state if job is not None else "none yet")

    def drawn(_: object) -> bytes:
        if state == "failed":
            raise ValueError("cannot be drawn")
        return b"A012"

    (own,) = settings(tmp_path, 9, printer={"caps": "write-only"}).printers
    worker = PrinterWorker(own, spool, drawn, clock, changed, BRISK, lambda _: _Broken())
    worker.start()
    try:
        until(lambda: worker.view().state == "ready", "the printer to be ready")
        spool.accept("t-1", "P", _of(clock.now()), clock.now())
        worker.wake()
        until(lambda: seen == ["none yet", state], "somebody told")
    finally:
        worker.stop()
    spool.close()


def test_the_command_lists_what_needs_a_person_and_prints_it_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spool, now = Spool(tmp_path / "data"), _MORNING
    _ends(spool, "t-1", _of(now), now)
    _ends(spool, "t-2", _of(now, "A013"), now, "done")
    spool.accept("t-3", "P2", _of(now, "A014"), now)
    spool.close()
    with (
        virtual_printer(tmp_path / "out") as printer,
        virtual_printer(tmp_path / "out2", paper="out") as other,
        program(settings(tmp_path / "data", printer.address[1], other.address[1])) as intake,
    ):
        intake.wait_printer("paper_out", "P2")
        url = ["--url", intake.url]
        assert main(url) == 0
        at = f"{now.astimezone(slip().issued_at.tzinfo):%m-%d %H:%M}"
        lines = capsys.readouterr().out.splitlines()
        assert lines == [
            f"A012  {at}  P  不知是否已出纸 / may or may not be on paper",
            "    t-1 的说明 / about t-1",
            "    任务 / job: t-1",
            f"A014  {at}  P2  等待打印 / waiting to be printed",
            "    等待打印：缺纸，请装纸 / waiting to be printed: paper out: load a roll",
            "    任务 / job: t-3",
        ]
        assert main(["A012", *url, *_WHO]) == 0
        assert "A012: 补打，打印机“P”：" in capsys.readouterr().out
        _all_on_paper(intake)
        assert (len(papers(tmp_path / "out")), papers(tmp_path / "out2")) == (1, [])
        # Now the reprint is what has the number.
        assert main(["A012", *url, *_WHO, "--printer", "P2"]) == 0
        assert main(["A012", *url, *_WHO]) == 1
        assert "原任务还会打印，不能补打 / " in capsys.readouterr().err
        assert main(["A014", *url, *_WHO]) == 1
        assert main(["A013", *url, *_WHO]) == 0
        capsys.readouterr()
        assert main(url) == 0
        assert "A012（补打） / A012 (reprint)  " in capsys.readouterr().out


def _all_on_paper(intake: Intake) -> None:
    _, answer = intake.call("GET", "/jobs?number=A012")
    (job,) = answer["jobs"]
    assert job["reprint"]
    intake.wait_state(job["job_id"], "done")


def test_a_number_of_today_is_meant_and_a_paper_of_any_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spool, now = Spool(tmp_path / "data"), _MORNING
    before = now - timedelta(days=1)
    _ends(spool, "yesterday", _of(before), before, "done")
    _ends(spool, "receipt-1", _receipt(), before, "done")
    spool.close()
    with (
        virtual_printer(tmp_path / "out") as printer,
        program(settings(tmp_path / "data", printer.address[1])) as intake,
    ):
        url = ["--url", intake.url]
        assert main(url) == 0
        assert capsys.readouterr().out == (
            "没有要处理的票 / nothing is unknown, failed, held or waiting\n"
        )
        assert main(["A012", *url, *_WHO]) == 1
        assert "今天没有打印过 A012 / A012 was not printed today" in capsys.readouterr().err
        for job in ("receipt-2", "receipt-3"):
            status, view = intake.post(
                "/jobs", {"job_id": job, "slip": _receipt().model_dump(mode="json")}
            )
            assert status == 202, view
            intake.wait_state(job, "done")
        assert main(["SL-7", *url, *_WHO]) == 1
        told = capsys.readouterr().err
        assert "SL-7 有 3 张，请用 --job 写明任务编号" in told
        assert "受理凭证 SL-7 / receipt SL-7" in told
        assert "任务 / job: receipt-2" in told
        assert main(["--job", "receipt-2", *url, *_WHO]) == 0
        assert main(["--job", "receipt-2", *url, "--by", "李" * 41, "--reason", "卡纸"]) == 1
        assert "打印任务有误；by：" in capsys.readouterr().err
        assert main(["--job", "none", *url, *_WHO]) == 1
        assert "没有这个打印任务 / there is no such job" in capsys.readouterr().err


def test_the_command_says_what_is_wrong_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "printer.toml"

    def written(port: int) -> list[str]:
        config.write_text(
            f'data_dir = "{tmp_path}"\n[intake]\nport = {port}\n'
            '[[printers]]\nname = "P"\ntransport = "tcp://127.0.0.1:9"\n'
        )
        return ["--config", str(config)]

    assert main(written(free_port())) == 1
    assert "打印程序没有应答，是否在运行？" in capsys.readouterr().err
    for wrong, words in (
        (written(0), "请写 --url"),
        (["A012", "--config", str(config), "--by", "李芳"], "补打要写 --by 和 --reason"),
        (["--url", "ftp://x"], "不是服务器地址"),
        (["A012", *_WHO], "--config"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(wrong)
        assert ended.value.code == 2
        assert words in capsys.readouterr().err
    config.write_text("data_dir = 1")
    assert main(["--config", str(config)]) == 2


def _renamed(tmp_path: Path, *ports: int) -> PrinterProgramSettings:
    """The printer that was P is 新 now."""
    values = settings(tmp_path / "data", *ports).model_dump()
    values["printers"][0]["name"] = "新"
    return PrinterProgramSettings.model_validate(values)


def test_what_waits_for_a_printer_that_is_no_more_is_printed_elsewhere(tmp_path: Path) -> None:
    spool, now = Spool(tmp_path / "data"), _MORNING
    job, _ = spool.accept("t-1", "P", _of(now), now)
    spool.start_sending(job, now)
    spool.accept("t-2", "P", _of(now, "A013"), now)
    lent, _ = spool.accept("t-3", "P2", _of(now, "A014"), now)
    spool.hand_over(lent, "P", ("", ""), now)
    spool.close()
    with (
        virtual_printer(tmp_path / "out") as printer,
        virtual_printer(tmp_path / "out2") as own,
        program(_renamed(tmp_path, printer.address[1], own.address[1])) as intake,
    ):
        intake.wait_state("t-2", "done")
        intake.wait_state("t-3", "done")
        assert [intake.job(job).printer for job in ("t-1", "t-2", "t-3")] == ["P", "新", "P2"]
        assert intake.job("t-1").state == "unknown"
        assert (len(papers(tmp_path / "out")), len(papers(tmp_path / "out2"))) == (1, 1)
        # The kiosk asks again: it is the same job.
        kept = _of(now, "A013").model_dump(mode="json")
        assert intake.post("/jobs", {"job_id": "t-2", "slip": kept})[0] == 202


def test_a_reprint_of_a_printer_that_is_no_more_comes_out_elsewhere(tmp_path: Path) -> None:
    spool, now = Spool(tmp_path / "data"), _MORNING
    _ends(spool, "t-1", _of(now), now)
    spool.close()
    with (
        virtual_printer(tmp_path / "out") as printer,
        program(_renamed(tmp_path, printer.address[1])) as intake,
    ):
        status, view = intake.post("/jobs/t-1/reprint", {"job_id": "again"})
        assert (status, view.get("printer")) == (202, "新")
        intake.wait_state("again", "done")
        assert len(papers(tmp_path / "out")) == 1
