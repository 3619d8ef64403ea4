"""The words on the kiosk's pages, and how many choices a page has."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallkit.wire.hall import Category, Hall
from hallkit.wire.slip import slip_of
from kiosk.flow.inputs import HallRead, ServerLost
from kiosk.flow.machine import started, step
from kiosk.flow.paging import Orientation, fitted, grid_for, page_of
from kiosk.flow.places import wait_place
from kiosk.flow.present import picture
from kiosk.flow.state import (
    Categories,
    Comfort,
    Confirm,
    Issued,
    Notice,
    PrintState,
    Rules,
    Services,
    State,
)
from kiosk.flow.ticketview import expected
from kiosk.flow.views import ChoicesView, ConfirmView, HomeView, IssuedView, MessageView, Picture
from kiosk.screens.fitting import width_em
from tests.fakes.hall_server_fake import ticket
from tests.fakes.kiosk_fakes import board_of, hall_of, service, town_hall

MONDAY = datetime(2026, 11, 23, 9, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
RULES = Rules()


def shown(
    stage: Any = None,
    *,
    hall: Any = None,
    now: float = 0,
    orientation: Orientation = "portrait",
    wall: datetime = MONDAY,
    **comfort: Any,
) -> Picture:
    hall = hall or town_hall()
    state, _ = step(started(RULES, 0), HallRead(hall, board_of(hall, civil=4)), 0, RULES)
    values = {"comfort": Comfort(**comfort), "hall": hall, "waiting": state.waiting}
    if stage is not None:
        values["stage"] = stage
    return picture(State(linked=True, **values), now, wall, orientation, RULES)


def test_the_start_page() -> None:
    found = shown()
    view = found.view
    assert isinstance(view, HomeView)
    assert found.screen == "home"
    assert (found.frame.time, found.frame.date) == ("09:05", "2026年11月23日 星期一")
    assert found.frame.hall_name == "测试镇便民服务中心"
    assert view.take.enabled
    assert [(line.name, line.count) for line in view.lines] == [
        ("民政救济", "4 人"),
        ("社会保障", "0 人"),
    ]
    assert view.hours == "周一至周五 9:00–12:00 13:30–17:00"


@pytest.mark.parametrize(("window_open", "words"), [(False, "窗口暂未开放"), (True, "无需等候")])
def test_nobody_waits_is_said_only_where_a_window_is_open(window_open: bool, words: str) -> None:
    hall, board = _with_windows(town_hall(), window_open), board_of(town_hall())
    nobody = [line.model_copy(update={"count": 0}) for line in board.waiting]
    read = HallRead(hall, board.model_copy(update={"waiting": nobody}))
    state, _ = step(started(RULES, 0), read, 0, RULES)
    at = State(linked=True, stage=Categories(), hall=hall, waiting=state.waiting)
    view = picture(at, 0, MONDAY, "portrait", RULES).view
    assert isinstance(view, ChoicesView)
    assert all(words in card.note for card in view.cards if card.enabled)
    assert any(card.enabled for card in view.cards)


def test_the_start_page_in_english_falls_back_to_chinese_names() -> None:
    found = shown(language="en")
    view = found.view
    assert isinstance(view, HomeView)
    assert found.frame.date == "Monday, 23 Nov 2026"
    assert [line.name for line in view.lines] == ["Civil affairs", "社会保障"]


def test_every_day_of_two_years_has_room_beside_the_hall_s_name() -> None:
    for day in range(730):
        wall = MONDAY + timedelta(days=day)
        # The header of an upright screen gives 400 pixels to the date, in letters of 28.
        assert width_em(shown(language="en", wall=wall).frame.date) * 28 <= 400


def test_a_closed_hall_says_why() -> None:
    view = shown(hall=town_hall(open_now=False, closed_text="今天是休息日，周一 9:00 开放")).view
    assert isinstance(view, HomeView)
    assert not view.take.enabled
    assert view.closed == "今天是休息日，周一 9:00 开放"


def test_a_closed_hall_says_why_in_english_and_never_in_chinese_there() -> None:
    closed = {"open_now": False, "closed_text": "今天放假"}
    for told, said in (("closed today", "closed today"), ("", "No numbers now")):
        view = shown(hall=town_hall(**closed, closed_text_en=told), language="en").view
        assert isinstance(view, HomeView)
        assert view.closed == said


def test_a_closed_service_says_why_in_english_and_never_in_chinese_there() -> None:
    for told, said in (("fully booked today", "fully booked today"), ("", "Not available now")):
        shut = service("s", "甲", open=False, closed_reason="今日已约满", closed_reason_en=told)
        hall = hall_of(Category(id="civil", series="A", name="甲类", services=[shut]))
        view = shown(Services("civil"), hall=hall, language="en").view
        assert isinstance(view, ChoicesView)
        assert view.cards[0].note == said
        page = shown(Confirm("civil", "s"), hall=hall, language="en").view
        assert isinstance(page, ConfirmView)
        assert page.confirm.note == (told or "This service is not available now")


def test_a_closed_service_says_why_and_cannot_be_touched() -> None:
    view = shown(Services("civil")).view
    assert isinstance(view, ChoicesView)
    closed = view.cards[2]
    assert (closed.enabled, closed.note) == (False, "今日已约满")
    assert view.page == "" and view.next is None


def test_a_category_without_an_open_service_cannot_be_touched() -> None:
    shut = service("s", "甲", open=False)
    other = Category(id="x", series="A", name="甲类", services=[shut])
    view = shown(Categories(), hall=hall_of(other, *town_hall().categories)).view
    assert isinstance(view, ChoicesView)
    assert [card.enabled for card in view.cards] == [False, True, True]


def test_the_confirm_page_omits_what_is_unknown() -> None:
    known = shown(Confirm("civil", "dibao", "elderly")).view
    assert isinstance(known, ConfirmView)
    assert [(f.caption, f.value) for f in known.facts] == [
        ("办理区域", "窗口服务区"),
        ("前方等候", "4 人"),
        ("预计等候", "约 24–44 分钟"),
    ]
    assert [b.title for b in known.green] == ["普通取号", "60岁以上老人", "残疾人", "孕妇"]
    assert [b.chosen for b in known.green] == [False, True, False, False]
    unknown = shown(Confirm("social", "yanglao")).view
    assert isinstance(unknown, ConfirmView)
    assert [f.caption for f in unknown.facts] == ["办理区域", "前方等候"]


def test_a_hall_without_a_green_channel_offers_none() -> None:
    hall = town_hall().model_copy(update={"priority_classes": []})
    view = shown(Confirm("civil", "dibao"), hall=hall).view
    assert isinstance(view, ConfirmView)
    assert (view.green, view.green_title) == ((), "")


@pytest.mark.parametrize(
    ("paper", "text", "hint"),
    [
        (PrintState("printing"), "正在打印…", ""),
        (PrintState("printed"), "已打印，请取票", ""),
        (PrintState("unsure"), "已打印，请取票", "若未出票，请记住号码或拍照"),
        (
            PrintState("trouble", "打印机缺纸", "out of paper"),
            "打印机缺纸",
            "请记住您的号码，或拍照保存",
        ),
        (PrintState("trouble"), "打印机暂时不可用", "请记住您的号码，或拍照保存"),
        (PrintState("no_printer"), "本机不打印纸票", "请记住您的号码，或拍照保存"),
        (PrintState("printing", place_zh="2 号取号机"), "请到 2 号取号机 取票", ""),
        (PrintState("printed", place_zh="2 号取号机"), "请到 2 号取号机 取票", ""),
    ],
)
def test_the_number_and_what_became_of_its_paper(paper: PrintState, text: str, hint: str) -> None:
    number = ticket("A012", ahead=4, p50_min=20, p90_min=35, priority_class="elderly")
    found = shown(Issued(number, paper, home_at=7))
    view = found.view
    assert isinstance(view, IssuedView)
    assert (found.ticket, view.number, view.tag) == ("A012", "A012", "绿色通道")
    assert view.ahead == "您前面还有 4 人在等待"
    assert view.expected == "约 20–35 分钟"
    assert view.place == "请在 休息等候区 等候叫号"
    assert (view.paper_text, view.paper_hint) == (text, hint)
    assert view.home_in == ("" if paper.word == "printing" else "7 秒后返回首页")
    assert view.qr == "http://hall.test/t/x"


def test_nobody_ahead() -> None:
    view = shown(Issued(ticket("A001", p50_min=0, p90_min=5), PrintState("printed"), 7)).view
    assert isinstance(view, IssuedView)
    assert (view.ahead, view.expected) == ("您前面没有人，请留意叫号", "")


def _with_windows(hall: Hall, window_open: bool) -> Hall:
    categories = [
        c.model_copy(
            update={
                "services": [s.model_copy(update={"window_open": window_open}) for s in c.services]
            }
        )
        for c in hall.categories
    ]
    return hall.model_copy(update={"categories": categories})


def test_before_a_number_is_taken_it_is_said_that_no_window_is_open() -> None:
    hall = _with_windows(town_hall(), window_open=False)
    for language, told in (
        ("zh", "目前没有开放的窗口，请咨询导办台"),
        ("en", "No window is open now: ask a guide"),
    ):
        page = shown(Confirm("social", "yanglao"), hall=hall, language=language).view
        assert isinstance(page, ConfirmView)
        assert [f.value for f in page.facts] == [told]
        assert page.confirm.enabled


def test_a_number_that_people_wait_before_and_no_open_window_takes() -> None:
    view = shown(Issued(ticket("A009", ahead=3), PrintState("printed"), 7)).view
    assert isinstance(view, IssuedView)
    assert view.ahead == "您前面还有 3 人在等待"
    assert view.expected == "目前没有开放的窗口办理此事项"


def test_without_the_server_nothing_is_said_of_windows_or_people() -> None:
    """As the reserve posts it: no waiting lines, and a category whose numbers are spent."""
    away = {
        "open": False,
        "closed_reason": "网络中断，请到导办台取号",
        "closed_reason_en": "no network: please ask at the guide desk",
    }
    hall = _with_windows(town_hall(), window_open=False)
    civil, social = hall.categories
    spent = [s.model_copy(update=away) for s in social.services]
    hall = hall.model_copy(
        update={"categories": [civil, social.model_copy(update={"services": spent})]}
    )
    for language, notes in (
        ("zh", ["3 项", "网络中断，请到导办台取号"]),
        ("en", ["3 services", "no network: please ask at the guide desk"]),
    ):
        at = State(linked=True, stage=Categories(), hall=hall, comfort=Comfort(language=language))
        view = picture(at, 0, MONDAY, "portrait", RULES).view
        assert isinstance(view, ChoicesView)
        assert [card.note for card in view.cards] == notes
        page = picture(replace(at, stage=Confirm("civil", "dibao")), 0, MONDAY, "portrait", RULES)
        assert isinstance(page.view, ConfirmView)
        assert len(page.view.facts) == 1
        assert "窗口服务区" in page.view.facts[0].value or language == "en"


def test_a_number_that_no_open_window_takes() -> None:
    view = shown(Issued(ticket("A001"), PrintState("printed"), 7)).view
    assert isinstance(view, IssuedView)
    assert view.ahead == "目前没有开放的窗口办理此事项"
    assert view.expected == "窗口开放后叫号，可咨询导办台"


@pytest.mark.parametrize(
    ("p50", "p90", "words"),
    [
        (None, 5, ""),
        (5, None, ""),
        (0, 0, "马上办理"),
        (0, 5, "5 分钟以内"),
        (4, 4, "约 4 分钟"),
        (4, 9, "约 4–9 分钟"),
    ],
)
def test_a_forecast_in_words(p50: int | None, p90: int | None, words: str) -> None:
    assert expected(p50, p90, "zh") == words


def test_the_countdown_appears_only_near_the_end() -> None:
    early = shown(Categories(), now=RULES.page_timeout_s - RULES.warn_s - 1)
    assert (early.frame.countdown, early.frame.extend) == ("", None)
    late = shown(Categories(), now=RULES.page_timeout_s - RULES.warn_s + 0.5)
    assert late.frame.countdown == "20 秒后返回首页"
    assert late.frame.extend is not None
    last = shown(Categories(), now=RULES.page_timeout_s - 0.1)
    assert last.frame.countdown == "1 秒后返回首页"


def test_a_lost_server_is_told_in_a_full_page() -> None:
    state, _ = step(started(RULES, 0), ServerLost(), 0, RULES)
    found = picture(state, 100, MONDAY, "portrait", RULES)
    assert found.screen == "away"
    assert isinstance(found.view, MessageView)
    assert found.view.title == "暂时无法取号"
    assert "导办台" in found.view.body
    assert found.frame.countdown == ""


def test_a_notice_in_the_visitors_language() -> None:
    notice = Notice("未能取号", "No number", "今日已满", "Full today", home_at=12)
    view = shown(notice, language="en").view
    assert isinstance(view, MessageView)
    assert (view.title, view.body) == ("No number", "Full today")


def many(count: int) -> Any:
    services = [service(f"s{i}", f"事项{i}") for i in range(count)]
    return hall_of(Category(id="c", series="A", name="类", services=services))


@given(
    count=st.integers(1, 120),
    page=st.integers(0, 200),
    elder=st.booleans(),
    low=st.booleans(),
    orientation=st.sampled_from(["portrait", "landscape"]),
)
def test_every_service_is_on_exactly_one_page(
    count: int, page: int, elder: bool, low: bool, orientation: Orientation
) -> None:
    comfort = Comfort(elder=elder, low_reach=low)
    grid = fitted(grid_for(orientation, comfort), count, comfort)
    pages = page_of(count, grid.size, 0).count
    found = [i for p in range(pages) for i in page_of(count, grid.size, p).of(range(count))]
    assert found == list(range(count))
    if elder:
        assert grid.size <= 6
    assert 0 <= page_of(count, grid.size, page).number < pages


def test_page_buttons_end_at_the_ends() -> None:
    first = shown(Services("c", 0), hall=many(62)).view
    assert isinstance(first, ChoicesView)
    assert first.previous is not None and first.next is not None
    assert (first.previous.enabled, first.next.enabled) == (False, True)
    assert first.page == "第 1 / 7 页"
    last = shown(Services("c", 99), hall=many(62)).view
    assert isinstance(last, ChoicesView)
    assert last.next is not None and not last.next.enabled
    assert last.cards[-1].title == "事项61"


def test_where_to_wait() -> None:
    hall = town_hall()
    assert wait_place(hall, "zh") == "休息等候区"
    assert wait_place(hall.model_copy(update={"areas": hall.areas[:1]}), "zh") == "窗口服务区"
    assert wait_place(hall.model_copy(update={"areas": []}), "zh") == "大厅"


def test_the_slip_says_what_the_hall_says() -> None:
    hall = town_hall()
    slip = slip_of(hall, ticket("A012", ahead=4, priority_class="elderly", offline=True))
    assert slip.number == "A012"
    assert slip.missed_rule == "过号后请到窗口说明，三位后重新叫号"
    assert slip.tags == ["绿色通道", "离线"]
    assert (slip.area_name, slip.wait_at) == ("窗口服务区", "休息等候区")
