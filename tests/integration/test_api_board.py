"""What is shown about the queue: the same everywhere, plausible, and nothing about people."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.running_hall import Client, RunningHall, running

FORECAST = ("ahead", "p50_min", "p90_min")


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RunningHall]:
    with running(tmp_path) as found:
        yield found


def line_of(board: Any, category: str) -> dict[str, Any]:
    """The board's line of a category."""
    found: dict[str, Any] = next(w for w in board["waiting"] if w["category"] == category)
    return found


def forecast(ticket: dict[str, Any]) -> tuple[Any, ...]:
    """People ahead, and the minutes."""
    return tuple(ticket[key] for key in FORECAST)


def check_the_same_everywhere(hall: RunningHall, kiosk: Client, ticket: dict[str, Any]) -> None:
    """The list, the ticket itself, its number and its page say the same."""
    listed = kiosk.get("tickets?state=waiting").ok()["tickets"]
    mine = next(t for t in listed if t["id"] == ticket["id"])
    assert mine == kiosk.get(f"tickets/{ticket['id']}").ok()
    assert [mine] == kiosk.get(f"tickets?number={ticket['number']}").ok()["tickets"]
    token = ticket["position_url"].rpartition("/")[2]
    page = hall.anyone().get(f"positions/{token}").ok()
    assert forecast(page) == forecast(mine)


def test_everybody_is_told_the_same(hall: RunningHall) -> None:
    kiosk = hall.device()
    five = hall.clerk(5)
    six = hall.clerk(6)
    before = forecast_of_next(hall)
    assert before == (0, 5)
    for index in range(8):
        ticket = kiosk.issue(
            "pension-join", priority_class="green" if index % 3 == 2 else "ordinary"
        )
        check_the_same_everywhere(hall, kiosk, ticket)
        if index % 3 != 2:
            assert (ticket["p50_min"], ticket["p90_min"]) == before
            assert ticket["ahead"] == index
        before = forecast_of_next(hall)
        hall.later(minutes=1)
    five.call_next(5)
    five.verb(5, "start").ok()
    kiosk.issue("full-agency")
    six.call_next(6)
    for ticket in kiosk.get("tickets?state=waiting").ok()["tickets"]:
        check_the_same_everywhere(hall, kiosk, ticket)


def forecast_of_next(hall: RunningHall) -> tuple[Any, Any]:
    """What the board tells who takes a number for social security now."""
    line = line_of(hall.anyone().get("board").ok(), "social")
    return line["p50_min"], line["p90_min"]


def test_the_people_ahead_are_those_who_are_called_before(hall: RunningHall) -> None:
    kiosk, clerk = hall.device(), hall.clerk(5)
    for index in range(9):
        kiosk.issue("pension-join", priority_class="green" if index in (3, 7) else "ordinary")
        hall.later(minutes=2)
    listed = kiosk.get("tickets?state=waiting").ok()["tickets"]
    assert [t["ahead"] for t in listed] == list(range(9))
    order = []
    for _ in listed:
        order.append(clerk.call_next(5)["number"])
        clerk.verb(5, "start").ok()
        clerk.verb(5, "finish").ok()
    assert order == [t["number"] for t in listed]


def test_more_people_mean_a_longer_wait_and_more_windows_a_shorter_one(hall: RunningHall) -> None:
    kiosk, manager = hall.device(), hall.manager()
    hall.clerk(5)
    told = [kiosk.issue("pension-join") for _ in range(12)]
    waits = [(t["p50_min"], t["p90_min"]) for t in told]
    assert waits == sorted(waits)
    assert waits[0] == (0, 5)
    assert waits[-1][0] >= 60
    assert all(p50 < p90 and p50 % 5 == p90 % 5 == 0 for p50, p90 in waits)
    manager.send("PUT", "windows/4/profile", {"rules": [{"services": ["category:social"]}]}).ok()
    hall.clerk(4)
    after = kiosk.get(f"tickets/{told[-1]['id']}").ok()
    assert after["ahead"] == 11
    assert after["p50_min"] <= waits[-1][0] / 2 + 5


def test_no_forecast_while_no_window_takes_the_service(hall: RunningHall) -> None:
    kiosk = hall.device()
    ticket = kiosk.issue("pension-join")
    assert forecast(ticket) == (0, None, None)
    assert forecast_of_next(hall) == (None, None)
    clerk = hall.clerk(5)
    assert kiosk.get(f"tickets/{ticket['id']}").ok()["p50_min"] is not None
    clerk.verb(5, "pause").ok()
    assert kiosk.get(f"tickets/{ticket['id']}").ok()["p50_min"] is None


def test_people_sent_to_one_window_wait_for_that_window(hall: RunningHall) -> None:
    kiosk, five, one = hall.device(), hall.clerk(5), hall.clerk(1)
    kiosk.issue("hukou")
    kiosk.issue("hukou")
    sent = kiosk.issue("pension-join")
    others = kiosk.issue("pension-join")
    five.call_next(5)
    five.verb(5, "transfer", window=1).ok()
    check_the_same_everywhere(hall, kiosk, sent)
    check_the_same_everywhere(hall, kiosk, others)
    assert kiosk.get(f"tickets/{sent['id']}").ok()["ahead"] == 2
    assert kiosk.get(f"tickets/{others['id']}").ok()["ahead"] == 0
    one.verb(1, "close").ok()
    assert kiosk.get(f"tickets/{sent['id']}").ok()["ahead"] == 0
    assert kiosk.get(f"tickets/{others['id']}").ok()["ahead"] == 1


def test_the_board(hall: RunningHall) -> None:
    kiosk, five, one = hall.device(), hall.clerk(5), hall.clerk(1)
    for service in ("pension-join", "pension-join", "hukou", "hukou"):
        kiosk.issue(service)
    five.call_next(5)
    hall.later(minutes=1)
    one.call_next(1)
    hall.later(minutes=1)
    five.verb(5, "start").ok()
    board = hall.anyone().get("board").ok()
    assert board["business_day"] == "2026-11-23"
    shown = [(c["window"], c["ticket"], c["state"]) for c in board["now_serving"]]
    assert shown == [(1, "A001", "called"), (5, "E001", "serving")]
    assert [c["ticket"] for c in board["recent_calls"]] == ["A001", "E001"]
    assert board["now_serving"][0]["called_at"] == "2026-11-23T09:01:00+08:00"
    assert board["now_serving"][1]["window_name"] == "社会保障窗口"
    assert line_of(board, "social")["count"] == 1
    assert [w["category"] for w in board["waiting"]] == [c.id for c in hall.hall.categories]
    hall.later(minutes=1)
    one.verb(1, "recall").ok()
    again = hall.anyone().get("board").ok()["recent_calls"]
    assert again[0]["called_at"] == "2026-11-23T09:03:00+08:00"
    five.verb(5, "finish").ok()
    last = hall.anyone().get("board").ok()
    assert [c["ticket"] for c in last["now_serving"]] == ["A001"]
    assert [(c["ticket"], c["state"]) for c in last["recent_calls"]] == [
        ("A001", "called"),
        ("E001", "done"),
    ]


def test_the_public_sees_nothing_about_people(hall: RunningHall) -> None:
    kiosk, clerk = hall.device(), hall.clerk(5)
    green = kiosk.issue("pension-join", priority_class="green")
    kiosk.issue("pension-join")
    clerk.call_next(5)
    token = green["position_url"].rpartition("/")[2]
    anyone = hall.anyone()
    position = anyone.get(f"positions/{token}").ok()
    assert position["number"] == "E001"
    assert (position["window"], position["window_name"]) == (5, "社会保障窗口")
    assert position["missed_rule"] == hall.hall.missed.text
    public = json.dumps([anyone.get("board").ok(), position, anyone.get("hall").ok()["windows"]])
    for secret in ("green", "c5", green["id"], "position_url", "priority"):
        assert secret not in public.replace("priority_classes", "")
    assert kiosk.get("hall").ok()["windows"][4]["clerk"] == "c5"
    clerk.verb(5, "pause", reason="去看病").ok()
    assert kiosk.get("hall").ok()["windows"][4]["pause_reason"] == "去看病"
    assert "去看病" not in anyone.get("hall").text


def test_the_board_shows_every_window_and_when_the_hall_closes(hall: RunningHall) -> None:
    clerk, away = hall.clerk(5), hall.clerk(4)
    hall.device().issue("pension-join")
    clerk.call_next(5)
    away.verb(4, "pause", reason="去看病").ok()
    board = hall.anyone().get("board").ok()
    assert [w["number"] for w in board["windows"]] == [w.number for w in hall.hall.windows]
    four, five = board["windows"][3:5]
    assert (four["state"], four["ticket"], four["ticket_state"]) == ("paused", None, None)
    assert five == {
        "number": 5, "name": "社会保障窗口", "name_en": "Social security", "area": "window",
        "kind": "dedicated", "state": "open", "ticket": "E001", "ticket_state": "called",
    }  # fmt: skip
    assert board["closes_at"] == "2026-11-23T12:00:00+08:00"
    assert board["closing_soon_min"] == 15
    clerk.verb(5, "start").ok()
    assert hall.anyone().get("board").ok()["windows"][4]["ticket_state"] == "serving"
    hall.at("2026-11-23T12:00:00")
    board = hall.anyone().get("board").ok()
    assert board["closes_at"] is None
    assert board["windows"][4]["ticket"] == "E001"
    hall.at("2026-11-28T23:59:59")
    assert hall.anyone().get("board").ok()["closes_at"] is None
    hall.at("2026-11-29T00:00:00")
    assert hall.anyone().get("board").ok()["business_day"] == "2026-11-29"


def test_the_hall_says_what_is_open_and_who_serves(hall: RunningHall) -> None:
    clerk = hall.clerk(5)
    hall.device().issue("pension-join")
    clerk.call_next(5)
    shown = hall.anyone().get("hall").ok()
    assert shown["id"] == "baishui-town"
    assert [c["series"] for c in shown["categories"]][:5] == ["A", "B", "C", "D", "E"]
    five = shown["windows"][4]
    assert (five["state"], five["ticket"], five["ticket_state"]) == ("open", "E001", "called")
    assert {p["id"] for p in shown["priority_classes"]} == {"ordinary", "green", "appointment"}
    assert shown["policy"]["missed_call"]["text"] == hall.hall.missed.text
    assert shown["policy"]["closed_text"] == ""
    # Many pages ask at once when the hall changes: it is made for the first of them.
    kept = hall.parts.queries.hall()
    assert hall.parts.queries.hall() is kept
    clerk.verb(5, "pause").ok()
    assert hall.anyone().get("hall").ok()["windows"][4]["state"] == "paused"
    hall.at("2026-11-23T11:59:59")
    assert hall.anyone().get("hall").ok()["policy"]["open_now"]
    hall.at("2026-11-23T12:00:00")
    assert not hall.anyone().get("hall").ok()["policy"]["open_now"]


def test_health_needs_nobody_to_log_in(hall: RunningHall) -> None:
    health = hall.anyone().get("health").ok()
    assert health["status"] == "ok"
    assert health["business_day"] == "2026-11-23"
    assert health["journal_seq"] == len(hall.journal())
    assert health["clock_behind_s"] == 0
    assert set(health) == {
        "status", "version", "schema", "business_day", "journal_seq", "uptime_s", "clock_behind_s",
        "forecast", "notices",
    }  # fmt: skip
