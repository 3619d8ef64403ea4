"""The manager's page tells who put whom before others today, and why."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.web_hall import MANAGER, WebHall, plain_tables, web_hall
from tests.support.web_pages import chromium, log_in, visit

pytestmark = pytest.mark.ui


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[WebHall]:
    with web_hall(plain_tables(), tmp_path) as running:
        yield running


def test_what_was_decided_by_hand_is_told(browser: Browser, hall: WebHall) -> None:
    first, second = hall.issue("card"), hall.issue("card")
    with visit(browser) as page:
        log_in(page, f"{hall.url}/manager", MANAGER)
        expect(page.locator("#audit-none")).to_be_visible()
        expect(page.locator("#audit-table")).to_be_hidden()
        hall.command("/windows/2/open")
        hall.command("/windows/2/call", ticket_id=second["id"], reason="孕妇")
        row = page.locator("#audit tr")
        expect(row).to_have_count(1)
        expect(row).to_contain_text(
            f"2号窗口手工呼叫 {second['number']}，越过 {first['number']}，原因：孕妇"
        )
        expect(page.locator("#audit-none")).to_be_hidden()
