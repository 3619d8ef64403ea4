"""Appointments by their rules alone: slots, days, coming, giving back, each at its edge."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from functools import partial
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from hall_server.domain.appointment import Appointment, AppointmentRules, AppointmentState
from hall_server.domain.errors import Conflict, Invalid, Refused
from hall_server.domain.hours import Hours, OpeningSession
from hall_server.domain.instant import Instant, Moment, to_instant

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
WEEK = frozenset({1, 2, 3, 4, 5})
HOURS = Hours(
    (
        OpeningSession(WEEK, time(14), time(17, 30)),
        OpeningSession(WEEK, time(8, 30), time(12)),
    )
)
RULES = AppointmentRules(enabled=True)
# A Monday.
MONDAY = date(2026, 11, 23)


def instant(text: str, zone: ZoneInfo = SHANGHAI) -> Instant:
    return to_instant(datetime.fromisoformat(text).replace(tzinfo=zone))


def moment(text: str, zone: ZoneInfo = SHANGHAI) -> Moment:
    local = datetime.fromisoformat(text).replace(tzinfo=zone)
    return Moment(to_instant(local), local)


def booked(starts: str = "2026-11-23T09:00", state: AppointmentState = "booked") -> Appointment:
    at = instant(starts)
    day = starts.partition("T")[0]
    return Appointment(
        "id", "12345678", day, "hukou", at, at + 1_800_000, state, "phone", "hash", at - 1
    )


def refused(error: type[Refused], code: str, case: Callable[[], object]) -> Refused:
    with pytest.raises(error) as caught:
        case()
    assert caught.value.code == code
    return caught.value


def clocks(rules: AppointmentRules, hours: Hours = HOURS, day: date = MONDAY) -> list[str]:
    """When the slots of the day begin and the last one ends."""
    slots = rules.slots(day, hours, moment("2026-11-20T09:00"))
    assert all(one.ends <= other.starts for one, other in pairwise(slots))
    times = [s.starts for s in slots] + [s.ends for s in slots[-1:]]
    return [f"{datetime.fromtimestamp(t / 1000, SHANGHAI):%H:%M}" for t in times]


def test_slots_are_the_sessions_cut_and_none_reaches_over_an_end() -> None:
    hour = replace(RULES, slot_min=60)
    assert clocks(hour) == ["08:30", "09:30", "10:30", "14:00", "15:00", "16:00", "17:00"]
    exact = replace(RULES, slot_min=210)
    assert clocks(exact) == ["08:30", "14:00", "17:30"]
    assert clocks(replace(RULES, slot_min=211)) == []
    assert clocks(RULES, day=date(2026, 11, 28)) == []


def test_a_slot_ends_before_midnight() -> None:
    night = Hours((OpeningSession(WEEK, time(22), time(23, 59)),))
    assert clocks(replace(RULES, slot_min=60), night) == ["22:00", "23:00"]


def test_the_hour_that_summer_time_skips_has_no_slots() -> None:
    night = Hours((OpeningSession(frozenset({7}), time(1, 30), time(3, 30)),), national=False)
    slots = RULES.slots(date(2026, 3, 29), night, moment("2026-03-28T09:00", BERLIN))
    assert [s.starts for s in slots] == [
        instant("2026-03-29T01:30", BERLIN),
        instant("2026-03-29T03:00", BERLIN),
    ]


def test_a_slot_is_found_by_the_minute_it_begins() -> None:
    now = moment("2026-11-20T09:00")
    found = RULES.slot_at(instant("2026-11-23T11:30"), HOURS, now)
    assert (found.starts, found.ends) == (instant("2026-11-23T11:30"), instant("2026-11-23T12:00"))
    for text in ("11:31", "12:00", "13:30", "17:30", "00:00"):
        starts = instant(f"2026-11-23T{text}")
        refused(Invalid, "no_such_slot", partial(RULES.slot_at, starts, HOURS, now))


def test_the_days_that_can_be_booked_change_at_midnight() -> None:
    monday, tuesday = moment("2026-11-23T23:59:59.999"), moment("2026-11-24T00:00")
    assert RULES.days(HOURS, monday) == (date(2026, 11, 24), date(2026, 11, 30))
    assert RULES.days(HOURS, tuesday) == (date(2026, 11, 25), date(2026, 12, 1))
    RULES.check_day(date(2026, 11, 24), HOURS, monday)
    RULES.check_day(date(2026, 11, 30), HOURS, monday)

    near, far = date(2026, 11, 24), date(2026, 12, 1)
    refused(Conflict, "booking_too_late", lambda: RULES.check_day(near, HOURS, tuesday))
    refused(Conflict, "booking_too_far", lambda: RULES.check_day(far, HOURS, monday))
    RULES.check_day(date(2026, 12, 1), HOURS, tuesday)


def test_on_the_day_itself_a_slot_that_begins_now_has_begun() -> None:
    today, starts = replace(RULES, days_ahead_min=0), instant("2026-11-23T09:00")
    assert today.slot_at(starts, HOURS, moment("2026-11-23T08:59:59.999")).starts == starts
    now = moment("2026-11-23T09:00")
    refused(Conflict, "booking_too_late", lambda: today.slot_at(starts, HOURS, now))


def test_which_services_can_be_booked() -> None:
    assert RULES.takes("hukou")
    assert not AppointmentRules().takes("hukou")
    some = replace(RULES, services=frozenset({"dibao"}))
    assert (some.takes("dibao"), some.takes("hukou")) == (True, False)


@pytest.mark.parametrize(
    ("clock", "code"),
    [
        ("08:44:59.999", "appointment_too_early"),
        ("08:45:00", ""),
        ("09:00:00", ""),
        ("09:30:00", ""),  # late by exactly late_min
        ("09:30:00.001", "appointment_missed"),
    ],
)
def test_from_when_and_until_when_a_booking_is_used(clock: str, code: str) -> None:
    now = moment(f"2026-11-23T{clock}")
    assert RULES.missed_at(booked(), now.at) is (code == "appointment_missed")
    if code:
        refused(Conflict, code, lambda: RULES.check_arrival(booked(), now))
    else:
        RULES.check_arrival(booked(), now)


def test_without_grace_the_booked_minute_itself_is_in_time() -> None:
    strict = replace(RULES, early_min=0, late_min=0)
    strict.check_arrival(booked(), moment("2026-11-23T09:00"))
    for clock, code in (
        ("08:59:59.999", "appointment_too_early"),
        ("09:00:00.001", "appointment_missed"),
    ):
        now = moment(f"2026-11-23T{clock}")
        refused(Conflict, code, partial(strict.check_arrival, booked(), now))


def test_nobody_comes_before_midnight_for_a_booking_of_the_next_day() -> None:
    """The number would be one of the day before, and void at midnight."""
    first = booked("2026-11-24T00:10")
    evening = moment("2026-11-23T23:59:59.999")
    error = refused(Conflict, "appointment_too_early", lambda: RULES.check_arrival(first, evening))
    assert "2026-11-24 00:10" in error.zh and "2026-11-24 00:00" in error.zh
    RULES.check_arrival(first, moment("2026-11-24T00:00"))


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("arrived", "appointment_used"),
        ("cancelled", "appointment_cancelled"),
        ("no_show", "appointment_missed"),
    ],
)
def test_what_is_over_is_used_and_given_back_no_more(state: AppointmentState, code: str) -> None:
    over, now = booked(state=state), moment("2026-11-23T09:00")
    assert not RULES.missed_at(over, now.at + 10**9)
    for case in (
        lambda: RULES.check_arrival(over, now),
        lambda: RULES.check_cancel(over, now),
        over.cancel,
        over.arrive,
    ):
        refused(Conflict, code, case)


def test_giving_back_forgets_who_it_was_and_coming_does_not() -> None:
    assert (booked().cancel().state, booked().cancel().person) == ("cancelled", None)
    assert (booked().arrive().state, booked().arrive().person) == ("arrived", "hash")


def test_giving_back_ends_its_hours_before_also_over_midnight() -> None:
    RULES.check_cancel(booked(), moment("2026-11-23T07:00"))
    late = moment("2026-11-23T07:00:00.001")
    error = refused(Conflict, "cancel_too_late", lambda: RULES.check_cancel(booked(), late))
    assert "07:00" in error.zh
    early = booked("2026-11-24T01:00")
    RULES.check_cancel(early, moment("2026-11-23T23:00"))
    late = moment("2026-11-23T23:00:00.001")
    refused(Conflict, "cancel_too_late", lambda: RULES.check_cancel(early, late))
    RULES.check_cancel(early, moment("2026-11-23T23:00"))
