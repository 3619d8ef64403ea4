"""When to try again."""

from hypothesis import given
from hypothesis import strategies as st

from hallkit.link.backoff import Backoff


@given(st.floats(0.01, 5), st.floats(5, 100))
def test_waits_double_up_to_the_longest_with_jitter(first: float, most: float) -> None:
    backoff = Backoff(first, most)
    expected = first
    for _ in range(20):
        assert 0.74 * expected <= backoff.next_s() <= 1.26 * expected
        expected = min(expected * 2, most)


def test_after_a_success_it_begins_again() -> None:
    backoff = Backoff(1.0, 60.0)
    for _ in range(10):
        backoff.next_s()
    backoff.reset()
    assert backoff.next_s() <= 1.25


def test_two_devices_do_not_return_in_the_same_instant() -> None:
    assert len({Backoff().next_s() for _ in range(20)}) > 15
