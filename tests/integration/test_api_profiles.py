"""Work profiles over HTTP: classes, deputies, kinds; and those whom nobody can call any more."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.running_hall import Client, RunningHall, running


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RunningHall]:
    with running(tmp_path) as found:
        yield found


def put(manager: Client, window: int, *rules: dict[str, object], **more: object) -> Any:
    """Gives a window these rules; the answer."""
    body = {"rules": list(rules), **more}
    return manager.send("PUT", f"windows/{window}/profile", body).ok()


def stranded(client: Client) -> list[tuple[str, int, list[str]]]:
    """Who waits and cannot be called: service, how many, their numbers."""
    found = client.get("windows").ok()["stranded"]
    return [(s["service_id"], s["count"], s["numbers"]) for s in found]


def test_an_elder_window_calls_the_green_channel_only(hall: RunningHall) -> None:
    kiosk, clerk, manager = hall.device(), hall.clerk(5), hall.manager()
    put(manager, 5, {"services": "*", "classes": ["green"]})
    kiosk.issue("hukou")
    green = kiosk.issue("dibao", priority_class="green")
    live = clerk.get("windows/5").ok()
    assert (live["waiting"], len(live["services_now"])) == (1, len(hall.hall.services))
    listed = clerk.get("tickets?state=waiting&window=5").ok()["tickets"]
    assert [t["number"] for t in listed] == [green["number"]]
    assert clerk.call_next(5)["number"] == green["number"]
    clerk.verb(5, "start").ok()
    clerk.verb(5, "finish").ok()
    assert clerk.call_next(5) is None


def test_a_window_may_take_everything_of_some_and_something_of_everybody(
    hall: RunningHall,
) -> None:
    kiosk, clerk, manager = hall.device(), hall.clerk(5), hall.manager()
    put(manager, 5, {"services": "*", "classes": ["green"]}, {"services": ["dibao"]})
    kiosk.issue("hukou")
    hall.later(minutes=30)
    kiosk.issue("dibao")
    hall.later(minutes=1)
    kiosk.issue("hukou", priority_class="green")
    called = []
    for _ in range(2):
        called.append(clerk.call_next(5)["number"])
        clerk.verb(5, "start").ok()
        clerk.verb(5, "finish").ok()
    assert called == ["A002", "C001"]
    assert clerk.call_next(5) is None


def test_people_ahead_are_those_whom_one_s_own_windows_may_call(hall: RunningHall) -> None:
    """An elder window that calls only green tickets does not come before ordinary ones."""
    kiosk, manager = hall.device(), hall.manager()
    put(manager, 1, {"services": ["hukou"], "classes": ["green"]})
    put(manager, 6, {"services": ["hukou"], "classes": ["ordinary"]})
    hall.clerk(1)
    hall.clerk(6)
    kiosk.issue("hukou", priority_class="green")
    first = kiosk.issue("hukou")
    second = kiosk.issue("hukou")
    green = kiosk.issue("hukou", priority_class="green")
    assert [t["ahead"] for t in (first, second, green)] == [0, 1, 1]


def test_a_deputy_takes_over_when_the_other_window_pauses_or_closes(hall: RunningHall) -> None:
    kiosk, manager = hall.device(), hall.manager()
    a, b = hall.clerk(3), hall.clerk(4)
    put(
        manager,
        4,
        {"services": ["category:health"]},
        {"services": ["category:civil"], "while_closed": 3},
    )
    for _ in range(3):
        kiosk.issue("dibao")
    assert b.call_next(4) is None
    assert a.verb(3, "pause", reason="开会").ok()["left_behind"] == []
    assert "dibao" in b.get("windows/4").ok()["services_now"]
    assert b.call_next(4)["number"] == "C001"
    b.verb(4, "start").ok()
    b.verb(4, "finish").ok()
    a.verb(3, "open").ok()
    assert b.call_next(4) is None
    assert a.call_next(3)["number"] == "C002"
    a.verb(3, "start").ok()
    a.verb(3, "finish").ok()
    a.verb(3, "close").ok()
    assert b.call_next(4)["number"] == "C003"


def test_a_certificate_window_takes_every_matter_of_its_kind(tmp_path: Path) -> None:
    with running(tmp_path, "baotou-city") as hall:
        collect = {s.id for s in hall.hall.services.values() if s.kind == "collect"}
        manager = hall.manager()
        put(manager, 1, {"services": ["kind:collect"]})
        assert set(manager.get("windows/1").ok()["services_now"]) == collect


def test_profiles_that_name_what_does_not_exist(hall: RunningHall) -> None:
    rules = [
        {"services": ["kind:collekt"], "classes": ["grün"]},
        {"services": "*", "while_closed": 5},
        {"services": "*", "while_closed": 77},
    ]
    refusal = hall.manager().send("PUT", "windows/5/profile", {"rules": rules})
    refusal.refused(422, "invalid_fields")
    rules[0]["classes"] = ["gruen"]
    refusal = hall.manager().send("PUT", "windows/5/profile", {"rules": rules})
    details = refusal.refused(422, "invalid_profile").json["error"]["details"]
    assert [d["field"] for d in details] == [
        "rules[0].services[0]",
        "rules[0].classes[0]",
        "rules[1].while_closed",
        "rules[2].while_closed",
    ]


def test_whom_no_open_window_takes_is_shown(hall: RunningHall) -> None:
    kiosk, manager = hall.device(), hall.manager()
    for _ in range(7):
        kiosk.issue("dibao")
    kiosk.issue("hukou")
    hall.clerk(1)
    (shown,) = manager.get("windows").ok()["stranded"]
    assert shown == {
        "service_id": "dibao",
        "service_name": hall.hall.service("dibao").name,
        "class_name": None,
        "count": 7,
        "numbers": ["C001", "C002", "C003", "C004", "C005"],
        "reason": "没有开放窗口办理",
        "reason_en": "no open window takes it",
        "windows": [3],
    }
    hall.clerk(3)
    assert stranded(manager) == []


def test_a_change_of_profile_tells_whom_it_leaves_behind(hall: RunningHall) -> None:
    kiosk, manager = hall.device(), hall.manager()
    clerk = hall.clerk(3)
    kiosk.issue("dibao")
    kiosk.issue("hukou")  # stranded already, so not because of the change
    other: dict[str, object] = {"services": ["category:health"]}
    tried = put(manager, 3, other, dry_run=True)
    assert tried["dry_run"] is True
    assert [(s["service_id"], s["numbers"]) for s in tried["left_behind"]] == [("dibao", ["C001"])]
    assert hall.journal("profile.changed") == []
    assert "dibao" in clerk.get("windows/3").ok()["services_now"]
    made = put(manager, 3, other)
    assert made["left_behind"] == tried["left_behind"]
    assert made["dry_run"] is False
    assert hall.journal("profile.changed")[0][2]["data"]["left_behind"] == 1
    assert stranded(manager) == [("dibao", 1, ["C001"]), ("hukou", 1, ["A001"])]


def test_a_window_that_pauses_or_closes_tells_whom_it_leaves_behind(hall: RunningHall) -> None:
    kiosk, clerk = hall.device(), hall.clerk(3)
    kiosk.issue("dibao")
    paused = clerk.verb(3, "pause").ok()["left_behind"]
    assert [(s["service_id"], s["count"], s["windows"]) for s in paused] == [("dibao", 1, [3])]
    assert clerk.verb(3, "open").ok()["left_behind"] == []
    closed = clerk.verb(3, "close").ok()["left_behind"]
    assert [s["numbers"] for s in closed] == [["C001"]]
    assert hall.journal("window.closed")[0][2]["data"]["left_behind"] == 1


def test_at_the_hour_when_a_timed_rule_ends_those_who_wait_are_shown(hall: RunningHall) -> None:
    kiosk, manager = hall.device(), hall.manager()
    put(manager, 5, {"services": ["hukou"], "to": "10:00"})
    hall.clerk(5)
    kiosk.issue("hukou")
    hall.at("2026-11-23T09:59:59.999")
    assert stranded(manager) == []
    hall.at("2026-11-23T10:00:00")
    assert stranded(manager) == [("hukou", 1, ["A001"])]


def test_a_class_that_no_open_window_takes_is_named(hall: RunningHall) -> None:
    kiosk, manager = hall.device(), hall.manager()
    put(manager, 5, {"services": ["hukou"], "classes": ["green"]})
    hall.clerk(5)
    kiosk.issue("hukou")
    kiosk.issue("hukou", priority_class="green")
    (shown,) = manager.get("windows").ok()["stranded"]
    assert (shown["numbers"], shown["class_name"]) == (["A001"], "普通")
    assert shown["reason"] == "开放的窗口不接待此类号"


def test_a_transfer_to_a_window_that_then_pauses_is_shown(hall: RunningHall) -> None:
    kiosk, one, manager = hall.device(), hall.clerk(1), hall.manager()
    three = hall.clerk(3)
    kiosk.issue("hukou")
    one.call_next(1)
    one.verb(1, "transfer", window=3).ok()
    assert stranded(manager) == []
    three.verb(3, "pause").ok()
    (shown,) = manager.get("windows").ok()["stranded"]
    assert shown["reason"] == "只能由 3 号窗口办理，该窗口暂停"
    assert (shown["numbers"], shown["windows"]) == (["A001"], [3])
    # Closed, it gives them back to whoever takes the service.
    three.verb(3, "close").ok()
    assert stranded(manager) == []
