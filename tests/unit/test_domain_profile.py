"""What a window takes: of whom, and while which other window is not open."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from hall_server.domain.hall import Hall
from hall_server.domain.profile import EVERYTHING, NOTHING, Part, Rule, Taken, WorkProfile
from hall_server.hallfile.build import build_hall
from tests.fakes.running_hall import sample_hall

MORNING = datetime.fromisoformat("2026-11-23T09:00:00+08:00")
SERVICES = ("a", "b", "c")
CLASSES = ("ordinary", "green", "talent")
parts = st.builds(
    Part,
    st.none() | st.frozensets(st.sampled_from(SERVICES)),
    st.none() | st.frozensets(st.sampled_from(CLASSES), min_size=1),
)
several = st.lists(parts, max_size=6)


def _hall() -> Hall:
    return build_hall(sample_hall("baishui-town"))


@given(several)
def test_the_shortest_form_takes_the_same(given_parts: list[Part]) -> None:
    taken = Taken.of(given_parts)
    for service in SERVICES:
        for class_ in CLASSES:
            told = any(part.takes(service, class_) for part in given_parts)
            assert taken.takes(service, class_) is told
    assert len({part.classes for part in taken.parts}) == len(taken.parts)


@given(several, st.randoms())
def test_the_order_of_the_rules_does_not_matter(given_parts: list[Part], random: object) -> None:
    shuffled = list(given_parts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert Taken.of(shuffled) == Taken.of(given_parts)


@given(several, several)
def test_two_windows_take_together_what_either_takes(one: list[Part], other: list[Part]) -> None:
    both = Taken.together([Taken.of(one), Taken.of(other)])
    for service in SERVICES:
        for class_ in CLASSES:
            either = Taken.of(one).takes(service, class_) or Taken.of(other).takes(service, class_)
            assert both.takes(service, class_) is either


def test_everything_swallows_every_other_part() -> None:
    only_green = Part(None, frozenset({"green"}))
    some = Part(frozenset({"a"}), None)
    assert Taken.of([some, only_green, Part(None, None)]) == EVERYTHING
    assert Taken.of([Part(frozenset(), None)]) == NOTHING
    assert Taken.of([some, only_green]).services is None
    assert Taken.of([some]).services == {"a"}
    assert NOTHING.services == set()


def test_an_elder_window_takes_everything_of_the_green_channel_and_little_of_others() -> None:
    profile = WorkProfile(
        (Rule(None, classes=frozenset({"green"})), Rule(frozenset({"category:social"})))
    )
    taken = _hall().taken(profile, MORNING)
    assert taken.takes("hukou", "green")
    assert not taken.takes("hukou", "ordinary")
    assert taken.takes("pension-join", "ordinary")


def test_a_deputy_takes_over_while_the_other_window_is_not_open() -> None:
    profile = WorkProfile((Rule(frozenset({"hukou"})), Rule(frozenset({"dibao"}), while_closed=3)))
    assert profile.stands_in_for == {3}
    hall = _hall()
    assert not hall.taken(profile, MORNING, {2, 3}).takes("dibao", "ordinary")
    for opened in ((), {2}):
        taken = hall.taken(profile, MORNING, opened)
        assert taken.takes("dibao", "ordinary")
        assert taken.takes("hukou", "ordinary")


def test_a_deputy_s_rule_keeps_its_hours() -> None:
    rule = Rule(None, weekdays=frozenset({2}), while_closed=3)
    assert not rule.holds(MORNING)
    assert rule.holds(MORNING.replace(day=24))
    assert not rule.holds(MORNING.replace(day=24), {3})
