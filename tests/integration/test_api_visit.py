"""A visit over HTTP: number, call, service, and everything that may come between."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.running_hall import RunningHall, Tables, running, sample_hall

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RunningHall]:
    with running(tmp_path) as found:
        yield found


def verbs_of(hall: RunningHall) -> list[str]:
    """The types of what happened to tickets."""
    return [kind for kind, _, _ in hall.journal("ticket.")]


def test_a_visit_from_the_number_to_the_end(hall: RunningHall) -> None:
    kiosk, clerk = hall.device(), hall.clerk(5)
    taken = kiosk.issue("pension-join")
    assert taken["number"] == "E001"
    assert taken["state"] == "waiting"
    assert taken["service_name"] == "城乡居民养老保险参保"
    assert taken["position_url"].startswith("http://hall.test/t/")
    assert taken["issued_at"] == "2026-11-23T09:00:00+08:00"

    hall.later(minutes=3)
    called = clerk.verb(5, "call-next").ok()
    assert called["ticket"]["id"] == taken["id"]
    assert called["ticket"]["state"] == "called"
    assert called["ticket"]["called_at"] == "2026-11-23T09:03:00+08:00"
    assert called["window"]["ticket"] == "E001"
    assert called["why"] == {"points": 3.0, "lead": None, "runner_up": None}

    assert clerk.verb(5, "recall").ok()["ticket"]["state"] == "called"
    assert clerk.verb(5, "start").ok()["ticket"]["state"] == "serving"
    done = clerk.verb(5, "finish").ok()
    assert done["ticket"]["state"] == "done"
    assert done["window"]["ticket"] is None
    assert kiosk.get(f"tickets/{taken['id']}").ok()["state"] == "done"
    assert verbs_of(hall) == [
        "ticket.issued",
        "ticket.called",
        "ticket.recalled",
        "ticket.started",
        "ticket.finished",
    ]


def test_call_next_with_nobody_waiting_has_no_ticket(hall: RunningHall) -> None:
    answer = hall.clerk(5).verb(5, "call-next").ok()
    assert answer["ticket"] is None
    assert answer["why"] is None
    assert verbs_of(hall) == []


def test_calling_next_asks_to_finish_the_one_before(hall: RunningHall) -> None:
    kiosk, clerk = hall.device(), hall.clerk(5)
    kiosk.issue("pension-join")
    kiosk.issue("pension-join")
    clerk.call_next(5)
    clerk.verb(5, "call-next").refused(409, "ticket_called")
    clerk.verb(5, "close").refused(409, "ticket_at_window")
    clerk.verb(5, "start").ok()
    clerk.verb(5, "call-next").refused(409, "ticket_in_service")
    waiting = kiosk.get("tickets?state=waiting").ok()["tickets"]
    assert [t["number"] for t in waiting] == ["E002"]


def test_points_decide_and_the_answer_says_why(hall: RunningHall) -> None:
    kiosk, clerk = hall.device(), hall.clerk(5)
    kiosk.issue("pension-join")
    hall.later(minutes=8)
    kiosk.issue("pension-join", priority_class="green")
    answer = clerk.verb(5, "call-next").ok()
    assert answer["ticket"]["number"] == "E002"
    assert answer["why"] == {"points": 10.0, "lead": 2.0, "runner_up": "E001"}
    clerk.verb(5, "start")
    clerk.verb(5, "finish")
    assert clerk.call_next(5)["number"] == "E001"


def test_an_ordinary_visitor_who_waited_long_goes_first(hall: RunningHall) -> None:
    kiosk, clerk = hall.device(), hall.clerk(5)
    kiosk.issue("pension-join")
    hall.later(minutes=20)
    kiosk.issue("pension-join", priority_class="green")
    hall.later(minutes=4)
    assert clerk.verb(5, "call-next").ok()["why"] == {
        "points": 24.0,
        "lead": 2.0,
        "runner_up": "E002",
    }


def test_a_missed_number_waits_for_three_others_then_returns(hall: RunningHall) -> None:
    kiosk, clerk = hall.device(), hall.clerk(5)
    for _ in range(6):
        kiosk.issue("pension-join")
    assert clerk.call_next(5)["number"] == "E001"
    missed = clerk.verb(5, "no-show").ok()["ticket"]
    assert (missed["state"], missed["passes"]) == ("waiting", 1)
    order = []
    for _ in range(6):
        order.append(clerk.call_next(5)["number"])
        clerk.verb(5, "start").ok()
        clerk.verb(5, "finish").ok()
    assert order == ["E002", "E003", "E004", "E001", "E005", "E006"]


def test_a_missed_number_returns_at_once_when_nobody_else_waits(hall: RunningHall) -> None:
    kiosk, clerk = hall.device(), hall.clerk(5)
    kiosk.issue("pension-join")
    for passes in (1, 2):
        assert clerk.call_next(5)["number"] == "E001"
        after = clerk.verb(5, "no-show").ok()["ticket"]
        assert (after["state"], after["passes"]) == ("waiting", passes)
    clerk.call_next(5)
    last = clerk.verb(5, "no-show").ok()["ticket"]
    assert (last["state"], last["passes"]) == ("void", 3)
    assert clerk.call_next(5) is None
    assert verbs_of(hall)[-2:] == ["ticket.no_show", "ticket.void"]


def keeping(tables: Tables) -> None:
    tables["missed_call"] = {"policy": "keep_minutes", "minutes": 20, "max_passes": 3}


def test_a_kept_number_is_called_back_by_hand_within_its_time(tmp_path: Path) -> None:
    with running(tmp_path, sample_hall("baishui-town", keeping)) as hall:
        kiosk, clerk = hall.device(), hall.clerk(5)
        first, second = kiosk.issue("pension-join"), kiosk.issue("pension-join")
        clerk.call_next(5)
        assert clerk.verb(5, "no-show").ok()["ticket"]["state"] == "no_show"
        assert [t["number"] for t in kiosk.get("tickets?state=no_show").ok()["tickets"]] == ["E001"]
        hall.later(minutes=20)
        back = clerk.verb(5, "call", ticket_id=first["id"]).ok()["ticket"]
        assert (back["number"], back["state"]) == ("E001", "called")
        clerk.verb(5, "no-show").ok()
        again = clerk.verb(5, "requeue", ticket_id=first["id"]).ok()
        assert again["ticket"]["state"] == "waiting"
        assert again["window"]["ticket"] is None
        assert clerk.call_next(5)["number"] == "E001"
        clerk.verb(5, "start").ok()
        clerk.verb(5, "finish").ok()
        clerk.call_next(5)
        clerk.verb(5, "no-show").ok()
        hall.later(minutes=20, milliseconds=1)
        for verb in ("call", "requeue"):
            late = clerk.verb(5, verb, ticket_id=second["id"])
            late.refused(409, "missed_too_long_ago")


def test_a_ticket_called_out_of_turn(hall: RunningHall) -> None:
    kiosk, clerk = hall.device(), hall.clerk(5)
    kiosk.issue("pension-join")
    second = kiosk.issue("pension-join")
    hall.later(minutes=2)
    answer = clerk.verb(5, "call", ticket_id=second["id"]).ok()
    assert answer["ticket"]["number"] == "E002"
    assert answer["why"] == {"points": 2.0, "lead": None, "runner_up": None}
    called = hall.journal("ticket.called")[0][2]
    assert called["data"]["by_hand"] is True


def test_parking_frees_the_window_and_any_window_resumes(hall: RunningHall) -> None:
    kiosk, five, one = hall.device(), hall.clerk(5), hall.clerk(1)
    first = kiosk.issue("pension-join")
    kiosk.issue("pension-join")
    five.call_next(5)
    five.verb(5, "start").ok()
    parked = five.verb(5, "park").ok()
    assert parked["ticket"]["state"] == "parked"
    assert parked["window"]["ticket"] is None
    assert five.call_next(5)["number"] == "E002"
    five.verb(5, "resume", ticket_id=first["id"]).refused(409, "ticket_called")
    taken_up = one.verb(1, "resume", ticket_id=first["id"]).ok()
    assert taken_up["ticket"]["state"] == "serving"
    assert taken_up["ticket"]["window"] == 1
    assert one.verb(1, "finish").ok()["ticket"]["state"] == "done"


def test_transfer_to_a_service_keeps_number_and_place(hall: RunningHall) -> None:
    kiosk, five, one = hall.device(), hall.clerk(5), hall.clerk(1)
    kiosk.issue("pension-join")
    hall.later(minutes=6)
    kiosk.issue("hukou")
    five.call_next(5)
    five.verb(5, "start").ok()
    moved = five.verb(5, "transfer", service_id="hukou").ok()["ticket"]
    assert (moved["number"], moved["state"], moved["service_id"]) == ("E001", "waiting", "hukou")
    assert five.call_next(5) is None
    assert one.verb(1, "call-next").ok()["why"] == {
        "points": 6.0,
        "lead": 6.0,
        "runner_up": "A001",
    }


def test_transfer_to_a_window_is_for_that_window_alone(hall: RunningHall) -> None:
    kiosk, five, one = hall.device(), hall.clerk(5), hall.clerk(1)
    taken = kiosk.issue("pension-join")
    five.call_next(5)
    moved = five.verb(5, "transfer", window=1).ok()["ticket"]
    assert moved["service_id"] == "pension-join"
    assert five.call_next(5) is None
    hers = one.get("tickets?state=waiting&window=1").ok()["tickets"]
    assert [t["number"] for t in hers] == ["E001"]
    assert one.get("tickets?state=waiting&window=5").ok()["tickets"] == []
    live = one.get("windows").ok()["windows"]
    assert {w["number"]: w["waiting"] for w in live if w["number"] in (1, 5)} == {1: 1, 5: 0}
    assert one.call_next(1)["id"] == taken["id"]


def test_when_the_target_closes_others_may_call(hall: RunningHall) -> None:
    kiosk, five, one = hall.device(), hall.clerk(5), hall.clerk(1)
    kiosk.issue("pension-join")
    five.call_next(5)
    five.verb(5, "transfer", window=1).ok()
    assert five.call_next(5) is None
    one.verb(1, "close").ok()
    assert five.call_next(5)["number"] == "E001"


def closing_one(tables: Tables) -> None:
    tables["categories"][0]["services"][0]["enabled"] = False


def test_transfers_that_make_no_sense(tmp_path: Path) -> None:
    with running(tmp_path, sample_hall("baishui-town", closing_one)) as hall:
        kiosk, clerk = hall.device(), hall.clerk(5)
        kiosk.issue("pension-join")
        clerk.verb(5, "transfer", service_id="pet").refused(409, "no_ticket_at_window")
        clerk.call_next(5)
        clerk.verb(5, "transfer").refused(422, "one_target_needed")
        both = clerk.verb(5, "transfer", service_id="id-card", window=1)
        both.refused(422, "one_target_needed")
        clerk.verb(5, "transfer", window=5).refused(422, "same_window")
        clerk.verb(5, "transfer", window=1).refused(409, "window_not_open")
        clerk.verb(5, "transfer", window=99).refused(404, "unknown_window")
        clerk.verb(5, "transfer", service_id="nothing").refused(404, "unknown_service")
        clerk.verb(5, "transfer", service_id="hukou").refused(409, "service_closed")
        assert clerk.get("windows/5").ok()["active"]["state"] == "called"


def test_cancel_is_for_the_waiting_and_for_staff(hall: RunningHall) -> None:
    kiosk, clerk = hall.device(), hall.clerk(5)
    taken = kiosk.issue("pension-join")
    path = f"tickets/{taken['id']}/cancel"
    kiosk.command(path).refused(401, "login_needed")
    assert hall.log_in("g1").command(path).ok()["state"] == "cancelled"
    clerk.command(path).refused(409, "wrong_ticket_state")
    assert clerk.call_next(5) is None
    second = kiosk.issue("pension-join")
    clerk.call_next(5)
    clerk.command(f"tickets/{second['id']}/cancel").refused(409, "wrong_ticket_state")
    clerk.command("tickets/nobody/cancel").refused(404, "unknown_ticket")


def test_tickets_are_found_by_number_id_and_state(hall: RunningHall) -> None:
    kiosk, clerk = hall.device(), hall.clerk(5)
    taken = [kiosk.issue(s) for s in ("pension-join", "hukou", "heliao-join")]
    assert [t["number"] for t in taken] == ["E001", "A001", "E002"]
    assert kiosk.get("tickets?number=E002").ok()["tickets"][0]["id"] == taken[2]["id"]
    assert kiosk.get("tickets?number=E777").ok()["tickets"] == []
    waiting = kiosk.get("tickets?state=waiting&service_id=hukou").ok()["tickets"]
    assert [t["id"] for t in waiting] == [taken[1]["id"]]
    clerk.call_next(5)
    mixed = kiosk.get("tickets?state=called,waiting").ok()["tickets"]
    assert {(t["number"], t["state"]) for t in mixed} == {
        ("E001", "called"),
        ("A001", "waiting"),
        ("E002", "waiting"),
    }
    at_five = kiosk.get("tickets?state=called,waiting&window=5").ok()["tickets"]
    assert {t["number"] for t in at_five} == {"E001", "E002"}
    kiosk.get("tickets").refused(422, "invalid_fields")
    kiosk.get("tickets?number=Q001").refused(422, "invalid_fields")
    kiosk.get("tickets?state=asleep").refused(422, "invalid_fields")
    kiosk.get("tickets?state=waiting&colour=red").refused(422, "invalid_fields")
    kiosk.get("tickets?state=waiting&window=77").refused(404, "unknown_window")
    kiosk.get("tickets/nobody").refused(404, "unknown_ticket")


def test_within_one_moment_numbers_are_called_as_they_were_issued(hall: RunningHall) -> None:
    kiosk, clerk, manager = hall.device(), hall.clerk(5), hall.manager()
    manager.send("PUT", "windows/5/profile", {"rules": [{"services": "*"}]}).ok()
    services = ["hukou", "hukou", "pension-join", "dibao", "pension-join", "hukou"]
    taken = [kiosk.issue(service)["number"] for service in services]
    assert taken == ["A001", "A002", "E001", "C001", "E002", "A003"]
    listed = kiosk.get("tickets?state=waiting").ok()["tickets"]
    assert [t["number"] for t in listed] == taken
    assert [t["ahead"] for t in listed] == list(range(6))
    called = []
    for _ in taken:
        called.append(clerk.call_next(5)["number"])
        clerk.verb(5, "start").ok()
        clerk.verb(5, "finish").ok()
    assert called == taken


def test_a_number_given_at_a_window_says_at_which(tmp_path: Path) -> None:
    """The printer program prints it at that desk's printer."""
    with running(tmp_path) as hall:
        hall.clerk(5).issue("hukou", channel="desk")
        hall.log_in("g1").issue("hukou", channel="desk")
        told = [body["data"] for _, _, body in hall.journal("ticket.issued")]
        assert told == [{"channel": "desk", "desk": 5}, {"channel": "desk"}]
