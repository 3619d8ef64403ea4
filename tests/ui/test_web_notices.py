"""Notices on the manager's page; panels' states there and at the clerk's desk, without asking."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from hallkit.runtime.clock import ManualClock
from hallkit.wire.device import DeviceStatus, PartStatus
from tests.support.web_hall import CLERK, MANAGER, WebHall, plain_tables, web_hall
from tests.support.web_pages import log_in, visit

pytestmark = pytest.mark.ui


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebHall]:
    """A Monday morning at 10:00 in a hall that closes at 17:30."""
    clock = ManualClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
    folder = tmp_path_factory.mktemp("hall")
    with web_hall(plain_tables(), folder, clock, hours="real") as running:
        yield running


@contextmanager
def _manager(hall: WebHall, browser: Browser) -> Iterator[Page]:
    with visit(browser, 1280, 800, expected=("422 (",)) as page:
        log_in(page, f"{hall.url}/manager", MANAGER)
        yield page


def _told(hall: WebHall) -> list[dict[str, Any]]:
    """What everybody is told now."""
    found: list[dict[str, Any]] = hall.ask("GET", "/board")["notices"]
    return found


def test_a_notice_is_posted_and_withdrawn(hall: WebHall, browser: Browser) -> None:
    with _manager(hall, browser) as page:
        expect(page.locator("#notice-end")).to_contain_text("当天有效（到 17:30）")
        page.locator("#notice-text").fill("3号窗口今天停办户籍业务")
        expect(page.locator("#notice-left")).to_have_text("12/60")
        expect(page.locator("#notice-every-box")).to_be_hidden()
        page.get_by_label("大屏滚动").uncheck()
        page.locator("#notice-post").click()
        expect(page.locator("#notice-status")).to_have_text("请选择发布到哪里")
        page.get_by_label("语音播报").check()
        page.get_by_label("窗口屏（没有叫号时）").check()
        page.locator("#notice-every").select_option("30")
        page.locator("#notice-post").click()
        expect(page.locator("#notice-status")).to_have_text("已发布。")
        expect(page.locator("#notice-text")).to_have_value("")
        item = page.locator(".notice-item")
        expect(item).to_contain_text("到 17:30 · 窗口屏、语音 · 每 30 分钟播一次")
        (notice,) = _told(hall)
        assert (notice["places"], notice["every_min"]) == (["panels", "voice"], 30)
        row = page.locator("#audit tr").first
        expect(row).to_contain_text("发布通知“3号窗口今天停办户籍业务”（窗口屏、语音）")
        item.get_by_role("button", name="撤下").click()
        expect(item).to_contain_text("已由李主任撤下")
        expect(item.get_by_role("button")).to_be_hidden()
        assert _told(hall) == []


def test_a_time_is_the_halls_and_a_refusal_is_told(hall: WebHall, browser: Browser) -> None:
    with _manager(hall, browser) as page:
        page.locator("#notice-text").fill("停电检修")
        page.locator("#notice-end").select_option("time")
        page.locator("#notice-time").fill("2026-11-23T09:30")
        page.locator("#notice-post").click()
        expect(page.locator("#notice-status")).to_have_text("结束时间已经过去")
        page.locator("#notice-time").fill("2026-11-24T11:30")
        page.locator("#notice-post").click()
        expect(page.locator("#notice-status")).to_have_text("已发布。")
        (notice,) = _told(hall)
        assert notice["until"] == "2026-11-24T11:30:00+08:00"
        page.locator("#notice-text").fill("W" * 60)
        page.locator("#notice-end").select_option("stay")
        page.locator("#notice-post").click()
        expect(page.locator(".notice-item").first).to_contain_text("长期有效（手动撤下）")
        expect(page.locator("#audit")).to_contain_text("W" * 60)
        page.set_viewport_size({"width": 600, "height": 800})
        wide, room = page.locator("#audit-table").evaluate(
            "table => [table.scrollWidth, table.parentElement.clientWidth]"
        )
        assert wide <= room


class _Signs:
    """A display program with a panel at each of the windows 1 to 9."""

    def __init__(self, hall: WebHall) -> None:
        pairing = hall.command("/devices/pair", kind="display", name="显示屏与语音")
        self._hall, self._id = hall, pairing["device_id"]
        hall.command(f"/devices/{self._id}/approve")
        secret = {"Authorization": f"Bearer {pairing['secret']}"}
        token = hall.ask("GET", f"/devices/{self._id}/token", headers=secret)["token"]
        self._headers = {"Authorization": f"Bearer {token}"}

    def tell(
        self, *, failed: tuple[int, ...] = (), unknown: tuple[int, ...] = (), twice: int = 0
    ) -> None:
        """Reports the panels; the window ``twice`` has two."""
        parts = []
        for n in (*range(1, 10), *((twice,) if twice else ())):
            state = "failed" if n in failed else "unknown" if n in unknown else "acked"
            words = {"failed": "屏无应答", "unknown": "未知", "acked": "已显示"}[state]
            parts.append(
                PartStatus(
                    name=f"panel {n}"
                    if n < 9 and n != twice
                    else f"panel {n} (tcp-1/{len(parts)})",
                    state=state,
                    text=f"{n}号窗口屏：{words}",
                    text_en=f"panel of window {n}: {state}",
                    ok=state == "acked",
                    window=n,
                )
            )
        body = DeviceStatus(version="1", parts=parts).model_dump()
        self._hall.ask("POST", f"/devices/{self._id}/status", body, headers=self._headers)


def test_a_panel_that_fails_is_told_to_its_clerk_and_in_short_to_the_manager(
    hall: WebHall, browser: Browser
) -> None:
    signs = _Signs(hall)
    signs.tell()
    with _manager(hall, browser) as manager, visit(browser, 1280, 800) as desk:
        log_in(desk, f"{hall.url}/clerk", CLERK, 2)
        trouble, warnings = desk.locator("#trouble"), manager.locator("#warnings")
        expect(desk.locator("#verbs button").first).to_be_visible()
        signs.tell(failed=(2,))
        words = "本窗口的屏可能没有显示号码，请口头叫号。屏的状态：屏无应答"
        expect(trouble).to_contain_text(words)
        expect(warnings).to_contain_text("2 号窗口屏：屏无应答")
        signs.tell(failed=(3, 7, 8, 9), unknown=(5,))
        expect(warnings).to_contain_text("3、7–9 号窗口屏故障")
        expect(warnings).to_contain_text("5 号窗口屏状态未知")
        expect(trouble.locator("li")).to_have_count(0)
        signs.tell(unknown=(2,), twice=2)
        own = "▲ 本窗口的屏可能没有显示号码，请口头叫号。屏的状态：未知"
        expect(trouble.locator("li")).to_have_text([own])
        signs.tell()
        expect(warnings).not_to_contain_text("窗口屏")
        expect(trouble.locator("li")).to_have_count(0)
