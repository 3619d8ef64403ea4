"""The manager's pages: what needs attention, and the matrix that takes force at the next call."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from hallkit.runtime.clock import ManualClock
from tests.support.daytime import by_day
from tests.support.web_hall import CLERK, MANAGER, WebHall, plain_tables, web_hall
from tests.support.web_pages import log_in, visit

pytestmark = pytest.mark.ui

TIMED = {"services": ["tax-001"], "from": "09:00", "to": "11:30", "weekdays": [2, 4]}


def _tables() -> dict[str, Any]:
    """Window 1 takes social matters, and one tax matter at certain times; window 2 everything."""
    tables = plain_tables()
    tables["windows"][0]["rules"] = [{"services": ["category:social"]}, TIMED]
    return tables


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[WebHall]:
    with web_hall(_tables(), tmp_path) as running:
        yield running


def _matrix(page: Page, hall: WebHall) -> None:
    log_in(page, f"{hall.url}/manager", MANAGER)
    page.locator("#tab-matrix").click()
    expect(page.locator(".grid-row").first).to_be_visible()


def _cell(page: Page, service: str, window: int) -> Any:
    row = page.locator(".grid-row", has_text=service)
    headers = page.locator(".grid-window b").all_inner_texts()
    return row.locator("[role=gridcell]").nth(headers.index(str(window)))


def _rules(hall: WebHall, window: int) -> list[dict[str, Any]]:
    rules = hall.ask("GET", f"/windows/{window}/profile")["rules"]
    return [{k: v for k, v in rule.items() if v is not None} for rule in rules]


def test_a_change_is_a_draft_then_in_force_at_the_next_call(
    hall: WebHall, browser: Browser
) -> None:
    number = hall.issue("tax-002")["number"]
    hall.command("/windows/1/open")
    assert hall.command("/windows/1/call-next")["ticket"] is None
    with visit(browser) as page:
        _matrix(page, hall)
        cell = _cell(page, "契税退税", 1)
        expect(cell).to_have_attribute("aria-label", "1 号窗口，契税退税：不办")
        cell.click()
        expect(cell).to_have_attribute("aria-label", "1 号窗口，契税退税：办理、未保存")
        expect(page.locator("#draft-text")).to_contain_text("1 号窗口 有 1 处改动未保存")
        assert hall.command("/windows/1/call-next")["ticket"] is None
        page.locator("#save").click()
        expect(page.locator("#draft-text")).to_contain_text("已生效")
        expect(cell).to_have_attribute("aria-label", "1 号窗口，契税退税：办理")
    assert hall.command("/windows/1/call-next")["ticket"]["number"] == number


def test_rules_by_time_are_shown_and_kept(hall: WebHall, browser: Browser) -> None:
    with visit(browser) as page:
        _matrix(page, hall)
        timed = _cell(page, "契税申报", 1)
        expect(timed).to_have_text("分时")
        expect(timed).to_have_attribute("title", "1 号窗口，契税申报：分时 周二、四 09:00–11:30")
        _cell(page, "社会保障卡", 1).click()
        page.locator("#save").click()
        expect(page.locator("#draft-text")).to_contain_text("已生效")
    assert _rules(hall, 1) == [{"services": ["pension"]}, TIMED]


def test_rules_for_some_people_and_for_deputies_are_shown_and_kept(
    hall: WebHall, browser: Browser
) -> None:
    elder = {"services": ["tax-001"], "classes": ["green"]}
    deputy = {"services": ["tax-002"], "while_closed": 2}
    hall.ask("PUT", "/windows/1/profile", {"rules": [{"services": ["card"]}, elder, deputy]})
    with visit(browser) as page:
        _matrix(page, hall)
        expect(_cell(page, "契税申报", 1)).to_have_text("限类")
        title = "1 号窗口，契税申报：限类 仅绿色通道"
        expect(_cell(page, "契税申报", 1)).to_have_attribute("title", title)
        title = "1 号窗口，契税退税：顶岗 2 号窗口 没开放时"
        expect(_cell(page, "契税退税", 1)).to_have_attribute("title", title)
        _cell(page, "养老保险", 1).click()
        page.locator("#save").click()
        expect(page.locator("#draft-text")).to_contain_text("已生效")
    assert _rules(hall, 1) == [{"services": ["category:social"]}, elder, deputy]


def test_a_rule_is_added_and_another_removed(hall: WebHall, browser: Browser) -> None:
    with visit(browser) as page:
        _matrix(page, hall)
        page.get_by_role("button", name="1 号窗口 的规则").click()
        expect(page.locator(".rules li")).to_contain_text("契税申报 周二、四 09:00–11:30")
        page.get_by_role("button", name="删除").click()
        expect(page.locator(".rules")).to_contain_text("还没有规则")
        page.get_by_role("button", name="添加").click()
        expect(page.locator(".rule-form [role=alert]")).to_contain_text("至少选一个条件")
        page.locator("#rule-classes").select_option("green")
        page.locator("#rule-closed").select_option("2")
        page.locator("#rule-from").fill("08:30")
        page.get_by_role("button", name="添加").click()
        text = "全部业务 2 号窗口 没开放时、仅绿色通道、每天 08:30 起"
        expect(page.locator(".rules li")).to_contain_text(text)
        page.get_by_role("button", name="放入草稿").click()
        expect(page.locator("#draft-text")).to_contain_text("1 号窗口 有 1 处改动未保存")
        expect(_cell(page, "契税退税", 1)).to_have_text("顶岗")
        page.locator("#save").click()
        expect(page.locator("#draft-text")).to_contain_text("已生效")
    assert _rules(hall, 1) == [
        {"services": ["category:social"]},
        {"services": "*", "classes": ["green"], "from": "08:30", "while_closed": 2},
    ]


def test_what_was_entered_for_a_rule_is_not_lost(hall: WebHall, browser: Browser) -> None:
    with visit(browser) as page:
        _matrix(page, hall)
        page.get_by_role("button", name="2 号窗口 的规则").click()
        page.locator("#rule-services").select_option("tax-001")
        page.get_by_role("button", name="放入草稿").click()
        expect(page.locator(".rule-form [role=alert]")).to_contain_text("至少选一个条件")
        page.locator("#rule-classes").select_option("green")
        page.get_by_role("button", name="放入草稿").click()
        expect(page.locator("dialog")).to_have_count(0)
        expect(page.locator("#draft-text")).to_contain_text("1 处改动未保存")
        page.locator("#save").click()
        expect(page.locator("#draft-text")).to_contain_text("已生效")
    assert {"services": ["tax-001"], "classes": ["green"]} in _rules(hall, 2)


def test_a_paused_window_is_asked_to_go_on(hall: WebHall, browser: Browser) -> None:
    hall.issue("tax-002")
    hall.command("/windows/2/open")
    hall.command("/windows/2/pause", reason="暂时离开")
    with visit(browser) as page:
        log_in(page, f"{hall.url}/manager", MANAGER)
        stranded = page.locator("#warnings .stranded")
        expect(stranded).to_contain_text("请 2 号窗口恢复接待，或调整")
        hall.command("/windows/2/close")
        expect(stranded).to_contain_text("请开放 2 号窗口，或调整")


def test_before_saving_it_is_said_who_would_be_left_behind(hall: WebHall, browser: Browser) -> None:
    number = hall.issue("card")["number"]
    hall.command("/windows/1/open")
    before = _rules(hall, 1)
    with visit(browser) as page:
        _matrix(page, hall)
        _cell(page, "社会保障卡", 1).click()
        page.locator("#save").click()
        dialog = page.locator("dialog")
        expect(dialog).to_contain_text("1 位正在等候的群众将没有窗口可办")
        expect(dialog).to_contain_text(f"社会保障卡：1 人（{number}）")
        page.get_by_role("button", name="回去修改").click()
        assert _rules(hall, 1) == before
        page.locator("#save").click()
        page.get_by_role("button", name="仍然保存").click()
        expect(page.locator("#draft-text")).to_contain_text("已生效")
        page.locator("#tab-live").click()
        expect(page.locator("#warnings .stranded")).to_contain_text(number)
    assert _rules(hall, 1)[0] == {"services": ["pension"]}


def _dial(page: Page, hall: WebHall) -> Any:
    log_in(page, f"{hall.url}/manager", MANAGER)
    page.locator("#tab-dial").click()
    row = page.locator("#dial-rows tr", has_text="绿色通道")
    expect(row).to_be_visible()
    return row


def test_the_dial_is_tried_out_and_then_in_force(hall: WebHall, browser: Browser) -> None:
    with visit(browser) as page:
        row = _dial(page, hall)
        sentence = page.locator("#dial-sentence")
        expect(sentence).to_contain_text("每等 1 分钟得 1 分；绿色通道起步 10 分、每分钟 3 分")
        expect(page.locator("#dial-save")).to_be_disabled()
        row.locator("[data-field=head]").fill("20")
        row.get_by_role("button", name="绿色通道 每分钟分增加").click()
        expect(sentence).to_contain_text("绿色通道起步 20 分、每分钟 3.5 分")
        expect(row).to_contain_text("55 分")
        page.locator("#dial-preview").click()
        expect(page.locator("#dial-words .dial-main")).to_contain_text("普通群众平均")
        expect(page.locator("#dial-table tr")).to_have_count(2)
        expect(page.locator("#dial-basis")).to_contain_text("负荷 95%")
        page.locator("#dial-save").click()
        expect(page.locator("#dial-status")).to_contain_text("已生效")
        expect(page.locator("#dial-save")).to_be_disabled()
    classes = {c["id"]: c for c in hall.ask("GET", "/priorities")["classes"]}
    assert (classes["green"]["head"], classes["green"]["rate"]) == (20, 3.5)


def test_the_dial_keeps_to_its_limits_and_can_be_thrown_away(
    hall: WebHall, browser: Browser
) -> None:
    with visit(browser) as page:
        row = _dial(page, hall)
        rate = row.locator("[data-field=rate]")
        rate.fill("0")
        rate.press("Tab")
        expect(rate).to_have_value("1")
        rate.fill("99")
        rate.press("Tab")
        expect(rate).to_have_value("10")
        page.locator("#dial-discard").click()
        expect(rate).to_have_value("3")
        expect(page.locator("#dial-discard")).to_be_disabled()


def test_a_whole_category_by_keyboard(hall: WebHall, browser: Browser) -> None:
    with visit(browser) as page:
        _matrix(page, hall)
        page.locator("#filter").fill("税")
        page.keyboard.press("Tab")
        for _ in range(3):
            page.keyboard.press("Tab")
        expect(page.locator("#grid")).to_be_focused()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        expect(page.locator("#draft-text")).to_contain_text("3 处改动")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(page.locator("#save")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#draft-text")).to_contain_text("已生效")
    assert _rules(hall, 1) == [{"services": "*"}, TIMED]


def test_a_draft_can_be_thrown_away(hall: WebHall, browser: Browser) -> None:
    before = _rules(hall, 2)
    with visit(browser) as page:
        _matrix(page, hall)
        _cell(page, "契税申报", 2).click()
        expect(page.locator("#draft-count")).to_have_text("1")
        page.locator("#discard").click()
        expect(page.locator("#draft-text")).to_contain_text("没有未保存的改动")
    assert _rules(hall, 2) == before


def test_another_managers_change_does_not_undo_the_draft(hall: WebHall, browser: Browser) -> None:
    with visit(browser) as page:
        _matrix(page, hall)
        expect(page.locator("#link-text")).to_have_text("连接正常")
        _cell(page, "契税退税", 1).click()
        hall.ask("PUT", "/windows/1/profile", {"rules": [{"services": ["card"]}]})
        expect(page.locator("#draft-errors")).to_contain_text("刚被他人修改")
        expect(_cell(page, "养老保险", 1)).to_have_attribute(
            "aria-label", "1 号窗口，养老保险：不办"
        )
        page.locator("#save").click()
        expect(page.locator("#draft-text")).to_contain_text("已生效")
    assert sorted(_rules(hall, 1)[0]["services"]) == ["card", "tax-002"]


def test_services_that_nobody_takes_are_a_warning(hall: WebHall, browser: Browser) -> None:
    hall.issue("tax-003")
    hall.command("/windows/1/open")
    with visit(browser) as page:
        log_in(page, f"{hall.url}/manager", MANAGER)
        stuck = page.locator("#warnings .stranded")
        expect(stuck).to_contain_text("车船税申报：1 人叫不到号（B001）")
        expect(stuck).to_contain_text("没有开放窗口办理。请开放 2 号窗口")
        hall.command("/windows/2/open")
        expect(stuck).to_have_count(0)
        expect(page.locator("#warnings")).not_to_contain_text("没有开放窗口办理")
        expect(page.locator("#tiles .tile").nth(1)).to_contain_text("接待中")


def test_a_long_wait_is_a_warning(tmp_path: Path, browser: Browser) -> None:
    now = by_day()
    clock = ManualClock(now - timedelta(minutes=17))
    with web_hall(_tables(), tmp_path, clock) as hall, visit(browser) as page:
        hall.issue("pension")
        clock.set(now)
        log_in(page, f"{hall.url}/manager", MANAGER)
        expect(page.locator("#warnings")).to_contain_text(
            "养老保险：最长已等 17 分钟，超过 15 分钟"
        )


def test_tiles_follow_the_windows(hall: WebHall, browser: Browser) -> None:
    number = hall.issue("pension")["number"]
    with visit(browser) as page:
        log_in(page, f"{hall.url}/manager", MANAGER)
        tile = page.locator("#tiles .tile").first
        expect(tile).to_contain_text("未开放")
        hall.command("/windows/1/open")
        hall.command("/windows/1/call-next")
        expect(tile).to_contain_text(number)
        expect(tile).to_contain_text("已呼叫")
        hall.command("/windows/1/no-show")
        hall.command("/windows/1/pause", reason="午餐")
        expect(tile).to_contain_text("暂停：午餐")


def test_a_clerk_may_not_manage(hall: WebHall, browser: Browser) -> None:
    with visit(browser) as page:
        page.goto(f"{hall.url}/manager")
        page.locator("#staff-no").fill(CLERK)
        page.locator("#pin").fill("246810")
        page.locator("#login-form button").click()
        expect(page.locator("#not-allowed-text")).to_contain_text("窗口人员")
        expect(page.locator("#desk")).to_be_hidden()


def test_sixty_windows_and_six_hundred_services(tmp_path: Path, browser: Browser) -> None:
    tables = plain_tables()
    tables["categories"][1]["generated"][0] |= {
        "count": 400,
        "subjects": [f"税种{n}" for n in range(100)],
        "acts": ["申报", "退税", "变更", "注销"],
    }
    tables["categories"].append(json.loads(json.dumps(tables["categories"][1])))
    tables["categories"][2] |= {"id": "more", "series": "C", "name": "更多"}
    tables["categories"][2]["generated"][0] |= {"prefix": "more", "count": 217}
    tables["windows"] = [
        {"number": n, "name": "综合窗口", "area": "main", "rules": [{"services": "*"}]}
        for n in range(1, 61)
    ]
    with web_hall(tables, tmp_path) as hall, visit(browser) as page:
        _matrix(page, hall)
        expect(page.locator(".grid-row")).to_have_count(3)
        page.locator("#expand").click()
        grid = page.locator("#grid")
        expect(grid).to_have_attribute("aria-rowcount", str(3 + 619 + 1))
        assert page.locator(".grid-row").count() < 60
        grid.focus()
        page.keyboard.press("End")
        for _ in range(80):
            page.keyboard.press("PageDown")
        last = page.locator(".cell-at")
        expect(last).to_be_in_viewport()
        expect(last).to_have_attribute("aria-label", "60 号窗口，税种54申报：办理")
        box, head = last.bounding_box(), page.locator(".grid-window").last.bounding_box()
        assert box is not None
        assert head is not None
        assert abs((box["x"] + box["width"] / 2) - (head["x"] + head["width"] / 2)) < 3
        page.keyboard.press("Space")
        expect(page.locator("#draft-text")).to_contain_text("60 号窗口 有 1 处改动")


def test_the_device_page_lets_a_device_in_and_out(hall: WebHall, browser: Browser) -> None:
    pairing = hall.command("/devices/pair", kind="kiosk", name="大厅门口取号机")
    with visit(browser) as page:
        log_in(page, f"{hall.url}/devices", MANAGER)
        device = page.locator(".device", has_text="大厅门口取号机")
        expect(device).to_contain_text("等待批准")
        expect(device).to_contain_text(pairing["code"])
        device.get_by_role("button", name="批准接入").click()
        expect(device).to_contain_text("没有联系")
        device.get_by_role("button", name="停用").click()
        page.locator("dialog .button-bad").click()
        expect(device).to_have_count(0)
