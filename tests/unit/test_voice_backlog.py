"""How calls that pile up are said: in order, each once, none too late."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display.voice.backlog import FULL, MOST_JOINED, Backlog, Costs
from display.voice.phrases import Announcement
from tests.fakes.voice_simulated import hear


def call(number: int, window: int = 3, **more: object) -> Announcement:
    values = {"seq": number, "ticket": f"A{number:03}", "window": window}
    return Announcement.model_validate(values | more)


@pytest.fixture
def backlog() -> Backlog:
    return Backlog(30.0, Costs())


@pytest.mark.parametrize("count", [1, 2, 5, 10, 12])
def test_many_windows_at_once_are_all_heard_in_order_within_the_set_time(count: int) -> None:
    heard = hear([(0.0, f"A{at:03}", at) for at in range(1, count + 1)])
    assert heard.tickets == [f"A{at:03}" for at in range(1, count + 1)]
    assert heard.most_behind_s <= 30.0


@pytest.mark.parametrize("over_s", [0.5, 2.0, 5.0])
def test_ten_windows_that_call_while_the_first_is_being_said(over_s: float) -> None:
    heard = hear([(over_s * at / 9, f"A{at:03}", at + 1) for at in range(10)])
    assert heard.forms[0] == "full"
    assert len(heard.said) == 10
    assert heard.most_behind_s <= 30.0


def test_the_repeats_go_first_then_the_chime_then_calls_are_joined() -> None:
    first = {
        count: hear([(0.0, f"A{at:03}", at) for at in range(1, count + 1)]).forms[0]
        for count in (1, 2, 4, 5, 8, 10, 30)
    }
    assert list(first.values()) == ["full", "once", "plain", "joined", "quick", "short", "short"]


def test_calls_with_room_between_them_are_said_in_full() -> None:
    heard = hear([(12.0 * at, f"A{at:03}", 1 + at % 9) for at in range(20)])
    assert heard.forms == ["full"] * 20
    assert heard.repeats == 20


def test_more_than_can_be_said_are_said_all_the_same_in_the_fewest_words() -> None:
    heard = hear([(0.0, f"A{at:03}", at) for at in range(1, 41)])
    assert heard.tickets == [f"A{at:03}" for at in range(1, 41)]
    assert heard.forms == ["short"] * 10
    assert heard.most_behind_s > 30.0


def test_an_hour_of_six_calls_a_minute_stays_within_the_set_time() -> None:
    heard = hear([(10.0 * at, f"A{at:03}", 1 + at % 12) for at in range(360)])
    assert len(heard.said) == 360
    assert heard.most_behind_s <= 30.0


def test_a_shorter_time_makes_shorter_words() -> None:
    arrivals = [(0.0, f"A{at:03}", at) for at in range(1, 5)]
    assert hear(arrivals, most_behind_s=15.0).most_behind_s <= 15.0
    assert hear(arrivals, most_behind_s=120.0).forms == ["full"] * 4


@given(
    st.lists(st.tuples(st.floats(0, 300), st.integers(1, 30)), max_size=60),
    st.sampled_from([15.0, 30.0, 120.0]),
)
def test_whatever_comes_is_said_once_and_in_order(
    times: list[tuple[float, int]], most_behind_s: float
) -> None:
    arrivals = [(at, f"A{n:03}", window) for n, (at, window) in enumerate(sorted(times))]
    heard = hear(arrivals, most_behind_s)
    assert heard.tickets == [ticket for _, ticket, _ in arrivals]
    assert all(len(plan.calls) <= MOST_JOINED for plan in heard.plans)


def test_a_recall_of_a_call_that_waits_is_said_once_in_its_place(backlog: Backlog) -> None:
    assert not backlog.add(call(1), 0.0)
    assert not backlog.add(call(2, window=4), 1.0)
    assert backlog.add(call(1, seq=9), 2.0)
    assert [(c.ticket, c.seq) for c in backlog.calls()] == [("A001", 9), ("A002", 2)]
    assert backlog.oldest_s(5.0) == 5.0


def test_a_ticket_called_to_another_window_is_said_for_that_one_only(backlog: Backlog) -> None:
    backlog.add(call(1, window=3), 0.0)
    backlog.add(call(2, window=4), 0.0)
    assert backlog.add(call(1, window=5), 1.0)
    assert [(c.ticket, c.window) for c in backlog.calls()] == [("A002", 4), ("A001", 5)]


def test_what_could_not_be_said_is_the_next_again(backlog: Backlog) -> None:
    for number in range(1, 8):
        backlog.add(call(number, window=number), 0.0)
    plan = backlog.next(0.0)
    assert plan is not None
    assert [c.ticket for c in plan.calls] == ["A001", "A002", "A003", "A004"]
    backlog.add(call(2, window=2, seq=20), 3.0)
    assert backlog.put_back(plan, 0.0) == 0
    waiting = [c.ticket for c in backlog.calls()]
    assert waiting == ["A001", "A003", "A004", "A005", "A006", "A007", "A002"]
    assert backlog.oldest_s(4.0) == 4.0


def test_where_nothing_is_heard_every_call_is_written_in_full(backlog: Backlog) -> None:
    for number in range(1, 21):
        backlog.add(call(number), 0.0)
    plans = [backlog.next(0.0, heard=False) for _ in range(20)]
    assert all(plan is not None and plan.form is FULL for plan in plans)
    assert backlog.next(0.0, heard=False) is None


def test_calls_that_are_over_are_taken_out(backlog: Backlog) -> None:
    backlog.add(call(1), 0.0)
    backlog.add(call(2), 0.0)
    backlog.remove([call(1)])
    assert [c.ticket for c in backlog.calls()] == ["A002"]


def test_costs_follow_what_was_heard() -> None:
    costs, slow = Costs(), Costs(rate=None)
    said = hear([(0.0, "A001", 1)]).plans[0].said
    for _ in range(20):
        costs.learn(said, FULL, said.syllables * 0.4)
        slow.learn(said, FULL, said.syllables * 5.0)
    assert costs.syllable_s == pytest.approx(0.4, abs=0.01)
    assert slow.syllable_s == 0.8


def test_only_calls_that_are_themselves_too_old_are_given_up(backlog: Backlog) -> None:
    for number in range(1, 5):
        backlog.add(call(number), 10.0 * number)
    plan = backlog.next(70.0)
    assert plan is not None
    assert [c.ticket for c in plan.calls] == ["A001", "A002", "A003", "A004"]
    assert backlog.put_back(plan, 25.0) == 2
    assert [c.ticket for c in backlog.calls()] == ["A003", "A004"]
    assert backlog.waits("A004") and not backlog.waits("A001")
