"""The appointments page: a day's bookings found, checked in, made, given back and imported."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from hallkit.runtime.clock import ManualClock
from tests.support.web_hall import CLERK, GUIDE, MANAGER, WebHall, plain_tables, web_hall
from tests.support.web_pages import log_in, visit

pytestmark = pytest.mark.ui

# A Monday; the hall's slots are half an hour for two people.
TODAY = "2026-11-23"
WEDNESDAY = "2026-11-25"
REFUSED = ("400 (", "403 (", "404 (", "409 (", "422 (")
HEADER = "person,service_id,date,time,channel\n"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[WebHall]:
    clock = ManualClock(datetime.fromisoformat(f"{TODAY}T09:50:00+08:00"))
    tables = plain_tables()
    tables["appointments"] = {"enabled": True, "days_ahead_min": 0, "services": ["category:social"]}
    with web_hall(tables, tmp_path, clock) as running:
        yield running


@pytest.fixture
def page(hall: WebHall, browser: Browser) -> Iterator[Page]:
    with visit(browser, expected=REFUSED) as opened:
        yield opened


def _book(hall: WebHall, at: str, service: str = "pension", day: str = TODAY) -> str:
    starts = f"{day}T{at}:00+08:00"
    person = f"{service} {day} {at} {len(_on(hall, day))}"
    made = hall.command(
        "/appointments", service_id=service, starts=starts, person=person, channel="phone"
    )
    return str(made["code"])


def _on(hall: WebHall, day: str) -> list[dict[str, Any]]:
    found = hall.ask("GET", f"/appointments?day={day}")["appointments"]
    assert isinstance(found, list)
    return found


def _open(page: Page, hall: WebHall, who: str = GUIDE, lang: str = "zh") -> None:
    log_in(page, f"{hall.url}/appointments?lang={lang}", who)
    expect(page.locator("#day-name")).not_to_be_empty()


def test_a_day_without_bookings_says_so(hall: WebHall, page: Page) -> None:
    _open(page, hall)
    expect(page.locator("#day-name")).to_have_text("今天 · 11月23日星期一")
    expect(page.locator("#none")).to_have_text("今天没有预约。")
    expect(page.locator("#import")).to_be_hidden()


def test_the_code_and_enter_check_a_visitor_in(hall: WebHall, page: Page) -> None:
    code, other = _book(hall, "10:00"), _book(hall, "11:30", "card")
    _open(page, hall)
    rows = page.locator("#bookings tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("10:00–10:30")
    expect(rows.first).to_contain_text("养老保险")
    expect(rows.first).to_contain_text("待到")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type(code)
    expect(rows).to_have_count(1)
    page.keyboard.press("Enter")
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("09:45–10:30 可以签到")
    page.keyboard.press("Enter")
    expect(dialog.locator(".big-number")).to_have_text("A001")
    expect(dialog).to_contain_text("请把号码告诉群众")
    page.keyboard.press("Enter")
    expect(rows).to_contain_text("已签到")
    assert hall.tickets("waiting") == ["A001"]
    page.locator("#search").fill(other)
    expect(rows).to_contain_text("社会保障卡")


def test_too_early_is_told_in_words_and_nothing_is_issued(hall: WebHall, page: Page) -> None:
    _book(hall, "11:30")
    _open(page, hall)
    page.get_by_role("button", name="签到取号").click()
    page.locator("dialog").get_by_role("button", name="签到取号").click()
    expect(page.locator("dialog [role=alert]")).to_have_text("预约时间是 11:30，11:15 起可以取号")
    page.keyboard.press("Escape")
    assert hall.tickets("waiting") == []


def test_a_code_of_another_day_is_told(hall: WebHall, page: Page) -> None:
    code = _book(hall, "10:00", day=WEDNESDAY)
    _open(page, hall)
    page.locator("#search").fill(code)
    expect(page.locator("#none")).to_contain_text(f"没有预约号 {code}")
    page.locator("#day").fill(WEDNESDAY)
    expect(page.locator("#bookings tr")).to_contain_text(code)
    expect(page.get_by_role("button", name="签到取号")).to_have_count(0)
    page.locator("#today").click()
    expect(page.locator("#day-name")).to_contain_text("今天")


def test_a_code_and_enter_answer_whatever_day_is_shown(hall: WebHall, page: Page) -> None:
    later, now = _book(hall, "10:00", day=WEDNESDAY), _book(hall, "10:00")
    _open(page, hall)
    page.locator("#day").fill(WEDNESDAY)
    expect(page.locator("#bookings tr")).to_contain_text(later)
    page.locator("#search").fill(later)
    page.keyboard.press("Enter")
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("11月25日星期三 10:00–10:30")
    page.keyboard.press("Enter")
    expect(dialog.locator("[role=alert]")).to_be_visible()
    dialog.get_by_role("button", name="关闭").click()
    expect(dialog).to_have_count(0)
    assert hall.tickets("waiting") == []
    page.locator("#search").fill(now)
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("09:45–10:30 可以签到")
    page.keyboard.press("Enter")
    expect(dialog.locator(".big-number")).to_have_text("A001")
    page.keyboard.press("Enter")
    page.locator("#search").fill(now)
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text(f"预约 {now}：已签到")
    page.locator("#search").fill("00000000")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("没有预约号 00000000")


def test_the_key_that_is_shown_works_in_the_search_box(hall: WebHall, page: Page) -> None:
    _open(page, hall)
    expect(page.locator("#new kbd")).to_have_text("F2")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("F2")
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("新预约")
    dialog.get_by_role("button", name="关闭").click()
    expect(dialog).to_have_count(0)
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(dialog).to_contain_text("新预约")
    expect(page.locator("#search")).to_have_value("")


def test_booking_by_keyboard_shows_what_is_left(hall: WebHall, page: Page) -> None:
    for _ in range(2):
        _book(hall, "08:30", day=WEDNESDAY)
    _book(hall, "09:00", day=WEDNESDAY)
    _open(page, hall)
    page.locator("#desk").focus()
    page.keyboard.press("n")
    expect(page.locator(".picker")).not_to_contain_text("契税申报")
    page.keyboard.type("养老")
    page.keyboard.press("Enter")
    page.locator("#book-day").select_option(WEDNESDAY)
    slots = page.locator(".slot")
    expect(slots.filter(has_text="08:30")).to_contain_text("已约满")
    expect(slots.filter(has_text="09:00")).to_contain_text("余 1")
    expect(slots.filter(has_text="09:30")).to_contain_text("余 2")
    expect(page.get_by_role("radio", name="08:30")).to_be_disabled()
    page.get_by_role("button", name="确认预约").click()
    expect(page.locator("dialog [role=alert]")).to_have_text("请选择时段")
    page.get_by_role("radio", name="09:00").check()
    page.locator("#book-person").fill("13900000001")
    page.keyboard.press("Enter")
    shown = page.locator(".big-code")
    expect(shown).to_have_text(re.compile(r"^\d{8}$"))
    expect(page.locator("dialog")).to_contain_text("11月25日星期三 08:45–09:30")
    page.keyboard.press("Enter")
    expect(page.locator("#day-name")).to_contain_text("11月25日")
    expect(page.locator("#bookings")).to_contain_text("09:00–09:30")
    assert len(_on(hall, WEDNESDAY)) == 4


def test_a_second_booking_of_the_same_person_is_refused_in_words(hall: WebHall, page: Page) -> None:
    hall.command(
        "/appointments",
        service_id="card",
        starts=f"{TODAY}T14:00:00+08:00",
        person="13900000001",
        channel="phone",
    )
    _open(page, hall, lang="en")
    page.locator("#new").click()
    page.locator(".pick").first.click()
    page.get_by_role("radio", name="15:00").check()
    page.locator("#book-person").fill("139 0000 0001")
    page.keyboard.press("Enter")
    expect(page.locator("dialog [role=alert]")).to_have_text("one person can book 1 time(s) a day")


def test_cancelling_asks_first(hall: WebHall, page: Page) -> None:
    code = _book(hall, "16:00")
    _open(page, hall)
    row = page.locator("#bookings tr")
    row.get_by_role("button", name=f"取消预约 {code}").click()
    expect(page.locator("dialog")).to_contain_text("取消 11月23日星期一 16:00 “养老保险”的预约吗？")
    expect(page.get_by_role("button", name="返回")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row).to_contain_text("待到")
    row.get_by_role("button", name=f"取消预约 {code}").click()
    page.locator("dialog .button-bad").click()
    expect(page.locator("#said")).to_have_text(f"已取消预约 {code}")
    expect(row).to_contain_text("已取消")
    assert [entry["state"] for entry in _on(hall, TODAY)] == ["cancelled"]


def test_states_are_counted_and_choose_the_rows(hall: WebHall, page: Page) -> None:
    _book(hall, "10:00")
    hall.command(f"/appointments/{_book(hall, '16:00')}/cancel")
    _open(page, hall)
    states = page.locator("#states button")
    expect(states).to_have_text(["全部2", "待到1", "已签到0", "未到0", "已取消1"])
    states.nth(4).click()
    expect(page.locator("#bookings tr")).to_have_count(1)
    expect(page.locator("#bookings tr")).to_contain_text("16:00")


def _import(page: Page, text: str, encoding: str = "utf-8") -> None:
    file = {"name": "booked.csv", "mimeType": "text/csv", "buffer": text.encode(encoding)}
    page.locator("#import-file").set_input_files([file])  # type: ignore[list-item]
    page.locator(".importing .button-main").click()


def test_a_table_with_mistakes_lists_them_by_row(hall: WebHall, page: Page) -> None:
    _open(page, hall, MANAGER, lang="en")
    page.locator("#import").click()
    rows = f"13900000001,pension,{WEDNESDAY},09:00,phone\n,nothing,{WEDNESDAY},09:00,phone\n"
    _import(page, f"{HEADER}{rows}王五,pension,25.11.2026,09:00,phone\n", "gb18030")
    problems = page.locator(".problems tbody tr")
    expect(page.locator(".importing [role=alert]")).to_contain_text("nothing was imported")
    expect(problems).to_have_count(2)
    expect(problems.first).to_contain_text("3person is empty or too long")
    expect(problems.nth(1)).to_contain_text("4date as 2026-12-01, time as 09:00")
    expect(problems.nth(1)).to_contain_text("25.11.2026")
    expect(page.locator(".problems")).not_to_contain_text("王五")
    assert _on(hall, WEDNESDAY) == []


def test_a_good_table_is_imported_and_its_codes_can_be_saved(hall: WebHall, page: Page) -> None:
    _open(page, hall, MANAGER)
    page.locator("#import").click()
    _import(page, f"{HEADER}=赵六,pension,2026/11/25,9:00,phone\n")
    expect(page.locator("#dialog-title")).to_have_text("已导入 1 个预约")
    (booked,) = _on(hall, WEDNESDAY)
    expect(page.locator(".codes")).to_contain_text(booked["code"])
    with page.expect_download() as saved:
        page.get_by_role("button", name="下载预约号表").click()
    text = Path(saved.value.path()).read_text(encoding="utf-8-sig")
    assert text.splitlines()[1] == f"'=赵六,{booked['code']},{WEDNESDAY},09:00,养老保险"
    page.get_by_role("button", name="确定").click()
    expect(page.locator("#bookings")).to_contain_text(booked["code"])


def test_a_spreadsheet_that_is_no_csv_is_told(hall: WebHall, page: Page) -> None:
    _open(page, hall, MANAGER)
    page.locator("#import").click()
    file = {"name": "b.xlsx", "mimeType": "", "buffer": b"PK\x03\x04\x00\x00\xff\xfe"}
    page.locator("#import-file").set_input_files([file])  # type: ignore[list-item]
    expect(page.locator(".importing [role=alert]")).to_contain_text("请先另存为 CSV")
    expect(page.locator(".importing .button-main")).to_be_disabled()


def test_clerks_may_not_and_guides_find_the_way(hall: WebHall, browser: Browser) -> None:
    with visit(browser) as page:
        page.goto(f"{hall.url}/appointments")
        page.locator("#staff-no").fill(CLERK)
        page.locator("#pin").fill("246810")
        page.keyboard.press("Enter")
        expect(page.locator("#not-allowed-text")).to_contain_text("只供导办员、管理员使用")
    with visit(browser) as page:
        log_in(page, f"{hall.url}/clerk", GUIDE)
        expect(page.locator("#to-appointments")).to_be_visible()
        page.keyboard.press("a")
        expect(page.locator("#day-name")).to_contain_text("今天")


def test_a_hall_without_appointments_says_so(tmp_path: Path, browser: Browser) -> None:
    with web_hall(plain_tables(), tmp_path) as hall, visit(browser) as page:
        log_in(page, f"{hall.url}/appointments", GUIDE)
        expect(page.locator("#off")).to_contain_text("本厅未开通预约")
        expect(page.locator("#new")).to_be_disabled()
        page.goto(f"{hall.url}/")
        expect(page.locator(".places")).not_to_contain_text("预约")
