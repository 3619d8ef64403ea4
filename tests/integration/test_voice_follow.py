"""From the server's stream to the sound: calls, recalls and notices of a followed hall."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from display.announcer import Announcer
from display.follow import HallFollow
from hallkit.link.client import ApiClient
from hallkit.runtime.clock import SystemClock
from hallkit.wire.board import Notice
from hallkit.wire.event import Event
from tests.fakes.hall_server_fake import FakeHall, call_event, empty_board, small_hall, window
from tests.fakes.voice_stage import Stage, stages


def notice(name: str, minutes_ago: float = 0.0, **more: Any) -> Notice:
    posted = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    values = {"id": name, "text": f"{name}号通知", "places": ["voice"], "posted_at": posted}
    return Notice.model_validate(values | more)


def changed(hall: FakeHall, *notices: Notice) -> None:
    """The server has these notices now, and says so."""
    seq = hall.last_seq + 1
    hall.board = empty_board(seq).model_copy(update={"notices": list(notices)})
    hall.push(Event(seq=seq, at=datetime.now(UTC), type="hall.changed", hall="test"))


@pytest.fixture
def hall() -> Iterator[FakeHall]:
    with FakeHall(small_hall(window(1), window(2))) as fake:
        yield fake


@pytest.fixture
def voice(hall: FakeHall, tmp_path: Path) -> Iterator[Stage]:
    with stages(tmp_path / "voice") as make:
        one = make(engine="espeak-ng", chime=False, repeat=1)
        client = ApiClient(hall.url)
        announcer = Announcer(one.voice.announce, SystemClock(), one.voice)
        follow = HallFollow(client, lambda _sign_of: None, announcer, 30.0, SystemClock())
        follow.start()
        try:
            yield one
        finally:
            follow.stop()
            client.close()


def said(voice: Stage, count: int) -> list[str]:
    voice.wait_said(count)
    return [caption for caption in voice.captions if caption]


def test_calls_and_notices_are_spoken_as_they_come(hall: FakeHall, voice: Stage) -> None:
    old = notice("旧", 10)
    hall.board = empty_board().model_copy(update={"notices": [old]})
    assert hall.wait_for(lambda: hall.streams == 1)
    changed(hall, old, notice("新"))
    assert said(voice, 1) == ["新号通知"]
    hall.push(call_event(hall.last_seq + 1, "A001", window(1)))
    assert said(voice, 2)[1:] == ["请A零零一号到一号综合窗口办理"]
    hall.push(call_event(hall.last_seq + 1, "A001", window(1), "ticket.recalled"))
    assert said(voice, 3)[2:] == ["请A零零一号到一号综合窗口办理"]
    # The clocks differ: it was posted just now, whatever its time says.
    changed(hall, old, notice("慢", 7))
    assert said(voice, 4)[3:] == ["慢号通知"]


def test_what_was_posted_while_the_server_was_away_is_spoken_only_if_fresh(
    hall: FakeHall, voice: Stage
) -> None:
    assert hall.wait_for(lambda: hall.streams == 1)
    changed(hall, notice("一"))
    assert said(voice, 1) == ["一号通知"]
    first = hall.board.notices
    hall.stop()
    hall.board = hall.board.model_copy(update={"notices": [*first, notice("二", 5), notice("三")]})
    hall.start()
    assert said(voice, 2)[1:] == ["三号通知"]
    hall.push(call_event(hall.last_seq + 1, "A002", window(2)))
    assert said(voice, 3)[2:] == ["请A零零二号到二号综合窗口办理"]
