"""The dial's preview on the manager's page, which a slow machine takes its time for."""

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.support.web_hall import MANAGER, WebHall
from tests.support.web_pages import log_in, visit

pytestmark = pytest.mark.ui

# The server itself gives a preview up after 20 s, and says so.
SLOW_MS = 20_000


def test_a_preview_that_takes_long_is_waited_for(hall: WebHall, browser: Browser) -> None:
    with visit(browser) as page:
        page.clock.install()
        log_in(page, f"{hall.url}/manager", MANAGER)
        page.locator("#tab-dial").click()
        expect(page.locator("#dial-rows tr", has_text="绿色通道")).to_be_visible()
        held: list[Route] = []
        page.route("**/priorities/preview", lambda route: held.append(route))
        with page.expect_request("**/priorities/preview"):
            page.locator("#dial-preview").click()
        page.clock.fast_forward(SLOW_MS)
        expect(page.locator("#dial-preview")).to_be_disabled()
        with page.expect_response("**/priorities/preview"):
            held.pop().continue_()
        expect(page.locator("#dial-words .dial-main")).to_contain_text("普通群众平均")
