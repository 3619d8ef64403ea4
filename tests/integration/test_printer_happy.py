"""A job becomes one ticket on paper, on every kind of printer."""

import json
from pathlib import Path

import pytest

from tests.fakes.printer_rig import QR_URL, papers, program, settings, slip, until, virtual_printer
from tests.support.ticket_reading import read_number, read_qr


def test_a_job_becomes_one_ticket_with_its_number_and_qr(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "out") as printer,
        program(settings(tmp_path / "data", printer.address[1])) as intake,
    ):
        assert intake.submit("t-1").state == "queued"
        assert intake.wait_state("t-1", "done").detail == "已打印"
        (png,) = papers(tmp_path / "out")
        assert read_number(png) == "A012"
        assert read_qr(png) == QR_URL
        assert png.with_suffix(".txt").read_text().startswith("[RASTER 576x")
        assert intake.printers()["P"].state == "ready"
        assert intake.printers()["P"].waiting_jobs == 0


def test_the_same_job_again_prints_nothing_new(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "out") as printer,
        program(settings(tmp_path / "data", printer.address[1])) as intake,
    ):
        for _ in range(3):
            intake.submit("t-1")
        intake.wait_state("t-1", "done")
        assert intake.submit("t-1").state == "done"
        intake.submit("t-2", number="B002")
        intake.wait_state("t-2", "done")
        assert [read_number(png) for png in papers(tmp_path / "out")] == ["A012", "B002"]


def test_the_same_id_for_another_slip_is_refused(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "out") as printer,
        program(settings(tmp_path / "data", printer.address[1])) as intake,
    ):
        intake.submit("t-1")
        body = {"job_id": "t-1", "slip": slip(number="B900").model_dump(mode="json")}
        status, answer = intake.post("/jobs", body)
        assert (status, answer["error"]["code"]) == (409, "job_id_used")
        assert answer["error"]["message"] == "同一任务编号已用于另一张票"
        intake.wait_state("t-1", "done")
        assert len(papers(tmp_path / "out")) == 1


@pytest.mark.parametrize(
    ("caps", "detail"),
    [
        ("clone", "已打印"),
        ("status-only", "已发送；打印机状态正常，未逐张确认"),
    ],
)
def test_printers_that_answer_less_are_found_out_and_used(
    tmp_path: Path, caps: str, detail: str
) -> None:
    with (
        virtual_printer(tmp_path / "out", caps=caps) as printer,
        program(settings(tmp_path / "data", printer.address[1])) as intake,
    ):
        intake.submit("t-1")
        assert intake.wait_state("t-1", "done", "unknown").detail == detail
        assert len(papers(tmp_path / "out")) == 1


def test_a_registered_write_only_printer_works_and_says_what_it_is(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "out", caps="mute") as printer,
        program(
            settings(tmp_path / "data", printer.address[1], printer={"caps": "write-only"})
        ) as intake,
    ):
        intake.submit("t-1")
        assert intake.wait_state("t-1", "done").detail == "已发送；此打印机不回报，无法确认"
        until(lambda: len(papers(tmp_path / "out")) == 1, "the ticket on paper")
        assert "只写打印机" in intake.printers()["P"].detail


def test_58_mm_paper(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "out", width=384) as printer,
        program(settings(tmp_path / "data", printer.address[1], printer={"width": 58})) as intake,
    ):
        intake.submit("t-1", number="C1000")
        intake.wait_state("t-1", "done")
        (png,) = papers(tmp_path / "out")
        assert read_number(png) == "C1000"
        assert read_qr(png) == QR_URL


def test_text_mode_prints_the_same_words(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "out") as printer,
        program(
            settings(tmp_path / "data", printer.address[1], printer={"mode": "text"})
        ) as intake,
    ):
        intake.submit("t-1", tags=["绿色通道", "补打"], hall_name="㐂𠮷·〇镇便民服务中心 26℃")
        intake.wait_state("t-1", "done")
        (png,) = papers(tmp_path / "out")
        lines = png.with_suffix(".txt").read_text().splitlines()
        assert "A012" in lines
        assert "您前面还有 7 人在等待" in lines
        assert f"[QR] {QR_URL}" in lines
        assert " 绿色通道   补打" in lines
        assert lines[0] == "〓〓·〇镇便民服务中心 26℃"
        assert read_qr(png) == QR_URL


def test_two_printers_each_print_their_own(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "one") as one,
        virtual_printer(tmp_path / "two") as two,
        program(settings(tmp_path / "data", one.address[1], two.address[1])) as intake,
    ):
        intake.submit("t-1", number="A001")
        intake.submit("t-2", printer="P2", number="A002")
        intake.wait_state("t-1", "done")
        intake.wait_state("t-2", "done")
        assert read_number(papers(tmp_path / "one")[0]) == "A001"
        assert read_number(papers(tmp_path / "two")[0]) == "A002"


def test_a_reprint_is_a_new_job_marked_so(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "out") as printer,
        program(
            settings(tmp_path / "data", printer.address[1], printer={"mode": "text"})
        ) as intake,
    ):
        intake.submit("t-1")
        intake.wait_state("t-1", "done")
        for _ in range(2):
            status, view = intake.post("/jobs/t-1/reprint", {"job_id": "t-1-again"})
            assert (status, view["job_id"]) == (202, "t-1-again")
        intake.wait_state("t-1-again", "done")
        texts = [p.with_suffix(".txt").read_text() for p in papers(tmp_path / "out")]
        assert ["补打" in text for text in texts] == [False, True]
        assert all("A012" in text for text in texts)
        assert json.dumps(intake.job("t-1").state) == '"done"'
