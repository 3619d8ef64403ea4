"""The manager's page: the day in figures as a file to print, and as a slip at the guide desk."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from hall_server.service.devices import Devices
from hall_server.store.store import SqlStore
from hallkit.runtime.clock import SystemClock
from tests.support.broken_press import broken_press
from tests.support.pdf_reading import text_of
from tests.support.web_hall import MANAGER, WebHall
from tests.support.web_pages import log_in, visit

pytestmark = pytest.mark.ui


def download(page: Page, folder: Path) -> tuple[str, str]:
    """The file's name and the text in it."""
    with page.expect_download() as found:
        page.locator("#summary-pdf").click()
    path = folder / "day.pdf"
    found.value.save_as(path)
    return found.value.suggested_filename, text_of(path.read_bytes())


def test_the_day_is_downloaded_as_a_paper(browser: Browser, hall: WebHall, tmp_path: Path) -> None:
    for _ in range(3):
        hall.issue("card")
    today = hall.ask("GET", "/board")["business_day"]
    with visit(browser) as page:
        log_in(page, f"{hall.url}/manager", MANAGER)
        name, said = download(page, tmp_path)
        assert name == f"{today}.pdf"
        assert "大厅运行日报" in said
        assert "取号3人" in said
        year, month, day = today.split("-")
        before = f"{int(year) - 1}-{month}-{day}" if (month, day) != ("02", "29") else "2024-02-28"
        page.locator("#summary-day").fill(before)
        name, said = download(page, tmp_path)
        assert name == f"{before}.pdf"
        assert "取号0人" in said


def test_a_paper_that_fails_is_said_in_words_on_the_page(
    browser: Browser, hall: WebHall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with visit(browser, expected=("404", "503")) as page:
        log_in(page, f"{hall.url}/manager", MANAGER)
        page.locator("#summary-day").fill("2099-01-01")
        page.locator("#summary-pdf").click()
        expect(page.locator("#summary-status")).to_have_text("2099-01-01 还没有到")
        page.locator("#summary-day").fill("")
        broken_press(tmp_path, monkeypatch)
        page.locator("#summary-pdf").click()
        expect(page.locator("#summary-status")).to_have_text("PDF 排版失败")
        expect(page.locator("#summary-pdf")).to_be_enabled()
        page.context.clear_cookies()
        # The page may have asked for something by itself meanwhile, and be at the log-in already.
        page.locator("#summary-pdf").dispatch_event("click")
        expect(page.locator("#login")).to_be_visible()
        assert len(page.context.pages) == 1


def test_the_slip_is_sent_to_the_guide_desk_or_it_is_said_why_not(
    browser: Browser, hall: WebHall, tmp_path: Path
) -> None:
    status = "#summary-status"
    with visit(browser, expected=("409",)) as page:
        log_in(page, f"{hall.url}/manager", MANAGER)
        page.locator("#summary-print").click()
        expect(page.locator(status)).to_contain_text("没有已接入的打印机，请下载 PDF 打印")
        hall.stop()
        _let_a_printer_in(tmp_path / "data")
        hall.start()
        page.locator("#summary-print").click()
        expect(page.locator(status)).to_contain_text("已通知导办台的打印机")
    (entry,) = hall.ask("GET", "/journal?type=summary.requested")["entries"]
    assert entry["who"] == "李主任"


def _let_a_printer_in(data: Path) -> None:
    store = SqlStore(data)
    try:
        Devices(store, SystemClock()).add("printer", "导办台")
    finally:
        store.close()
