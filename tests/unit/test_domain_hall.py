"""The hall as the rules see it: finding services, windows and classes; what a profile names."""

from dataclasses import replace
from datetime import datetime

import pytest

from hall_server.domain.errors import Conflict, NotFound
from hall_server.domain.hall import Hall
from hall_server.hallfile.build import build_hall
from tests.fakes.running_hall import sample_hall


@pytest.fixture(scope="module")
def hall() -> Hall:
    return build_hall(sample_hall("baishui-town"))


def test_services_are_found_by_id(hall: Hall) -> None:
    found = hall.service("pension-join")
    assert (found.series, found.category, found.minutes) == ("E", "social", 10)
    with pytest.raises(NotFound) as refused:
        hall.service("养老")
    assert refused.value.code == "unknown_service"
    assert "养老" in refused.value.zh


def test_windows_are_found_by_number(hall: Hall) -> None:
    assert hall.window(5).name == "社会保障窗口"
    for number in (0, 7, -1):
        with pytest.raises(NotFound):
            hall.window(number)


def test_a_class_that_the_hall_no_longer_has_counts_as_ordinary(hall: Hall) -> None:
    assert hall.priority("green").head == 10
    assert hall.priority("gone").id == "ordinary"
    assert hall.has_priority("green")
    assert not hall.has_priority("gone")


def test_profiles_name_services_and_categories(hall: Hall) -> None:
    social = {s.id for s in hall.services.values() if s.category == "social"}
    assert hall.resolve(None) is None
    assert hall.resolve(frozenset({"category:social"})) == social
    assert hall.resolve(frozenset({"category:social", "hukou"})) == social | {"hukou"}
    assert hall.resolve(frozenset({"gone", "category:gone"})) == set()
    assert hall.resolve(frozenset()) == set()
    everything = frozenset(f"category:{c.id}" for c in hall.categories)
    assert hall.resolve(everything) is None
    consult = {s.id for s in hall.services.values() if s.kind == "consult"}
    assert consult
    assert hall.resolve(frozenset({"kind:consult"})) == consult


def test_what_a_window_takes_is_worked_out_once_for_the_rules_in_force(hall: Hall) -> None:
    six = hall.window(6).profile
    monday = datetime.fromisoformat("2026-11-23T09:00:00+08:00")
    market = datetime.fromisoformat("2026-11-25T09:00:00+08:00")
    assert hall.taken(six, monday) is hall.taken(six, monday.replace(hour=16))
    assert not hall.taken(six, monday).takes("pension-join", "ordinary")
    assert hall.taken(six, market).takes("pension-join", "ordinary")


def test_a_service_that_is_not_taken_says_so(hall: Hall) -> None:
    hall.service("hukou").need_enabled()

    def close(tables: dict[str, object]) -> None:
        tables["categories"][0]["services"][0]["enabled"] = False  # type: ignore[index]

    closed = build_hall(sample_hall("baishui-town", close)).service("hukou")
    with pytest.raises(Conflict) as refused:
        closed.need_enabled()
    assert refused.value.code == "service_closed"
    assert "户口登记" in refused.value.zh
    with pytest.raises(Conflict) as refused:
        replace(closed, name_en="").need_enabled()
    assert refused.value.en == "this service is not taken now"


def test_a_demonstration_does_not_claim_the_hall_s_hours() -> None:
    shown = build_hall(sample_hall("baishui-town"), always_open=True)
    assert shown.hours_text == "演示期间全天开放"
    assert shown.hours_text_en == "open all day for this demonstration"
