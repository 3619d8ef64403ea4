"""What the tests of the pages stand on; a module may have a hall of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.web_hall import CLERK, WebHall, plain_tables, web_hall
from tests.support.web_pages import chromium, log_in, visit


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[WebHall]:
    with web_hall(plain_tables(), tmp_path) as running:
        yield running


@pytest.fixture
def desk(hall: WebHall, browser: Browser) -> Iterator[Page]:
    """Window 2 (every service), logged in and open."""
    with visit(browser) as page:
        log_in(page, f"{hall.url}/clerk", CLERK, 2)
        page.keyboard.press("Space")
        expect(page.locator("#window-state")).to_contain_text("接待中")
        yield page
