"""Windows over HTTP: their states, their clerks, what they take and when."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.running_hall import Client, RunningHall, running


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RunningHall]:
    with running(tmp_path) as found:
        yield found


def put_rules(manager: Client, window: int, *rules: dict[str, object]) -> None:
    """Gives a window these rules."""
    manager.send("PUT", f"windows/{window}/profile", {"rules": list(rules)}).ok()


def _served(hall: RunningHall) -> set[str]:
    categories = hall.device().get("hall").ok()["categories"]
    return {s["id"] for c in categories for s in c["services"] if s["window_open"]}


def test_the_hall_tells_which_services_an_open_window_takes(hall: RunningHall) -> None:
    assert _served(hall) == set()
    clerk = hall.clerk(5)
    served = _served(hall)
    assert "pension-join" in served
    assert "hukou" not in served
    put_rules(hall.manager(), 5, {"services": ["hukou"]})
    assert _served(hall) == {"hukou"}
    clerk.verb(5, "pause").ok()
    assert _served(hall) == set()


def test_a_window_opens_pauses_resumes_and_closes(hall: RunningHall) -> None:
    clerk = hall.clerk(5, opened=False)
    opened = clerk.verb(5, "open").ok()["window"]
    assert (opened["state"], opened["clerk"], opened["name"]) == ("open", "c5", "社会保障窗口")
    assert clerk.verb(5, "open").ok()["window"] == opened
    paused = clerk.verb(5, "pause", reason="去复印").ok()["window"]
    assert (paused["state"], paused["pause_reason"]) == ("paused", "去复印")
    clerk.verb(5, "call-next").refused(409, "window_not_open")
    clerk.verb(5, "pause").refused(409, "window_not_open")
    back = clerk.verb(5, "open").ok()["window"]
    assert (back["state"], back["pause_reason"]) == ("open", None)
    closed = clerk.verb(5, "close").ok()["window"]
    assert (closed["state"], closed["clerk"]) == ("closed", None)
    assert clerk.verb(5, "close").ok()["window"] == closed
    assert [kind for kind, _, _ in hall.journal("window.")] == [
        "window.opened",
        "window.paused",
        "window.opened",
        "window.closed",
    ]


def test_a_window_belongs_to_one_clerk_at_a_time(hall: RunningHall) -> None:
    hall.clerk(5)
    other = hall.log_in("c1", 5)
    refusal = other.verb(5, "open").refused(409, "window_taken")
    assert "c5" in refusal.json["error"]["message"]
    hall.device().issue("pension-join")
    other.verb(5, "call-next").refused(409, "window_taken")
    other.verb(5, "pause").refused(409, "window_taken")
    other.verb(5, "close").ok()
    assert other.verb(5, "open").ok()["window"]["clerk"] == "c1"


def test_a_window_may_pause_and_finish_while_it_serves(hall: RunningHall) -> None:
    kiosk, clerk = hall.device(), hall.clerk(5)
    kiosk.issue("pension-join")
    clerk.call_next(5)
    clerk.verb(5, "start").ok()
    assert clerk.verb(5, "pause").ok()["window"]["ticket"] == "E001"
    assert clerk.verb(5, "finish").ok()["ticket"]["state"] == "done"


def test_a_manager_may_work_any_window(hall: RunningHall) -> None:
    manager = hall.manager()
    hall.device().issue("hukou")
    manager.verb(1, "open").ok()
    assert manager.call_next(1)["number"] == "A001"


def test_a_window_takes_what_its_file_says_until_a_manager_changes_it(hall: RunningHall) -> None:
    kiosk, clerk, manager = hall.device(), hall.clerk(5), hall.manager()
    kiosk.issue("hukou")
    (rule,) = clerk.get("windows/5/profile").ok()["rules"]
    assert {k: v for k, v in rule.items() if v is not None} == {"services": ["category:social"]}
    assert clerk.call_next(5) is None
    put_rules(manager, 5, {"services": ["hukou", "category:farming"]})
    assert "hukou" in clerk.get("windows/5").ok()["services_now"]
    assert clerk.get("windows/5").ok()["waiting"] == 1
    assert clerk.call_next(5)["number"] == "A001"
    journaled = hall.journal("profile.changed")
    assert [(actor, body["data"]["rules"]) for _, actor, body in journaled] == [
        ("staff:m1", [{"services": ["category:farming", "hukou"]}])
    ]
    assert journaled[0][2]["data"]["before"] == [{"services": ["category:social"]}]
    assert journaled[0][2]["window"]["number"] == 5


def test_the_same_profile_again_is_no_news_and_a_restart_keeps_it(hall: RunningHall) -> None:
    clerk, manager = hall.clerk(5), hall.manager()
    for _ in range(2):
        put_rules(manager, 5, {"services": ["hukou"]})
    assert len(hall.journal("profile.changed")) == 1
    hall.restart()
    assert clerk.get("windows/5").ok()["services_now"] == ["hukou"]


def test_a_profile_by_weekday_and_time_of_day(hall: RunningHall) -> None:
    kiosk, manager = hall.device(), hall.manager()
    put_rules(
        manager,
        5,
        {"services": ["hukou"], "weekdays": [1], "from": "09:30", "to": "10:00"},
        {"services": ["dibao"], "weekdays": [2]},
    )
    clerk = hall.clerk(5)
    kiosk.issue("hukou")
    kiosk.issue("dibao")
    assert clerk.get("windows/5").ok()["services_now"] == []
    for time, taken in (
        ("2026-11-23T09:29:59.999", []),
        ("2026-11-23T09:30:00", ["hukou"]),
        ("2026-11-23T09:59:59.999", ["hukou"]),
        ("2026-11-23T10:00:00", []),
    ):
        hall.at(time)
        assert clerk.get("windows/5").ok()["services_now"] == taken
    assert clerk.call_next(5) is None
    hall.at("2026-11-24T09:00:00")
    kiosk.issue("hukou")
    kiosk.issue("dibao")
    clerk = hall.clerk(5)
    assert clerk.call_next(5)["number"] == "C001"


def test_a_hall_file_s_profile_by_time(hall: RunningHall) -> None:
    """Window 6 helps with social security on market mornings, Wednesday and Saturday."""
    kiosk = hall.device()
    six = kiosk.get("windows/6").ok()
    assert "pension-join" not in six["services_now"]
    hall.at("2026-11-25T08:30:00")
    assert "pension-join" in kiosk.get("windows/6").ok()["services_now"]
    hall.at("2026-11-25T12:00:00")
    assert "pension-join" not in kiosk.get("windows/6").ok()["services_now"]


def test_a_log_in_and_its_end(hall: RunningHall) -> None:
    clerk = hall.clerk(5)
    session = clerk.get("session").ok()
    assert session["staff"] == {"staff_no": "c5", "name": "窗口员", "role": "clerk"}
    assert session["window"] == 5
    assert session["csrf_token"] == clerk.headers["X-CSRF-Token"]
    ended = clerk.send("DELETE", "session")
    assert ended.ok() == {"ok": True}
    assert "hall_session=;" in ended.headers["Set-Cookie"]
    clerk.get("session").refused(401, "login_needed")
    clerk.verb(5, "call-next").refused(401, "login_needed")
    again = hall.log_in("c5", 5)
    hall.later(hours=12)
    again.get("session").refused(401, "login_needed")


def test_log_ins_that_fail(hall: RunningHall) -> None:
    anyone = hall.anyone()
    wrong = {"staff_no": "c5", "pin": "111111"}
    anyone.post("session", wrong).refused(401, "wrong_pin")
    anyone.post("session", wrong | {"staff_no": "nobody"}).refused(401, "wrong_pin")
    anyone.post("session", wrong | {"window": 77}).refused(404, "unknown_window")
    anyone.post("session", {"staff_no": "c5"}).refused(422, "invalid_fields")
    anyone.post("session", wrong | {"pin": 111111}).refused(422, "invalid_fields")
    for _ in range(4):
        anyone.post("session", wrong).refused(401, "wrong_pin")
    locked = anyone.post("session", wrong).refused(429, "staff_locked")
    assert int(locked.headers["Retry-After"]) == 600


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(hall: RunningHall) -> None:
    body = {"staff_no": "m1", "pin": "902571"}
    cookie = hall.anyone().post("session", body).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
