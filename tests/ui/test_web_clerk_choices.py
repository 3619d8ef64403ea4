"""The clerk's page where somebody decides: a call out of turn, a window that closes while people
wait for it, several services on one ticket, the end of the day."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from hallkit.runtime.clock import ManualClock
from tests.support.web_hall import CLERK, GUIDE, WebHall, plain_tables, web_hall
from tests.support.web_pages import log_in, visit

pytestmark = pytest.mark.ui


def _decided(hall: WebHall) -> str:
    entries = hall.ask("GET", "/journal?jumps=true&limit=20")["entries"]
    return str(entries[0]["text"]) if entries else ""


def test_a_call_out_of_turn_asks_for_the_reason(hall: WebHall, desk: Page) -> None:
    first, second = hall.issue("pension")["number"], hall.issue("card")["number"]
    desk.get_by_role("button", name=f"呼叫 {second}").click()
    dialog = desk.locator("dialog")
    expect(dialog).to_contain_text(f"为什么先叫 {second} 号")
    expect(dialog).to_contain_text(f"按顺序应先叫 {first} 号")
    assert hall.tickets("called") == []
    desk.keyboard.press("1")
    expect(desk.locator("#current-number")).to_have_text(second)
    assert "原因：老人、残疾人、孕妇等需要照顾" in _decided(hall)


def test_a_reason_in_own_words(hall: WebHall, desk: Page) -> None:
    hall.issue("pension")
    second = hall.issue("card")["number"]
    desk.get_by_role("button", name=f"呼叫 {second}").click()
    dialog = desk.locator("dialog")
    dialog.get_by_role("button", name="呼叫", exact=True).click()
    expect(dialog).to_be_visible()
    desk.locator("#own-reason").fill("带着婴儿")
    desk.keyboard.press("Enter")
    expect(desk.locator("#current-number")).to_have_text(second)
    assert "原因：带着婴儿" in _decided(hall)


def test_who_is_next_anyway_is_called_without_a_question(hall: WebHall, desk: Page) -> None:
    first = hall.issue("pension")["number"]
    hall.issue("card")
    desk.get_by_role("button", name=f"呼叫 {first}").click()
    expect(desk.locator("#current-number")).to_have_text(first)
    assert "越过" not in _decided(hall)


def test_after_a_question_put_aside_the_keys_are_the_pages_again(hall: WebHall, desk: Page) -> None:
    first, second = hall.issue("pension")["number"], hall.issue("card")["number"]
    desk.get_by_role("button", name=f"呼叫 {second}").click()
    expect(desk.locator("dialog")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.locator("dialog")).to_have_count(0)
    desk.keyboard.press("Space")
    expect(desk.locator("#current-number")).to_have_text(first)


def test_on_an_enlarged_page_what_happened_comes_into_view(hall: WebHall, browser: Browser) -> None:
    for _ in range(5):
        hall.issue("pension")
    last = hall.issue("card")["number"]
    with visit(browser, 683, 384) as page:
        log_in(page, f"{hall.url}/clerk", CLERK, 2)
        page.keyboard.press("Space")
        page.get_by_role("button", name=f"呼叫 {last}").click()
        page.keyboard.press("2")
        expect(page.locator("#current-number")).to_have_text(last)
        expect(page.locator("#current-number")).to_be_in_viewport()
        expect(page.locator("#said")).to_be_in_viewport()


def test_a_pause_says_at_once_whom_nobody_can_call(hall: WebHall, desk: Page) -> None:
    number = hall.issue("tax-001")["number"]
    expect(desk.locator("#waiting-count")).to_have_text("1")
    desk.keyboard.press("p")
    desk.keyboard.press("1")
    dialog = desk.get_by_role("alertdialog")
    expect(dialog).to_contain_text("1 位正在等候的群众现在没有窗口能叫")
    expect(dialog).to_contain_text(f"契税申报：1 人（{number}）")
    expect(dialog).to_contain_text("只能等本窗口")
    expect(dialog).to_contain_text("请告诉导办台或管理员")
    desk.keyboard.press("Enter")
    expect(desk.locator("#trouble")).to_contain_text(number)
    desk.keyboard.press("p")
    expect(desk.locator("#window-state")).to_contain_text("接待中")
    expect(desk.locator("#trouble")).not_to_contain_text(number)


def test_closing_names_the_window_that_would_help_and_can_be_undone(
    hall: WebHall, desk: Page
) -> None:
    number = hall.issue("pension")["number"]
    expect(desk.locator("#waiting-count")).to_have_text("1")
    desk.keyboard.press("o")
    dialog = desk.get_by_role("alertdialog")
    expect(dialog).to_contain_text(f"养老保险：1 人（{number}）")
    expect(dialog).to_contain_text("可请 1 号窗口开放")
    dialog.get_by_role("button", name="恢复接待").click()
    expect(desk.locator("#window-state")).to_contain_text("接待中")


def test_every_dialog_can_be_closed_by_mouse(hall: WebHall, desk: Page) -> None:
    hall.issue("pension")
    hall.issue("card")
    dialog = desk.locator("dialog")
    desk.keyboard.press("Space")
    expect(desk.locator("#current-number")).to_have_text("A001")
    for key in ("d", "t"):
        desk.keyboard.press(key)
        expect(dialog).to_be_visible()
        dialog.get_by_role("button", name="关闭").click()
        expect(dialog).to_have_count(0)
    desk.keyboard.press("s")
    expect(desk.locator("#current-state")).to_have_text("办理中")
    desk.keyboard.press("b")
    expect(desk.locator("#said")).to_contain_text("待补正")
    desk.locator("#back").click()
    expect(dialog).to_contain_text("谁回来了")
    dialog.get_by_role("button", name="关闭").click()
    expect(dialog).to_have_count(0)
    assert hall.tickets("done") == ["A001"]


def test_the_clerk_hears_where_somebody_was_sent(hall: WebHall, desk: Page) -> None:
    hall.command("/windows/1/open")
    hall.issue("tax-001", more=["pension"])
    hall.issue("tax-001")
    desk.keyboard.press("Space")
    expect(desk.locator("#current-facts")).to_contain_text("呼叫后")
    desk.keyboard.press("s")
    expect(desk.locator("#current-facts")).to_contain_text("办理了")
    desk.keyboard.press("f")
    expect(desk.locator("#said")).to_contain_text("接着等候办理：养老保险（1、2 号窗口）")
    hall.command("/windows/1/call-next")
    desk.keyboard.press("Space")
    expect(desk.locator("#current-facts")).to_contain_text("呼叫后")
    desk.keyboard.press("t")
    desk.locator(".picker-filter").fill("1 号窗口")
    desk.keyboard.press("Enter")
    expect(desk.locator("#said")).to_contain_text("已转移到 1 号窗口")


def test_the_guide_is_told_that_no_window_is_open(hall: WebHall, browser: Browser) -> None:
    with visit(browser) as page:
        log_in(page, f"{hall.url}/clerk", GUIDE)
        hall.command("/windows/2/open")
        hall.command("/windows/2/pause", reason="暂时离开")
        for opened in (False, True):
            page.keyboard.press("d")
            page.locator(".picker-filter").fill("契税申报")
            page.keyboard.press("Enter")
            dialog = page.locator("dialog")
            expect(dialog.locator(".issued-number")).to_be_visible()
            if opened:
                expect(dialog).not_to_contain_text("目前没有开放的窗口办理")
                expect(dialog).to_contain_text("预计等候约")
            else:
                expect(dialog).to_contain_text("目前没有开放的窗口办理")
                expect(dialog).not_to_contain_text("前面没有人")
                hall.command("/windows/2/open")
            page.keyboard.press("Enter")


def test_nobody_is_left_behind_while_another_window_takes_them(hall: WebHall, desk: Page) -> None:
    hall.command("/windows/1/open")
    hall.issue("pension")
    expect(desk.locator("#waiting-count")).to_have_text("1")
    desk.keyboard.press("o")
    expect(desk.locator("#window-state")).to_contain_text("未开放")
    expect(desk.locator("dialog")).to_have_count(0)


def _add(page: Page, name: str) -> None:
    page.locator(".picker-filter").fill(name)
    page.keyboard.press("Enter")
    expect(page.locator(".picker-filter")).to_have_value("")


def test_several_services_on_one_ticket_in_the_order_chosen(
    hall: WebHall, browser: Browser
) -> None:
    with visit(browser) as page:
        log_in(page, f"{hall.url}/clerk", GUIDE)
        page.keyboard.press("d")
        page.locator("#issue-several").check()
        issue = page.get_by_role("button", name="取号", exact=True)
        expect(issue).to_be_disabled()
        for name in ("社会保障卡", "契税申报", "养老保险"):
            _add(page, name)
        expect(page.locator(".basket-list li")).to_contain_text(
            ["社会保障卡", "契税申报", "养老保险"]
        )
        expect(page.locator(".basket")).to_contain_text("共 3 件")
        page.get_by_role("button", name="移除 契税申报").click()
        expect(page.locator(".basket")).to_contain_text("共 2 件")
        _add(page, "养老保险")
        expect(page.locator(".issue [role=alert]")).to_have_text("“养老保险”已经选过")
        issue.click()
        expect(page.locator(".issued-number")).to_have_text(re.compile(r"^A\d{3}$"))
        expect(page.locator(".issued-services li")).to_have_text(["社会保障卡", "养老保险"])
    (ticket,) = hall.ask("GET", "/tickets?state=waiting")["tickets"]
    assert ticket["service_id"] == "card"
    assert [later["id"] for later in ticket["more_services"]] == ["pension"]


def test_after_hours_the_clerk_is_told_to_serve_those_who_have_a_number(
    tmp_path: Path, browser: Browser
) -> None:
    clock = ManualClock(datetime.fromisoformat("2026-11-23T17:20:00+08:00"))
    with web_hall(plain_tables(), tmp_path, clock, hours="real") as hall, visit(browser) as page:
        hall.issue("pension")
        hall.command("/windows/2/open")
        clock.set(datetime.fromisoformat("2026-11-23T17:40:00+08:00"))
        log_in(page, f"{hall.url}/clerk", CLERK, 2)
        expect(page.locator("#trouble")).to_contain_text("还在等候的 1 人请办完")
