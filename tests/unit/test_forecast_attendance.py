"""Whether a closed window is expected back: from what it did on other days."""

from math import inf
from zoneinfo import ZoneInfo

import pytest

from hall_server.domain.forecast.attendance import Attendance
from hall_server.domain.forecast.learn import Visit, learn
from hall_server.domain.forecast.model import EVERYTHING, Desk
from hall_server.domain.forecast.present import Seen, present_of
from hall_server.domain.instant import MINUTE, Instant, Moment, from_instant
from hall_server.domain.window import Window
from hall_server.hallfile.build import build_hall
from tests.fakes.running_hall import sample_hall

# It opens at half past eight, and has a break at noon.
HALL = build_hall(sample_hall("baotou-township"))
SERVICE = next(iter(HALL.services))
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE
SHIFT = 8 * HOUR
# Monday, 2026-11-23 at midnight in Shanghai.
MIDNIGHT: Instant = 1_795_397_400_000 - 9 * HOUR - 30 * MINUTE
MORNING, BREAK = MIDNIGHT + 8 * HOUR, MIDNIGHT + 13 * HOUR


def visit(window: int, days_ago: int, hour: int) -> Visit:
    called = MIDNIGHT - days_ago * DAY + hour * HOUR
    times = (called - 9 * MINUTE, called, called, called + 9 * MINUTE)
    return Visit(SERVICE, "ordinary", window, f"c{window}", *times, done=True, missed=False)


# Ten days: window 1 works all day, 2 in the mornings, 3 all day on every other day; 4 never.
PAST = (
    [visit(1, day, hour) for day in range(1, 11) for hour in (9, 16)]
    + [visit(2, day, 9) for day in range(1, 11)]
    + [visit(3, day, hour) for day in range(1, 11, 2) for hour in (9, 16)]
)
ATTENDANCE = Attendance(PAST, SHIFT)


@pytest.mark.parametrize(
    ("window", "now", "worked", "least", "most"),
    [
        (1, MORNING, False, 0.9, 1.0),
        (2, MORNING, False, 0.9, 1.0),
        (3, MORNING, False, 0.45, 0.65),
        (4, MORNING, False, 0.0, 0.0),
        # Whoever worked before the break comes back, if that is the custom of the window.
        (1, BREAK, True, 0.9, 1.0),
        (2, BREAK, True, 0.05, 0.15),
        (3, BREAK, True, 0.8, 1.0),
        # Whoever has not come by noon stays away.
        (3, BREAK, False, 0.0, 0.1),
        (1, BREAK, False, 0.0, 0.2),
    ],
)
def test_a_window_does_as_on_days_like_this_one(
    window: int, now: Instant, worked: bool, least: float, most: float
) -> None:
    assert least <= ATTENDANCE.chance(window, now, worked=worked) <= most


def test_windows_work_through_the_break_if_that_is_their_custom() -> None:
    noon, end = MIDNIGHT + 12 * HOUR, MIDNIGHT + 14 * HOUR
    past = [visit(1, day, hour) for day in range(1, 11) for hour in (9, 12, 13, 16)]
    past += [visit(2, day, hour) for day in range(1, 11) for hour in (9, 12, 16)]
    attendance = Attendance(past, SHIFT)
    # Window 2 finishes what is begun when the break begins, no more.
    assert attendance.stays(1, MORNING, noon, end) > 0.85
    assert attendance.stays(2, MORNING, noon, end) < 0.15
    assert attendance.stays(1, BREAK, noon, end) > 0.85
    # One that nobody knows may or may not.
    assert attendance.stays(3, MORNING, noon, end) == 0.5


def test_nothing_is_known_without_a_past() -> None:
    assert Attendance().chance(1, MORNING, worked=False) == 0
    # What was done today does not say what is done on other days.
    today = Attendance([visit(1, 0, 7)], SHIFT)
    assert today.chance(1, MORNING, worked=True) == 0.5


def desks(now: Instant, ended: dict[int, Instant]) -> list[Desk]:
    windows = [Window(n, "closed", None, None, MIDNIGHT) for n in range(1, 5)]
    schedules = dict.fromkeys(range(1, 5), ((0.0, EVERYTHING),))
    moment = Moment(now, from_instant(now, SHANGHAI))
    learnt = learn(PAST, {SERVICE: 10.0})
    seen = Seen(windows, {}, [], ended)
    return list(present_of(HALL, moment, seen, schedules, learnt, (), ATTENDANCE).desks)


def test_windows_are_expected_at_the_opening() -> None:
    one, _, three, four = desks(MORNING, {})
    assert 30 <= one.opens <= 40 and one.chance > 0.9
    assert three.opens == one.opens and three.chance < 0.65
    assert four.opens == inf


def test_windows_are_expected_after_the_break_if_they_worked_before_it() -> None:
    worked = BREAK - 70 * MINUTE
    one, two, three, _ = desks(BREAK, {1: worked, 2: worked, 3: worked - DAY})
    assert one.opens < inf and one.chance > 0.9
    assert two.chance < 0.2
    assert three.chance < 0.2


def open_desk(now: Instant) -> Desk:
    windows = [Window(1, "open", "c1", None, MIDNIGHT)]
    moment = Moment(now, from_instant(now, SHANGHAI))
    seen = Seen(windows, {}, [])
    schedules = {1: ((0.0, EVERYTHING),)}
    learnt = learn(PAST, {SERVICE: 10.0})
    (desk,) = present_of(HALL, moment, seen, schedules, learnt, (), ATTENDANCE).desks
    return desk


def test_an_open_window_has_the_break_of_the_hall_file() -> None:
    # From noon to half past two; window 1 never called anybody then.
    before, within = open_desk(MIDNIGHT + 10 * HOUR), open_desk(MIDNIGHT + 13 * HOUR)
    assert [before.away, within.away] == [(120, 270), (-60, 90)]
    assert max(before.stays, within.stays) < 0.1
    assert open_desk(MIDNIGHT + 15 * HOUR).away is None


def test_nobody_is_expected_in_the_middle_of_the_morning() -> None:
    assert all(desk.opens == inf for desk in desks(MIDNIGHT + 10 * HOUR, {}))
