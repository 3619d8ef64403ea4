"""The token bucket, with a clock of its own."""

import pytest

from hall_server.api.throttle import Rate, Throttle
from hall_server.domain.errors import TooMany


class _Time:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def refused_s(throttle: Throttle, address: str = "a") -> int | None:
    """Asks once; the seconds to wait, None when it was granted."""
    try:
        throttle.take(address)
    except TooMany as refusal:
        return refusal.retry_after_s
    return None


def test_a_burst_then_a_steady_rate() -> None:
    time = _Time()
    throttle = Throttle(Rate(burst=3, per_minute=6), time)
    assert [refused_s(throttle) for _ in range(4)] == [None, None, None, 10]
    time.now += 4
    assert refused_s(throttle) == 6
    time.now += 6
    assert [refused_s(throttle), refused_s(throttle)] == [None, 10]
    time.now += 3_600
    assert [refused_s(throttle) for _ in range(4)] == [None, None, None, 10]


def test_each_address_has_its_own() -> None:
    throttle = Throttle(Rate(burst=1, per_minute=1), _Time())
    assert refused_s(throttle, "a") is None
    assert refused_s(throttle, "a") == 60
    assert refused_s(throttle, "b") is None


def test_what_is_given_back_never_exceeds_the_burst() -> None:
    throttle = Throttle(Rate(burst=2, per_minute=1), _Time())
    for _ in range(5):
        throttle.give_back("a")
    assert [refused_s(throttle) for _ in range(3)] == [None, None, 60]
    throttle.give_back("a")
    assert refused_s(throttle) is None


def test_memory_is_bounded_and_forgets_the_oldest() -> None:
    throttle = Throttle(Rate(burst=1, per_minute=0.001), _Time())
    for number in range(5_000):
        throttle.take(str(number))
    assert len(throttle._left) == 1_024
    with pytest.raises(TooMany):
        throttle.take("4999")
    throttle.take("0")
