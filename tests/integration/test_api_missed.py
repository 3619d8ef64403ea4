"""Numbers that missed their call, in a hall whose windows take several series."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.running_hall import Client, RunningHall, running


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
