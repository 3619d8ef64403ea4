"""What another points rule would cost: the same days by two rules."""

import random
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hall_server.domain.hall import Hall
from hall_server.domain.instant import to_instant
from hall_server.domain.points import PriorityClass
from hall_server.domain.profile import EVERYTHING, Part, Rule, Taken, WorkProfile
from hall_server.domain.whatif import Day, Desk, Effect, Replay, Visit, Waits, compare
from hall_server.domain.whatif_days import Served, made_up, recorded_days, schedule, shares
from hall_server.hallfile.build import build_hall
from tests.fakes.running_hall import sample_hall

DAY_MIN = 480.0
# No wait is as long: whoever has it is called first.
STRICT = (1e6, 1.0)


def _class(id_: str, head: float = 0, rate: float = 1) -> PriorityClass:
    return PriorityClass(id_, id_, "", head, rate, "", on_kiosk=False)


def rule(head: float = 0, rate: float = 1) -> dict[str, PriorityClass]:
    """The ordinary class, and a green one with these values."""
    return {"ordinary": _class("ordinary"), "green": _class("green", head, rate)}


def busy_day(seed: int, windows: int = 20) -> Day:
    """20 windows and 12 % green visitors at a load of 0.95, most of them in the morning."""
    rng = random.Random(seed)
    visits, at = [], 0.0
    while at < DAY_MIN:
        load = 1.3 if at < 200 else 0.7
        at += rng.expovariate(windows * load / 10.0)
        class_id = "green" if rng.random() < 0.12 else "ordinary"
        visits.append(Visit(at, at, "any", class_id, rng.lognormvariate(2.15, 0.555)))
    return Day(tuple(visits), tuple(desk() for _ in range(windows)))


def desk(
    *parts: Part, opens: float = 0, closes: float = DAY_MIN, takes: Taken | None = None
) -> Desk:
    """A window that takes this the whole day."""
    taken = takes or (Taken.of(parts) if parts else EVERYTHING)
    return Desk(opens, closes, ((0.0, taken),))


@pytest.fixture(scope="module")
def days() -> list[Day]:
    return [busy_day(seed) for seed in range(8)]


def effects(days: list[Day], head: float, rate: float) -> dict[str, Effect]:
    """Against first come, first served."""
    return {e.class_id: e for e in compare(days, rule(), rule(head, rate)).effects}


def test_what_one_class_gains_the_others_pay(days: list[Day]) -> None:
    """Nobody works more or less: Δ ordinary mean ≈ p/(1−p) × the green channel's gain."""
    for head, rate in ((10, 3), (20, 6), STRICT):
        found = effects(days, head, rate)
        green, ordinary = found["green"], found["ordinary"]
        gain = green.now.mean - green.then.mean
        price = ordinary.then.mean - ordinary.now.mean
        assert gain > 10
        assert price == pytest.approx(green.people / ordinary.people * gain, rel=0.1)


def test_this_rule_costs_ordinary_visitors_less_than_strict_priority(days: list[Day]) -> None:
    mild, steep, strict = effects(days, 10, 3), effects(days, 20, 6), effects(days, *STRICT)

    def p95(found: dict[str, Effect], class_id: str) -> float:
        return found[class_id].then.p95

    assert p95(strict, "green") < p95(steep, "green") < p95(mild, "green")
    assert p95(mild, "green") < 0.5 * mild["green"].now.p95
    before = mild["ordinary"].now.p95
    assert before < p95(mild, "ordinary") < p95(steep, "ordinary") < p95(strict, "ordinary")


def test_the_same_rule_changes_nothing(days: list[Day]) -> None:
    for effect in compare(days[:1], rule(10, 3), rule(10, 3)).effects:
        assert effect.now == effect.then


def test_days_are_left_out_when_the_time_is_over(days: list[Day]) -> None:
    found = compare(days, rule(), rule(), lambda: False)
    assert found.days == 1
    assert sum(e.people for e in found.effects) == len(days[0].visits)
    assert compare(days[:2], rule(), rule()).days == 2


def _waits(day: Day, head: float = 0, rate: float = 1) -> list[float | None]:
    return Replay(day).run(rule(head, rate))


def _visit(at: float, minutes: float = 10, service: str = "a", class_id: str = "ordinary") -> Visit:
    return Visit(at, at, service, class_id, minutes)


def test_a_window_calls_the_most_points() -> None:
    """Of two who wait since minute 1 and 6, the green one has 10 + 3 × 4 points at minute 10."""
    visits = (_visit(0), _visit(1), _visit(6, class_id="green"), _visit(7))
    day = Day(visits, (desk(),))
    assert _waits(day) == [0, 9, 14, 23]
    assert _waits(day, 10, 3) == [0, 19, 4, 23]


def test_an_appointment_that_is_early_has_no_points_yet() -> None:
    early = Visit(1, 30, "a", "green", 10)
    day = Day((_visit(0), early, _visit(2)), (desk(),))
    assert _waits(day, 10, 2) == [0, 19, 8]


def test_an_elder_window_takes_green_visitors_only() -> None:
    only_green = Part(None, frozenset({"green"}))
    day = Day((_visit(0), _visit(1), _visit(2, class_id="green")), (desk(), desk(only_green)))
    assert _waits(day) == [0, 9, 0]


def test_rules_by_time_begin_at_their_time() -> None:
    only_a = Taken.of([Part(frozenset({"a"}), None)])
    timed = Desk(0, DAY_MIN, ((0.0, only_a), (60.0, EVERYTHING)))
    day = Day((_visit(5, service="b"), _visit(6)), (timed,))
    assert _waits(day) == [55, 0]


def test_a_window_that_has_closed_helps_when_all_have_closed() -> None:
    visits = (_visit(0, 60), _visit(1, 60), _visit(2, 60), _visit(3, 60))
    day = Day(visits, (desk(closes=30), desk(closes=100)))
    # At 60 the first window has closed; at 120 both help with who still waits.
    assert _waits(day) == [0, 0, 59, 97]


def test_whom_nobody_takes_is_not_counted() -> None:
    day = Day((_visit(0), _visit(1, service="b")), (desk(Part(frozenset({"a"}), None)),))
    assert _waits(day) == [0, None]
    assert [e.people for e in compare([day], rule(), rule(10, 3)).effects] == [1]


def test_the_shares_of_waits() -> None:
    assert Waits.of(range(1, 101)) == Waits(50.5, 90, 95)
    assert Waits.of([7]) == Waits(7, 7, 7)


services = st.sampled_from(["a", "b", "c"])
people = st.lists(
    st.builds(
        lambda at, minutes, service, class_id: Visit(at, at, service, class_id, minutes),
        st.integers(0, 120).map(float),
        st.integers(1, 30).map(float),
        services,
        st.sampled_from(["ordinary", "green"]),
    ),
    max_size=25,
).map(lambda visits: tuple(sorted(visits, key=lambda v: v.arrives)))
some = st.builds(
    Part,
    st.none() | st.frozensets(services, min_size=1),
    st.none() | st.just(frozenset({"green"})),
)
desks = st.lists(st.lists(some, min_size=1, max_size=2).map(lambda p: desk(*p)), max_size=4)


@settings(max_examples=200)
@given(people, desks.map(tuple), st.integers(0, 40), st.integers(1, 6))
def test_nobody_is_overtaken_but_by_points(
    visits: tuple[Visit, ...], windows: tuple[Desk, ...], head: int, rate: int
) -> None:
    """Whoever is called while another waits, whom the same windows take, has as many points."""
    classes = rule(head, rate)
    day = Day(visits, windows)
    waits = Replay(day).run(classes)

    def takers(visit: Visit) -> set[int]:
        return {i for i, d in enumerate(windows) if d.taken(0).takes(visit.service, visit.class_id)}

    def points_of(visit: Visit, at: float) -> float:
        kind = classes[visit.class_id]
        return kind.head + kind.rate * (at - visit.arrives)

    for called, wait in zip(visits, waits, strict=True):
        assert (wait is None) == (not takers(called))
        if wait is None:
            continue
        at = called.arrives + wait
        for other, their_wait in zip(visits, waits, strict=True):
            if their_wait is None or not takers(called) <= takers(other):
                continue
            if other.arrives < at < other.arrives + their_wait:
                assert points_of(called, at) >= points_of(other, at) - 1e-9


@pytest.fixture(scope="module")
def hall() -> Hall:
    return build_hall(sample_hall("baishui-town"))


def _profiles(hall: Hall) -> dict[int, WorkProfile]:
    return {w.number: w.profile for w in hall.windows}


def test_made_up_days_are_the_same_every_time(hall: Hall) -> None:
    monday = date(2026, 11, 23)
    one, other = ([*made_up(hall, _profiles(hall), monday, 0.95).days()] for _ in range(2))
    assert one == other
    assert len(one) > 2
    assert len({day.visits for day in one}) == len(one)


def test_made_up_days_have_the_stated_load_and_shares(hall: Hall) -> None:
    days = [*made_up(hall, _profiles(hall), date(2026, 11, 23), 0.8).days()]
    work = sum(v.minutes for day in days for v in day.visits)
    room = sum(len(day.desks) for day in days) * DAY_MIN
    assert work / room == pytest.approx(0.8, abs=0.03)
    classes = [v.class_id for day in days for v in day.visits]
    assert sum(shares(hall).values()) == pytest.approx(1)
    for class_id, share in shares(hall).items():
        assert classes.count(class_id) / len(classes) == pytest.approx(share, abs=0.02)


def test_a_day_is_replayed_from_its_tickets(hall: Hall) -> None:
    def at(clock: str) -> int:
        return to_instant(datetime.fromisoformat(f"2026-11-23T{clock}:00+08:00"))

    def ticket(service: str, issued: str, called: str, ended: str, **more: object) -> Served:
        values: dict[str, object] = {
            "day": "2026-11-23",
            "service_id": service,
            "priority": "ordinary",
            "state": "done",
            "window": 5,
            "base": at(issued),
            "issued": at(issued),
            "called": at(called),
            "ended": at(ended),
        }
        return Served(**(values | more))  # type: ignore[arg-type]

    served = [
        ticket("pension-join", "09:00", "09:02", "09:12"),
        ticket("pension-join", "09:05", "09:12", "09:13", state="no_show", priority="gone"),
        ticket("hukou", "08:59", "09:20", "13:20", window=1),
        ticket("hukou", "08:59", "09:20", "09:30", window=77),
    ]
    (day,) = recorded_days(hall, _profiles(hall), served)
    assert [(v.arrives, v.service, v.class_id) for v in day.visits] == [
        (539, "hukou", "ordinary"),
        (540, "pension-join", "ordinary"),
        (545, "pension-join", "ordinary"),
    ]
    # A finish pressed four hours later was forgotten.
    assert [v.minutes for v in day.visits] == pytest.approx([150.3, 10.3, 1.0])
    assert [(d.opens, d.closes) for d in day.desks] == [(560, 710.3), (542, 553)]


def test_a_deputy_stands_in_on_days_when_the_other_window_did_not_work(hall: Hall) -> None:
    profile = WorkProfile((Rule(frozenset({"dibao"}), while_closed=3),))
    monday = date(2026, 11, 23)
    for opened, takes in (((3, 4), False), ((4,), True)):
        ((start, taken),) = schedule(hall, profile, monday, opened)
        assert start == 0
        assert taken.takes("dibao", "ordinary") is takes


def test_a_schedule_has_a_step_wherever_the_rules_change(hall: Hall) -> None:
    market_day = date(2026, 11, 25)
    steps = schedule(hall, hall.window(6).profile, market_day, ())
    assert [start for start, _ in steps] == [0, 8 * 60 + 30, 12 * 60]
    assert [taken.takes("pension-join", "ordinary") for _, taken in steps] == [False, True, False]
