"""Closing time: who has a number is served, unless the hall file says otherwise."""

from pathlib import Path

import pytest

from tests.fakes.running_hall import Answer, RunningHall, Tables, running, sample_hall
from tests.support.database import Database, check

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
        first, *_ = (kiosk.issue("pension-join") for _ in range(3))
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
        clerk.verb(5, "park").ok()
        clerk.verb(5, "resume", ticket_id=first["id"]).ok()
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


def booking(tables: Tables) -> None:
    tables["appointments"] = {"enabled": True, "days_ahead_min": 0, "late_min": 60}


def booked_last(hall: RunningHall) -> str:
    """The code of a booking for 17:00, the last slot of the day."""
    body = {"service_id": "pension-join", "person": "a", "channel": "phone"}
    starts = "2026-11-23T17:00:00+08:00"
    return str(hall.log_in("g1").command("appointments", starts=starts, **body).ok(201)["code"])


def comes(hall: RunningHall, code: str) -> Answer:
    """The visitor who booked takes a number."""
    fields = {"service_id": "pension-join", "channel": "kiosk", "appointment_code": code}
    return hall.device().command("tickets", **fields)


def test_the_grace_of_a_booking_outlasts_the_close_where_everybody_is_served(
    tmp_path: Path,
) -> None:
    with running(tmp_path, sample_hall("baishui-town", booking)) as hall:
        code = booked_last(hall)
        hall.at(AFTER)
        hall.anyone().get("board").ok()
        assert hall.journal("appointment.no_show") == []
        hall.at("2026-11-23T18:00:00")
        number = comes(hall, code).ok(201)["number"]
        assert hall.clerk(5).call_next(5)["number"] == number


def test_after_its_grace_a_booking_of_the_last_slot_is_missed(tmp_path: Path) -> None:
    with running(tmp_path, sample_hall("baishui-town", booking)) as hall:
        code = booked_last(hall)
        hall.at("2026-11-23T18:00:01")
        comes(hall, code).refused(409, "appointment_missed")
        hall.at("2026-11-23T18:30:00")
        comes(hall, code).refused(409, "appointment_missed")
        hall.anyone().get("board").ok()
        ((_, actor, body),) = hall.journal("appointment.no_show")
        assert (actor, body["data"]["count"]) == ("system", 1)


@pytest.mark.parametrize(("at", "status"), [(BEFORE, 201), (AFTER, 409)])
def test_the_grace_of_a_booking_ends_with_the_close_that_sends_home(
    tmp_path: Path, at: str, status: int
) -> None:
    def both(tables: Tables) -> None:
        booking(tables)
        sending_home(tables)

    with running(tmp_path, sample_hall("baishui-town", both)) as hall:
        code = booked_last(hall)
        hall.at(at)
        answer = comes(hall, code)
        assert answer.status == status
        assert status == 201 or answer.code == "appointment_missed"


def voided(hall: RunningHall) -> list[tuple[str, str]]:
    """Whose number became void, and why."""
    found = hall.journal("ticket.void")
    return [(body["ticket"]["number"], body["data"]["reason"]) for _, _, body in found]


@pytest.mark.parametrize(("at", "after"), [(BEFORE, "waiting"), (AFTER, "void")])
def test_after_the_close_nobody_waits_for_the_next_service(
    tmp_path: Path, database: Database, at: str, after: str
) -> None:
    with running(tmp_path, sample_hall("baishui-town", sending_home)) as hall:
        clerk = hall.clerk(5)
        hall.device().issue("pension-join", more_services=["hukou"])
        clerk.call_next(5)
        clerk.verb(5, "start").ok()
        hall.at(at)
        assert clerk.verb(5, "finish").ok()["ticket"]["state"] == after
        assert voided(hall) == ([("E001", "hall_closed")] if after == "void" else [])
    assert check(database) > 0


@pytest.mark.parametrize("policy", ["requeue_after_k", "requeue_tail"])
@pytest.mark.parametrize(("at", "after"), [(BEFORE, "waiting"), (AFTER, "void")])
def test_after_the_close_nobody_waits_for_another_call(
    tmp_path: Path, database: Database, at: str, after: str, policy: str
) -> None:
    def tables(tables: Tables) -> None:
        sending_home(tables)
        tables["missed_call"]["policy"] = policy

    with running(tmp_path, sample_hall("baishui-town", tables)) as hall:
        clerk = hall.clerk(5)
        hall.device().issue("pension-join")
        clerk.call_next(5)
        hall.at(at)
        assert clerk.verb(5, "no-show").ok()["ticket"]["state"] == after
        assert voided(hall) == ([("E001", "hall_closed")] if after == "void" else [])
    assert check(database) > 0


def test_after_the_close_nobody_is_put_back_into_the_line_by_hand(tmp_path: Path) -> None:
    def keeping(tables: Tables) -> None:
        sending_home(tables)
        tables["missed_call"] = {"policy": "keep_minutes", "minutes": 30}

    with running(tmp_path, sample_hall("baishui-town", keeping)) as hall:
        clerk, kiosk = hall.clerk(5), hall.device()
        papers, missed, there = (kiosk.issue("pension-join") for _ in range(3))
        clerk.call_next(5)
        clerk.verb(5, "start").ok()
        clerk.verb(5, "finish", outcome="supplement").ok()
        hall.at(BEFORE)
        clerk.call_next(5)
        clerk.verb(5, "no-show").ok()
        clerk.call_next(5)
        hall.at(AFTER)
        for ticket in (papers, missed):
            clerk.verb(5, "requeue", ticket_id=ticket["id"]).refused(409, "hall_closed")
        clerk.verb(5, "transfer", service_id="pension-join").refused(409, "hall_closed")
        clerk.verb(5, "start").ok()
        hall.clerk(1)
        clerk.verb(5, "transfer", window=1).refused(409, "hall_closed")
        # Nothing was lost by asking.
        assert clerk.verb(5, "finish").ok()["ticket"]["id"] == there["id"]
        clerk.verb(5, "call", ticket_id=missed["id"]).ok()
        clerk.verb(5, "start").ok()
        clerk.verb(5, "finish").ok()
        assert voided(hall) == []
