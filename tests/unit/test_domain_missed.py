"""A number that was called and did not come: the four policies at their edges."""

import pytest

from hall_server.domain.instant import MINUTE
from hall_server.domain.missed import MissedCallRule, Policy
from hall_server.domain.ticket import Ticket
from tests.fakes.store_rows import AT, ticket_row

NOW = AT + 10 * MINUTE


def rule(policy: Policy) -> MissedCallRule:
    """The policy with three others to be called first, 30 minutes to be kept, three passes."""
    return MissedCallRule(policy, 3, 30, 3, "过号说明", "what happens")


def missed(passes: int) -> Ticket:
    """A ticket that has just been missed for the ``passes``-th time."""
    return ticket_row(5, state="no_show", window=2, called=AT, ended=NOW, passes=passes)


@pytest.mark.parametrize("policy", ["void", "requeue_after_k", "requeue_tail", "keep_minutes"])
def test_the_last_pass_voids(policy: Policy) -> None:
    for passes in (3, 4):
        after = rule(policy).apply(missed(passes), NOW)
        assert (after.state, after.ended) == ("void", NOW)


def test_void_at_once() -> None:
    assert rule("void").apply(missed(1), NOW).state == "void"


@pytest.mark.parametrize("passes", [1, 2])
def test_back_after_three_others_with_its_old_place(passes: int) -> None:
    after = rule("requeue_after_k").apply(missed(passes), NOW)
    assert (after.state, after.held_until, after.base) == ("waiting", 3, AT)
    assert (after.passes, after.ended) == (passes, None)


@pytest.mark.parametrize("passes", [1, 2])
def test_back_to_the_tail(passes: int) -> None:
    after = rule("requeue_tail").apply(missed(passes), NOW)
    assert (after.state, after.held_until, after.base) == ("waiting", 0, NOW)


@pytest.mark.parametrize("passes", [1, 2])
def test_kept_for_a_while(passes: int) -> None:
    before = missed(passes)
    assert rule("keep_minutes").apply(before, NOW) == before


def test_a_kept_number_returns_within_its_minutes() -> None:
    keep = rule("keep_minutes")
    for later, may in ((0, True), (30 * MINUTE, True), (30 * MINUTE + 1, False)):
        assert keep.may_return(missed(1), NOW + later) is may


def test_other_policies_do_not_limit_a_return_by_hand() -> None:
    for policy in ("void", "requeue_after_k", "requeue_tail"):
        assert rule(policy).may_return(missed(1), NOW + 10**9)  # type: ignore[arg-type]
    assert rule("keep_minutes").may_return(ticket_row(5), NOW)


def test_a_kept_number_has_an_end_and_others_have_none() -> None:
    keep = rule("keep_minutes")
    assert keep.kept_until(missed(1)) == NOW + 30 * MINUTE
    assert keep.kept_until(ticket_row(5)) is None
    assert rule("requeue_tail").kept_until(missed(1)) is None


def test_what_is_void_because_nobody_came_back() -> None:
    keep, over = rule("keep_minutes"), missed(2).void(NOW)
    assert keep.expired(over)
    assert not keep.expired(missed(2))
    assert not keep.expired(missed(3).void(NOW))
    assert not keep.expired(ticket_row(5).void(NOW))
    assert not rule("requeue_tail").expired(over)
