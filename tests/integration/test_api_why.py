"""Why this number: points, lead and runner-up of every call."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.running_hall import Client, RunningHall, running


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RunningHall]:
    with running(tmp_path) as found:
        yield found


def call(clerk: Client, window: int) -> tuple[str, Any]:
    """Calls and serves the next; its number, and why."""
    answer = clerk.verb(window, "call-next").ok()
    clerk.verb(window, "start").ok()
    clerk.verb(window, "finish").ok()
    why = answer["why"]
    return answer["ticket"]["number"], (why["points"], why["lead"], why["runner_up"])


def take(hall: RunningHall, window: int, *rules: dict[str, object]) -> None:
    """Gives a window these rules."""
    body = {"rules": list(rules)}
    hall.manager().send("PUT", f"windows/{window}/profile", body).ok()


def test_the_last_one_has_no_runner_up(hall: RunningHall) -> None:
    kiosk, clerk = hall.device(), hall.clerk(1)
    kiosk.issue("hukou")
    hall.later(minutes=6)
    kiosk.issue("hukou", priority_class="green")
    hall.later(minutes=2)
    assert call(clerk, 1) == ("A002", (16.0, 8.0, "A001"))
    assert call(clerk, 1) == ("A001", (8.0, None, None))


def test_of_equal_points_the_earlier_is_called(hall: RunningHall) -> None:
    kiosk, clerk = hall.device(), hall.clerk(1)
    for _ in range(3):
        kiosk.issue("hukou")
    hall.later(minutes=5)
    # 10 points at once make up for the ten minutes of those before.
    hall.later(minutes=5)
    kiosk.issue("hukou", priority_class="green")
    assert [call(clerk, 1) for _ in range(4)] == [
        ("A001", (10.0, 0.0, "A002")),
        ("A002", (10.0, 0.0, "A003")),
        ("A003", (10.0, 0.0, "A004")),
        ("A004", (10.0, None, None)),
    ]


def test_the_runner_up_is_one_whom_this_window_may_call(hall: RunningHall) -> None:
    kiosk = hall.device()
    take(hall, 5, {"services": "*", "classes": ["green"]}, {"services": ["dibao"]})
    kiosk.issue("hukou")  # ordinary, and not for this window
    hall.later(minutes=1)
    kiosk.issue("dibao")
    hall.later(minutes=1)
    kiosk.issue("hukou", priority_class="green")
    hall.later(minutes=3)
    clerk = hall.clerk(5)
    assert call(clerk, 5) == ("A002", (19.0, 15.0, "C001"))
    assert call(clerk, 5) == ("C001", (4.0, None, None))
    assert clerk.call_next(5) is None


def test_a_number_sent_to_this_window_counts_by_its_points(hall: RunningHall) -> None:
    kiosk, one, five = hall.device(), hall.clerk(1), hall.clerk(5)
    kiosk.issue("hukou")
    one.call_next(1)
    one.verb(1, "transfer", window=5).ok()
    hall.later(minutes=4)
    kiosk.issue("pension-join")
    hall.later(minutes=1)
    assert call(five, 5) == ("A001", (5.0, 4.0, "E001"))


def test_one_held_after_a_missed_call_is_behind_whatever_its_points(hall: RunningHall) -> None:
    """A negative lead says so: the runner-up has more points, and missed its call."""
    kiosk, clerk = hall.device(), hall.clerk(1)
    kiosk.issue("hukou")
    hall.later(minutes=20)
    kiosk.issue("hukou")
    hall.later(minutes=1)
    clerk.call_next(1)
    clerk.verb(1, "no-show").ok()
    assert call(clerk, 1) == ("A002", (1.0, -20.0, "A001"))
    # Nobody else waits: it is called although it is still held.
    assert call(clerk, 1) == ("A001", (21.0, None, None))


def test_the_journal_says_why_as_the_answer_did(hall: RunningHall) -> None:
    kiosk, clerk = hall.device(), hall.clerk(1)
    for _ in range(2):
        kiosk.issue("hukou")
        hall.later(minutes=2)
    answer = clerk.verb(1, "call-next").ok()
    ((_, actor, body),) = hall.journal("ticket.called")
    assert actor == "staff:c1"
    assert body["data"]["why"] == answer["why"] == {"points": 4.0, "lead": 2.0, "runner_up": "A002"}
    assert body["data"]["by_hand"] is False
