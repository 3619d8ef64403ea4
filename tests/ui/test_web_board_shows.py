"""What the TV board makes of any answer: large halls, captions, notices, public pages, closing,
two languages, and days without a rest."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from display.voice.phrases import Announcement, english, number_word, phrase
from tests.support.boards import DUTY, LONG, Stub, ago, board, call, notice, overflow
from tests.support.web_hall import WebHall, plain_tables, web_hall
from tests.support.web_pages import visit

pytestmark = pytest.mark.ui

LEAST_TICKET = 1 / 12
LEAST_TEXT = 1 / 30
LEAST_PUBLIC = 1 / 40
PAGE_MS = 8_000


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebHall]:
    with web_hall(plain_tables(), tmp_path_factory.mktemp("hall")) as running:
        yield running


@pytest.fixture(scope="module")
def stub(browser: Browser) -> Iterator[Stub]:
    with visit(browser) as page:
        yield Stub(page)


@pytest.fixture
def quiet(hall: WebHall, stub: Stub) -> Page:
    """The board of a hall where nothing happens, for its parts alone."""
    return stub.show(f"{hall.url}/board", board([]))


def _large() -> dict[str, Any]:
    return board([call(n, f"A{n:03d}") for n in range(1, 31)], windows=30, lines=12)


def _small_text(page: Page) -> list[str]:
    """Texts that are smaller than what can be read at 10 m."""
    found: list[str] = page.evaluate(
        """([least, lower]) => Array.from(document.querySelectorAll('#stage *')).filter((node) => {
          const own = Array.from(node.childNodes).some((c) => c.nodeType === 3 && c.data.trim());
          if (!own || node.offsetParent === null) return false;
          const share = node.closest('#public') ? lower : least;
          return parseFloat(getComputedStyle(node).fontSize) < share * innerHeight - 0.01;
        }).map((node) => `${node.className}: ${node.textContent}`)""",
        [LEAST_TEXT, LEAST_PUBLIC],
    )
    return found


def test_a_large_hall_turns_pages_and_never_scrolls(hall: WebHall, stub: Stub) -> None:
    page = stub.show(f"{hall.url}/board", _large())
    expect(page.locator("#rows .row")).to_have_count(12)
    expect(page.locator("#page")).to_contain_text("/ 3 页")
    for width, height in ((3840, 2160), (1080, 1920), (1280, 720)):
        page.set_viewport_size({"width": width, "height": height})
        assert overflow(page) == []
    assert _small_text(page) == []
    seen: set[str] = set()
    for _ in range(3):
        text = page.locator("#page").inner_text()
        seen.add(text)
        page.clock.fast_forward(PAGE_MS)
        expect(page.locator("#page")).not_to_have_text(text)
    assert len(seen) == 3
    # A call turns to its page.
    stub.board["now_serving"][16] = call(17, "A017", called=True, age_s=0)
    page.clock.fast_forward(2_000)
    expect(page.locator("#rows .row-new", has_text="17 号窗口")).to_be_visible()
    expect(page.locator("#caption")).to_contain_text("请A017号到17号窗口办理")
    assert overflow(page) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_numbers_are_read_at_ten_metres(hall: WebHall, stub: Stub, lang: str) -> None:
    page = stub.show(f"{hall.url}/board?lang={lang}", board([]))
    for count in (1, 4, 6, 12):
        calls = [call(n, f"A{n:03d}", called=n == 1, age_s=1) for n in range(1, count)]
        calls.append(call(count, "A1000"))
        stub.board = board(calls, windows=12, lines=12)
        page.clock.fast_forward(2_000)
        expect(page.locator("#rows .row")).to_have_count(count)
        expect(page.locator("#rows")).to_contain_text("A1000")
        sizes = page.locator(".row-ticket").evaluate_all(
            "all => all.map((e) => parseFloat(getComputedStyle(e).fontSize))"
        )
        assert min(sizes) >= 720 * LEAST_TICKET
        assert _small_text(page) == []
        assert overflow(page) == []


_DRAW_CAPTION = """async ([board, call]) => {
  const { drawCaption } = await import('/web/js/board/view.js');
  drawCaption(board, { call }, false);
  return document.getElementById('caption').textContent;
}"""


def test_captions_are_the_voices_words(hall: WebHall, stub: Stub) -> None:
    """But for the digits, which are those on the ticket."""
    answer = board([], windows=12)
    answer["windows"][7]["name"] = "绿色通道"
    for lang in ("zh", "en"):
        page = stub.show(f"{hall.url}/board?lang={lang}", answer)
        for window in answer["windows"]:
            n, collect = window["number"], window["number"] > 5
            green = "绿色通道" in window["name"]
            said = Announcement(
                ticket="A012", window=n, window_kind=window["kind"], collect=collect,
                green_window=green,
            )  # fmt: skip
            shown = page.evaluate(_DRAW_CAPTION, [answer, call(n, "A012", collect=collect)])
            if lang == "en":
                assert shown == english(said).caption
            else:
                spelt = shown.replace("A012", "A零一二")
                spelt = spelt.replace(f"{n}号", f"{number_word(n).hanzi}号")
                assert spelt == phrase(said).caption


def test_a_notice_is_shown_at_once_runs_when_long_and_is_captioned_when_spoken(
    hall: WebHall, stub: Stub
) -> None:
    page = stub.show(f"{hall.url}/board", board([call(1, "A001")]))
    strip = page.locator("#strip")
    expect(strip).to_contain_text("请留意大屏")
    short = notice("请车主移车", ("board", "voice"), posted_at=ago(1), text_en="Move your car")
    long, elsewhere = notice("停电检修，" * 12), notice("只上窗口屏", ("panels",))
    stub.board["notices"] = [short, long, elsewhere]
    page.clock.fast_forward(2_000)
    expect(strip).to_have_class(re.compile("strip-notice"))
    expect(strip).to_contain_text("请车主移车　　Move your car")
    expect(page.locator("#caption")).to_contain_text("广播请车主移车")
    page.clock.fast_forward(10_000)
    expect(strip).to_contain_text("停电检修")
    runs = "() => document.getElementById('strip-text').getAnimations().length"
    assert page.evaluate(runs) == 1
    stub.board["notices"][1]["until"] = ago(1)
    page.clock.fast_forward(2_000)
    expect(strip).not_to_contain_text("停电检修")
    assert page.evaluate(runs) == 0
    for _ in range(6):
        page.clock.fast_forward(10_000)
        expect(strip).not_to_contain_text("只上窗口屏")


def test_public_pages_take_turns_and_make_way_for_calls(hall: WebHall, stub: Stub) -> None:
    page = stub.show(f"{hall.url}/board", board([call(1, "A001")]), [DUTY, LONG])
    public, queue = page.locator("#public"), page.locator("#queue")
    expect(page.locator("#waiting li")).to_have_count(6)
    expect(public).to_be_hidden()
    page.clock.fast_forward(1_000)
    page.clock.fast_forward(PAGE_MS)
    expect(public).to_contain_text("值班领导王建国")
    expect(queue).to_be_hidden()
    expect(page.locator("#rows")).to_contain_text("A001")
    assert _small_text(page) == []
    stub.board["now_serving"].append(call(2, "A002", called=True, age_s=0))
    page.clock.fast_forward(2_000)
    expect(page.locator("#caption")).to_contain_text("A002")
    page.clock.fast_forward(500)
    expect(public).to_be_hidden()
    expect(queue).to_be_visible()
    # The call's caption goes, then the lines had their time: what is next of the public pages.
    page.clock.fast_forward(10_000)
    page.clock.fast_forward(PAGE_MS)
    expect(public).to_contain_text("办事依据公开")
    expect(page.locator("#public-page")).to_contain_text("1 /")
    assert overflow(page) == []


def test_an_empty_hall_in_english(hall: WebHall, stub: Stub) -> None:
    page = stub.show(f"{hall.url}/board?lang=en", board([], state="closed", lines=0))
    expect(page.locator("#rows-none-text")).to_have_text("No window is open now")
    stub.board = board([])
    page.clock.fast_forward(2_000)
    expect(page.locator("#rows-none-text")).to_have_text("Nobody is being served")
    expect(page.locator("#recent-none")).to_have_text("No calls yet")
    assert overflow(page) == []


def test_the_computers_clock_may_be_set_back(hall: WebHall, stub: Stub) -> None:
    """A Pi without a battery: nothing waits for a time that was years ahead."""
    at = call(1, "A001", called=True, age_s=1)
    page = stub.show(f"{hall.url}/board", board([at, *_large()["now_serving"][1:]], windows=30))
    caption, pages = page.locator("#caption"), page.locator("#page")
    expect(caption).to_contain_text("A001")
    page.clock.set_system_time("2019-01-01T00:00:00Z")
    stub.board["now_serving"][1] = call(2, "B002", called=True, age_s=0)
    page.clock.fast_forward(2_000)
    page.clock.fast_forward(10_000)
    expect(caption).to_contain_text("B002")
    before = pages.inner_text()
    page.clock.fast_forward(12_000)
    expect(pages).not_to_have_text(before)


def test_no_time_is_told_before_the_server_told_it(hall: WebHall, stub: Stub) -> None:
    stub.show("about:blank", board([]), at="1970-01-01T00:00:00Z")
    stub.away = True
    page = stub.page
    page.goto(f"{hall.url}/board")
    expect(page.locator("#outage")).to_contain_text("正在等待叫号主机…")
    page.clock.fast_forward(1_000)
    expect(page.locator("#clock")).to_have_text("--:--")
    expect(page.locator("#date")).to_be_empty()


_LONG_CAPTION = """async ([board, notice]) => {
  const { drawCaption } = await import('/web/js/board/view.js');
  const runs = drawCaption(board, { notice }, false);
  const box = document.getElementById('caption');
  const text = box.querySelector('.caption-window span');
  return [runs, text.getAnimations().length, text.offsetHeight <= box.clientHeight];
}"""


def test_a_long_spoken_notice_runs_through_its_caption(quiet: Page) -> None:
    answer = board([])
    runs, animations, whole = quiet.evaluate(_LONG_CAPTION, [answer, notice("停电检修，" * 30)])
    assert runs > 15_000
    assert animations == 1
    assert whole
    assert quiet.evaluate(_LONG_CAPTION, [answer, notice("停电检修")])[0] == 0


def test_no_window_number_is_cut_off(hall: WebHall, stub: Stub) -> None:
    """Nor a ticket of five letters: each in each of two columns, also on a TV that stands."""
    calls = [call(n, ("A1000", "AB012", "A001")[n % 3], called=n % 2 == 0) for n in range(88, 100)]
    for lang in ("zh", "en"):
        page = stub.show(f"{hall.url}/board?lang={lang}", board(calls, windows=99))
        expect(page.locator("#rows .row")).to_have_count(12)
        for width, height in ((720, 1280), (1280, 720)):
            page.set_viewport_size({"width": width, "height": height})
            cut_off = page.locator(".row-ticket, .row-number").evaluate_all(
                """all => all.filter((e) => {
                  const range = document.createRange();
                  range.selectNodeContents(e);
                  const row = e.closest('.row').getBoundingClientRect();
                  return range.getBoundingClientRect().right > row.right;
                }).map((e) => e.textContent)"""
            )
            assert cut_off == []


_CUT = """async ([pages, english]) => {
  const { publicParts } = await import('/web/js/board/public.js');
  const { drawPublic } = await import('/web/js/board/view.js');
  const rows = document.getElementById('public-rows');
  return publicParts(pages, english, (label) => `${label} …`).map((part) => {
    drawPublic(part);
    const fits = rows.scrollHeight <= rows.clientHeight + 1;
    return [part.rows.map((row) => row.text).join(''), fits, part.ms];
  });
}"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_long_public_pages_are_cut_into_parts_that_fit(quiet: Page, lang: str) -> None:
    parts = quiet.evaluate(_CUT, [[LONG], lang == "en"])
    assert len(parts) > 2
    assert all(fits for _, fits, _ in parts)
    assert all(12_000 <= ms <= 30_000 for *_, ms in parts)
    key = "text" if lang == "zh" else "text_en"
    whole = "".join(str(row[key]) for row in LONG["rows"])
    assert "".join(text for text, *_ in parts).replace(" ", "") == whole.replace(" ", "")


def test_a_label_longer_than_the_page_ends_too(quiet: Page) -> None:
    wild = LONG | {"rows": [{"label": "长" * 300, "text": "字" * 3000}]}
    parts = quiet.evaluate(_CUT, [[wild], False])
    assert all(fits for _, fits, _ in parts)
    assert sum(len(text) for text, *_ in parts) == 3000


def test_closing_time_is_told_and_a_closed_hall_is_dim(hall: WebHall, stub: Stub) -> None:
    page = stub.show(
        f"{hall.url}/board",
        board([call(1, "A001")], closes_at="2026-11-27T17:30:00+08:00"),
        at="2026-11-27T17:10:00+08:00",
    )
    expect(page.locator("#rows")).to_contain_text("A001")
    expect(page.locator("#closing")).to_be_hidden()
    page.clock.fast_forward("06:00")
    expect(page.locator("#closing")).to_have_text("17:30 停止取号")
    expect(page.locator("#strip")).to_contain_text("本厅 17:30 停止取号")
    expect(page.locator("#stage")).not_to_have_class(re.compile("stage-dim"))
    stub.board = board([], state="closed", lines=0)
    page.clock.fast_forward(2_000)
    expect(page.locator("#stage")).to_have_class(re.compile("stage-dim"))
    expect(page.locator("#rows-none-text")).to_have_text("现在没有开放的窗口")
    expect(page.locator("#caption")).to_be_empty()
    # The whole picture moves, so that nothing burns in.
    page.clock.fast_forward(60_000)
    assert "translate(0.4rem" in (page.locator("#stage").get_attribute("style") or "")


def test_an_outage_says_since_when_and_is_dim_after_half_an_hour(hall: WebHall, stub: Stub) -> None:
    page = stub.show(f"{hall.url}/board", board([call(1, "A001")]), at="2026-11-27T10:20:30+08:00")
    expect(page.locator("#rows")).to_contain_text("A001")
    stub.away = True
    page.clock.fast_forward(2_000)
    expect(page.locator("#outage")).to_contain_text("数据已中断，10:20 起未更新")
    expect(page.locator("#rows")).to_contain_text("A001")
    page.clock.fast_forward("31:00")
    expect(page.locator("#stage")).to_have_class(re.compile("stage-dim"))
    page.clock.fast_forward("24:00:00")
    expect(page.locator("#outage")).to_contain_text("数据已中断，11月27日 10:20 起未更新")
    stub.away = False
    page.clock.fast_forward(2_000)
    expect(page.locator("#outage")).to_be_hidden()
    expect(page.locator("#stage")).not_to_have_class(re.compile("stage-dim"))


def test_both_languages_take_turns(hall: WebHall, stub: Stub) -> None:
    page = stub.show(f"{hall.url}/board?lang=both", board([]))
    title, rows = page.locator(".serving h2"), page.locator("#rows")
    expect(page.locator("#waiting li")).to_have_count(6)
    stub.board["now_serving"] = [call(1, "A001", called=True, age_s=0)]
    page.clock.fast_forward(2_000)
    expect(rows).to_contain_text("1 号窗口综合受理窗口请到窗口")
    expect(page.locator("#caption")).to_have_text("请A001号到1号综合窗口办理")
    page.clock.fast_forward(15_000)
    expect(title).to_have_text("Now serving")
    expect(rows).to_contain_text("Window 1Name 1Please go")
    expect(page.locator("#date")).to_contain_text("November")
    assert overflow(page) == []
    page.clock.fast_forward(15_000)
    expect(title).to_have_text("正在办理")


def test_a_day_leaves_nothing_behind(hall: WebHall, stub: Stub) -> None:
    """Calls, notices, pages and outages of hours: no node, listener or animation is left over."""
    page = stub.show(f"{hall.url}/board?lang=both", board([]), [DUTY, LONG])
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.enable")
    counts: list[dict[str, float]] = []
    for minute in range(0, 440, 20):
        calls = [call(n, f"A{minute + n:03d}", called=n % 3 == minute % 3, age_s=0)
                 for n in range(1, 4 + minute % 9)]  # fmt: skip
        said = notice(f"第{minute}号通知", ("board", "voice"), id=f"{minute}", posted_at=ago(0))
        stub.board = board(calls, windows=12, lines=12, notices=[said])
        stub.away = minute % 60 == 40
        answers = stub.answers
        page.clock.fast_forward("19:40")
        page.clock.run_for("00:20")
        for _ in range(200):
            if stub.answers > answers:
                break
            page.wait_for_timeout(10)
        page.clock.fast_forward(1_000)
        if minute in (60, 240, 420):
            counts.append(_counts(page, tools))
    first, *later = counts
    for after in later:
        # A list that is left over has more, and is drawn at every answer.
        assert after["Nodes"] < first["Nodes"] + 400
        assert after["JSEventListeners"] <= first["JSEventListeners"]
        assert after["animations"] <= 30


def _counts(page: Page, tools: Any) -> dict[str, float]:
    tools.send("HeapProfiler.collectGarbage")
    metrics = tools.send("Performance.getMetrics")["metrics"]
    counted = {one["name"]: one["value"] for one in metrics}
    counted["animations"] = page.evaluate("document.getAnimations().length")
    return counted
