"""The TV board beside a real server: calls, outage, restart, and names that are only text."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.web_hall import WebHall, plain_tables, web_hall
from tests.support.web_pages import visit

pytestmark = pytest.mark.ui

NASTY = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebHall]:
    tables = plain_tables()
    tables["categories"][0]["services"][1]["kind"] = "collect"
    with web_hall(tables, tmp_path_factory.mktemp("hall")) as running:
        yield running


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with visit(browser, 1280, 720, expected=("404",)) as shown:
        yield shown


def test_a_call_is_shown_blinks_slowly_and_is_captioned(hall: WebHall, page: Page) -> None:
    first, second = hall.issue("pension")["number"], hall.issue("card")["number"]
    hall.command("/windows/1/open")
    hall.command("/windows/2/open")
    page.goto(f"{hall.url}/board")
    expect(page.locator("#waiting")).to_contain_text("2 人")
    expect(page.locator("#rows-none")).to_be_visible()
    hall.command("/windows/1/call-next")
    row = page.locator("#rows .row", has_text=first)
    expect(row).to_have_class("row row-called row-new")
    expect(row).to_contain_text("1 号窗口")
    expect(row).to_contain_text("请到窗口")
    expect(page.locator("#caption")).to_have_text(f"请{first}号到1号综合窗口办理")
    period, times = row.evaluate(
        """e => {
          const style = getComputedStyle(e);
          return [style.animationDuration, style.animationIterationCount];
        }"""
    )
    assert float(period.rstrip("s")) >= 0.5
    assert float(period.rstrip("s")) * int(times) >= 10
    page.emulate_media(reduced_motion="reduce")
    assert row.evaluate("e => getComputedStyle(e).animationName") == "none"
    page.emulate_media(reduced_motion="no-preference")
    hall.command("/windows/1/start")
    expect(row).to_contain_text("办理中")
    # A certificate is collected, and the caption says so.
    hall.command("/windows/2/call-next")
    expect(page.locator("#recent .recent-row").first).to_contain_text(second)
    expect(page.locator("#caption")).to_contain_text("领取证件")
    hall.command("/windows/1/finish")
    expect(row).to_have_count(0)
    hall.command("/windows/2/start")
    hall.command("/windows/2/finish")


def test_an_outage_is_told_and_heals_and_what_changed_meanwhile_is_taken_over(
    tmp_path: Path, page: Page
) -> None:
    """A hall that was renamed, or a new version, must not wait for somebody to restart the TV."""
    with web_hall(plain_tables(), tmp_path) as hall:
        number = hall.issue("pension")["number"]
        hall.command("/windows/1/open")
        page.goto(f"{hall.url}/board")
        expect(page.locator("#waiting")).to_contain_text("1 人")
        other = page.request.get(f"{hall.url}/board").text().replace("小镇", "新镇")
        hall.stop()
        expect(page.locator("#outage")).to_be_visible()
        expect(page.locator("#outage")).to_contain_text("数据已中断")
        expect(page.locator("#waiting")).to_contain_text("1 人")
        page.route(f"{hall.url}/board", lambda route: route.fulfill(body=other))
        hall.start()
        expect(page.locator("#hall-name")).to_have_text("新镇便民服务中心")
        expect(page.locator("#outage")).to_be_hidden()
        hall.command("/windows/1/call-next")
        expect(page.locator("#rows")).to_contain_text(number)
        page.goto("about:blank")


def test_names_are_text_never_markup(tmp_path: Path, page: Page) -> None:
    tables = plain_tables()
    tables["hall"]["name"] = NASTY
    tables["windows"][0]["name"] = NASTY
    tables["categories"][0]["name"] = NASTY
    with web_hall(tables, tmp_path) as hall:
        page.once("dialog", lambda dialog: pytest.fail(dialog.message))
        hall.issue("pension")
        hall.command("/windows/1/open")
        hall.command("/windows/1/call-next")
        for path in ("/", "/clerk", "/manager", "/board"):
            page.goto(hall.url + path)
            expect(page.locator("body")).to_contain_text(NASTY)
            assert page.locator("img[src=x]").count() == 0
        expect(page.locator("#rows")).to_contain_text(NASTY)
        hall.command("/notices", text=NASTY, places=["board", "voice"])
        expect(page.locator("#caption")).to_contain_text(NASTY)
        expect(page.locator("#strip")).to_contain_text(NASTY)
        assert page.locator("img[src=x]").count() == 0
        page.goto("about:blank")


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


def test_a_page_hidden_and_shown_in_an_outage_has_one_stream(hall: WebHall, page: Page) -> None:
    """The attempt that was waiting when the page was hidden must not go on beside the new one."""
    page.goto(f"{hall.url}/missing")
    assert page.evaluate(_HIDDEN_AND_SHOWN) == [2, 1, 0]


_HEAD_ALONE = """async () => {
  const { LiveStream } = await import('/web/js/lib/live.js');
  let write;
  const body = new ReadableStream({ start(controller) { write = controller; } });
  window.fetch = () => Promise.resolve(new Response(body, { status: 200 }));
  const told = [];
  const stream = new LiveStream('calls', { onEvent() {}, onLink(up) { told.push(up); } });
  const turn = () => new Promise((done) => setTimeout(done, 20));
  stream.start();
  await turn();
  const before = told.length;
  write.enqueue(new TextEncoder().encode(': ok\\n\\n'));
  await turn();
  stream.stop();
  return [before, told];
}"""


def test_a_stream_that_a_proxy_holds_back_does_not_count(hall: WebHall, page: Page) -> None:
    """Only its head comes through: the board must go on asking every two seconds."""
    page.goto(f"{hall.url}/missing")
    assert page.evaluate(_HEAD_ALONE) == [0, [True]]
