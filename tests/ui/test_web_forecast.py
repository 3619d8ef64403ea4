"""Whether waiting times are rough, and how good they were, on the board, a visitor's phone and the
manager's page."""

import os
import signal
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, expect

from hallkit.runtime.clock import ManualClock
from tests.support.daytime import by_day
from tests.support.waiting import wait_for
from tests.support.web_hall import MANAGER, WebHall, plain_tables, web_hall
from tests.support.web_pages import log_in, visit

pytestmark = pytest.mark.ui

ROUGH = "预计时间为粗估"


def _forecaster() -> psutil.Process:
    mine = psutil.Process().children()
    return next(p for p in mine if "hall_server.forecaster" in p.cmdline())


def _source(hall: WebHall) -> str:
    return str(hall.ask("GET", "/health")["forecast"]["source"])


def test_rough_times_are_said_to_be_and_others_are_scored(tmp_path: Path, browser: Browser) -> None:
    clock = ManualClock(by_day())
    with web_hall(plain_tables(), tmp_path, clock) as hall:
        hall.command("/windows/1/open")
        wait_for("a forecast", lambda: _source(hall) == "simulation")
        hall.issue("pension")
        clock.advance(timedelta(minutes=2))
        hall.command("/windows/1/call-next")
        wait_for("another", lambda: _source(hall) == "simulation")
        with visit(browser, 1920, 1080) as page:
            page.goto(f"{hall.url}/board")
            expect(page.locator("#waiting li").first).to_be_visible()
            expect(page.locator("#rough")).to_be_hidden()
        with visit(browser) as page:
            log_in(page, f"{hall.url}/manager", MANAGER)
            expect(page.locator("#forecast")).to_contain_text("近 7 天预测 1 人")
        worker = _forecaster()
        os.kill(worker.pid, signal.SIGSTOP)
        try:
            clock.advance(timedelta(minutes=3))
            assert _source(hall) == "nominal"
            with visit(browser, 1920, 1080) as page:
                page.goto(f"{hall.url}/board")
                expect(page.locator("#rough")).to_have_text(ROUGH)
            with visit(browser) as page:
                log_in(page, f"{hall.url}/manager", MANAGER)
                expect(page.locator("#forecast")).to_contain_text(ROUGH)
        finally:
            os.kill(worker.pid, signal.SIGCONT)


def _rough_is_told(browser: Browser, address: str, *, scripts: bool) -> bool:
    """Whether the visitor reads that the wait is rough; a wait is shown in any case."""
    with visit(browser, 360, 740, scripts=scripts) as page:
        page.goto(address)
        expect(page.locator("#about")).to_contain_text("分钟")
        rough, box = page.locator("#rough"), page.locator("#about-box.rough")
        assert rough.is_visible() == (box.count() == 1)
        return rough.is_visible() and "粗估" in rough.inner_text()


def test_a_visitor_is_told_that_a_wait_is_rough(tmp_path: Path, browser: Browser) -> None:
    clock = ManualClock(by_day())
    with web_hall(plain_tables(), tmp_path, clock) as hall:
        tickets = [hall.issue("pension") for _ in range(3)]
        token = tickets[-1]["position_url"].rpartition("/")[2]
        address = f"{hall.url}/t/{token}"

        def told() -> str | None:
            source: str | None = hall.ask("GET", f"/positions/{token}")["forecast"]
            return source

        # No window is open: nothing is said about the wait.
        with visit(browser, 360, 740) as page:
            page.goto(address)
            expect(page.locator("#ahead")).to_have_text("2 人")
            expect(page.locator("#about-box")).to_be_hidden()
            expect(page.locator("#rough")).to_be_hidden()
        assert told() is None
        hall.command("/windows/1/open")
        hall.command("/windows/1/call-next")
        wait_for("a forecast of the ticket", lambda: told() == "simulation")
        assert not _rough_is_told(browser, address, scripts=True)
        worker = _forecaster()
        os.kill(worker.pid, signal.SIGSTOP)
        try:
            clock.advance(timedelta(minutes=3))
            assert told() == "nominal"
            assert _rough_is_told(browser, address, scripts=True)
            assert _rough_is_told(browser, address, scripts=False)
        finally:
            os.kill(worker.pid, signal.SIGCONT)
