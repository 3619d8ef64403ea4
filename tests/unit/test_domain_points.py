"""The points rule: who is called next."""

from hypothesis import given
from hypothesis import strategies as st

from hall_server.domain.instant import MINUTE
from hall_server.domain.points import PriorityClass, points

ORDINARY = PriorityClass("ordinary", "普通", "", 0, 1, "", on_kiosk=False)
GREEN = PriorityClass("green", "绿色通道", "", 10, 3, "", on_kiosk=True)
BOOKED = PriorityClass("appointment", "预约", "", 10, 2, "", on_kiosk=False)
BASE = 1_795_400_000_000
times = st.integers(BASE - 600 * MINUTE, BASE + 600 * MINUTE)
classes = st.sampled_from([ORDINARY, GREEN, BOOKED])


def test_a_minute_is_a_point_and_the_green_channel_starts_with_ten_and_earns_three() -> None:
    assert points(BASE, ORDINARY, BASE) == 0
    assert points(BASE, ORDINARY, BASE + 90_000) == 1.5
    assert points(BASE, GREEN, BASE) == 10
    assert points(BASE, GREEN, BASE + 4 * MINUTE) == 22


def test_before_its_time_an_appointment_has_only_negative_minutes() -> None:
    assert points(BASE, BOOKED, BASE - 15 * MINUTE) == -15
    assert points(BASE, BOOKED, BASE - 1) < 0
    assert points(BASE, BOOKED, BASE) == 10
    assert points(BASE, BOOKED, BASE + MINUTE) == 12


def test_when_an_ordinary_visitor_overtakes_a_green_one() -> None:
    """Twenty minutes earlier is worth ten points and two a minute less: five minutes."""
    green = BASE + 20 * MINUTE
    for minutes, first in ((24, True), (25, False), (26, False)):
        now = BASE + minutes * MINUTE
        assert (points(BASE, ORDINARY, now) > points(green, GREEN, now)) is first


@given(classes, times, times)
def test_points_never_fall_while_somebody_waits(kind: PriorityClass, one: int, other: int) -> None:
    early, late = sorted((one, other))
    assert points(BASE, kind, early) <= points(BASE, kind, late)


@given(classes, times, times, times)
def test_of_one_class_the_earlier_is_never_behind(
    kind: PriorityClass, one: int, other: int, now: int
) -> None:
    early, late = sorted((one, other))
    assert points(early, kind, now) >= points(late, kind, now)


@given(times)
def test_nobody_waits_for_ever(arrived: int) -> None:
    """Whoever waited an hour is before every green visitor who has just come."""
    now = arrived + 60 * MINUTE
    assert points(arrived, ORDINARY, now) > points(now, GREEN, now)
