"""Several printers: who prints where, and where a ticket goes when its printer cannot print."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hallkit.link.client import ApiClient
from hallkit.runtime.clock import ManualClock, SystemClock
from hallkit.wire.printing import PrinterView
from kiosk.flow.state import PrintState
from kiosk.work.paper import PaperDesk
from tests.fakes.printer_rig import (
    Intake,
    papers,
    program,
    settings,
    slip,
    until,
    virtual_printer,
)
from tests.support.ticket_reading import read_number
from ticket_printer.settings import PrinterProgramSettings
from ticket_printer.spool.failover import Failover
from ticket_printer.spool.states import IllegalMove
from ticket_printer.spool.store import FILE_NAME, Spool
from ticket_printer.virtual.faults import Faults
from ticket_printer.virtual.server import VirtualPrinter

_OUT = Faults(paper="out")


def _settings(data: Path, *ports: int, each: list[dict[str, Any]], **more: Any) -> Any:
    chosen = settings(data, *ports, **more).model_dump(exclude_unset=True)
    for printer, extra in zip(chosen["printers"], each, strict=True):
        printer |= extra
    return PrinterProgramSettings.model_validate(chosen)


@contextmanager
def _two(
    tmp_path: Path, first: dict[str, Any] | None = None, **more: Any
) -> Iterator[tuple[VirtualPrinter, VirtualPrinter, Intake]]:
    """P, which hands over to P2, and P2."""
    with (
        virtual_printer(tmp_path / "P", **(first or {})) as one,
        virtual_printer(tmp_path / "P2") as two,
    ):
        chosen = _settings(
            tmp_path / "data",
            one.address[1],
            two.address[1],
            each=[
                {"failover": ["P2"], "kiosks": ["东门取号机"]},
                {"place": "2 号取号机", "place_en": "kiosk 2", "kiosks": ["西门取号机"]},
            ],
            failover_after_s=0,
            **more,
        )
        with program(chosen) as intake:
            intake.wait_printer("ready", "P2")
            yield one, two, intake


def _numbers(folder: Path) -> list[str]:
    return [read_number(png) for png in papers(folder)]


def _journal(data: Path, job_id: str) -> list[str]:
    with sqlite3.connect(data / FILE_NAME) as db:
        rows = db.execute(
            "SELECT detail_en FROM journal WHERE job_id = ? ORDER BY seq", (job_id,)
        ).fetchall()
    db.close()
    return [text for (text,) in rows]


def test_what_was_never_sent_goes_to_the_next_printer_and_says_where(tmp_path: Path) -> None:
    with _two(tmp_path, {"paper": "out"}) as (one, _, intake):
        intake.wait_printer("paper_out")
        intake.submit("t-1", "P")
        view = intake.wait_state("t-1", "done")
        assert (view.printer, view.collect_at, view.collect_at_en) == (
            "P2",
            "2 号取号机",
            "kiosk 2",
        )
        assert view.detail == "2 号取号机：已打印"
        assert intake.submit("t-1", "P").state == "done"
        one.switch(Faults())
        intake.wait_printer("ready")
        assert (_numbers(tmp_path / "P"), _numbers(tmp_path / "P2")) == ([], ["A012"])
    assert "P: paper out: load a roll; printed at P2 instead" in _journal(tmp_path / "data", "t-1")


def test_what_may_be_on_paper_stays_and_only_what_is_behind_it_goes(tmp_path: Path) -> None:
    fault = {"then": {"at": "raster", "paper": "out"}}
    with _two(tmp_path, fault) as (one, _, intake):
        intake.wait_printer("ready")
        intake.submit("t-1", "P")
        intake.wait_state("t-1", "held")
        intake.submit("t-2", "P", number="B002")
        assert intake.wait_state("t-2", "done").printer == "P2"
        assert intake.job("t-1").state == "held"
        one.switch(Faults())
        assert intake.wait_state("t-1", "done").collect_at == ""
        assert (_numbers(tmp_path / "P"), _numbers(tmp_path / "P2")) == (["A012"], ["B002"])


def test_a_ticket_of_unknown_fate_is_printed_nowhere_else(tmp_path: Path) -> None:
    fault = {"then": {"at": "raster", "power": "off"}}
    with _two(tmp_path, fault) as (_, _second, intake):
        intake.wait_printer("ready")
        intake.submit("t-1", "P")
        intake.wait_state("t-1", "unknown")
        intake.wait_printer("offline")
        intake.submit("t-2", "P", number="B002")
        intake.wait_state("t-2", "done")
        assert _numbers(tmp_path / "P2") == ["B002"]
        assert intake.job("t-1").printer == "P"


def test_a_ticket_waits_where_no_other_printer_is_ready_and_says_for_what(tmp_path: Path) -> None:
    with _two(tmp_path, {"paper": "out"}) as (one, two, intake):
        two.switch(Faults(cover="open"))
        intake.wait_printer("paper_out")
        intake.wait_printer("cover_open", "P2")
        intake.submit("t-1", "P")
        view = intake.job("t-1")
        assert (view.state, view.waits_for) == ("queued", "paper_out")
        assert view.detail == "等待打印：缺纸，请装纸"
        one.switch(Faults())
        assert intake.wait_state("t-1", "done").printer == "P"
        intake.submit("t-2", "P2")
        until(lambda: intake.job("t-2").waits_for == "cover_open", "P2 to have no way out")


def test_each_kiosk_has_its_printer_and_a_wrong_name_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with _two(tmp_path) as (_, _second, intake):

        def submit(job_id: str, **more: str) -> dict[str, Any]:
            body = {"job_id": job_id, "slip": slip().model_dump(mode="json"), **more}
            return intake.post("/jobs", body)[1]

        assert submit("t-1", kiosk="东门取号机")["printer"] == "P"
        assert submit("t-2", kiosk="西门取号机")["printer"] == "P2"
        assert submit("t-3", kiosk="西门取号机", printer="P")["printer"] == "P"
        assert submit("t-4", kiosk="西门取票机")["printer"] == "P"
        assert "是否应为“西门取号机”" in caplog.text
        error = submit("t-5", printer="P22")["error"]
        assert error["message"] == "没有名为“P22”的打印机，现有：P、P2，是否应为“P2”？"
        assert error["message_en"].endswith('did you mean "P2"?')
        kiosks = {name: view.kiosks for name, view in intake.printers().items()}
        assert kiosks == {"P": ["东门取号机"], "P2": ["西门取号机"]}


@contextmanager
def _kiosk(intake: Intake, name: str, printer: str = "") -> Iterator[tuple[PaperDesk, list[Any]]]:
    news: list[Any] = []
    desk = PaperDesk(ApiClient(intake.url, prefix=""), printer, name, news.append, lambda: None)
    desk.start()
    try:
        yield desk, news
    finally:
        desk.stop()


def test_the_visitor_is_told_why_it_waits_and_then_where_the_ticket_comes_out(
    tmp_path: Path,
) -> None:
    with _two(tmp_path, {"paper": "out"}) as (_, two, intake):
        two.switch(Faults(cover="open"))
        intake.wait_printer("paper_out")
        intake.wait_printer("cover_open", "P2")
        with _kiosk(intake, "东门取号机") as (desk, news):
            until(lambda: desk.part.state == "paper_out", "the kiosk to know its printer")
            desk.print("t-1", slip())
            waits = PrintState("trouble", "等待打印：缺纸，请装纸")
            until(lambda: bool(news), "the kiosk to say something")
            assert (news[0].paper.word, news[0].paper.zh) == (waits.word, waits.zh)
            two.switch(Faults())
            there = PrintState("printed", place_zh="2 号取号机", place_en="kiosk 2")
            until(lambda: news[-1].paper == there, "the visitor to be told where")
            assert _numbers(tmp_path / "P2") == ["A012"]


def test_a_kiosk_knows_its_own_printer_and_tells_of_a_wrong_name(tmp_path: Path) -> None:
    with _two(tmp_path, {"paper": "out"}) as (_, _second, intake):
        intake.wait_printer("paper_out")
        with _kiosk(intake, "西门取号机") as (desk, _news):
            until(lambda: desk.part.state == "ready", "the kiosk to know that P2 is well")
        with _kiosk(intake, "西门取号机", "P") as (desk, _news):
            until(lambda: desk.part.state == "paper_out", "the kiosk to know P")
        with _kiosk(intake, "西门取号机", "P22") as (desk, _news):
            until(lambda: "P22" in desk.part.text, "the kiosk to tell of the wrong name")
            assert desk.part.text == "打印程序里没有名为“P22”的打印机，是否应为“P2”？"
            assert not desk.part.ok


class _Printer:
    """As much of a printer as the rule looks at."""

    def __init__(self, name: str, unable_since: float | None) -> None:
        self.name = name
        self.unable_since = unable_since
        self.woken = 0

    def view(self) -> PrinterView:
        return PrinterView(
            name=self.name, state="paper_out", detail="缺纸", detail_en="out", waiting_jobs=0
        )

    def wake(self) -> None:
        self.woken += 1


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    opened = Spool(tmp_path / "data")
    yield opened
    opened.close()


def _failover(spool: Spool, now: float, *printers: _Printer) -> Failover:
    rule = {"P": ["P2", "P3"]}
    clock = ManualClock(SystemClock().now())
    workers: Any = printers
    return Failover(spool, workers, rule, 3.0, clock, lambda: now)


def test_a_ticket_goes_after_the_halls_time_in_the_halls_order_and_back(spool: Spool) -> None:
    now = SystemClock().now()
    spool.accept("t-1", "P", slip(), now)
    one, two, three = _Printer("P", 10.0), _Printer("P2", 11.0), _Printer("P3", None)
    assert _failover(spool, 12.0, one, two, three).turn() == pytest.approx(1.0)
    assert _failover(spool, 13.0, one, two, three).turn() is None
    job = spool.job("t-1")
    assert job is not None
    assert (job.printer, job.wanted, three.woken) == ("P3", "P", 1)
    # P3 fails before it began, and P is mended: the ticket comes out where it was asked for.
    one.unable_since, three.unable_since = None, 20.0
    _failover(spool, 30.0, one, two, three).turn()
    job = spool.job("t-1")
    assert job is not None
    assert job.printer == "P"


def test_a_printer_cannot_send_what_was_just_given_to_another(spool: Spool) -> None:
    now = SystemClock().now()
    job, _ = spool.accept("t-1", "P", slip(), now)
    spool.hand_over(job, "P2", ("改由 P2 打印", "at P2"), now)
    with pytest.raises(IllegalMove):
        spool.start_sending(job, now)
    (moved,) = spool.queued("P2")
    spool.start_sending(moved, now)
    with pytest.raises(IllegalMove):
        spool.hand_over(moved, "P", ("改由 P 打印", "at P"), now)
