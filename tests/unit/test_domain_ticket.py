"""Every step of a ticket, from every state: the legal ones and the refused ones."""

from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall_server.domain.errors import Conflict
from hall_server.domain.numbering import FORBIDDEN_LETTERS, ticket_number
from hall_server.domain.ticket import FINAL, STATE_WORDS, State, Ticket
from tests.fakes.store_rows import AT, ticket_row

NOW = AT + 60_000
STATES: tuple[State, ...] = get_args(State)
Step = Callable[[Ticket], Ticket]

# Each step: how it is taken, from where, and to where.
STEPS: dict[str, tuple[Step, set[State], State]] = {
    "call": (lambda t: t.call(4, NOW), {"waiting", "no_show"}, "called"),
    "recall": (lambda t: t.recall(NOW), {"called"}, "called"),
    "start": (lambda t: t.start(NOW), {"called"}, "serving"),
    "finish": (lambda t: t.finish(NOW), {"serving"}, "done"),
    "miss": (lambda t: t.miss(NOW), {"called"}, "no_show"),
    "requeue": (lambda t: t.requeue(base=AT, held_until=0), {"no_show"}, "waiting"),
    "park": (lambda t: t.park(), {"serving"}, "parked"),
    "resume": (lambda t: t.resume(5), {"parked"}, "serving"),
    "transfer": (lambda t: t.transfer("dibao", None), {"called", "serving"}, "waiting"),
    "wait for next": (lambda t: t.wait_for_next(), {"serving"}, "waiting"),
    "go on": (lambda t: t.go_on(NOW), {"serving"}, "serving"),
    "supplement": (lambda t: t.finish(NOW, "supplement"), {"serving"}, "done"),
    "come back": (lambda t: t.come_back(), set(), "waiting"),
    "cancel": (lambda t: t.cancel(NOW), {"waiting"}, "cancelled"),
    "void": (lambda t: t.void(NOW), set(STATES) - FINAL, "void"),
}


def in_state(state: State) -> Ticket:
    """A ticket as it may look in this state."""
    window = None if state in ("waiting", "cancelled") else 3
    return ticket_row(
        12, state=state, window=window, passes=1, held_until=9, target=7, later="dibao,card"
    )


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_taken_from_its_states_only(step: str, state: State) -> None:
    take, allowed, after = STEPS[step]
    ticket = in_state(state)
    if state in allowed:
        assert take(ticket).state == after
        return
    with pytest.raises(Conflict) as refused:
        take(ticket)
    zh, en = STATE_WORDS[state]
    assert refused.value.code == "wrong_ticket_state"
    assert refused.value.zh == f"A012 号{zh}，不能进行此操作"
    assert en in refused.value.en
    assert refused.value.details == [{"state": state}]


def test_final_states_are_left_by_no_step() -> None:
    left = {state for _, allowed, _ in STEPS.values() for state in allowed}
    assert left == set(STATES) - FINAL
    assert {"done", "cancelled", "void"} == FINAL


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=30))
def test_whatever_is_tried_a_ticket_stays_itself(steps: list[str]) -> None:
    first = ticket = ticket_row(12, later="dibao,card")
    for step in steps:
        before = ticket
        try:
            ticket = STEPS[step][0](ticket)
        except Conflict:
            assert ticket is before
        same = ("id", "day", "series", "sequence", "token", "issued", "priority", "base", "channel")
        assert all(getattr(ticket, name) == getattr(first, name) for name in same)
        assert ticket.passes >= before.passes or step in ("wait for next", "go on")
        if ticket.state in ("called", "serving"):
            assert ticket.window is not None
            assert ticket.called is not None
            assert ticket.ended is None
        if ticket.state in FINAL:
            assert ticket.ended is not None
        assert (ticket.outcome == "supplement") is ticket.lacks_papers
        services = (ticket.service_id, *ticket.more_services)
        assert len(set(services)) == len(services) <= 3


def test_a_call_takes_back_what_held_the_ticket() -> None:
    called = in_state("no_show").call(4, NOW)
    assert (called.window, called.called, called.held_until, called.target, called.ended) == (
        4,
        NOW,
        0,
        None,
        None,
    )


def test_times_are_kept() -> None:
    called = ticket_row(1).call(4, NOW)
    again = called.recall(NOW + 1)
    assert (called.called, again.called) == (NOW, NOW + 1)
    serving = again.start(NOW + 2)
    assert serving.started == NOW + 2
    assert serving.park().resume(6).started == NOW + 2
    assert serving.finish(NOW + 3).ended == NOW + 3


def test_a_transfer_keeps_number_and_base_and_begins_anew() -> None:
    serving = replace(in_state("serving"), started=NOW, base=AT - 5)
    moved = serving.transfer("dibao", 2)
    assert (moved.number, moved.base) == ("A012", AT - 5)
    assert (moved.service_id, moved.target, moved.started) == ("dibao", 2, None)


def test_missing_counts_a_pass() -> None:
    missed = in_state("called").miss(NOW)
    assert (missed.passes, missed.ended) == (2, NOW)
    back = missed.requeue(base=NOW, held_until=5)
    assert (back.passes, back.ended, back.base, back.held_until) == (2, None, NOW, 5)


@pytest.mark.parametrize(
    ("sequence", "number"),
    [(1, "A001"), (12, "A012"), (999, "A999"), (1000, "A1000"), (1001, "A1001"), (12345, "A12345")],
)
def test_numbers_widen_after_999_and_never_wrap(sequence: int, number: str) -> None:
    assert ticket_number("A", sequence) == number


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_no_two_numbers_of_a_series_are_written_alike(one: int, other: int) -> None:
    assert (ticket_number("B", one) == ticket_number("B", other)) is (one == other)


def test_letters_that_are_misread() -> None:
    assert set("IOQ") == FORBIDDEN_LETTERS


def test_one_service_after_the_other_on_one_ticket() -> None:
    serving = replace(in_state("serving"), started=NOW, target=None, held_until=0)
    assert serving.more_services == ("dibao", "card")
    waiting = serving.wait_for_next()
    assert (waiting.number, waiting.base, waiting.started) == ("A012", AT, None)
    assert (waiting.service_id, waiting.later) == ("dibao", "card")
    last = waiting.call(6, NOW + 1).start(NOW + 2).go_on(NOW + 3)
    assert (last.state, last.window, last.started) == ("serving", 6, NOW + 3)
    assert (last.service_id, last.more_services) == ("card", ())
    for step in (lambda: last.wait_for_next(), lambda: last.go_on(NOW)):
        with pytest.raises(Conflict) as refused:
            step()
        assert refused.value.code == "no_next_service"
    assert last.finish(NOW + 4).state == "done"


def test_missed_calls_are_counted_for_each_service() -> None:
    serving = replace(in_state("serving"), passes=2)
    for following in (serving.wait_for_next(), serving.go_on(NOW)):
        assert following.passes == 0
    # Whoever is sent on, or comes back with papers, has not been served yet.
    assert serving.transfer("hukou", None).passes == 2
    assert serving.finish(NOW, "supplement").come_back().passes == 2


def test_a_transfer_to_a_service_that_comes_later_leaves_it_once() -> None:
    moved = in_state("serving").transfer("card", None)
    assert (moved.service_id, moved.later) == ("card", "dibao")


def test_papers_brought_later_the_same_day() -> None:
    serving = replace(in_state("serving"), started=NOW)
    lacking = serving.finish(NOW + 1, "supplement")
    assert (lacking.state, lacking.outcome, lacking.ended) == ("done", "supplement", NOW + 1)
    assert lacking.lacks_papers and not serving.finish(NOW).lacks_papers
    back = lacking.come_back()
    assert (back.state, back.base, back.ended, back.started, back.outcome) == (
        "waiting",
        AT,
        None,
        None,
        None,
    )
    assert (back.service_id, back.later) == (serving.service_id, serving.later)
    assert back.call(4, NOW).start(NOW).finish(NOW).outcome is None


def test_each_call_elsewhere_brings_a_held_ticket_nearer() -> None:
    held = ticket_row(1, held_until=2)
    assert [held.held_until, held.one_call_nearer().held_until] == [2, 1]
    assert held.one_call_nearer().one_call_nearer().one_call_nearer().held_until == 0
