"""Which calls are spoken."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from display.announcer import Announcer
from display.hall_clock import HallClock
from display.voice.phrases import Announcement
from hallkit.runtime.clock import ManualClock
from hallkit.wire.board import Board, Call, Notice
from hallkit.wire.hall import Category, Hall, PriorityClass, Service
from tests.fakes.hall_server_fake import call_event, empty_board, small_hall, ticket, window

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Hearing:
    def __init__(self) -> None:
        self.said: list[Announcement] = []
        self.clock = ManualClock(NOW)
        self.posted: list[tuple[list[str], bool]] = []
        self.zones: list[str] = []
        self.announcer = Announcer(self.said.append, self.clock, self)

    def notices(self, notices: Sequence[Notice], *, live: bool) -> None:
        self.posted.append(([notice.id for notice in notices], live))

    def timezone(self, zone: tzinfo) -> None:
        self.zones.append(str(zone))

    @property
    def words(self) -> list[tuple[str, int]]:
        return [(a.ticket, a.window) for a in self.said]


@pytest.fixture
def hearing() -> Hearing:
    return Hearing()


def board(*calls: tuple[str, int, int]) -> tuple[Hall, Board]:
    """(ticket, window, seconds ago), oldest first."""
    windows = [window(w, ticket=t, ticket_state="called") for t, w, _ in calls]
    made = [
        Call(window=w, window_name="", ticket=t, state="called", called_at=ago(s))
        for t, w, s in calls
    ]
    return small_hall(*windows), empty_board(9, *reversed(made))


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def test_live_calls_are_always_spoken(hearing: Hearing) -> None:
    hearing.announcer.heard(call_event(1, "A001", window(2), at=ago(5000)), live=True)
    hearing.announcer.heard(
        call_event(2, "A001", window(2), "ticket.recalled", at=ago(5000)), live=True
    )
    assert hearing.words == [("A001", 2), ("A001", 2)]


def test_other_events_are_not(hearing: Hearing) -> None:
    for kind in ("ticket.started", "ticket.finished", "window.opened"):
        hearing.announcer.heard(call_event(1, "A001", window(2), kind), live=True)
    assert not hearing.said


def test_missed_calls_are_spoken_when_fresh_and_once(hearing: Hearing) -> None:
    hearing.announcer.catch_up(*board(("A001", 1, 90), ("A002", 2, 59), ("A003", 3, 5)))
    assert hearing.words == [("A002", 2), ("A003", 3)]
    replayed = call_event(8, "A003", window(3), at=ago(5))
    hearing.announcer.heard(replayed, live=False)
    hearing.announcer.catch_up(*board(("A002", 2, 59), ("A003", 3, 5)))
    assert len(hearing.said) == 2


def test_a_recall_that_was_missed_is_spoken(hearing: Hearing) -> None:
    hearing.announcer.heard(call_event(1, "A001", window(1), at=ago(40)), live=True)
    hearing.announcer.catch_up(*board(("A001", 1, 10)))
    assert len(hearing.said) == 2


def test_calls_that_are_over_are_not_spoken(hearing: Hearing) -> None:
    hall, with_calls = board(("A001", 1, 5))
    hall = hall.model_copy(update={"windows": [window(1)]})
    hearing.announcer.catch_up(hall, with_calls)
    assert not hearing.said


def test_the_kind_of_window_and_purpose(hearing: Hearing) -> None:
    service = Service(id="collect", name="领证", kind="collect", minutes=5, open=True)
    hall, nothing = small_hall(window(7, kind="certificate")), empty_board()
    category = Category(id="c", series="C", name="领证", services=[service])
    hall = hall.model_copy(update={"categories": [category]})
    hearing.announcer.catch_up(hall, nothing)
    called = call_event(3, "C001", window(7), window=None)
    collect = ticket("C001", "called", window=7, service_id="collect")
    event = called.model_copy(update={"ticket": collect})
    hearing.announcer.heard(event, live=True)
    (said,) = hearing.said
    assert (said.seq, said.window_kind, said.collect) == (3, "certificate", True)


def test_a_missed_call_to_collect_is_called_to_collect(hearing: Hearing) -> None:
    hall, with_calls = board(("L001", 7, 5))
    calls = [with_calls.recent_calls[0].model_copy(update={"collect": True})]
    hearing.announcer.catch_up(hall, with_calls.model_copy(update={"recent_calls": calls}))
    assert hearing.said[0].collect


@pytest.mark.parametrize(
    ("tag", "said"), [("绿色通道", True), ("预约", False), ("", False), ("绿色通道（老人）", False)]
)
def test_only_the_tag_of_the_green_channel_goes_to_the_voice(
    hearing: Hearing, tag: str, said: bool
) -> None:
    talent = PriorityClass(id="talent", name="重点人才", head=10, rate=3, tag=tag)
    hall = small_hall(window(7)).model_copy(update={"priority_classes": [talent]})
    hearing.announcer.catch_up(hall, empty_board())
    called = call_event(3, "C001", window(7))
    whole = ticket("C001", "called", window=7, priority_class="talent")
    hearing.announcer.heard(called.model_copy(update={"ticket": whole}), live=True)
    assert hearing.said[0].green is said


def test_the_window_s_area_and_a_green_name_go_to_the_voice(hearing: Hearing) -> None:
    place = window(9, name="绿色通道窗口", kind="elder", area="up")
    hearing.announcer.heard(call_event(3, "C001", place), live=True)
    (said,) = hearing.said
    assert (said.area, said.green_window, said.window_kind) == ("up", True, "elder")


def test_notices_and_the_hall_s_time_zone_are_handed_on(hearing: Hearing) -> None:
    notice = Notice(id="n", text="停电", places=["voice"], posted_at=NOW)
    hearing.announcer.catch_up(*board())
    hearing.announcer.notices([notice])
    hearing.announcer.notices([notice], live=True)
    assert hearing.zones == ["Asia/Shanghai"]
    assert hearing.posted == [(["n"], False), (["n"], True)]
    alone = Announcer(hearing.said.append, hearing.clock)
    alone.catch_up(*board())
    alone.notices([notice])


def test_the_hall_s_time_zone_is_handed_on_and_an_unknown_one_changes_nothing(
    hearing: Hearing,
) -> None:
    hall, snapshot = board()
    hearing.announcer.catch_up(hall, snapshot)
    hearing.announcer.catch_up(hall.model_copy(update={"timezone": "Nowhere/Land"}), snapshot)
    assert hearing.zones == ["Asia/Shanghai"]


def test_a_call_after_the_hall_s_clock_was_set_back_is_another_call(hearing: Hearing) -> None:
    hearing.announcer.heard(call_event(1, "A001", window(1), at=NOW), live=True)
    hearing.clock.set(ago(3600))
    hearing.announcer.catch_up(*board(("A001", 1, 3605)))
    assert hearing.words == [("A001", 1), ("A001", 1)]


def test_a_number_that_cannot_be_said_keeps_no_other_from_being_heard(
    hearing: Hearing, caplog: pytest.LogCaptureFixture
) -> None:
    hearing.announcer.catch_up(*board(("A00123456", 1, 5), ("A002", 2, 4)))
    hearing.announcer.heard(call_event(9, "A003", window(10_000)), live=True)
    assert hearing.words == [("A002", 2)]
    assert caplog.text.count("cannot be said") == 2


def test_ten_thousand_calls_are_not_remembered_for_ever(hearing: Hearing) -> None:
    for number in range(10_000):
        hearing.announcer.heard(call_event(number, f"A{number}", window(1), at=NOW), live=True)
    assert len(hearing.announcer._spoken) <= 1_000
    hearing.announcer.heard(call_event(9_999, "A9999", window(1), at=NOW), live=False)
    assert len(hearing.said) == 10_000


@pytest.mark.parametrize("wrong_h", [-8, 8])
def test_missed_calls_are_judged_by_the_hall_s_clock(wrong_h: int) -> None:
    said: list[Announcement] = []
    steady = [100.0]
    clock = HallClock(ManualClock(NOW + timedelta(hours=wrong_h)), lambda: steady[0])
    announcer = Announcer(said.append, clock, told=clock.told)
    announcer.heard(call_event(1, "A001", window(1), "window.opened", at=ago(120)), live=True)
    steady[0] += 120.0
    assert clock.now() == NOW
    announcer.catch_up(*board(("A001", 1, 90), ("A002", 2, 59)))
    announcer.heard(call_event(7, "A003", window(3), at=ago(3600)), live=False)
    assert [one.ticket for one in said] == ["A002"]
    assert clock.now() == NOW


def test_until_the_hall_s_time_is_known_the_machine_s_own_is_used() -> None:
    own = ManualClock(NOW)
    clock = HallClock(own)
    own.advance(timedelta(hours=1))
    assert clock.now() == NOW + timedelta(hours=1)
