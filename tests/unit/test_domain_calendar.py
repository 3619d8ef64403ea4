"""Rest days and make-up workdays, and the hall's sessions on them, each at its edge."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from hall_server.domain.calendar import Calendar, YearTable, by_year
from hall_server.domain.hours import Hours, OpeningSession, by_weekdays
from hall_server.hallfile.holidays import national_years

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
WEEK = frozenset({1, 2, 3, 4, 5})
COUNTRY = Calendar(national_years())
SESSIONS = (
    OpeningSession(WEEK, time(14), time(17, 30)),
    OpeningSession(WEEK, time(8, 30), time(12)),
)
OFFICE = Hours(SESSIONS, calendar=COUNTRY)
MARKET = OpeningSession(frozenset({6}), time(8, 30), time(12))
VILLAGE = Hours((*SESSIONS, MARKET), calendar=COUNTRY, national=False)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("when", "works"),
    [
        ("2026-02-13", True),
        ("2026-02-14", True),  # a make-up Saturday
        ("2026-02-15", False),
        ("2026-02-16", False),  # a Monday of the Spring Festival
        ("2026-02-28", True),
        ("2026-03-01", False),
        ("2026-09-30", True),
        ("2026-10-01", False),
        ("2026-10-08", True),
        ("2026-10-10", True),
        ("2027-01-01", True),  # no table: a Friday
        ("2027-01-02", False),
    ],
)
def test_workdays(when: str, works: bool) -> None:
    assert COUNTRY.is_workday(day(when)) is works


def test_a_year_is_known_or_it_is_estimated() -> None:
    assert COUNTRY.has_year(2004)
    assert COUNTRY.has_year(2026)
    assert not COUNTRY.has_year(2027)
    more = Calendar({**national_years(), **by_year([day("2027-01-01")], [day("2027-01-02")])})
    assert more.has_year(2027)
    assert not more.is_workday(day("2027-01-01"))
    assert more.is_workday(day("2027-01-02"))


def test_a_hall_may_differ() -> None:
    own = replace(
        COUNTRY,
        own_rest=frozenset({day("2026-02-14"), day("2026-03-03")}),
        own_work=frozenset({day("2026-10-01"), day("2026-03-07")}),
    )
    differs = ("2026-02-14", "2026-03-03", "2026-10-01", "2026-03-07")
    assert [own.is_workday(day(d)) for d in differs] == [False, False, True, True]


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-09-30", 0, "2026-09-30"),
        ("2026-11-27", 1, "2026-11-30"),
        ("2026-12-31", 1, "2027-01-01"),
    ],
)
def test_days_are_counted_in_workdays(start: str, count: int, end: str) -> None:
    assert COUNTRY.add_workdays(day(start), count) == day(end)


def test_days_are_not_counted_backwards_nor_for_ever() -> None:
    with pytest.raises(ValueError, match="forwards"):
        COUNTRY.add_workdays(day("2026-02-13"), -1)
    start = day("2026-01-01")
    never = Calendar({}, own_rest=frozenset(start + timedelta(days=n) for n in range(6_000)))
    with pytest.raises(ValueError, match="too many"):
        never.add_workdays(start, 1)


@pytest.mark.parametrize(
    ("local", "opened"),
    [
        ("2026-02-14T08:29:59.999", False),
        ("2026-02-14T08:30", True),
        ("2026-02-14T14:00", True),
        ("2026-02-14T17:30", False),
        ("2026-02-21T09:00", False),  # a Saturday of the Spring Festival
        ("2026-10-01T09:00", False),
        ("2026-09-30T23:59:59", False),
        ("2026-10-08T08:30", True),
    ],
)
def test_an_office_opens_with_the_country(local: str, opened: bool) -> None:
    assert OFFICE.open_at(at(local)) is opened


def test_a_village_keeps_its_own_week() -> None:
    assert not by_weekdays(VILLAGE.sessions)
    assert VILLAGE.open_at(at("2026-10-01T09:00"))
    assert VILLAGE.open_at(at("2026-02-14T09:00"))
    assert not VILLAGE.open_at(at("2026-02-14T14:00"))
    rests = replace(VILLAGE, calendar=Calendar(own_rest=frozenset({day("2026-10-01")})))
    assert not rests.open_at(at("2026-10-01T09:00"))


def test_a_make_up_day_has_the_sessions_and_rules_of_its_weekday() -> None:
    friday = OpeningSession(frozenset({5}), time(9), time(11))
    hours = Hours((*SESSIONS[:1], friday), calendar=COUNTRY, makeup_as=5)
    saturday = at("2026-02-14T09:30")
    assert hours.open_at(saturday)
    assert not replace(hours, makeup_as=1).open_at(saturday)
    moved = hours.as_weekday(saturday)
    assert (moved.isoweekday(), moved.time()) == (5, time(9, 30))
    assert hours.as_weekday(at("2026-02-13T09:30")) == at("2026-02-13T09:30")


def test_the_weekend_may_be_for_those_who_booked() -> None:
    booked = OpeningSession(frozenset({6, 7}), time(9), time(12), appointment_only=True)
    hours = Hours((*SESSIONS, booked), calendar=COUNTRY)
    assert by_weekdays(hours.sessions)
    assert not hours.open_at(at("2026-11-28T09:30"))
    assert hours.on(day("2026-11-28")) == (booked,)
    assert hours.why_closed(at("2026-11-28T09:30"))[0] == "此时段只接待预约群众"
    assert hours.on(day("2026-10-03")) == ()
    assert hours.why_closed(at("2026-10-03T09:30"))[0] == "今天放假"


def test_numbers_may_stop_before_the_close_of_the_day() -> None:
    hours = replace(OFFICE, stop_before_min=20)
    assert hours.open_at(at("2026-11-27T11:59:59"))
    assert hours.open_at(at("2026-11-27T17:09:59"))
    assert not hours.open_at(at("2026-11-27T17:10"))
    assert hours.why_closed(at("2026-11-27T17:10"))[0] == "下班前20分钟停止取号"
    assert hours.why_closed(at("2026-11-27T12:30")) == ("", "")
    assert not replace(OFFICE, stop_before_min=1_440).open_at(at("2026-11-27T09:00"))


def test_a_session_closes_at_its_own_end() -> None:
    assert OFFICE.closes_at(at("2026-11-27T08:29:59.999")) is None
    assert OFFICE.closes_at(at("2026-11-27T08:30")) == at("2026-11-27T12:00")
    assert OFFICE.closes_at(at("2026-11-27T11:59:59.999")) == at("2026-11-27T12:00")
    assert OFFICE.closes_at(at("2026-11-27T12:00")) is None
    assert OFFICE.closes_at(at("2026-11-27T17:29")) == at("2026-11-27T17:30")
    assert OFFICE.closes_at(at("2026-11-28T10:00")) is None
    assert replace(OFFICE, always=True).closes_at(at("2026-11-27T10:00")) is None


def test_a_session_closes_when_its_numbers_stop() -> None:
    early = replace(OFFICE, stop_before_min=30)
    assert early.closes_at(at("2026-11-27T11:50")) == at("2026-11-27T12:00")
    assert early.closes_at(at("2026-11-27T16:59:59.999")) == at("2026-11-27T17:00")
    assert early.closes_at(at("2026-11-27T17:00")) is None
    assert replace(OFFICE, stop_before_min=240).closes_at(at("2026-11-27T14:00")) is None
    by_booking = tuple(replace(s, appointment_only=True) for s in OFFICE.sessions)
    booked = replace(early, sessions=by_booking)
    assert booked.closes_at(at("2026-11-27T17:10")) == at("2026-11-27T17:30")


def test_the_day_is_over_after_its_last_session() -> None:
    assert not OFFICE.over_at(at("2026-11-27T00:00"))
    assert not OFFICE.over_at(at("2026-11-27T12:30"))
    assert not OFFICE.over_at(at("2026-11-27T17:29:59.999"))
    assert OFFICE.over_at(at("2026-11-27T17:30"))
    assert OFFICE.over_at(at("2026-11-28T00:00"))
    assert not replace(OFFICE, always=True).over_at(at("2026-11-27T23:59"))


def test_nobody_is_sent_home_from_a_day_that_never_began() -> None:
    sends = replace(OFFICE, serve_all_taken=False)
    assert not sends.sends_home_at(at("2026-10-01T18:00"))
    assert sends.sends_home_at(at("2026-02-14T17:30"))


def test_hours_that_the_clocks_skip_and_repeat() -> None:
    night = Hours((OpeningSession(frozenset({7}), time(2), time(2, 30)),))
    spring = at("2026-03-29T01:59:59", BERLIN)
    after = (spring.astimezone(ZoneInfo("UTC")) + timedelta(seconds=1)).astimezone(BERLIN)
    assert (night.open_at(spring), after.hour, night.open_at(after)) == (False, 3, False)
    assert night.over_at(after)
    first = at("2026-10-25T02:15", BERLIN)
    for fold in (0, 1):
        assert night.open_at(first.replace(fold=fold))
        assert night.over_at(first.replace(minute=30, fold=fold))


def test_a_table_holds_its_own_year_only() -> None:
    tables = by_year([day("2027-12-31"), day("2028-01-01")], [])
    assert tables[2027] == YearTable(frozenset({day("2027-12-31")}), frozenset())
    assert set(tables) == {2027, 2028}


def test_a_day_closes_with_its_last_session_or_at_midnight() -> None:
    assert OFFICE.day_closes(at("2026-11-27T06:00")) == at("2026-11-27T17:30")
    assert OFFICE.day_closes(at("2026-11-27T12:30")) == at("2026-11-27T17:30")
    assert OFFICE.day_closes(at("2026-11-27T17:30")) == at("2026-11-28T00:00")
    assert OFFICE.day_closes(at("2026-11-28T10:00")) == at("2026-11-29T00:00")
    assert replace(OFFICE, always=True).day_closes(at("2026-11-27T10:00")) == at("2026-11-28T00:00")
