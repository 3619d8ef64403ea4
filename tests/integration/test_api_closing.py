"""Closing time: who has a number is served, unless the hall file says otherwise."""

from pathlib import Path

import pytest

from tests.fakes.running_hall import RunningHall, Tables, running, sample_hall

pytestmark = pytest.mark.usefixtures("database")

# baishui-town closes at 17:30 on Mondays.
BEFORE, AFTER = "2026-11-23T17:29:59", "2026-11-23T17:30:00"


def sending_home(tables: Tables) -> None:
    tables["hours"]["serve_all_taken"] = False


def waiting(hall: RunningHall) -> int:
    """People waiting, as the board counts them."""
    return sum(line["count"] for line in hall.anyone().get("board").ok()["waiting"])


def test_every_number_taken_before_closing_is_served(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        clerk = hall.clerk(5)
        hall.device().issue("pension-join")
        hall.at(AFTER)
        assert waiting(hall) == 1
        assert clerk.call_next(5)["number"] == "E001"


def test_a_hall_that_sends_home_finishes_what_was_called(tmp_path: Path) -> None:
    with running(tmp_path, sample_hall("baishui-town", sending_home)) as hall:
        kiosk, clerk = hall.device(), hall.clerk(5)
        for _ in range(3):
            kiosk.issue("pension-join")
        clerk.call_next(5)
        hall.at(BEFORE)
        assert waiting(hall) == 2
        hall.at(AFTER)
        assert waiting(hall) == 0
        gone = hall.journal("ticket.void")
        assert [(actor, b["ticket"]["number"], b["data"]["reason"]) for _, actor, b in gone] == [
            ("system", "E002", "hall_closed"),
            ("system", "E003", "hall_closed"),
        ]
        hall.restart()
        clerk.verb(5, "start").ok()
        clerk.verb(5, "transfer", service_id="pension-join").ok()
        assert clerk.call_next(5)["number"] == "E001"
        clerk.verb(5, "start").ok()
        clerk.verb(5, "finish").ok()
        assert len(hall.journal("ticket.void")) == 2
        hall.at("2026-11-24T09:00:00")
        assert kiosk.issue("pension-join")["number"] == "E001"


def test_the_close_begins_with_whatever_is_asked_first(tmp_path: Path) -> None:
    with running(tmp_path, sample_hall("baishui-town", sending_home)) as hall:
        clerk = hall.clerk(5)
        hall.device().issue("pension-join")
        hall.at(AFTER)
        assert clerk.call_next(5) is None
        assert len(hall.journal("ticket.void")) == 1
