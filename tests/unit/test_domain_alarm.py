"""When a manager is warned: more than the limit, and never at it."""

from typing import Any

from hall_server.domain.alarm import AlarmLimits, waits_since
from hall_server.domain.instant import MINUTE
from hall_server.domain.ticket import Ticket
from tests.fakes.store_rows import AT, ticket_row

LIMITS = AlarmLimits(waiting=2, longest_min=15)
QUARTER = AT + 15 * MINUTE


def people(count: int, **more: Any) -> list[Ticket]:
    return [ticket_row(n, **more) for n in range(count)]


def test_as_many_as_the_limit_are_no_alarm_and_one_more_is() -> None:
    assert LIMITS.raised(people(2), AT) == []
    (alarm,) = LIMITS.raised(people(3), AT)
    assert (alarm.service_id, alarm.waiting, alarm.longest_min) == ("hukou", 3, 0)
    assert (alarm.zh, alarm.en) == ("等候 3 人，超过 2 人", "3 people wait, more than 2")


def test_a_wait_of_exactly_the_limit_is_no_alarm_and_a_moment_more_is() -> None:
    assert LIMITS.raised(people(1), QUARTER) == []
    (alarm,) = LIMITS.raised(people(1), QUARTER + 1)
    assert (alarm.waiting, alarm.longest_min) == (1, 15)
    assert alarm.zh == "最长已等 15 分钟，超过 15 分钟"
    (alarm,) = LIMITS.raised(people(1), QUARTER + MINUTE)
    assert alarm.longest_min == 16


def test_both_limits_are_told_at_once() -> None:
    (alarm,) = LIMITS.raised(people(3), QUARTER + MINUTE)
    assert alarm.zh == "等候 3 人，超过 2 人；最长已等 16 分钟，超过 15 分钟"
    assert alarm.en == "3 people wait, more than 2; the longest wait is 16 min, more than 15"


def test_nobody_or_no_limit_is_no_alarm() -> None:
    assert LIMITS.raised([], QUARTER) == []
    never = AlarmLimits(0, 0)
    assert never.raised(people(1_000), AT + 10**9) == []
    only_people, only_time = AlarmLimits(2, 0), AlarmLimits(0, 15)
    assert [a.zh for a in only_people.raised(people(3), QUARTER * 2)] == ["等候 3 人，超过 2 人"]
    assert only_time.raised(people(3), QUARTER) == []


def test_each_service_has_its_own_and_the_longest_wait_is_first() -> None:
    found = LIMITS.raised(
        [
            *people(3, service_id="b"),
            *people(2, service_id="quiet"),
            *people(3, service_id="a"),
            *people(1, service_id="late", issued=AT - 20 * MINUTE),
        ],
        AT,
    )
    assert [(a.service_id, a.longest_min) for a in found] == [("late", 20), ("a", 0), ("b", 0)]


def test_nobody_who_booked_waits_before_the_booked_time() -> None:
    booked = ticket_row(1, appointment="x", base=QUARTER)
    assert waits_since(booked) == QUARTER
    assert LIMITS.raised([booked], QUARTER + 15 * MINUTE) == []
    assert len(LIMITS.raised([booked], QUARTER + 15 * MINUTE + 1)) == 1
    # Before it nobody waits: not a minute, and not less than none.
    (alarm,) = AlarmLimits(waiting=1).raised([booked, ticket_row(2, issued=AT + 1)], AT)
    assert alarm.longest_min == 0
    # Late, or in another class: from when the number was taken.
    assert waits_since(ticket_row(1, appointment="x", base=AT - MINUTE)) == AT
    # Whoever missed a call waits from the beginning, whatever became of the place.
    assert waits_since(ticket_row(1, base=QUARTER)) == AT
