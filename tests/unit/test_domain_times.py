"""Opening hours, work profiles by time, and the hall's day, each at its edge."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall_server.domain.hours import Hours, OpeningSession
from hall_server.domain.instant import MINUTE, from_instant, moment, to_instant
from hall_server.domain.profile import Rule, WorkProfile

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
WEEK = frozenset({1, 2, 3, 4, 5})
HOURS = Hours(
    (
        OpeningSession(WEEK, time(8, 30), time(12)),
        OpeningSession(WEEK, time(14), time(17, 30)),
        OpeningSession(frozenset({6}), time(8, 30), time(12)),
    )
)


def naive(day: str) -> datetime:
    """Midnight of a day, without an offset."""
    return datetime.fromisoformat(day)


def at(text: str) -> datetime:
    """A local time in Shanghai; 2026-11-23 is a Monday."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("local", "opened"),
    [
        ("2026-11-23T08:29:59.999999", False),
        ("2026-11-23T08:30", True),
        ("2026-11-23T11:59:59.999999", True),
        ("2026-11-23T12:00", False),
        ("2026-11-23T13:59:59.999999", False),
        ("2026-11-23T14:00", True),
        ("2026-11-23T17:29:59.999999", True),
        ("2026-11-23T17:30", False),
        ("2026-11-23T00:00", False),
        ("2026-11-28T08:30", True),
        ("2026-11-28T14:00", False),
        ("2026-11-29T09:00", False),
    ],
)
def test_the_opening_minute_is_open_and_the_closing_minute_is_not(local: str, opened: bool) -> None:
    assert HOURS.open_at(at(local)) is opened


@pytest.mark.parametrize(
    ("local", "sent"),
    [
        ("2026-11-23T12:30", False),  # the midday break
        ("2026-11-23T17:29:59.999999", False),
        ("2026-11-23T17:30", True),
        ("2026-11-23T23:59:59.999999", True),
        ("2026-11-24T00:00", False),
        ("2026-11-29T18:00", False),  # nobody was let in
    ],
)
def test_a_hall_that_does_not_serve_all_sends_those_who_wait_home(local: str, sent: bool) -> None:
    strict = replace(HOURS, serve_all_taken=False)
    assert strict.sends_home_at(at(local)) is sent
    assert replace(strict, always=True).sends_home_at(at(local)) is False
    assert HOURS.sends_home_at(at(local)) is False


@pytest.mark.parametrize(
    ("local", "minutes", "over"),
    [
        ("2026-11-23T17:30", 0, True),
        ("2026-11-23T17:30", 30, False),
        ("2026-11-23T17:59:59.999999", 30, False),
        ("2026-11-23T18:00", 30, True),
        ("2026-11-24T00:00", 30, False),  # yesterday's close is not today's
        ("2026-11-24T00:29:59", 30, False),
        ("2026-11-23T23:59:59", 240, True),
        ("2026-11-29T00:00", 30, True),  # no sessions at all
    ],
)
def test_for_how_long_the_last_session_has_been_over(local: str, minutes: int, over: bool) -> None:
    assert HOURS.over_at(at(local), minutes) is over
    assert replace(HOURS, always=True).over_at(at(local), minutes) is False


@given(st.datetimes(naive("2020-01-01"), naive("2040-01-01"), timezones=st.just(SHANGHAI)))
def test_a_hall_without_sessions_is_closed_unless_it_is_always_open(local: datetime) -> None:
    assert Hours(()).open_at(local) is False
    assert Hours((), always=True).open_at(local) is True


@given(
    st.datetimes(naive("2026-11-22"), naive("2026-11-30"), timezones=st.just(SHANGHAI)),
    st.sampled_from([0, 1, 10, 211, 600]),
    st.booleans(),
)
def test_a_days_spans_are_the_times_at_which_it_is_open(
    local: datetime, stop: int, always: bool
) -> None:
    booked = OpeningSession(WEEK, time(12), time(13), appointment_only=True)
    late = OpeningSession(frozenset({6}), time(14), time(15), appointment_only=True)
    for sessions in (HOURS.sessions, (*HOURS.sessions, booked, late)):
        hours = Hours(sessions, always=always, stop_before_min=stop)
        spans = hours.spans(local.date(), SHANGHAI)
        assert any(start <= local < end for start, end in spans) is hours.open_at(local)


def test_a_rule_without_limits_always_holds() -> None:
    assert Rule(None).holds(at("2026-11-29T00:00"))


@pytest.mark.parametrize(
    ("local", "holds"),
    [
        ("2026-11-25T08:29:59.999999", False),
        ("2026-11-25T08:30", True),
        ("2026-11-25T11:59:59.999999", True),
        ("2026-11-25T12:00", False),
        ("2026-11-26T09:00", False),
        ("2026-11-28T09:00", True),
    ],
)
def test_a_rule_by_weekday_and_time(local: str, holds: bool) -> None:
    rule = Rule(frozenset({"a"}), time(8, 30), time(12), frozenset({3, 6}))
    assert rule.holds(at(local)) is holds


def test_a_rule_with_one_limit() -> None:
    evening = Rule(None, start=time(17))
    assert not evening.holds(at("2026-11-23T16:59"))
    assert evening.holds(at("2026-11-23T23:59:59.999999"))
    morning = Rule(None, end=time(9))
    assert morning.holds(at("2026-11-23T00:00"))
    assert not morning.holds(at("2026-11-23T09:00"))


def test_the_rules_in_force_are_those_that_hold() -> None:
    always = Rule(frozenset({"a"}))
    tuesday = Rule(frozenset({"b", "category:c"}), weekdays=frozenset({2}))
    evening = Rule(None, start=time(17), weekdays=frozenset({3}))
    profile = WorkProfile((always, tuesday, evening))
    assert profile.in_force(at("2026-11-23T09:00")) == (always,)
    assert profile.in_force(at("2026-11-24T09:00")) == (always, tuesday)
    assert profile.in_force(at("2026-11-25T16:59")) == (always,)
    assert profile.in_force(at("2026-11-25T17:00")) == (always, evening)
    assert WorkProfile(()).in_force(at("2026-11-23T09:00")) == ()


def test_midnight_in_shanghai_begins_the_day() -> None:
    last = moment(datetime(2026, 11, 23, 15, 59, 59, 999_000, tzinfo=UTC), SHANGHAI)
    assert (last.day, last.local.hour) == ("2026-11-23", 23)
    first = moment(datetime(2026, 11, 23, 16, tzinfo=UTC), SHANGHAI)
    assert (first.day, first.local.hour) == ("2026-11-24", 0)


def test_a_day_with_a_changed_clock_is_one_day() -> None:
    """Berlin repeats the hour before 03:00 on 2026-10-25, and leaves one out on 2026-03-29."""
    autumn = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    twice = [moment(autumn + timedelta(hours=h), BERLIN) for h in (0, 1)]
    assert [m.local.hour for m in twice] == [2, 2]
    assert {m.day for m in twice} == {"2026-10-25"}
    assert twice[1].at - twice[0].at == 60 * MINUTE
    spring = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    around = [moment(spring + timedelta(minutes=m), BERLIN).local.hour for m in (0, 1)]
    assert around == [1, 3]
    opened = OpeningSession(frozenset({7}), time(2), time(3))
    assert [opened.holds(m.local) for m in twice] == [True, True]


def test_a_clock_that_was_set_back_does_not_turn_time_around() -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=SHANGHAI)
    later = to_instant(noon)
    back = moment(noon - timedelta(days=1), SHANGHAI, not_before=later)
    assert (back.at, back.day) == (later, "2026-11-24")
    assert moment(noon + timedelta(seconds=1), SHANGHAI, not_before=later).at == later + 1_000


@given(
    st.datetimes(naive("1971-01-02"), naive("2999-01-01")),
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from([SHANGHAI, BERLIN, ZoneInfo("Asia/Urumqi")]),
)
def test_an_instant_is_the_same_moment_everywhere(
    clock: datetime, offset_min: int, zone: ZoneInfo
) -> None:
    written = clock.replace(tzinfo=timezone(timedelta(minutes=offset_min)))
    back = from_instant(to_instant(written), zone)
    assert abs(back - written) < timedelta(milliseconds=1)
    assert to_instant(back) == to_instant(written)


def test_a_time_without_an_offset_is_none() -> None:
    with pytest.raises(ValueError, match="offset"):
        to_instant(naive("2026-11-23"))
