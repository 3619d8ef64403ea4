"""What each window's panel claims, from snapshots and events."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from display.board.sign import Sign
from display.board.view import HallView
from hallkit.wire.board import Board, Call, Notice
from hallkit.wire.hall import Window, WindowState
from tests.fakes.hall_server_fake import call_event, empty_board, small_hall, ticket, window

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def view(*windows: Window, seq: int = 10) -> HallView:
    made = HallView()
    assert made.take_snapshot(small_hall(*windows), empty_board(seq))
    return made


@pytest.mark.parametrize(
    ("state", "kind"), [("open", "idle"), ("paused", "paused"), ("closed", "closed")]
)
def test_a_window_without_a_visitor(state: WindowState, kind: str) -> None:
    assert view(window(4, state)).sign(4, NOW) == Sign(4, kind)  # type: ignore[arg-type]


def test_a_window_that_the_hall_does_not_have_is_closed() -> None:
    assert view(window(4)).sign(5, NOW) == Sign(5, "closed")


def test_the_way_of_a_ticket() -> None:
    hall = view(window(4))
    assert hall.fold(call_event(11, "A012", window(4)))
    assert hall.sign(4, NOW) == Sign(4, "called", "A012")
    assert hall.holds("A012", 4)
    hall.fold(call_event(12, "A012", window(4), "ticket.recalled"))
    assert hall.sign(4, NOW) == Sign(4, "called", "A012")
    hall.fold(call_event(13, "A012", window(4), "ticket.started"))
    assert hall.sign(4, NOW) == Sign(4, "serving", "A012")
    assert not hall.holds("A012", 4)
    hall.fold(call_event(14, "A012", window(4), "ticket.finished"))
    assert hall.sign(4, NOW) == Sign(4, "idle")


@pytest.mark.parametrize(
    "kind", ["ticket.no_show", "ticket.parked", "ticket.transferred", "ticket.cancelled"]
)
def test_a_ticket_that_leaves_its_window(kind: str) -> None:
    hall = view(window(4, ticket="A012", ticket_state="called"))
    hall.fold(call_event(11, "A012", window(4), kind, window=None))
    assert hall.sign(4, NOW) == Sign(4, "idle")


def test_a_call_whose_event_has_no_window() -> None:
    hall = view(window(4))
    hall.fold(call_event(11, "A012", window(4), window=None))
    assert hall.sign(4, NOW) == Sign(4, "called", "A012")


def test_a_paused_window_still_serves_its_visitor() -> None:
    paused = window(4, "paused", ticket="A012", ticket_state="serving")
    assert view(paused).sign(4, NOW) == Sign(4, "serving", "A012")


def test_known_events_change_nothing() -> None:
    hall = view(window(4), seq=20)
    assert not hall.fold(call_event(20, "A012", window(4)))
    assert hall.sign(4, NOW) == Sign(4, "idle")


def test_an_old_snapshot_is_refused_unless_the_link_is_new() -> None:
    hall = view(window(4), seq=20)
    hall.fold(call_event(21, "A012", window(4)))
    assert not hall.take_snapshot(small_hall(window(4)), empty_board(20))
    assert hall.sign(4, NOW).kind == "called"
    hall.forget_sequence()
    assert hall.take_snapshot(small_hall(window(4)), empty_board(1))
    assert hall.sign(4, NOW).kind == "idle"


def test_a_snapshot_older_than_an_event_of_a_new_link_is_refused() -> None:
    hall = view(window(4), seq=20)
    hall.forget_sequence()
    hall.fold(call_event(21, "A012", window(4)))
    assert not hall.take_snapshot(small_hall(window(4)), empty_board(20))
    assert hall.sign(4, NOW).kind == "called"


def test_the_board_fills_in_what_the_hall_does_not_say() -> None:
    now = datetime.now(UTC)
    call = Call(window=4, window_name="4号", ticket="A012", state="called", called_at=now)
    gone = call.model_copy(update={"window": 5, "state": "done"})
    hall = HallView()
    hall.take_snapshot(small_hall(window(4), window(5)), empty_board(1, call, gone))
    assert hall.sign(4, NOW) == Sign(4, "called", "A012")
    assert hall.sign(5, NOW) == Sign(5, "idle")


def test_events_of_unknown_kinds_are_harmless() -> None:
    hall = view(window(4))
    assert hall.fold(call_event(11, "A012", window(4), "ticket.admired", ticket=None))
    assert hall.fold(call_event(12, "A012", window(4), "x", ticket=ticket("A9"), window=None))
    assert hall.sign(4, NOW) == Sign(4, "idle")


def at(board: Board, now: str, state: WindowState = "open") -> Sign:
    hall = HallView()
    hall.take_snapshot(small_hall(window(4, state)), board)
    return hall.sign(4, datetime.fromisoformat(now))


def board_with(closes_at: str | None = None, *notices: tuple[str, str | None]) -> Board:
    made = [
        Notice(
            id=text, text=text, places=["panels"], posted_at=NOW,
            until=datetime.fromisoformat(until) if until else None,
        )
        for text, until in notices
    ]  # fmt: skip
    closes = datetime.fromisoformat(closes_at) if closes_at else None
    return empty_board(1).model_copy(update={"closes_at": closes, "notices": made})


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-02T17:14:59.999+08:00", Sign(4, "idle")),
        ("2026-03-02T17:15:00+08:00", Sign(4, "closing", note="17:30")),
        # The display program's own time zone is of no account.
        ("2026-03-02T09:29:59.999+00:00", Sign(4, "closing", note="17:30")),
        ("2026-03-02T04:29:59.999-05:00", Sign(4, "closing", note="17:30")),
        ("2026-03-02T17:30:00+08:00", Sign(4, "idle")),
        ("2026-03-03T17:20:00+08:00", Sign(4, "idle")),
    ],
)
def test_closing_soon_begins_and_ends_to_the_second(now: str, expected: Sign) -> None:
    assert at(board_with("2026-03-02T17:30:00+08:00"), now) == expected


def test_closing_soon_is_said_by_open_windows_only_also_around_midnight() -> None:
    board = board_with("2026-03-03T00:10:00+08:00")
    assert at(board, "2026-03-02T23:55:00+08:00") == Sign(4, "closing", note="00:10")
    assert at(board, "2026-03-03T00:00:00+08:00") == Sign(4, "closing", note="00:10")
    assert at(board, "2026-03-03T00:00:00+08:00", "paused").kind == "paused"
    assert at(board, "2026-03-03T00:00:00+08:00", "closed").kind == "closed"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-02T23:59:59.999+08:00", Sign(4, "notice", note="今天停电　　长期")),
        ("2026-03-03T00:00:00+08:00", Sign(4, "notice", note="长期")),
    ],
)
def test_a_notice_ends_to_the_second(now: str, expected: Sign) -> None:
    board = board_with(None, ("今天停电", "2026-03-02T16:00:00+00:00"), ("长期", None))
    assert at(board, now) == expected


def test_only_what_time_alone_changes_is_another_phase() -> None:
    board = board_with("2026-03-02T17:30:00+08:00", ("今天停电", "2026-03-02T17:20:00+08:00"))
    hall = HallView()
    hall.take_snapshot(small_hall(window(4)), board)
    begin = datetime(2026, 3, 2, 17, 10, tzinfo=timezone(timedelta(hours=8)))
    phases = [hall.phase(begin + timedelta(minutes=n)) for n in range(25)]
    changes = [n for n in range(1, 25) if phases[n] != phases[n - 1]]
    assert changes == [5, 10, 20]
