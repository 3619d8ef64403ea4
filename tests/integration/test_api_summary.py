"""The manager's daily summary: its figures are the day's, on the screen, as PDF and on the slip."""

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.printer_rig import papers, program, settings, until, virtual_printer
from tests.fakes.running_hall import Answer, Client, RunningHall, running
from tests.support.broken_press import broken_press
from tests.support.pdf_reading import fonts_of, text_of
from ticket_printer.settings import PrinterProgramSettings

PDF = "summary.pdf"


def figures(summary: Any) -> dict[str, str]:
    """The summary's figures by name."""
    return {f["name"]: f["value"] for group in summary["groups"] for f in group["figures"]}


def rows(summary: Any, title: str) -> dict[str, tuple[int | None, ...]]:
    """A table: issued, served, missed, mean and P90 by name."""
    (table,) = (t for t in summary["tables"] if t["title"] == title)
    keys = ("issued", "served", "missed", "mean_min", "p90_min")
    return {row["name"]: tuple(row[key] for key in keys) for row in table["rows"]}


def pdf(client: Client, query: str = "") -> tuple[int, dict[str, str], bytes]:
    """The PDF as it comes."""
    url = f"{client.hall.base_url}/api/v1/{PDF}{query}"
    answer = client.pool.request("GET", url, headers=client.headers)
    return answer.status, dict(answer.headers), answer.data


def morning(hall: RunningHall) -> Client:
    """Ten visitors at window 5, waiting 1, 2, … 9 and 40 minutes; one of the ten is missed, one
    lacks papers. Two others wait, one gives the number back. Returns the manager."""
    kiosk, clerk, manager = hall.device(), hall.clerk(5), hall.manager()
    for waited in [*range(1, 10), 40]:
        kiosk.issue("pension-join")
        hall.later(minutes=waited)
        clerk.call_next(5)
        if waited == 3:
            clerk.verb(5, "no-show").ok()
            ticket = manager.get("tickets?number=E003").ok()["tickets"][0]
            assert ticket["state"] == "waiting"
            manager.command(f"tickets/{ticket['id']}/cancel").ok()
            continue
        clerk.verb(5, "start").ok()
        outcome = {"outcome": "supplement"} if waited == 4 else {}
        clerk.verb(5, "finish", **outcome).ok()
    kiosk.issue("hukou")
    kiosk.issue("dibao")
    return manager


def test_the_figures_are_those_of_the_day(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        summary = morning(hall).get("summary").ok()
        assert summary["day"] == "2026-11-23"
        assert figures(summary) == {
            "取号": "12 人",
            "办结": "8 件",
            "待补正": "1 件",
            "过号": "1 次",
            "取消": "1 人",
            "尚未办完": "2 人",
            "平均等候": "8 分钟",
            # Nine of ten: the tenth waited 40.
            "九成等候不超过": "9 分钟",
            "最长等候": "40 分钟",
        }
        assert rows(summary, "各窗口") == {"5号 社会保障窗口": (None, 8, 1, 8, 9)}
        assert rows(summary, "各事项") == {
            "城乡居民养老保险参保": (10, 8, 1, 8, 9),
            "户口登记": (1, 0, 0, None, None),
            "最低生活保障申请": (1, 0, 0, None, None),
        }
        assert summary["remarks"] == [
            "1 人等候超过 15 分钟；最长的是 E010 号，09:45 取号，等候 40 分钟",
            "统计到 10:25 为止",
        ]


def test_each_service_of_a_ticket_and_each_window_gets_its_own(tmp_path: Path) -> None:
    with running(tmp_path, always_open=True) as hall:
        kiosk, manager = hall.device(), hall.manager()
        kiosk.issue("pension-join", more_services=["hukou"])
        clerks = {n: hall.clerk(n) for n in (1, 2, 3, 4, 5)}
        clerks[5].call_next(5)
        clerks[5].verb(5, "start").ok()
        clerks[5].verb(5, "finish").ok()
        hall.later(minutes=7)
        second = next(n for n in clerks if clerks[n].call_next(n) is not None)
        clerks[second].verb(second, "start").ok()
        clerks[second].verb(second, "finish").ok()
        summary = manager.get("summary").ok()
        assert figures(summary)["取号"] == "1 人"
        assert figures(summary)["办结"] == "2 件"
        by_service = rows(summary, "各事项")
        assert by_service["城乡居民养老保险参保"] == (1, 1, 0, 0, 0)
        # The wait is that before the first call.
        assert by_service["户口登记"] == (0, 1, 0, None, None)
        assert [row[1] for row in rows(summary, "各窗口").values()] == [1, 1]


def test_a_day_is_that_day_alone(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        manager = morning(hall)
        hall.at("2026-11-24T09:00:00")
        manager = hall.manager()
        today = manager.get("summary").ok()
        assert figures(today)["取号"] == "0 人"
        assert figures(today)["叫号"] == "0 人"
        assert today["tables"] == []
        before = manager.get("summary?date=2026-11-23").ok()
        assert figures(before)["取号"] == "12 人"
        assert figures(before)["未办作废"] == "2 人"
        assert not any("为止" in remark for remark in before["remarks"])
        manager.get("summary?date=2026-11-25").refused(404, "no_such_day")
        manager.get("summary?date=never").refused(422, "invalid_fields")


def test_a_day_whose_journal_is_gone_is_not_made_up(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        morning(hall)
        hall.at("2026-11-24T09:00:00")
        hall.device().issue("hukou")
        hall.store.write(lambda tx: tx.trim_journal("2026-11-24", 10_000))
        manager = hall.manager()
        manager.get("summary?date=2026-11-23").refused(404, "day_not_kept")
        assert figures(manager.get("summary").ok())["取号"] == "1 人"


def test_a_large_hall_is_added_up_where_paper_ends(tmp_path: Path) -> None:
    with running(tmp_path, "jiyuan-home", always_open=True) as hall:
        kiosk = hall.device()
        services = list(hall.hall.services)[:45]
        for service_id in services:
            kiosk.issue(service_id)
        kiosk.issue(services[7])
        summary = hall.manager().get("summary").ok()
        shown = rows(summary, "各事项")
        assert len(shown) == 40
        assert next(iter(shown.values()))[0] == 2
        assert shown["其余 6 个"][0] == 6
        assert figures(summary)["取号"] == "46 人"


def test_the_pdf_says_the_same(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        manager = morning(hall)
        summary = manager.get("summary").ok()
        status, headers, paper = pdf(manager)
        assert status == 200
        assert headers["Content-Type"] == "application/pdf"
        assert headers["Content-Disposition"] == 'attachment; filename="2026-11-23.pdf"'
        said = text_of(paper)
        for name, value in figures(summary).items():
            assert f"{name}{value}".replace(" ", "") in said
        for title in ("各窗口", "各事项"):
            for name, counts in rows(summary, title).items():
                shown = "".join("–" if n is None else str(n) for n in counts)
                shown = shown.removeprefix("–") if title == "各窗口" else shown
                assert f"{name}{shown}".replace(" ", "") in said
        assert all(remark.replace(" ", "") in said for remark in summary["remarks"])
        assert all(font.embedded and font.has_text for font in fonts_of(paper))


@pytest.mark.parametrize("path", ["summary", PDF])
def test_only_a_manager_reads_it(tmp_path: Path, path: str) -> None:
    with running(tmp_path) as hall:
        hall.anyone().get(path).refused(401, "login_needed")
        hall.clerk(5).get(path).refused(403, "not_allowed")
        hall.device().get(path).refused(401, "login_needed")


def test_a_machine_that_cannot_make_pdfs_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with running(tmp_path / "data") as hall:
        status, headers, body = pdf(hall.manager())
        error = Answer(status, headers, body.decode()).refused(503, "no_pdf").json["error"]
        assert error["message"] == "PDF 排版失败：缺少 libpangoft2-1.0-0"
        assert error["message_en"] == "the PDF maker failed: install libpangoft2-1.0-0"


def test_what_broke_in_the_pdf_maker_is_for_the_log_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken_press(tmp_path, monkeypatch)
    with running(tmp_path / "data") as hall:
        status, headers, body = pdf(hall.manager())
        error = Answer(status, headers, body.decode()).refused(503, "no_pdf").json["error"]
    assert (error["message"], error["message_en"]) == ("PDF 排版失败", "the PDF maker failed")
    assert "ValueError: no such glyph" in caplog.text


def test_printing_is_asked_for_once_and_journaled(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        manager = hall.manager()
        manager.command("summary/print").refused(409, "no_printer")
        hall.device("printer")
        same = "5a4f4f0e-6d3b-4a51-9a8e-1f1f3a3a3a3a"
        for _ in range(2):
            manager.command("summary/print", request_id=same, date="2026-11-20").ok()
        manager.command("summary/print", date="2026-11-24").refused(404, "no_such_day")
        manager.command("summary/print", date=20261120).refused(422, "invalid_fields")
        hall.clerk(5).command("summary/print").refused(403, "not_allowed")
        ((_, actor, body),) = hall.journal("summary.")
        assert (actor, body["data"]["day"]) == ("staff:m1", "2026-11-20")
        (line,) = manager.get("journal?type=summary.requested").ok()["entries"]
        assert (line["who"], line["text"]) == ("主任", "在导办台打印日报")


def test_the_first_printer_that_asks_prints_it(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        first, second, manager = hall.device("printer"), hall.device("printer"), hall.manager()
        for _ in range(2):
            manager.command("summary/print").ok()
        claims = [body["data"]["claim"] for _, _, body in hall.journal("summary.requested")]
        assert len(set(claims)) == 2
        for _ in range(2):
            first.command("summary/claim", request_id=claims[0]).ok()
        second.command("summary/claim", request_id=claims[0]).refused(409, "request_id_reused")
        second.command("summary/claim", request_id=claims[1]).ok()
        hall.device().command("summary/claim").refused(403, "not_allowed")
        manager.command("summary/claim").refused(403, "not_allowed")
        hall.anyone().command("summary/claim").refused(401, "login_needed")


def at_the_desk(hall: RunningHall, folder: Path, port: int) -> PrinterProgramSettings:
    """A printer program that has been let in and prints what the guide desk asks for."""
    device = hall.device("printer")
    folder.mkdir(exist_ok=True)
    token = folder / "token"
    token.write_text(device.headers["Authorization"].removeprefix("Bearer "))
    server = {"url": hall.base_url, "device_id": device.device_id, "token_file": str(token)}
    return settings(
        folder / "spool", port, printer={"mode": "text"}, desk_printer="P", server=server
    )


def follows(hall: RunningHall) -> bool:
    """Whether a program follows the hall's events."""
    return hall.parts.streams._all > 0


def printed(folder: Path) -> list[str]:
    """What is on the virtual paper, without blanks."""
    return ["".join(p.with_suffix(".txt").read_text().split()) for p in papers(folder)]


def test_the_desk_printer_prints_it_once(tmp_path: Path) -> None:
    paper = tmp_path / "paper"
    with virtual_printer(paper) as virtual, running(tmp_path / "hall") as hall:
        manager = morning(hall)
        chosen = at_the_desk(hall, tmp_path, virtual.address[1])
        with program(chosen):
            until(lambda: follows(hall), "the program to follow the server")
            manager.command("summary/print").ok()
            until(lambda: len(printed(paper)) == 1, "the summary on paper")
        # Asked for while the program is away, and of a day that is over.
        manager.command("summary/print", date="2026-11-20").ok()
        with program(chosen):
            until(lambda: len(printed(paper)) == 2, "the second summary on paper")
        first, second = printed(paper)
        assert "大厅运行日报" in first
        assert "2026年11月23日星期一" in first
        for name, value in figures(manager.get("summary").ok()).items():
            assert name in first
            assert value.replace(" ", "") in first
        assert "10/8/1，8/9分" in first
        assert "2026年11月20日星期五" in second


def test_of_two_printer_programs_at_the_desk_one_prints_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with virtual_printer(tmp_path / "paper") as virtual, running(tmp_path / "hall") as hall:
        port = virtual.address[1]
        one, two = (at_the_desk(hall, tmp_path / name, port) for name in ("one", "two"))
        with program(one), program(two):
            until(lambda: hall.parts.streams._all == 2, "both programs to follow the server")
            hall.manager().command("summary/print").ok()
            until(lambda: "is printed elsewhere" in caplog.text, "one of them to let it be")
            until(lambda: bool(printed(tmp_path / "paper")), "the summary on paper")
        assert len(printed(tmp_path / "paper")) == 1


def test_a_request_of_an_earlier_day_is_not_printed(tmp_path: Path) -> None:
    paper = tmp_path / "paper"
    with virtual_printer(paper) as virtual, running(tmp_path / "hall") as hall:
        chosen = at_the_desk(hall, tmp_path, virtual.address[1])
        with program(chosen):
            until(lambda: follows(hall), "the program to follow the server")
        hall.manager().command("summary/print").ok()
        hall.at("2026-11-24T09:00:00")
        hall.manager().command("summary/print").ok()
        with program(chosen):
            until(lambda: bool(printed(paper)), "the summary on paper")
        (only,) = printed(paper)
        assert "2026年11月24日" in only
