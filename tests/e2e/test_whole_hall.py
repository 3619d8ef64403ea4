"""From a touch on the kiosk to paper, panel, voice and board, through every real part."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from hallkit.runtime.paths import config_dir
from hallkit.wire.event import TOPICS
from tests.e2e.demo_hall import DemoHall, KioskScreen
from tests.e2e.event_reader import EventReader
from tests.e2e.panels import lit_lamps
from tests.e2e.sound import loudness, seconds
from tests.support.browser import CHROMIUM, FLAGS
from tests.support.ticket_reading import read_number, read_qr
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


Readers = Callable[[EventReader], EventReader]


@dataclass(frozen=True)
class Story:
    """A hall, a window, a service it takes, and one that a manager gives it."""

    hall: str
    window: int
    own: tuple[str, str]
    given: tuple[str, str]


STORIES = [
    Story("baishui-town", 1, ("党政综合", "户口登记"), ("农林扶贫", "惠农补贴")),
    Story("baotou-city", 3, ("市场准入", "企业设立登记"), ("领证出证", "领取营业执照")),
]


@pytest.fixture(params=STORIES, ids=lambda story: story.hall)
def story(request: pytest.FixtureRequest) -> Story:
    found = request.param
    assert isinstance(found, Story)
    return found


@pytest.fixture
def hall(story: Story, tmp_path: Path) -> Iterator[DemoHall]:
    running = DemoHall(config_dir() / "halls" / f"{story.hall}.toml", tmp_path / "demo")
    try:
        running.wait_ready()
        yield running
    finally:
        running.stop()


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def readers() -> Iterator[Readers]:
    """Event readers that are cut off at the end, whatever happens."""
    opened: list[EventReader] = []

    def keep(reader: EventReader) -> EventReader:
        opened.append(reader)
        return reader

    yield keep
    for reader in opened:
        reader.cut()


def _log_in(page: Page, hall: DemoHall, path: str, staff: dict[str, Any]) -> None:
    page.goto(hall.base_url + path)
    page.locator("#staff-no").fill(staff["staff_no"])
    page.locator("#pin").fill(staff["pin"])
    if staff["window"] is not None:
        page.locator("#login-window").select_option(str(staff["window"]))
    page.keyboard.press("Enter")
    expect(page.locator("#desk")).to_be_visible()


def _check_paper(hall: DemoHall, number: str, count: int) -> str:
    """The printed ticket carries the number and a QR; returns the QR's address."""
    papers = wait_for(
        "the ticket on paper",
        lambda: found if len(found := hall.tickets_on_paper("kiosk-1")) >= count else None,
    )
    assert len(papers) == count
    assert read_number(papers[-1]) == number
    return read_qr(papers[-1])


def _check_panel(hall: DemoHall, window: int, number: str) -> None:
    facts = wait_for(
        f"{number} on the panel of window {window}",
        lambda: found if number in (found := hall.panel(window))["text"] else None,
    )
    assert f"{window}号窗口" in facts["text"].replace(" ", "")
    assert facts["frames"] > 0
    assert facts["crc_errors"] == 0
    assert facts["nacks"] == 0
    assert lit_lamps(hall.panel_dir(window) / "panel.png") > 100


def _check_voice(hall: DemoHall, window: int, number: str) -> None:
    sound = wait_for("the spoken call", lambda: hall.voice_of(number, window))
    assert 2 <= seconds(sound) <= 10
    assert loudness(sound) > 0.01


def _give_service(manager: Page, story: Story) -> None:
    """The manager ticks one more service for the window in the matrix, and saves."""
    manager.locator("#tab-matrix").click()
    manager.locator("#filter").fill(story.given[1])
    row = manager.locator(".grid-row", has_text=story.given[1])
    expect(row).to_be_visible()
    headers = manager.locator(".grid-window b").all_inner_texts()
    row.locator("[role=gridcell]").nth(headers.index(str(story.window))).click()
    manager.locator("#save").click()
    expect(manager.locator("#draft-text")).to_contain_text("已生效")


def test_from_a_touch_to_paper_panel_voice_and_board(
    hall: DemoHall, story: Story, browser: Browser, readers: Readers
) -> None:
    token = hall.facts["device_tokens"]["kiosk"]
    kiosk = KioskScreen(hall.http, hall.facts["kiosk"]["remote_url"])
    before = readers(EventReader(hall.base_url, token))

    first = kiosk.take_number(*story.own)
    address = _check_paper(hall, first, 1)

    clerk = browser.new_context().new_page()
    _log_in(clerk, hall, "/clerk", hall.staff("clerk", story.window))
    expect(clerk.locator("#window-state")).to_contain_text("未开放")
    clerk.keyboard.press("Space")
    expect(clerk.locator("#window-state")).to_contain_text("接待中")
    clerk.keyboard.press("Space")
    expect(clerk.locator("#current-number")).to_have_text(first)

    _check_panel(hall, story.window, first)
    _check_voice(hall, story.window, first)
    board = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    board.goto(hall.base_url + "/board")
    expect(board.locator("body")).to_contain_text(first)
    phone = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    phone.goto(address)
    expect(phone.locator("body")).to_contain_text(first)

    wait_for("the call on the stream", lambda: _of(before, "ticket.called"))
    before.cut()
    clerk.keyboard.press("s")
    expect(clerk.locator("#current-state")).to_contain_text("办理中")
    clerk.keyboard.press("f")
    expect(clerk.locator("#current-number")).not_to_have_text(first)

    second = kiosk.take_number(*story.given)
    _check_paper(hall, second, 2)
    clerk.keyboard.press("Space")
    expect(clerk.locator("#said")).to_contain_text("没有")
    manager = browser.new_context().new_page()
    _log_in(manager, hall, "/manager", hall.staff("manager"))
    _give_service(manager, story)
    clerk.keyboard.press("Space")
    expect(clerk.locator("#current-number")).to_have_text(second)
    _check_panel(hall, story.window, second)
    expect(board.locator("body")).to_contain_text(second)

    after = readers(EventReader(hall.base_url, token, before.last_id))
    wait_for(
        "the second call on the resumed stream",
        lambda: [e for e in _of(after, "ticket.called") if e["ticket"]["number"] == second],
    )
    seen = [event["seq"] for event in [*before.events, *after.events]]
    assert seen == [seq for seq in _told(hall) if seq <= seen[-1]]


def _told(hall: DemoHall) -> list[int]:
    """The journal's entries that streams tell of; that a block of numbers was sealed is none."""
    (path,) = hall.data.rglob("hall.db")
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT seq, type FROM journal ORDER BY seq")
        return [seq for seq, type_ in rows if type_ in TOPICS]


def _of(reader: EventReader, type_: str) -> list[dict[str, Any]]:
    return [event for event in list(reader.events) if event["type"] == type_]
