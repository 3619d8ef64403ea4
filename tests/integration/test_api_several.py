"""Several services on one ticket (一票多事), and coming back with missing papers (补正)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.running_hall import Client, RunningHall, Tables, running, sample_hall


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RunningHall]:
    with running(tmp_path) as found:
        yield found


def begin(clerk: Client, window: int) -> Any:
    """Calls the next and begins with it."""
    called = clerk.call_next(window)
    clerk.verb(window, "start").ok()
    return called


def happened(hall: RunningHall) -> list[tuple[str, str, int | None, Any]]:
    """Type, actor, window and data of what happened to tickets."""
    return [
        (kind, actor, (body.get("window") or {}).get("number"), body.get("data"))
        for kind, actor, body in hall.journal("ticket.")
    ]


def test_services_in_turn_keep_number_and_place(hall: RunningHall) -> None:
    kiosk, five, one = hall.device(), hall.clerk(5), hall.clerk(1)
    taken = kiosk.issue("pension-join", more_services=["hukou", "id-card"])
    assert (taken["number"], taken["series"]) == ("E001", "E")
    assert [s["id"] for s in taken["more_services"]] == ["hukou", "id-card"]
    assert all(s["name"] and s["name"] != s["id"] for s in taken["more_services"])
    hall.later(minutes=4)
    kiosk.issue("hukou")
    begin(five, 5)
    hall.later(minutes=6)
    after = five.verb(5, "finish").ok()
    assert after["window"]["ticket"] is None
    assert (after["ticket"]["state"], after["ticket"]["service_id"]) == ("waiting", "hukou")
    assert [s["id"] for s in after["ticket"]["more_services"]] == ["id-card"]
    assert after["ticket"]["issued_at"] == taken["issued_at"]
    assert five.call_next(5) is None

    called = one.verb(1, "call-next").ok()
    assert called["ticket"]["number"] == "E001"
    assert called["why"] == {"points": 10.0, "lead": 4.0, "runner_up": "A001"}
    one.verb(1, "start").ok()
    one.verb(1, "finish").ok()
    assert begin(one, 1)["number"] == "E001"
    assert one.verb(1, "finish").ok()["ticket"]["state"] == "done"
    assert kiosk.get(f"tickets/{taken['id']}").ok()["more_services"] == []


def test_the_journal_tells_what_was_done_where_and_by_whom(hall: RunningHall) -> None:
    kiosk, five, one = hall.device(), hall.clerk(5), hall.clerk(1)
    kiosk.issue("pension-join", more_services=["hukou"])
    begin(five, 5)
    five.verb(5, "finish").ok()
    begin(one, 1)
    one.verb(1, "finish").ok()
    done = [entry for entry in happened(hall) if entry[0] == "ticket.finished"]
    assert done == [
        (
            "ticket.finished",
            "staff:c5",
            5,
            {"service_id": "pension-join", "next_service_id": "hukou", "outcome": "done"},
        ),
        (
            "ticket.finished",
            "staff:c1",
            1,
            {"service_id": "hukou", "next_service_id": None, "outcome": "done"},
        ),
    ]
    views = [body["ticket"] for _, _, body in hall.journal("ticket.finished")]
    assert [(v["state"], v["service_id"]) for v in views] == [
        ("done", "pension-join"),
        ("done", "hukou"),
    ]
    back = [entry for entry in happened(hall) if entry[0] == "ticket.requeued"]
    assert back == [("ticket.requeued", "staff:c5", None, {"reason": "next_service"})]


def test_a_window_that_takes_the_next_one_may_keep_the_visitor(hall: RunningHall) -> None:
    kiosk, one = hall.device(), hall.clerk(1)
    taken = kiosk.issue("hukou", more_services=["id-card", "pension-join"])
    begin(one, 1)
    kept = one.verb(1, "finish", keep=True).ok()
    assert (kept["ticket"]["state"], kept["ticket"]["service_id"]) == ("serving", "id-card")
    assert (kept["window"]["ticket"], kept["window"]["ticket_state"]) == ("A001", "serving")
    assert one.get("windows/1").ok()["active"]["id"] == taken["id"]
    one.verb(1, "finish", keep=True).refused(409, "service_elsewhere")
    assert one.get("windows/1").ok()["active"]["service_id"] == "id-card"
    one.verb(1, "finish").ok()
    five = hall.clerk(5)
    begin(five, 5)
    five.verb(5, "finish", keep=True).refused(409, "no_next_service")
    five.verb(5, "finish", keep=True, outcome="supplement").refused(409, "no_next_service")
    assert five.verb(5, "finish", keep=False).ok()["ticket"]["state"] == "done"
    assert [kind for kind, *_ in happened(hall)] == [
        "ticket.issued",
        *["ticket.called", "ticket.started", "ticket.finished", "ticket.started"],
        *["ticket.finished", "ticket.requeued"],
        *["ticket.called", "ticket.started", "ticket.finished"],
    ]


def closing_id_card(tables: Tables) -> None:
    for service in (s for c in tables["categories"] for s in c.get("services", [])):
        if service["id"] == "id-card":
            service["enabled"] = False


def test_services_that_cannot_be_on_one_ticket(tmp_path: Path) -> None:
    with running(tmp_path, sample_hall("baishui-town", closing_id_card)) as hall:
        kiosk = hall.device()

        def ask(*more: str) -> Any:
            body = {"service_id": "hukou", "channel": "kiosk", "more_services": list(more)}
            return kiosk.command("tickets", **body)

        ask("hukou").refused(422, "service_twice")
        ask("dibao", "dibao").refused(422, "service_twice")
        ask("nothing").refused(404, "unknown_service")
        ask("id-card").refused(409, "service_closed")
        ask(*[f"s{n}" for n in range(9)]).refused(422, "invalid_fields")
        assert hall.journal("ticket.") == []
        assert kiosk.issue("hukou", more_services=[])["number"] == "A001"


def test_missing_papers_are_brought_the_same_day(hall: RunningHall) -> None:
    kiosk, five, one = hall.device(), hall.clerk(5), hall.clerk(1)
    taken = kiosk.issue("pension-join", more_services=["hukou"])
    hall.later(minutes=5)
    kiosk.issue("pension-join")
    begin(five, 5)
    lacking = five.verb(5, "finish", outcome="supplement").ok()["ticket"]
    assert (lacking["state"], lacking["outcome"]) == ("done", "supplement")
    assert lacking["service_id"] == "pension-join"
    listed = five.get("tickets?state=done").ok()["tickets"]
    assert [(t["number"], t["outcome"]) for t in listed] == [("E001", "supplement")]
    token = taken["position_url"].rpartition("/")[2]
    position = hall.anyone().get(f"positions/{token}").ok()
    assert (position["state"], position["outcome"]) == ("done", "supplement")
    assert [s["id"] for s in position["more_services"]] == ["hukou"]

    hall.later(minutes=30)
    back = one.verb(1, "requeue", ticket_id=taken["id"]).ok()["ticket"]
    assert (back["number"], back["state"], back["outcome"]) == ("E001", "waiting", None)
    one.verb(1, "requeue", ticket_id=taken["id"]).refused(409, "wrong_ticket_state")
    called = five.verb(5, "call-next").ok()
    assert called["ticket"]["number"] == "E001"
    assert called["why"] == {"points": 35.0, "lead": 5.0, "runner_up": "E002"}
    five.verb(5, "start").ok()
    assert five.verb(5, "finish").ok()["ticket"]["service_id"] == "hukou"
    policies = [body["data"] for _, _, body in hall.journal("ticket.requeued")]
    assert policies == [{"policy": "supplement"}, {"reason": "next_service"}]


def test_what_is_done_for_good_does_not_come_back(hall: RunningHall) -> None:
    kiosk, five = hall.device(), hall.clerk(5)
    taken = kiosk.issue("pension-join")
    begin(five, 5)
    five.verb(5, "finish", outcome="done").ok()
    five.verb(5, "requeue", ticket_id=taken["id"]).refused(409, "wrong_ticket_state")
    five.verb(5, "start", outcome="done").refused(422, "invalid_fields")
    five.verb(5, "finish", outcome="perhaps").refused(422, "invalid_fields")


def test_the_next_day_missing_papers_need_a_new_number(hall: RunningHall) -> None:
    kiosk, five = hall.device(), hall.clerk(5)
    taken = kiosk.issue("pension-join")
    begin(five, 5)
    five.verb(5, "finish", outcome="supplement").ok()
    hall.at("2026-11-24T09:00:00")
    again = hall.clerk(5)
    again.verb(5, "requeue", ticket_id=taken["id"]).refused(404, "unknown_ticket")
    assert kiosk.get(f"tickets/{taken['id']}").ok()["state"] == "done"


def test_somebody_comes_back_to_a_window_that_serves_another(hall: RunningHall) -> None:
    kiosk, five = hall.device(), hall.clerk(5)
    taken = kiosk.issue("pension-join")
    begin(five, 5)
    five.verb(5, "finish", outcome="supplement").ok()
    kiosk.issue("pension-join")
    begin(five, 5)
    back = five.verb(5, "requeue", ticket_id=taken["id"]).ok()
    assert (back["ticket"]["number"], back["ticket"]["state"]) == ("E001", "waiting")
    assert (back["window"]["ticket"], back["window"]["ticket_state"]) == ("E002", "serving")


def test_missed_calls_are_counted_for_each_service(hall: RunningHall) -> None:
    kiosk, five, one = hall.device(), hall.clerk(5), hall.clerk(1)
    kiosk.issue("pension-join", more_services=["hukou"])
    for passes in (1, 2):
        five.call_next(5)
        assert five.verb(5, "no-show").ok()["ticket"]["passes"] == passes
    begin(five, 5)
    assert five.verb(5, "finish").ok()["ticket"]["passes"] == 0
    for passes in (1, 2):
        assert one.call_next(1)["number"] == "E001"
        after = one.verb(1, "no-show").ok()["ticket"]
        assert (after["state"], after["passes"]) == ("waiting", passes)
