"""What every page must look like: readable against its background, nothing over anything else,
nothing beyond the edge, at the sizes of a desk's screen and at twice the size."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.web_hall import CLERK, GUIDE, MANAGER, WebHall, plain_tables, web_hall
from tests.support.web_pages import log_in, visit

pytestmark = pytest.mark.ui

# WCAG 2.1, success criterion 1.4.3.
LEAST_CONTRAST = 4.5
# A desk's screen, a large one, and the first at 200 %.
SIZES = [(1366, 768), (1920, 1080), (683, 384)]

_FAINT = """
(least) => {
  const parse = (text) => {
    const [r, g, b, a = 1] = text.match(/[0-9.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a),
    a: 1,
  });
  const part = (v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const light = (c) => 0.2126 * part(c.r) + 0.7152 * part(c.g) + 0.0722 * part(c.b);
  const behind = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== 'none') return null;
      layers.push(parse(style.backgroundColor));
      if (layers[layers.length - 1].a === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), { r: 255, g: 255, b: 255 });
  };
  const found = [];
  for (const node of document.body.querySelectorAll('*')) {
    const text = Array.from(node.childNodes).filter((c) => c.nodeType === 3).map((c) => c.data);
    const words = text.join('').trim();
    const style = getComputedStyle(node);
    const box = node.getBoundingClientRect();
    if (!words || !box.width || style.visibility !== 'visible') continue;
    if (node.tagName === 'OPTION') continue;
    const back = behind(node);
    if (back === null) continue;
    const ink = parse(style.color);
    ink.a *= Number(style.opacity);
    const [a, b] = [light(over(ink, back)), light(back)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < least) found.push(`${ratio.toFixed(2)} ${words.slice(0, 30)}`);
  }
  return found;
}
"""

_CROWDED = """
() => {
  const found = [];
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width + 1) found.push('the page is too wide');
  const leaves = Array.from(document.querySelectorAll('.bar *')).filter((node) => {
    const box = node.getBoundingClientRect();
    return node.children.length === 0 && node.textContent.trim() && box.width > 2;
  });
  for (const [i, one] of leaves.entries()) {
    const a = one.getBoundingClientRect();
    for (const other of leaves.slice(i + 1)) {
      const b = other.getBoundingClientRect();
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 1 && down > 1) found.push(`${one.textContent} over ${other.textContent}`);
    }
  }
  return found;
}
"""


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebHall]:
    """People wait, one is served, one is called, one window is paused for nobody's good."""
    tables: dict[str, Any] = plain_tables()
    tables["hall"]["name_en"] = "Dukang Town Convenience Service Centre"
    tables["appointments"] = {"enabled": True}
    with web_hall(tables, tmp_path_factory.mktemp("hall")) as running:
        for service in ("pension", "card", "tax-001", "tax-002"):
            running.issue(service, "green" if service == "card" else "ordinary")
        running.command("/windows/1/open")
        running.command("/windows/1/call-next")
        running.command("/devices/pair", kind="kiosk", name="大厅门口取号机")
        yield running


def _check(page: Page, where: str, faults: list[str]) -> None:
    faults += [f"{where}: {line}" for line in page.evaluate(_FAINT, LEAST_CONTRAST)]
    faults += [f"{where}: {line}" for line in page.evaluate(_CROWDED)]


def _tab(page: Page, name: str) -> None:
    page.locator(f"#tab-{name}").click()
    expect(page.locator(f"#{name}")).to_be_visible()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_pages_are_readable(
    hall: WebHall, browser: Browser, width: int, height: int, lang: str
) -> None:
    faults: list[str] = []
    with visit(browser, width, height) as page:
        page.goto(f"{hall.url}/?lang={lang}")
        _check(page, "home", faults)
        page.goto(f"{hall.url}/manager")
        expect(page.locator("#login")).to_be_visible()
        _check(page, "log-in", faults)
        log_in(page, f"{hall.url}/manager", MANAGER)
        expect(page.locator("#warnings .stranded").first).to_be_visible()
        _check(page, "live", faults)
        for name in ("matrix", "dial"):
            _tab(page, name)
            _check(page, name, faults)
        page.goto(f"{hall.url}/devices")
        expect(page.locator(".device")).to_be_visible()
        _check(page, "devices", faults)
        page.goto(f"{hall.url}/appointments")
        expect(page.locator("#day-name")).not_to_be_empty()
        _check(page, "appointments", faults)
    assert faults == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_clerks_page_is_readable(
    hall: WebHall, browser: Browser, width: int, height: int, lang: str
) -> None:
    faults: list[str] = []
    with visit(browser, width, height) as page:
        log_in(page, f"{hall.url}/clerk?lang={lang}", CLERK, 2)
        expect(page.locator("#trouble li").first).to_be_visible()
        _check(page, "closed", faults)
        page.keyboard.press("Space")
        expect(page.locator("#waiting .person button").first).to_be_visible()
        _check(page, "open", faults)
        page.keyboard.press("d")
        page.locator("#issue-several").check()
        _check(page, "issue", faults)
        page.keyboard.press("Escape")
        page.keyboard.press("o")
        expect(page.locator(".left-behind")).to_be_visible()
        _check(page, "left behind", faults)
    with visit(browser, width, height) as page:
        log_in(page, f"{hall.url}/clerk?lang={lang}", GUIDE)
        expect(page.locator("#to-appointments")).to_be_visible()
        _check(page, "guide", faults)
    assert faults == []
