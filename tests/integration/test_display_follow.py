"""What the windows' signs claim while the server tells only a part, or nothing new."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from display.announcer import Announcer
from display.board.sign import Sign
from display.follow import HallFollow
from display.hall_clock import HallClock
from display.link import HallLink
from display.panels import Panels
from display.settings import DisplaySettings
from hallkit.link.client import ApiClient
from hallkit.link.server import ServerSettings
from hallkit.runtime.clock import ManualClock, SystemClock
from tests.fakes.display_hall import eventually
from tests.fakes.hall_server_fake import (
    Answer,
    FakeHall,
    call_event,
    empty_board,
    small_hall,
    window,
)


@contextmanager
def following(hall: FakeHall, **more: Any) -> Iterator[HallFollow]:
    client = ApiClient(hall.url)
    clock = SystemClock()
    announcer = Announcer(lambda _call: None, clock)
    follow = HallFollow(client, lambda _sign: None, announcer, 1.0, clock, **more)
    follow.start()
    try:
        yield follow
    finally:
        follow.stop()
        client.close()


def test_a_server_that_does_not_tell_the_present_state_counts_as_lost() -> None:
    def away(_body: dict[str, Any]) -> Answer:
        return 503, {}

    with FakeHall(small_hall(window(3))) as hall, following(hall) as follow:
        eventually(lambda: follow.sign(3) == Sign(3, "idle"), "known")
        hall.push(call_event(1, "A001", window(3)))
        eventually(lambda: follow.sign(3).ticket == "A001", "called")
        hall.answer("GET", "/board", away)
        hall.stop()
        hall.start()
        # The stream is up again, but whether A001 is still there is not known.
        hall.wait_for(lambda: hall.streams == 1)
        eventually(lambda: follow.sign(3) == Sign(3, "lost"), "no number")


def test_a_session_that_begins_without_an_event_is_noticed() -> None:
    with FakeHall(small_hall(window(3))) as hall, following(hall, renew_s=0.2) as follow:
        eventually(lambda: follow.sign(3) == Sign(3, "idle"), "known")
        closes = datetime.now(UTC) + timedelta(minutes=10)
        hall.board = empty_board().model_copy(update={"closes_at": closes})
        expected = Sign(3, "closing", note=f"{closes:%H:%M}")
        eventually(lambda: follow.sign(3) == expected, "closing soon")


def test_signs_go_by_the_hall_s_clock_on_a_machine_whose_own_is_wrong() -> None:
    seen: list[Sign] = []

    def show(sign_of: Callable[[int], Sign]) -> None:
        seen.append(sign_of(3))

    closes = datetime.now(UTC) + timedelta(minutes=10)
    board = empty_board().model_copy(update={"closes_at": closes})
    clock = HallClock(ManualClock(closes - timedelta(hours=5)))
    announcer = Announcer(lambda _call: None, clock, told=clock.told)
    with FakeHall(small_hall(window(3), window(4)), board) as hall:
        link = HallLink(ServerSettings(), hall.url, show, announcer, 30.0, list, clock)
        link.start()
        try:
            eventually(lambda: Sign(3, "idle") in seen, "five hours early by its own clock")
            hall.wait_for(lambda: hall.streams == 1)
            hall.push(call_event(1, "A001", window(4)))
            eventually(lambda: seen[-1].kind == "closing", "closing soon by the hall's")
        finally:
            link.stop()


def test_brightness_goes_by_the_hall_s_clock() -> None:
    panel = {"window": 1}
    line = {"name": "a", "port": "socket://127.0.0.1:1", "panels": [panel]}
    night = {"from": "22:00", "to": "06:00", "level": 3}
    settings = DisplaySettings.model_validate({"lines": [line], "panels": {"brightness": [night]}})
    clock = ManualClock(datetime(2026, 3, 2, 13, 59, tzinfo=UTC))
    panels = Panels(settings, lambda: None, clock)
    panels.timezone(ZoneInfo("Asia/Shanghai"))
    assert panels.level() == 15
    clock.advance(timedelta(minutes=1))
    assert panels.level() == 3
