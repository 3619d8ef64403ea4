"""The TV board: calls, outage, large halls, and nothing that scrolls."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.web_hall import WebHall, plain_tables, web_hall
from tests.support.web_pages import visit

pytestmark = pytest.mark.ui

# How long a page of windows stays; the tests' browser need not wait for it.
PAGE_MS = 8_000

NASTY = "<img src=x onerror=alert(1)>"


def _fits(page: Page) -> None:
    """Nothing scrolls, and nothing in the lists is cut off at the bottom."""
    over = page.evaluate(
        """() => {
          const root = document.scrollingElement;
          const cut = Array.from(document.querySelectorAll('.waiting, .rows, .recent')).filter(
            (box) => box.scrollHeight > box.clientHeight + 1);
          return [root.scrollWidth > innerWidth, root.scrollHeight > innerHeight, cut.length];
        }"""
    )
    assert over == [False, False, 0]


def test_a_call_is_shown_blinks_slowly_and_is_captioned(hall: WebHall, browser: Browser) -> None:
    first, second = hall.issue("pension")["number"], hall.issue("pension")["number"]
    hall.command("/windows/1/open")
    hall.command("/windows/2/open")
    with visit(browser, 1920, 1080) as page:
        page.goto(f"{hall.url}/board")
        expect(page.locator("#waiting")).to_contain_text("2 人")
        expect(page.locator("#rows-none")).to_be_visible()
        hall.command("/windows/1/call-next")
        row = page.locator("#rows .row", has_text=first)
        expect(row).to_have_class("row row-called row-new")
        expect(row).to_contain_text("1 号窗口")
        expect(row).to_contain_text("请到窗口")
        expect(page.locator("#caption")).to_have_text(f"请 {first} 号到 1 号社保窗口 办理")
        period, times = row.evaluate(
            """e => {
              const style = getComputedStyle(e);
              return [style.animationDuration, style.animationIterationCount];
            }"""
        )
        assert float(period.rstrip("s")) >= 0.5
        assert float(period.rstrip("s")) * int(times) >= 10
        hall.command("/windows/1/start")
        expect(row).to_contain_text("办理中")
        hall.command("/windows/2/call-next")
        expect(page.locator("#recent .recent-row").first).to_contain_text(second)
        hall.command("/windows/1/finish")
        expect(row).to_have_count(0)


def test_an_outage_is_told_and_heals_by_itself(hall: WebHall, browser: Browser) -> None:
    number = hall.issue("pension")["number"]
    hall.command("/windows/1/open")
    with visit(browser, 1280, 720) as page:
        page.goto(f"{hall.url}/board")
        expect(page.locator("#waiting")).to_contain_text("1 人")
        hall.stop()
        expect(page.locator("#outage")).to_be_visible()
        expect(page.locator("#outage")).to_contain_text("数据已中断")
        hall.start()
        expect(page.locator("#outage")).to_be_hidden()
        hall.command("/windows/1/call-next")
        expect(page.locator("#rows")).to_contain_text(number)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080), (3840, 2160)])
def test_a_large_hall_turns_pages_and_never_scrolls(
    tmp_path: Path, browser: Browser, width: int, height: int
) -> None:
    with web_hall(_large(), tmp_path) as hall, visit(browser, width, height) as page:
        for number in range(1, 31):
            hall.issue("pension")
            hall.command(f"/windows/{number}/open")
            hall.command(f"/windows/{number}/call-next")
        hall.issue("card")
        page.clock.install()
        page.goto(f"{hall.url}/board")
        expect(page.locator("#rows .row")).to_have_count(12)
        expect(page.locator("#page")).to_contain_text("/ 3 页")
        _fits(page)
        seen: set[str] = set()
        for _ in range(3):
            text = page.locator("#page").inner_text()
            seen.add(text)
            page.clock.fast_forward(PAGE_MS)
            expect(page.locator("#page")).not_to_have_text(text)
        assert len(seen) == 3
        # A call turns to its page.
        hall.command("/windows/17/recall")
        row = page.locator("#rows .row-new", has_text="17 号窗口")
        expect(row).to_be_visible()
        _fits(page)


def _large() -> dict[str, Any]:
    tables = plain_tables()
    tables["windows"] = [
        {
            "number": n,
            "name": "不动产登记与住房公积金联合办理综合服务专窗",
            "area": "main",
            "rules": [{"services": "*"}],
        }
        for n in range(1, 31)
    ]
    tables["categories"] += [
        {
            "id": f"c{i}",
            "series": letter,
            "name": f"特别长的业务类别名称第{i}类",
            "services": [{"id": f"s{i}", "name": "事项"}],
        }
        for i, letter in enumerate("CDEFGHJK")
    ]
    return tables


def test_names_are_text_never_markup(tmp_path: Path, browser: Browser) -> None:
    tables = plain_tables()
    tables["hall"]["name"] = NASTY
    tables["windows"][0]["name"] = NASTY
    tables["categories"][0]["name"] = NASTY
    with web_hall(tables, tmp_path) as hall, visit(browser, 1920, 1080) as page:
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        hall.issue("pension")
        hall.command("/windows/1/open")
        hall.command("/windows/1/call-next")
        for path in ("/board", "/", "/clerk", "/manager"):
            page.goto(hall.url + path)
            expect(page.locator("body")).to_contain_text(NASTY)
            assert page.locator("img[src=x]").count() == 0
        page.goto(f"{hall.url}/board")
        expect(page.locator("#caption")).to_contain_text(NASTY)
        assert page.locator("img[src=x]").count() == 0


def test_an_empty_hall_in_english(hall: WebHall, browser: Browser) -> None:
    with visit(browser, 1280, 720) as page:
        page.goto(f"{hall.url}/board?lang=en")
        expect(page.locator("#rows-none")).to_have_text("Nobody is being served")
        expect(page.locator("#recent-none")).to_have_text("No calls yet")
        _fits(page)


_HIDDEN_AND_SHOWN = """async () => {
  const { LiveStream } = await import('/web/js/lib/live.js');
  const later = window.setTimeout;
  // Pauses between attempts end at once, the watchdog of a silent stream never does.
  window.setTimeout = (work, ms) => (ms >= 15000 ? 0 : later(work, 1));
  let open = 0;
  let asked = 0;
  window.fetch = (_, { signal }) => new Promise((_, fail) => {
    asked += 1;
    if (asked === 1) return fail(new Error('no server'));
    open += 1;
    return signal.addEventListener('abort', () => { open -= 1; fail(new Error('aborted')); });
  });
  const stream = new LiveStream('calls', { onEvent() {}, onLink(up) { if (!up && asked === 1) {
    stream.rest();
    stream.visibility();
  } } });
  stream.start();
  for (let turn = 0; turn < 50; turn += 1) await new Promise((done) => later(done, 2));
  const during = open;
  stream.stop();
  return [asked, during, open];
}"""


def test_a_page_hidden_and_shown_in_an_outage_has_one_stream(
    hall: WebHall, browser: Browser
) -> None:
    """The attempt that was waiting when the page was hidden must not go on beside the new one."""
    with visit(browser, expected=("404",)) as page:
        page.goto(f"{hall.url}/missing")
        assert page.evaluate(_HIDDEN_AND_SHOWN) == [2, 1, 0]
