"""Opening the hall's pages in Chromium, noting everything that goes wrong in them."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.support.browser import CHROMIUM, FLAGS
from tests.support.web_hall import PIN

# The machine that runs the tests may be very busy.
PATIENCE_MS = 30_000
# What the browser itself notes when a page asks whether somebody is logged in, or when the
# server is away on purpose.
_EXPECTED = ("401 (UNAUTHORIZED)", "Failed to load resource: net::", "ERR_INCOMPLETE_CHUNKED")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser whose expectations are patient."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """A page in a browser of its own; ``problems`` lists script errors and policy violations."""

    def __init__(
        self, browser: Browser, width: int, height: int, scripts: bool, expected: tuple[str, ...]
    ) -> None:
        self.problems: list[str] = []
        self._expected = _EXPECTED + expected
        self._context = browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=scripts
        )
        self._context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self._context.new_page()
        self.page.on("console", self._noted)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))

    def _noted(self, message: ConsoleMessage) -> None:
        text = message.text
        if message.type in ("error", "warning") and not any(
            word in text for word in self._expected
        ):
            self.problems.append(text)

    def close(self) -> None:
        """Closes the page and its cookies."""
        self._context.close()


@contextmanager
def visit(
    browser: Browser,
    width: int = 1366,
    height: int = 768,
    *,
    scripts: bool = True,
    expected: tuple[str, ...] = (),
) -> Iterator[Page]:
    """A page; at the end it must have had no problem but those ``expected``."""
    seen = Visit(browser, width, height, scripts, expected)
    try:
        yield seen.page
        assert seen.problems == [], seen.problems
    finally:
        seen.close()


def log_in(page: Page, address: str, staff_no: str, window: int | None = None) -> None:
    """Logs in by the form of the page at this address."""
    page.goto(address)
    expect(page.locator("#login")).to_be_visible()
    page.locator("#staff-no").fill(staff_no)
    page.locator("#pin").fill(PIN)
    if window is not None:
        page.locator("#login-window").select_option(str(window))
    page.locator("#login-form button").click()
    expect(page.locator("#desk")).to_be_visible()
