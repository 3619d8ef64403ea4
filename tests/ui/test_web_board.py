"""The TV board beside a real server: calls, outage, restart, and names that are only text."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.boards import notice
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
        for verb in ("open", "call-next", "start"):
            hall.command(f"/windows/1/{verb}")
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


@pytest.fixture
def quiet(hall: WebHall, page: Page) -> Page:
    """A page where nothing happens, for parts of the board that draw nothing."""
    page.goto(f"{hall.url}/missing")
    return page


_TEN_AT_ONCE = """async (seconds) => {
  const { Captions } = await import('/web/js/board/captions.js');
  const captions = new Captions();
  for (let n = 1; n <= 10; n += 1) captions.addCall({ window: n, ticket: `A${n}` });
  captions.addCall({ window: 3, ticket: 'A3', called_at: 'again' });
  captions.addNotice({ id: 'x', text: 'text' });
  const seen = [];
  for (let at = 0; at < seconds * 1000; at += 500) {
    const next = captions.next(at, (call) => call.window !== 5);
    if (next) seen.push([at / 1000, next.call ? next.call.window : next.notice.id]);
    else if (next === null) seen.push([at / 1000, null]);
  }
  return seen;
}"""


def test_captions_of_ten_calls_at_once_hurry_and_none_is_lost(quiet: Page) -> None:
    """A call that is over is left out, one called again comes once, notices come last."""
    seen = quiet.evaluate(_TEN_AT_ONCE, 90)
    assert [what for _, what in seen] == [1, 2, 4, 6, 7, 8, 9, 10, 3, "x", None]
    waits = [later - earlier for (earlier, _), (later, _) in pairwise(seen)]
    assert min(waits) >= 3
    assert seen[8][0] <= 30
    assert waits[-1] == 15


def test_a_notice_is_captioned_every_time_that_it_is_spoken(quiet: Page) -> None:
    script = """async ([notice, posted, empty]) => {
      const { NoticeWatch } = await import('/web/js/board/model.js');
      const watch = new NoticeWatch(10000);
      if (empty) watch.look([], posted);
      const said = [];
      for (let s = 0; s < 1300; s += 1) {
        if (watch.look([notice], posted + s * 1000).length) said.push(s);
      }
      return said;
    }"""
    one = notice("请勿吸烟", ("voice",), posted_at="2026-11-27T09:00:00+08:00")
    often, posted = one | {"every_min": 10}, 1795741200000
    assert quiet.evaluate(script, [one, posted, False]) == [0]
    assert quiet.evaluate(script, [often, posted, False]) == [0, 600, 1200]
    # The board was turned on in between: not before its next time.
    assert quiet.evaluate(script, [often, posted + 60_000, False]) == [540, 1140]
    # New to a board that was on: at once, also when the clocks differ.
    assert quiet.evaluate(script, [one, posted + 3_600_000, True]) == [0]
    assert quiet.evaluate(script, [one, posted - 60_000, True]) == [0]


_CUT_SHORT = """async () => {
  const { Captions } = await import('/web/js/board/captions.js');
  const captions = new Captions();
  const seen = [];
  let withdrawn = false;
  captions.addNotice({ id: 'long' });
  for (let at = 0; at < 200; at += 1) {
    if (at === 10) captions.addCall({ window: 1, ticket: 'A1' });
    if (at === 100) captions.addNotice({ id: 'gone' });
    if (at === 101) withdrawn = true;
    const running = (notice) => notice.id !== 'gone' || !withdrawn;
    const next = captions.next(at * 1000, () => true, running);
    if (next && next.notice) captions.runsFor(60000);
    if (next !== undefined) seen.push([at, next && (next.call ? 'A1' : next.notice.id)]);
    if (at === 90) captions.addNotice({ id: 'other' });
  }
  return seen;
}"""


def test_calls_cut_a_long_notice_short_and_it_comes_again(quiet: Page) -> None:
    """One that was withdrawn meanwhile does not come at all."""
    seen = quiet.evaluate(_CUT_SHORT)
    assert seen[:3] == [[0, "long"], [10, "A1"], [15, "long"]]
    assert [what for _, what in seen[3:]] == [None, "other", None]


def test_no_part_begins_with_a_comma_or_ends_with_a_bracket(quiet: Page) -> None:
    script = """async (text) => {
      const { cut } = await import('/web/js/board/public.js');
      const parts = [];
      for (let rest = text; rest; ) {
        let head;
        [head, rest] = cut(rest, 1);
        parts.push(head);
      }
      return parts;
    }"""
    text = "符合条件的家庭可以申请办理《居民身份证》（三）、材料齐全的，当场受理。" * 20
    parts = quiet.evaluate(script, text)
    assert "".join(parts) == text
    assert not [part for part in parts if part[0] in "，。、；：）》" or part[-1] in "（《"]
