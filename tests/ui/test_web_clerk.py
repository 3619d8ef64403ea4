"""The clerk's page: by keyboard alone, by mouse, and when the network fails."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from hallkit.runtime.clock import ManualClock
from tests.support.waiting import wait_for
from tests.support.web_hall import CLERK, GUIDE, OTHER_CLERK, PIN, WebHall, plain_tables, web_hall
from tests.support.web_pages import log_in, visit

pytestmark = pytest.mark.ui


def _said(page: Page, text: str) -> None:
    expect(page.locator("#said")).to_contain_text(text)


def test_a_day_by_keyboard_alone(hall: WebHall, browser: Browser) -> None:
    numbers = [hall.issue("pension")["number"] for _ in range(3)]
    with visit(browser) as page:
        page.goto(f"{hall.url}/clerk")
        expect(page.locator("#staff-no")).to_be_focused()
        page.keyboard.type(CLERK)
        page.keyboard.press("Tab")
        page.keyboard.type(PIN)
        page.keyboard.press("Tab")
        page.keyboard.type("2")
        page.keyboard.press("Enter")
        expect(page.locator("#login-window")).to_have_value("2")
        expect(page.locator("#window-name")).to_contain_text("2 号窗口")
        page.keyboard.press("Space")
        expect(page.locator("#window-state")).to_contain_text("接待中")
        page.keyboard.press("F2")
        expect(page.locator("#current-number")).to_have_text(numbers[0])
        expect(page.locator("#current-why")).to_contain_text(numbers[1])
        page.keyboard.press("r")
        _said(page, f"已重呼 {numbers[0]}")
        page.keyboard.press("s")
        expect(page.locator("#current-state")).to_have_text("办理中")
        page.keyboard.press("f")
        _said(page, f"{numbers[0]} 已办结")
        page.keyboard.press("Enter")
        expect(page.locator("#current-number")).to_have_text(numbers[1])
        page.keyboard.press("n")
        _said(page, f"{numbers[1]} 已过号")
        page.keyboard.press("p")
        expect(page.locator("dialog")).to_be_visible()
        page.keyboard.press("3")
        expect(page.locator("#window-state")).to_contain_text("暂停")
        expect(page.locator("#current-service")).to_contain_text("整理材料")
        expect(page.locator("dialog")).to_contain_text("没有窗口能叫")
        page.keyboard.press("Enter")
        expect(page.locator("dialog")).to_have_count(0)
        page.keyboard.press("p")
        expect(page.locator("#window-state")).to_contain_text("接待中")
        page.keyboard.press("o")
        expect(page.locator("#window-state")).to_contain_text("未开放")
    assert hall.tickets("done") == [numbers[0]]


def test_a_visit_by_mouse(hall: WebHall, desk: Page) -> None:
    number = hall.issue("pension", "green")["number"]
    expect(desk.locator("#waiting-count")).to_have_text("1")
    expect(desk.locator("#waiting .person")).to_contain_text("绿色通道")
    desk.locator("[data-verb=call-next]").click()
    expect(desk.locator("#current-number")).to_have_text(number)
    expect(desk.locator("#current-facts")).to_contain_text("绿色通道")
    desk.locator("[data-verb=start]").click()
    expect(desk.locator("#current-state")).to_have_text("办理中")
    desk.locator(".verb[data-verb=park]").click()
    expect(desk.locator("#aside-people")).to_contain_text(number)
    desk.locator("#aside-people button").click()
    expect(desk.locator("#current-state")).to_have_text("办理中")
    desk.locator("[data-verb=finish]").click()
    _said(desk, f"{number} 已办结")
    # After a click the keys work again: Space is not the finish button's.
    second = hall.issue("card")["number"]
    expect(desk.locator("#waiting-count")).to_have_text("1")
    desk.keyboard.press("Space")
    expect(desk.locator("#current-number")).to_have_text(second)


def test_next_while_somebody_is_served_asks_to_finish_first(hall: WebHall, desk: Page) -> None:
    first, second = hall.issue("pension")["number"], hall.issue("pension")["number"]
    desk.keyboard.press("Space")
    expect(desk.locator("#current-number")).to_have_text(first)
    desk.keyboard.press("s")
    expect(desk.locator("#current-state")).to_have_text("办理中")
    desk.keyboard.press("Space")
    _said(desk, f"{first} 号办理中：请先办结（F）或挂起（K）")
    assert hall.tickets("waiting") == [second]


def test_a_nervous_double_press_calls_one_person(hall: WebHall, desk: Page) -> None:
    numbers = [hall.issue("pension")["number"] for _ in range(3)]
    expect(desk.locator("#waiting-count")).to_have_text("3")
    desk.locator("[data-verb=call-next]").dblclick()
    expect(desk.locator("#current-number")).to_have_text(numbers[0])
    assert hall.tickets("waiting") == numbers[1:]


def test_an_answer_lost_on_the_way_is_asked_for_again_not_done_again(
    hall: WebHall, desk: Page
) -> None:
    numbers = [hall.issue("pension")["number"] for _ in range(3)]
    lost: list[str] = []

    def lose_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        route.fetch()
        lost.append(route.request.post_data_json["request_id"])
        route.abort("connectionreset")

    desk.route("**/call-next", lose_first)
    with desk.expect_request_finished(lambda r: r.url.endswith("/call-next")) as answered:
        desk.keyboard.press("Space")
    assert answered.value.post_data_json["request_id"] == lost[0]
    expect(desk.locator("#current-number")).to_have_text(numbers[0])
    assert hall.tickets("waiting") == numbers[1:]


def test_nothing_is_lost_on_reload(hall: WebHall, desk: Page) -> None:
    first, second = hall.issue("pension")["number"], hall.issue("card")["number"]
    expect(desk.locator("#waiting-count")).to_have_text("2")
    desk.keyboard.press("Space")
    expect(desk.locator("#current-why")).to_contain_text(second)
    desk.reload()
    expect(desk.locator("#current-number")).to_have_text(first)
    expect(desk.locator("#current-why")).to_contain_text(second)
    expect(desk.locator("#waiting-count")).to_have_text("1")


def test_letters_typed_into_a_field_are_no_commands(hall: WebHall, desk: Page) -> None:
    number = hall.issue("pension")["number"]
    desk.keyboard.press("Space")
    expect(desk.locator("#current-number")).to_have_text(number)
    desk.keyboard.press("t")
    field = desk.locator(".picker-filter")
    expect(field).to_be_focused()
    desk.keyboard.type("snf ")
    expect(field).to_have_value("snf ")
    desk.keyboard.press("Escape")
    expect(desk.locator("dialog")).to_have_count(0)
    expect(desk.locator("#current-state")).to_have_text("已呼叫")


def _transfer(page: Page, target: str) -> None:
    """Waits until the page knows that the target may be chosen, then chooses it."""
    place = page.locator(".pick", has_text=target)

    def offered() -> bool:
        page.keyboard.press("t")
        page.locator(".picker-filter").fill(target)
        if place.get_attribute("aria-disabled") is None:
            return True
        page.keyboard.press("Escape")
        return False

    wait_for("the window to be offered", lambda: offered() or None)
    page.keyboard.press("Enter")


def test_transfer_to_another_window(hall: WebHall, browser: Browser, desk: Page) -> None:
    number = hall.issue("pension")["number"]
    desk.keyboard.press("Space")
    expect(desk.locator("#current-number")).to_have_text(number)
    with visit(browser) as other:
        log_in(other, f"{hall.url}/clerk", OTHER_CLERK, 1)
        other.keyboard.press("Space")
        expect(other.locator("#window-state")).to_contain_text("接待中")
        _transfer(desk, "社保窗口")
        _said(desk, f"{number} 已转移")
        expect(other.locator("#waiting-count")).to_have_text("1")
        other.keyboard.press("Space")
        expect(other.locator("#current-number")).to_have_text(number)


def test_the_last_missed_call_asks_before_it_makes_the_number_void(
    hall: WebHall, desk: Page
) -> None:
    number = hall.issue("pension")["number"]
    for _ in range(2):
        expect(desk.locator("#waiting-count")).to_have_text("1")
        desk.keyboard.press("Space")
        expect(desk.locator("#current-number")).to_have_text(number)
        desk.keyboard.press("n")
        _said(desk, f"{number} 已过号")
    expect(desk.locator("#waiting-count")).to_have_text("1")
    desk.keyboard.press("Space")
    expect(desk.locator("#current-number")).to_have_text(number)
    desk.keyboard.press("n")
    expect(desk.locator("dialog")).to_contain_text("作废")
    desk.keyboard.press("Enter")
    expect(desk.locator("dialog")).to_have_count(0)
    expect(desk.locator("#current-state")).to_have_text("已呼叫")
    desk.keyboard.press("n")
    desk.locator("dialog .button-bad").click()
    _said(desk, f"{number} 已过号")
    assert hall.tickets("void") == [number]


def test_a_missed_number_with_more_points_is_not_said_to_have_fewer(
    hall: WebHall, desk: Page
) -> None:
    missed = hall.issue("pension", "green")["number"]
    other = hall.issue("pension")["number"]
    expect(desk.locator("#waiting-count")).to_have_text("2")
    desk.keyboard.press("Space")
    expect(desk.locator("#current-number")).to_have_text(missed)
    desk.keyboard.press("n")
    _said(desk, f"{missed} 已过号")
    expect(desk.locator("#waiting")).to_contain_text("已过号 1 次")
    desk.keyboard.press("Space")
    expect(desk.locator("#current-number")).to_have_text(other)
    expect(desk.locator("#current-why")).to_contain_text(f"{missed} 过号后还没到重新呼叫的时候")


def test_a_service_is_found_by_its_short_name(hall: WebHall, desk: Page) -> None:
    desk.keyboard.press("d")
    desk.locator(".picker-filter").fill("社卡")
    expect(desk.locator(".pick")).to_have_text(["社会保障卡"])
    desk.locator(".picker-filter").fill("没有这样的")
    expect(desk.locator(".pick")).to_have_count(0)


def test_the_connection_is_told_in_words_and_comes_back(hall: WebHall, browser: Browser) -> None:
    with visit(browser) as page:
        log_in(page, f"{hall.url}/clerk", CLERK, 2)
        expect(page.locator("#link-text")).to_have_text("连接正常")
        hall.stop()
        expect(page.locator("#link-text")).to_contain_text("连接中断")
        hall.start()
        expect(page.locator("#link-text")).to_have_text("连接正常")
        number = hall.issue("pension")["number"]
        expect(page.locator("#waiting")).to_contain_text(number)


def test_a_guide_without_a_window_issues_numbers(hall: WebHall, browser: Browser) -> None:
    with visit(browser) as page:
        log_in(page, f"{hall.url}/clerk", GUIDE)
        expect(page.locator("[data-verb=call-next]")).to_be_hidden()
        page.keyboard.press("d")
        page.locator("label", has_text="绿色通道").click()
        page.locator(".picker-filter").fill("养老")
        page.keyboard.press("Enter")
        expect(page.locator(".issued-number")).to_have_text(re.compile(r"^A\d{3}$"))
        expect(page.locator("#dialog-title")).to_have_text("已取号")
        expect(page.locator("dialog")).to_contain_text("目前没有开放的窗口办理")
        page.keyboard.press("Enter")
        expect(page.locator("dialog")).to_have_count(0)
    assert len(hall.tickets("waiting")) == 1


def test_a_wrong_pin_is_told_and_the_form_stays(hall: WebHall, browser: Browser) -> None:
    with visit(browser) as page:
        page.goto(f"{hall.url}/clerk?lang=en")
        page.locator("#staff-no").fill(CLERK)
        page.locator("#pin").fill("000000")
        page.keyboard.press("Enter")
        expect(page.locator("#login-error")).to_contain_text("wrong")
        expect(page.locator("#desk")).to_be_hidden()


def test_the_page_in_english(hall: WebHall, browser: Browser) -> None:
    hall.issue("pension")
    with visit(browser, 1024, 768) as page:
        log_in(page, f"{hall.url}/clerk?lang=en", CLERK, 2)
        page.keyboard.press("Space")
        expect(page.locator("#window-state")).to_contain_text("Open")
        page.keyboard.press("Space")
        expect(page.locator("#current-state")).to_have_text("Called")
        page.goto(f"{hall.url}/clerk")
        expect(page.locator("#current-state")).to_have_text("Called")


def test_a_booked_visitor_is_checked_in_by_code(tmp_path: Path, browser: Browser) -> None:
    clock = ManualClock(datetime.fromisoformat("2026-11-23T09:50:00+08:00"))
    tables = plain_tables() | {"appointments": {"enabled": True, "days_ahead_min": 0}}
    with web_hall(tables, tmp_path, clock) as hall, visit(browser) as page:
        booked = hall.command(
            "/appointments",
            service_id="pension",
            starts="2026-11-23T10:00:00+08:00",
            person="a",
            channel="phone",
        )
        log_in(page, f"{hall.url}/clerk", GUIDE, None)
        page.keyboard.press("d")
        page.locator("#issue-code").fill("12345678")
        page.locator(".issue-booked button").click()
        expect(page.locator(".issue [role=alert]")).to_have_text("今天没有这个预约号，请核对")
        page.locator("#issue-code").fill(booked["code"])
        page.keyboard.press("Enter")
        expect(page.locator(".issued-number")).to_have_text("A001")
        assert hall.tickets("waiting") == ["A001"]


def test_papers_missing_and_back_the_same_day(hall: WebHall, browser: Browser, desk: Page) -> None:
    ticket = hall.issue("pension")
    number = ticket["number"]
    desk.keyboard.press("Space")
    expect(desk.locator("#current-number")).to_have_text(number)
    desk.keyboard.press("s")
    expect(desk.locator("#current-state")).to_have_text("办理中")
    desk.keyboard.press("b")
    _said(desk, f"{number} 待补正")
    with visit(browser, 390, 844) as phone:
        phone.goto(f"{hall.url}/t/{ticket['position_url'].rpartition('/')[2]}")
        expect(phone.locator("#state")).to_have_text("请补齐材料再来")
        expect(phone.locator("#help")).to_contain_text("不必重新取号")
    desk.locator("#back").click()
    expect(desk.locator("dialog")).to_contain_text("只限当天")
    desk.locator(".pick", has_text=number).click()
    _said(desk, f"{number} 已回到等候队列")
    desk.keyboard.press("Space")
    expect(desk.locator("#current-number")).to_have_text(number)


def test_what_else_is_to_be_done_is_shown(hall: WebHall, browser: Browser, desk: Page) -> None:
    ticket = hall.issue("pension", more=["card"])
    with visit(browser, 390, 844) as phone:
        phone.goto(f"{hall.url}/t/{ticket['position_url'].rpartition('/')[2]}")
        expect(phone.locator("#more")).to_have_text("社会保障卡")
    desk.keyboard.press("Space")
    expect(desk.locator("#current-facts")).to_contain_text("还要办：社会保障卡")
    desk.keyboard.press("s")
    expect(desk.locator("#current-state")).to_have_text("办理中")
    desk.keyboard.press("f")
    _said(desk, "接着等候办理：社会保障卡")
