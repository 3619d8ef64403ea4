"""The estimate of a wait: plausible, and never better for more people or fewer windows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall_server.domain.forecast import Wait, Work, estimate

minutes = st.floats(1, 240)
people = st.lists(minutes, max_size=60)
windows = st.integers(1, 30)


def wait(ahead: list[float], busy: list[float], opened: int) -> Wait:
    """The estimate, where there is one."""
    found = estimate(Work.of(ahead), Work.of(busy), opened)
    assert found is not None
    return found


def test_no_window_no_promise() -> None:
    assert estimate(Work.of([10]), Work(), 0) is None
    assert estimate(Work(), Work(), -1) is None


def test_a_free_window_calls_at_once() -> None:
    assert wait([], [], 1) == Wait(0, 5)
    assert wait([30], [30], 3) == Wait(0, 5)


def test_the_work_ahead_is_shared_by_the_windows() -> None:
    assert wait([10] * 6, [], 1).p50 == 60
    assert wait([10] * 6, [], 2).p50 == 30
    assert wait([], [30], 1).p50 == 15
    assert wait([10] * 6, [10, 10], 2).p50 == 35


@given(people, st.lists(minutes, max_size=30), windows)
def test_an_estimate_is_in_steps_of_five_and_spans_a_range(
    ahead: list[float], busy: list[float], opened: int
) -> None:
    found = wait(ahead, busy[:opened], opened)
    assert found.p50 % 5 == found.p90 % 5 == 0
    assert 0 <= found.p50 < found.p90


@given(people, st.lists(minutes, max_size=30), windows, minutes)
def test_one_more_ahead_never_shortens_a_wait(
    ahead: list[float], busy: list[float], opened: int, more: float
) -> None:
    before = wait(ahead, busy[:opened], opened)
    after = wait([*ahead, more], busy[:opened], opened)
    assert after.p50 >= before.p50
    assert after.p90 >= before.p90


@given(people, st.lists(minutes, max_size=30), windows)
def test_one_more_window_never_lengthens_a_wait(
    ahead: list[float], busy: list[float], opened: int
) -> None:
    before = wait(ahead, busy[:opened], opened)
    after = wait(ahead, busy[:opened], opened + 1)
    assert after.p50 <= before.p50
    assert after.p90 <= before.p90


@given(people, minutes, st.integers(1, 9))
def test_people_alike_may_be_counted_together(ahead: list[float], each: float, alike: int) -> None:
    together = Work.of(ahead).plus(each, alike)
    apart = Work.of([*ahead, *[each] * alike])
    assert together.people == apart.people
    assert together.minutes == pytest.approx(apart.minutes)
    assert together.squares == pytest.approx(apart.squares)
