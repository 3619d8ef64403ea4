"""The sign of a window as a page: a call, states, outage, sizes, a window that does not exist."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.boards import Stub, ago, board, call, notice, overflow
from tests.support.web_hall import MANAGER, WebHall, plain_tables, web_hall
from tests.support.web_pages import log_in, visit

pytestmark = pytest.mark.ui

SIZES = [(800, 480), (1024, 600), (1280, 800), (1920, 1080), (600, 1024)]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebHall]:
    tables = plain_tables()
    tables["windows"][0]["name"] = "不动产登记与住房公积金联合办理综合服务专窗"
    with web_hall(tables, tmp_path_factory.mktemp("hall")) as running:
        yield running


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A sign that hears the real server."""
    with visit(browser, 800, 480, expected=("404 (NOT FOUND)",)) as shown:
        yield shown


@pytest.fixture(scope="module")
def stub(browser: Browser) -> Iterator[Stub]:
    with visit(browser) as shown:
        yield Stub(shown)


def test_a_window_from_closed_to_served_and_back(hall: WebHall, page: Page) -> None:
    number = hall.issue("pension")["number"]
    page.goto(f"{hall.url}/panel/1")
    big, small, face = page.locator("#big"), page.locator("#small"), page.locator("#face")
    expect(page.locator("#number")).to_have_text("1")
    expect(big).to_have_text("窗口关闭")
    hall.command("/windows/1/open")
    expect(big).to_have_text("热情为您服务")
    hall.command("/windows/1/call-next")
    expect(big).to_have_text(number)
    expect(small).to_have_text("请到本窗口")
    expect(face).to_have_class(re.compile("face-new"))
    period, times = face.evaluate(
        """e => {
          const style = getComputedStyle(e);
          return [style.animationDuration, style.animationIterationCount];
        }"""
    )
    assert float(period.rstrip("s")) >= 0.5
    assert float(period.rstrip("s")) * int(times) == 10
    hall.command("/windows/1/start")
    expect(small).to_have_text("办理中")
    expect(face).not_to_have_class(re.compile("face-new"))
    hall.command("/windows/1/finish")
    expect(big).to_have_text("热情为您服务")
    hall.command("/windows/1/pause", reason="会议")
    expect(big).to_have_text("暂停服务")
    expect(page.locator("body")).not_to_contain_text("会议")


def test_notices_for_panels_run_while_nobody_is_served(hall: WebHall, page: Page) -> None:
    said = hall.command("/notices", text="今天下午停电检修", places=["panels"])
    hall.command("/notices", text="只在大屏上", places=["board"])
    hall.command("/windows/2/open")
    page.goto(f"{hall.url}/panel/2")
    expect(page.locator("#notice")).to_have_text("今天下午停电检修")
    assert overflow(page) == []
    hall.command(f"/notices/{said['id']}/withdraw")
    expect(page.locator("#notice")).to_be_hidden()
    expect(page.locator("#big")).to_have_text("热情为您服务")


def test_an_outage_is_marked_and_after_a_while_the_number_is_taken_away(
    hall: WebHall, stub: Stub
) -> None:
    page = stub.show(
        f"{hall.url}/panel/1", board([call(3, "A012", called=True)]), at="2026-11-27T10:20:10+08:00"
    )
    expect(page.locator("#big")).to_have_text("热情为您服务")
    stub.board = board([call(1, "A012", called=True)])
    page.clock.fast_forward(2_000)
    expect(page.locator("#big")).to_have_text("A012")
    stub.away = True
    page.clock.fast_forward(2_000)
    expect(page.locator("#stale")).to_have_text("数据已中断，10:20 起未更新")
    expect(page.locator("#big")).to_have_text("A012")
    page.clock.fast_forward(30_000)
    expect(page.locator("#big")).to_have_text("热情为您服务")
    expect(page.locator("#stale")).to_have_text("数据已中断，10:20 起未更新")
    assert overflow(page) == []
    page.clock.fast_forward("24:00:00")
    expect(page.locator("#stale")).to_have_text("数据已中断，11月27日 10:20 起未更新")
    stub.away = False
    page.clock.fast_forward(2_000)
    expect(page.locator("#big")).to_have_text("A012")
    expect(page.locator("#stale")).to_be_hidden()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_scrolls_or_is_cut_off_at_any_size(hall: WebHall, stub: Stub, lang: str) -> None:
    long = notice("停电检修，请提前办理。" * 5, ("panels",), text_en="Power cut today. " * 5)
    answers = {
        "正在连接|Connecting": board([], windows=0),
        "A012": board([call(1, "A012", called=True)]),
        "AB012345": board([call(1, "AB012345")]),
        "下班|Closing": board([], closes_at=ago(-600), notices=[long]),
        "热情|service": board([], notices=[long]),
        "暂停|Paused": board([], state="paused"),
    }
    page = stub.show(f"{hall.url}/panel/1?lang={lang}", board([]))
    for words, answer in answers.items():
        stub.board = answer
        page.clock.fast_forward(2_000)
        expect(page.locator("#big")).to_contain_text(re.compile(words))
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            assert overflow(page) == []
            left, right, top, under, lines = page.evaluate(_EDGES)
            assert left >= 0
            assert right <= width
            assert top >= under
            # No letter alone on a second line.
            assert lines == 1 or lang == "en"


_EDGES = """() => {
  const big = document.getElementById('big').getBoundingClientRect();
  const head = document.querySelector('.sign-top').getBoundingClientRect();
  const style = getComputedStyle(document.getElementById('big'));
  const lines = Math.round(big.height / parseFloat(style.lineHeight));
  return [big.left, big.right, big.top, head.bottom - 1, lines];
}"""


def test_only_a_fresh_call_blinks_when_the_sign_is_opened(hall: WebHall, stub: Stub) -> None:
    """A page that renews itself must not call somebody again."""
    face = "#face.face-called"
    page = stub.show(f"{hall.url}/panel/1", board([call(1, "A012", called=True, age_s=300)]))
    expect(page.locator(face)).not_to_have_class(re.compile("face-new"))
    stub.board = board([call(1, "A012", called=True, age_s=0)])
    page.clock.fast_forward(2_000)
    expect(page.locator(face)).to_have_class(re.compile("face-new"))


def test_the_tablets_clock_may_jump(hall: WebHall, stub: Stub) -> None:
    """The number is not taken away, nor kept, because the tablet's clock was set."""
    page = stub.show(f"{hall.url}/panel/1", board([call(1, "A012", called=True)]))
    expect(page.locator("#big")).to_have_text("A012")
    stub.away = True
    page.clock.fast_forward(2_000)
    expect(page.locator("#stale")).to_be_visible()
    page.clock.set_system_time("2031-01-01T00:00:00Z")
    page.clock.fast_forward(1_000)
    expect(page.locator("#big")).to_have_text("A012")
    page.clock.set_system_time("2019-01-01T00:00:00Z")
    page.clock.fast_forward(30_000)
    expect(page.locator("#big")).to_have_text("热情为您服务")


def test_a_window_that_the_hall_does_not_have(hall: WebHall, page: Page) -> None:
    answer = page.goto(f"{hall.url}/panel/99")
    assert answer is not None
    assert answer.status == 404
    expect(page.locator("h1")).to_have_text("本厅没有 99 号窗口")
    page.locator("a[href='/panel/2']").click()
    expect(page.locator("#number")).to_have_text("2")


def test_a_technician_finds_the_sign_on_the_device_page(hall: WebHall, page: Page) -> None:
    log_in(page, f"{hall.url}/devices", MANAGER)
    page.locator("a[href='/panel/1']").click()
    expect(page.locator("#number")).to_have_text("1")
