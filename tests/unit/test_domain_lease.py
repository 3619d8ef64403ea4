"""How large a sealed block is, and that every number of a day is accounted for."""

import pytest

from hall_server.domain.lease import (
    MOST_NUMBERS,
    Explained,
    block_size,
    explain,
    in_words,
    place_in_time,
    ranges,
)


@pytest.mark.parametrize(("minutes", "numbers"), [(30, 29), (60, 48), (120, 86)])
def test_the_block_for_an_outage_at_thirty_tickets_an_hour(minutes: int, numbers: int) -> None:
    assert block_size(30, minutes) == numbers


def test_a_block_bridges_an_hour_unless_told_and_is_never_huge() -> None:
    assert block_size(30) == 48
    assert block_size(0) == 2
    assert block_size(5_000) == MOST_NUMBERS


def test_the_time_that_counts_is_the_kiosks_between_its_limits() -> None:
    assert place_in_time(50, 10, 90) == 50
    assert place_in_time(5, 10, 90) == 10
    assert place_in_time(95, 10, 90) == 90
    # What may not be later than its successor is not, whatever came before.
    assert place_in_time(50, 95, 90) == 90


def test_ranges_in_words() -> None:
    assert ranges([7, 3, 4, 5, 5, 9]) == [(3, 5), (7, 7), (9, 9)]
    assert in_words([(3, 5), (7, 7)]) == "3-5, 7"
    assert in_words([]) == ""


def test_every_number_is_issued_or_lies_unspent_in_a_block() -> None:
    assert explain(10, [1, 2, 3, 4, 8, 9, 10], [(4, 7)]) == Explained(7, [(5, 7)], [], [])


def test_a_number_that_nothing_explains_is_missing() -> None:
    found = explain(10, [1, 3, 9, 10], [(4, 6)])
    assert found.missing == [(2, 2), (7, 8)]
    assert found.unspent == [(4, 6)]


def test_a_number_beyond_the_counter_is_told() -> None:
    assert explain(3, [1, 2, 3, 12], []).beyond == [(12, 12)]
    assert explain(0, [], []) == Explained(0, [], [], [])
