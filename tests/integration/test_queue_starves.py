"""Nobody starves: in a hall that is overrun by people with priority, everybody is called within the
wait that ``overtaking_bound`` computes beforehand."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hall_server.service import call, serve, window
from hall_server.service.issue import issue
from tests.fakes.hallfile_small import good_tables
from tests.support.queue_bound import Earns, longest_wait_min, overtaking_bound
from tests.support.queue_rig import Rig, fast_folder

CLASSES = {"ordinary": Earns(0, 1), "green": Earns(10, 3), "elder": Earns(5, 1.5)}
WINDOWS = (1, 2)
# Calls a minute of the two windows together, and people who come a minute.
CALLS, ARRIVALS = 2, 2.5
MINUTES = 150


def tables() -> dict[str, Any]:
    """Two windows that take everything, three classes, open at any hour of the test."""
    found = good_tables()
    found["windows"] = [
        {"number": n, "name": f"{n}号", "area": "main", "rules": [{"services": "*"}]}
        for n in WINDOWS
    ]
    found["priority_classes"] = [
        {"id": name, "name": name, "head": earns.head, "rate": earns.rate}
        for name, earns in CLASSES.items()
    ]
    found["hours"] = {"sessions": [{"weekdays": list(range(1, 8)), "from": "06:00", "to": "23:00"}]}
    return found


@pytest.fixture
def rig() -> Iterator[Rig]:
    with fast_folder() as folder:
        found = Rig(Path(folder), tables(), "2026-11-23T09:00:00")
        for number in WINDOWS:
            assert found.run("open", window.open_window, number, "1").ok
        yield found
        found.close()


class Day:
    """Who waits since when, and who has been called after how long."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.since: dict[str, tuple[str, int, int]] = {}
        self.waited: list[tuple[str, float, int, list[float]]] = []
        self.came = 0

    def arrive(self, cls: str) -> None:
        """Somebody takes a number; how many wait already is noted."""
        answer = self.rig.run("issue", issue, "pension", cls, "kiosk").json
        self.since[answer["id"]] = (cls, self.rig.moment().at, len(self.since))

    def serve(self, number: int) -> None:
        """A window calls, and is done with whoever it was."""
        ticket = self.rig.run("next", call.call_next, number).json["ticket"]
        if ticket is None:
            return
        cls, base, before = self.since.pop(ticket["id"])
        now = self.rig.moment().at
        late = [
            (base - other) / 60_000 for mine, other, _ in self.since.values() if mine == "ordinary"
        ]
        self.waited.append((cls, (now - base) / 60_000, before, late))
        assert self.rig.run("start", serve.start, number).ok
        assert self.rig.run("finish", serve.finish, number).ok


def run(rig: Rig, others: tuple[str, ...], seed: int) -> Day:
    """Every tenth is ordinary, the others have priority; more come than can be served."""
    day, chance, owed = Day(rig), Random(seed), 0.0
    for _ in range(MINUTES):
        owed += ARRIVALS
        while owed >= 1:
            day.came += 1
            owed -= 1
            day.arrive("ordinary" if day.came % 10 == 1 else chance.choice(others))
        for number in WINDOWS:
            day.serve(number)
        rig.later(minutes=1)
    return day


@pytest.mark.parametrize("others", [("green",), ("green", "elder")])
def test_everybody_is_called_within_the_computed_wait(rig: Rig, others: tuple[str, ...]) -> None:
    day = run(rig, others, 7)
    assert len(day.since) > 50, "the hall is not overrun"
    ordinary = [entry for entry in day.waited if entry[0] == "ordinary"]
    assert len(ordinary) > 10
    mine, all_classes = CLASSES["ordinary"], CLASSES.values()

    def bound(before: int) -> float:
        return longest_wait_min(
            mine, all_classes, before=before, arrivals_per_min=ARRIVALS, calls_per_min=CALLS
        )

    assert all(wait <= bound(before) for _, wait, before, _ in ordinary)
    now = rig.moment().at
    for cls, base, before in day.since.values():
        if cls == "ordinary":
            assert (now - base) / 60_000 <= bound(before) + 1


def test_whoever_overtakes_came_within_the_computed_time(rig: Rig) -> None:
    """For every call and everybody ordinary whom it passed over."""
    day = run(rig, ("green", "elder"), 11)
    passed = 0
    for cls, wait, _, late in day.waited:
        for minutes_later in late:
            if minutes_later > 0:
                passed += 1
                # The one overtaken has waited so much longer than the one called.
                reach = overtaking_bound(CLASSES["ordinary"], [CLASSES[cls]], wait + minutes_later)
                assert minutes_later <= reach + 1e-6
    assert passed > 100


def test_with_equal_rates_only_a_head_overtakes() -> None:
    one, other = Earns(0, 1), Earns(10, 1)
    assert overtaking_bound(one, [one], 500) == 0
    assert overtaking_bound(one, [one, other], 500) == 10
    assert overtaking_bound(other, [one], 500) == 0
    assert overtaking_bound(one, [other], 4) == 4


def test_the_share_of_later_arrivals_that_may_overtake() -> None:
    one, green = Earns(0, 1), Earns(10, 3)
    assert overtaking_bound(one, [green], 40) == pytest.approx(30)
    assert overtaking_bound(one, [green], 400) == pytest.approx(270)
    wait = longest_wait_min(one, [green], before=9, arrivals_per_min=2.5, calls_per_min=2)
    assert wait == pytest.approx((10 + 2.5 * (10 / 3 + 1)) / (2 - 2.5 * 2 / 3))
    with pytest.raises(ValueError, match="more arrive"):
        longest_wait_min(one, [green], before=0, arrivals_per_min=3, calls_per_min=2)
