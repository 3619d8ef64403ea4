"""The manager's page tells who put whom before others today, and why."""

import pytest
from playwright.sync_api import Browser, expect

from tests.support.web_hall import MANAGER, WebHall
from tests.support.web_pages import log_in, visit

pytestmark = pytest.mark.ui


def test_what_was_decided_by_hand_is_told(browser: Browser, hall: WebHall) -> None:
    first, second = hall.issue("card"), hall.issue("card")
    with visit(browser) as page:
        log_in(page, f"{hall.url}/manager", MANAGER)
        expect(page.locator("#audit-none")).to_be_visible()
        expect(page.locator("#audit-table")).to_be_hidden()
        hall.command("/windows/2/open")
        hall.command("/windows/2/call", ticket_id=second["id"], reason="孕妇")
        row = page.locator("#audit tr")
        expect(row).to_have_count(1)
        expect(row).to_contain_text(
            f"2 号窗口手工呼叫 {second['number']}，越过 {first['number']}，原因：孕妇"
        )
        expect(page.locator("#audit-none")).to_be_hidden()


def test_changes_of_what_windows_take_and_of_priorities_are_told(
    browser: Browser, hall: WebHall
) -> None:
    elder = {"services": ["tax-001"], "classes": ["green"], "from": "09:00", "weekdays": [2, 4]}
    rules = [{"services": ["pension"]}, elder]
    hall.ask("PUT", "/windows/1/profile", {"rules": rules})
    dials = hall.ask("GET", "/hall")["priority_classes"]
    changed = [
        {"id": d["id"], "head": 15 if d["id"] == "green" else d["head"], "rate": d["rate"]}
        for d in dials
    ]
    hall.ask("PUT", "/priorities", {"classes": changed})
    with visit(browser) as page:
        log_in(page, f"{hall.url}/manager", MANAGER)
        rows = page.locator("#audit tr")
        expect(rows).to_have_count(2)
        expect(rows.nth(0)).to_contain_text("李主任")
        expect(rows.nth(0)).to_contain_text("优先规则：绿色通道起步 10 → 15 分、每分钟 3 分")
        expect(rows.nth(1)).to_contain_text(
            "1 号窗口不再办理：社会保障卡；增加规则：契税申报，仅绿色通道，周二、周四，09:00 起"
        )
        page.goto(f"{hall.url}/manager?lang=en")
        expect(rows.nth(0)).to_contain_text("10 → 15 at once, 3 a minute")
        expect(rows.nth(1)).to_contain_text("window 1: no more:")
