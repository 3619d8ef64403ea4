"""Numbers that missed their call, in a hall whose windows take several series."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes.running_hall import Client, RunningHall, Tables, running, sample_hall


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RunningHall]:
    with running(tmp_path) as found:
        yield found


def serve(clerk: Client, window: int) -> str:
    """Calls and serves the next; returns its number."""
    number = str(clerk.call_next(window)["number"])
    clerk.verb(window, "start").ok()
    clerk.verb(window, "finish").ok()
    return number


def miss(hall: RunningHall, window: int, *services: str) -> tuple[Client, Client]:
    """A window that takes everything, one number that just missed its call there, then one for
    each of ``services``; the kiosk and the clerk."""
    rules = [{"services": "*"}]
    hall.manager().send("PUT", f"windows/{window}/profile", {"rules": rules}).ok()
    kiosk, clerk = hall.device(), hall.clerk(window)
    kiosk.issue("pension-join")
    for service_id in services:
        hall.later(minutes=1)
        kiosk.issue(service_id)
    hall.later(seconds=1)
    assert clerk.call_next(window)["number"] == "E001"
    clerk.verb(window, "no-show").ok()
    return kiosk, clerk


def test_it_returns_after_three_others_of_whatever_series(hall: RunningHall) -> None:
    """Nobody else comes for its series all day: the others' numbers count for it."""
    _, clerk = miss(hall, 5, *["hukou"] * 6)
    assert [serve(clerk, 5) for _ in range(5)] == ["A001", "A002", "A003", "E001", "A004"]


def test_calls_at_windows_that_do_not_take_it_do_not_count(hall: RunningHall) -> None:
    kiosk, five = miss(hall, 5, "hukou", "hukou")
    one = hall.clerk(1)
    kiosk.issue("hukou")
    assert [serve(one, 1) for _ in range(3)] == ["A001", "A002", "A003"]
    for _ in range(4):
        kiosk.issue("pension-join")
    assert [serve(five, 5) for _ in range(4)] == ["E002", "E003", "E004", "E001"]


def test_it_is_told_how_many_are_called_before_it(hall: RunningHall) -> None:
    kiosk, clerk = miss(hall, 5, *["hukou"] * 9)
    missed = kiosk.get("tickets?number=E001").ok()["tickets"][0]
    for ahead in (3, 2, 1, 0):
        alone = kiosk.get(f"tickets/{missed['id']}").ok()
        listed = kiosk.get("tickets?state=waiting").ok()["tickets"]
        [among] = [t for t in listed if t["number"] == "E001"]
        assert alone["ahead"] == among["ahead"] == ahead
        assert (alone["p50_min"], alone["p90_min"]) == (among["p50_min"], among["p90_min"])
        number = serve(clerk, 5)
    assert number == "E001"


def test_whoever_has_more_points_stays_before_it(hall: RunningHall) -> None:
    """Eight with the green channel, more than the three that the rule lets pass."""
    kiosk = hall.device()
    for _ in range(8):
        kiosk.issue("pension-join", priority_class="green")
    missed = kiosk.issue("pension-join")
    clerk = hall.clerk(5)
    clerk.verb(5, "call", ticket_id=missed["id"]).ok()
    clerk.verb(5, "no-show").ok()
    assert kiosk.get(f"tickets/{missed['id']}").ok()["ahead"] == 8
    listed = kiosk.get("tickets?state=waiting").ok()["tickets"]
    assert [t["ahead"] for t in listed] == list(range(9))


def test_calls_at_a_window_that_does_not_take_its_service_do_not_count(hall: RunningHall) -> None:
    """Although they are of its series: only who might have been called in its stead counts."""
    rules = {"rules": [{"services": ["heliao-join"]}]}
    hall.manager().send("PUT", "windows/1/profile", rules).ok()
    kiosk, five = miss(hall, 5, *["hukou"] * 4)
    one = hall.clerk(1)
    for _ in range(4):
        kiosk.issue("heliao-join")
    assert [serve(one, 1) for _ in range(4)] == ["E002", "E003", "E004", "E005"]
    assert [serve(five, 5) for _ in range(4)] == ["A001", "A002", "A003", "E001"]


def test_a_transferred_number_is_held_by_the_calls_where_it_waits_now(hall: RunningHall) -> None:
    """Its series is that of its first service, which nobody else wants all day."""
    kiosk, five, one = hall.device(), hall.clerk(5), hall.clerk(1)
    kiosk.issue("pension-join")
    five.call_next(5)
    five.verb(5, "transfer", service_id="hukou").ok()
    for _ in range(5):
        kiosk.issue("hukou")
    assert one.call_next(1)["number"] == "E001"
    one.verb(1, "no-show").ok()
    assert [serve(one, 1) for _ in range(5)] == ["A001", "A002", "A003", "E001", "A004"]


def test_recalling_is_no_further_call(hall: RunningHall) -> None:
    kiosk, clerk = miss(hall, 5, *["hukou"] * 3)
    clerk.call_next(5)
    for _ in range(5):
        assert clerk.verb(5, "recall").ok()["ticket"]["passes"] == 0
    clerk.verb(5, "start").ok()
    clerk.verb(5, "finish").ok()
    [missed] = kiosk.get("tickets?number=E001").ok()["tickets"]
    assert (missed["passes"], missed["ahead"]) == (1, 2)
    assert len(hall.journal("ticket.recalled")) == 5


def policy(name: str, **more: int) -> Callable[[Tables], None]:
    """The hall's missed-call policy."""

    def change(tables: Tables) -> None:
        tables["missed_call"] = {"policy": name, "max_passes": 3, **more}

    return change


def test_a_missed_number_at_the_tail_starts_anew(tmp_path: Path) -> None:
    with running(tmp_path, sample_hall("baishui-town", policy("requeue_tail"))) as hall:
        kiosk, clerk = miss(hall, 5, "hukou", "hukou")
        kiosk.issue("hukou", priority_class="green")
        hall.later(minutes=1)
        kiosk.issue("hukou")
        assert [serve(clerk, 5) for _ in range(5)] == ["A003", "A001", "A002", "E001", "A004"]
        moved = [body["data"] for _, _, body in hall.journal("ticket.requeued")]
        assert moved == [{"policy": "requeue_tail"}]


def test_a_missed_number_is_void_at_once(tmp_path: Path) -> None:
    with running(tmp_path, sample_hall("baishui-town", policy("void"))) as hall:
        kiosk, clerk = miss(hall, 5, "hukou")
        [missed] = kiosk.get("tickets?number=E001").ok()["tickets"]
        assert (missed["state"], missed["passes"]) == ("void", 1)
        for verb in ("call", "requeue"):
            clerk.verb(5, verb, ticket_id=missed["id"]).refused(409, "wrong_ticket_state")
        reasons = [body["data"]["reason"] for _, _, body in hall.journal("ticket.void")]
        assert reasons == ["missed"]


def test_after_the_last_pass_a_number_is_void_whoever_called_it(hall: RunningHall) -> None:
    kiosk, clerk = miss(hall, 5)
    [first] = kiosk.get("tickets?number=E001").ok()["tickets"]
    clerk.verb(5, "call", ticket_id=first["id"]).ok()
    assert clerk.verb(5, "no-show").ok()["ticket"]["state"] == "waiting"
    clerk.call_next(5)
    last = clerk.verb(5, "no-show").ok()["ticket"]
    assert (last["state"], last["passes"]) == ("void", 3)


def test_a_kept_number_is_void_when_its_time_is_over(tmp_path: Path) -> None:
    with running(tmp_path, sample_hall("baishui-town", policy("keep_minutes", minutes=20))) as hall:
        kiosk, clerk = miss(hall, 5, "hukou")
        hall.later(minutes=5)
        assert clerk.call_next(5)["number"] == "A001"
        clerk.verb(5, "no-show").ok()
        hall.later(minutes=15)
        kept = kiosk.get("tickets?state=no_show").ok()["tickets"]
        assert [t["number"] for t in kept] == ["E001", "A001"]
        hall.later(milliseconds=1)
        kept = kiosk.get("tickets?state=no_show").ok()["tickets"]
        assert [t["number"] for t in kept] == ["A001"]
        [over] = kiosk.get("tickets?state=void").ok()["tickets"]
        assert over["number"] == "E001"
        for verb in ("call", "requeue"):
            clerk.verb(5, verb, ticket_id=over["id"]).refused(409, "missed_too_long_ago")
        hall.restart()
        hall.later(minutes=5)
        assert clerk.verb(5, "pause", reason="").ok()["window"]["state"] == "paused"
        voided = hall.journal("ticket.void")
        assert [(actor, b["ticket"]["number"], b["data"]) for _, actor, b in voided] == [
            ("system", "E001", {"reason": "kept_too_long"}),
            ("system", "A001", {"reason": "kept_too_long"}),
        ]


def test_a_number_kept_in_time_is_not_void(tmp_path: Path) -> None:
    with running(tmp_path, sample_hall("baishui-town", policy("keep_minutes", minutes=20))) as hall:
        kiosk, clerk = miss(hall, 5)
        [first] = kiosk.get("tickets?number=E001").ok()["tickets"]
        hall.later(minutes=20)
        clerk.verb(5, "requeue", ticket_id=first["id"]).ok()
        hall.later(minutes=60)
        assert kiosk.get("tickets?state=void").ok()["tickets"] == []
        assert clerk.call_next(5)["number"] == "E001"
        assert clerk.verb(5, "no-show").ok()["ticket"]["passes"] == 2
        hall.later(minutes=21)
        assert hall.anyone().get("board").ok()["now_serving"] == []
        assert kiosk.get(f"tickets/{first['id']}").ok()["state"] == "void"
