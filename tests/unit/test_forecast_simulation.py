"""The simulation against cases whose answer is known without it."""

from dataclasses import replace
from math import inf, log

import pytest

from hall_server.domain.forecast.model import (
    EVERYTHING,
    Coming,
    Desk,
    Newcomer,
    Present,
    Rank,
    Taking,
    Times,
    Waiter,
    rest,
    spread,
)
from hall_server.domain.forecast.simulation import simulate

# Visits that take exactly ten minutes, and a call the moment a window is free.
EXACT = Times({"a": 10.0, "b": 10.0, "c": 10.0}, sigma=1e-6, gaps=(0.0,), reactions=(0.0,))
ORDINARY, GREEN = Rank(), Rank(10, 3)
ALL = ((0.0, EVERYTHING),)


def only(services: str) -> tuple[Taking, ...]:
    return (Taking(frozenset(services)),)


def people(*bases: float, service: str = "a", rank: int = 0) -> list[Waiter]:
    return [Waiter(f"{service}{i}", service, rank, base) for i, base in enumerate(bases)]


def hall(desks: list[Desk], waiting: list[Waiter], times: Times = EXACT) -> Present:
    return Present(desks, waiting, [ORDINARY, GREEN], times)


def p50s(present: Present, asked: tuple[str, ...] = ()) -> dict[str, float | None]:
    out = simulate(present, [Newcomer(service) for service in asked])
    found = {**out.waits, **{n.service: s for n, s in out.joining.items()}}
    return {key: None if s is None else round(s.p50, 2) for key, s in found.items()}


def test_one_window_calls_in_order_of_base() -> None:
    present = hall([Desk(1, ALL)], people(-3, -9, -6))
    assert p50s(present, ("a",)) == {"a1": 0, "a2": 10, "a0": 20, "a": 30}


def test_windows_share_their_queue() -> None:
    present = hall([Desk(1, ALL), Desk(2, ALL, busy="a", elapsed=5)], people(-4, -3, -2, -1))
    # A visit of ten minutes that has lasted five ends in five.
    assert p50s(present) == {"a0": 0, "a1": 5, "a2": 10, "a3": 15}


def test_a_window_takes_its_services_only() -> None:
    desks = [Desk(1, ((0.0, only("a")),)), Desk(2, ((0.0, only("b")),))]
    waiting = [*people(-9, -8), *people(-1, service="b"), *people(-7, service="c")]
    assert p50s(hall(desks, waiting), ("b", "c")) == {
        "a0": 0, "a1": 10, "b0": 0, "c0": None, "b": 10, "c": None,
    }  # fmt: skip


def test_points_decide_between_ranks_when_the_call_is_made() -> None:
    waiting = [*people(-20, -19), Waiter("g", "a", 1, -2.0)]
    # Now 20 points lead 10 + 3 * 2; in ten minutes it is 46 against 29.
    assert p50s(hall([Desk(1, ALL)], waiting)) == {"a0": 0, "g": 10, "a1": 20}


def test_priority_visitors_to_come_delay_the_ordinary() -> None:
    calm = hall([Desk(1, ALL)], people(*(-5.0,) * 10))
    busy = replace(calm, coming=[Coming("a", 1, 0.02)])
    before, after = simulate(calm).waits["a9"], simulate(busy).waits["a9"]
    assert before is not None and after is not None
    assert (before.p50, before.p90) == pytest.approx((90, 90), abs=0.01)
    # 0.02 a minute over some 110 minutes, ten minutes each.
    assert 100 <= after.p50 <= 120
    assert after.p90 > after.p50


def test_who_asks_delays_nobody() -> None:
    desks = [Desk(1, ((0.0, only("ab")),)), Desk(2, ((0.0, only("ac")),))]
    waiting = people(-9, -8, -7, -6)
    alone = p50s(hall(desks, waiting))
    asked = [Newcomer(service, rank) for service in "abc" for rank in (0, 1)]
    asking = simulate(hall(desks, waiting), asked).waits
    assert {key: s and round(s.p50, 2) for key, s in asking.items()} == alone


def test_a_window_looks_at_other_services_from_a_time_on() -> None:
    takes = ((0.0, only("b")), (30.0, only("a")))
    assert p50s(hall([Desk(1, takes)], people(-1)), ("a", "b")) == {"a0": 30, "a": 40, "b": 0}


def test_a_window_may_take_a_service_of_some_ranks_only() -> None:
    elders = (Taking(frozenset("a"), frozenset({1})), Taking(frozenset("b")))
    waiting = [*people(-9, -8), Waiter("g", "a", 1, -2.0), *people(-1, service="b")]
    # The points of "g" lead those of "b0", and nobody may call "a0".
    found = p50s(hall([Desk(1, ((0.0, elders),))], waiting), ("a", "b"))
    assert found == {"a0": None, "a1": None, "g": 0, "b0": 10, "a": None, "b": 20}


def test_closed_and_opening_windows() -> None:
    shut = hall([Desk(1, ALL, opens=inf)], people(-1))
    assert p50s(shut, ("a",)) == {"a0": None, "a": None}
    assert p50s(hall([Desk(1, ALL, opens=25)], people(-1))) == {"a0": 25}


def test_a_window_that_may_not_open_is_there_in_its_share_of_the_runs() -> None:
    desks = [Desk(1, ALL, busy="a"), Desk(2, ALL, opens=2.0, chance=0.25)]
    found = simulate(hall(desks, people(-1))).waits["a0"]
    assert found is not None
    assert (round(found.p50, 2), round(found.p90, 2)) == (10, 10)
    often = replace(desks[1], chance=0.75)
    found = simulate(hall([desks[0], often], people(-1))).waits["a0"]
    assert found is not None
    assert (round(found.p50, 2), round(found.p90, 2)) == (2, 10)
    # Nobody promises that a hall opens that probably will not.
    assert simulate(hall(desks[1:], people(-1))).waits["a0"] is None


def test_a_window_takes_its_break_after_a_visit() -> None:
    desk = Desk(1, ALL, away=(15.0, 60.0), stays=0.0)
    assert p50s(hall([desk], people(-3, -2, -1, 0))) == {"a0": 0, "a1": 10, "a2": 60, "a3": 70}
    found = simulate(hall([replace(desk, stays=0.75)], people(-3, -2, -1))).waits["a2"]
    assert found is not None
    assert (round(found.p50, 2), round(found.p90, 2)) == (20, 60)


def test_newcomers_wait_by_their_class_and_by_their_time() -> None:
    present = hall([Desk(1, ALL, busy="a")], people(-20, -9, -4, -3))
    asked = [Newcomer("a"), Newcomer("a", 1), Newcomer("a", 1, 25.0), Newcomer("a", 1, -5.0)]
    joining = simulate(present, asked).joining
    # In ten minutes a green one has 40 points against 30. One who is 25 minutes early has 25 in
    # half an hour, against 34 of the third, and 55 ten minutes later.
    found = [round(joining[n].p50) for n in asked]  # type: ignore[union-attr]
    assert found == [50, 10, 40, 10]


def test_a_paused_window_comes_back_at_some_time() -> None:
    found = simulate(hall([Desk(1, ALL, paused=True)], people(-1)), runs=400).waits["a0"]
    assert found is not None
    # Exponential with a mean of ten minutes.
    assert found.p50 == pytest.approx(10 * log(2), rel=0.2)
    assert found.p90 == pytest.approx(10 * log(10), rel=0.2)


def test_a_target_waits_for_its_window_alone() -> None:
    desks = [Desk(1, ALL), Desk(2, ALL, busy="a", elapsed=2)]
    waiting = [replace(people(-5)[0], target=2), *people(-1, service="b")]
    assert p50s(hall(desks, waiting)) == {"a0": 8, "b0": 0}


def test_whoever_missed_a_call_is_held_for_some_calls() -> None:
    held = Waiter("h", "a", 0, -30.0, held=2)
    present = hall([Desk(1, ALL)], [held, *people(-3, -2, -1)])
    assert p50s(present, ("a",)) == {"a0": 0, "a1": 10, "h": 20, "a2": 30, "a": 40}


def test_whoever_is_held_is_called_when_nobody_else_waits() -> None:
    held = Waiter("h", "a", 0, -30.0, held=5)
    assert p50s(hall([Desk(1, ALL)], [held, *people(-3)])) == {"a0": 0, "h": 10}


def test_an_early_appointment_is_called_only_if_nobody_else_waits() -> None:
    early = Waiter("e", "a", 1, 15.0)
    assert p50s(hall([Desk(1, ALL)], [early, *people(-1)])) == {"a0": 0, "e": 10}
    assert p50s(hall([Desk(1, ALL)], [early])) == {"e": 0}


def test_missed_calls_cost_little() -> None:
    times = replace(EXACT, missing=(1.0, 0.0), missed=2.0)
    assert p50s(hall([Desk(1, ALL)], people(-3, -2, -1), times)) == {"a0": 0, "a1": 2, "a2": 4}


def test_those_who_left_after_hours_cost_little() -> None:
    """Of whoever has waited six hours nearly three in four are gone."""
    times = replace(EXACT, missing=(0.0, 0.001), leaving=0.005)
    waits = p50s(hall([Desk(1, ALL)], people(*range(-380, -340)), times))
    last = waits["a39"]
    assert last is not None and 39 * 0.1 * 10 < last < 39 * 0.4 * 10


def test_visits_that_come_again_and_slow_clerks_take_longer() -> None:
    times = replace(EXACT, again=0.1)
    present = hall([Desk(1, ALL, speed=2.0)], people(-3, -2), times)
    assert p50s(present) == {"a0": 0, "a1": 22}


def test_an_idle_window_with_somebody_waiting_is_about_to_call() -> None:
    times = replace(EXACT, gaps=(1.0, 6.0))
    present = hall([Desk(1, ALL, elapsed=2.0)], people(-3), times)
    # A gap of one minute would be over.
    assert p50s(present) == {"a0": 4}


def test_whoever_comes_to_an_idle_window_waits_for_the_clerk_to_notice() -> None:
    times = replace(EXACT, gaps=(3.0,), reactions=(0.5,))
    assert p50s(hall([Desk(1, ALL)], [], times), ("a",)) == {"a": 0.5}


def test_the_same_arguments_give_the_same_answer() -> None:
    times = Times.nominal({"a": 10.0})
    present = hall([Desk(1, ALL), Desk(2, ALL)], people(*range(-30, 0)), times)
    asked = [Newcomer("a")]
    assert simulate(present, asked, seed=4) == simulate(present, asked, seed=4)
    assert simulate(present, asked, seed=4) != simulate(present, asked, seed=5)


def test_the_rest_of_a_visit() -> None:
    assert rest(10, 0.5, 0, 0.5) == pytest.approx(10)
    # What has lasted longer has less left than a new one, but some.
    assert 0 < rest(10, 0.5, 9, 0.5) < 10
    # Beyond all experience it is as long again.
    assert rest(10, 0.1, 60, 0.5) == pytest.approx(10 * log(2))


def test_a_spread_needs_half_of_the_runs() -> None:
    assert spread([5.0] * 16, 32) is None
    assert spread([3.0, 1.0, 2.0], 3) is not None
    found = spread([float(i) for i in range(1, 10)], 9)
    assert found is not None
    assert (found.p50, found.p90) == (5.0, 9.0)
    assert found.stretched(2.0).p90 == 13.0
