"""How many numbers a service may give: each limit at its edge."""

from datetime import datetime, time

import pytest

from hall_server.domain.quota import WHOLE_DAY, Quota, QuotaSlot

EARLY = QuotaSlot(time(8, 30), time(10), 2)
LATE = QuotaSlot(time(10), time(12), 3)
# As a hall file may have them: not in order.
SLOTS = Quota(slots=(LATE, EARLY))
BOTH = Quota(4, (LATE, EARLY))


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-23T{clock}+08:00")


@pytest.mark.parametrize(
    ("clock", "keys"),
    [
        ("00:00:00", (WHOLE_DAY,)),
        ("08:29:59.999999", (WHOLE_DAY,)),
        ("08:30:00", (WHOLE_DAY, "08:30")),
        ("09:59:59.999999", (WHOLE_DAY, "08:30")),
        ("10:00:00", (WHOLE_DAY, "10:00")),
        ("11:59:59.999999", (WHOLE_DAY, "10:00")),
        ("12:00:00", (WHOLE_DAY,)),
        ("23:59:59.999999", (WHOLE_DAY,)),
    ],
)
def test_a_number_counts_for_the_day_and_for_the_slot_it_is_given_in(
    clock: str, keys: tuple[str, ...]
) -> None:
    assert SLOTS.keys_at(at(clock)) == BOTH.keys_at(at(clock)) == keys


def test_without_limits_nothing_is_counted() -> None:
    assert Quota().unlimited
    assert not Quota(1).unlimited
    assert not SLOTS.unlimited
    assert Quota().keys_at(at("09:00:00")) == ()
    assert Quota().full_at(at("09:00:00"), {WHOLE_DAY: 10_000}) is None


def test_a_slot_from_midnight_begins_with_the_day() -> None:
    night = Quota(slots=(QuotaSlot(time(0), time(23, 59), 1),))
    assert night.keys_at(at("00:00:00")) == (WHOLE_DAY, "00:00")
    assert night.keys_at(at("23:59:00")) == (WHOLE_DAY,)
    assert night.full_at(at("00:00:00"), {"00:00": 1}) is not None
    assert night.full_at(at("23:59:00"), {"00:00": 1}) is None


def test_the_last_number_of_the_day_is_given_and_no_more() -> None:
    day = Quota(3)
    assert day.full_at(at("09:00:00"), {}) is None
    assert day.full_at(at("09:00:00"), {WHOLE_DAY: 2}) is None
    for used in (3, 4):
        full = day.full_at(at("09:00:00"), {WHOLE_DAY: used})
        assert full is not None
        assert (full.zh, full.en) == ("今日 3 个号已取完", "all 3 numbers of today are taken")
        assert full.later == ()


def test_a_full_slot_says_what_later_ones_have_left() -> None:
    assert SLOTS.full_at(at("09:59:59"), {"08:30": 1}) is None
    full = SLOTS.full_at(at("09:59:59"), {"08:30": 2, "10:00": 1})
    assert full is not None
    assert full.later == ((LATE, 2),)
    assert full.zh == "08:30–10:00 的 2 个号已取完，10:00–12:00 还有 2 个"
    assert full.en == "all 2 numbers of 08:30–10:00 are taken; left: 2 at 10:00–12:00"
    # The next slot begins with the end of this one, and outside the slots nothing is full.
    assert SLOTS.full_at(at("10:00:00"), {"08:30": 2, "10:00": 2}) is None
    assert SLOTS.full_at(at("12:00:00"), {"08:30": 2, "10:00": 3}) is None


def test_slots_that_are_over_or_full_are_not_offered() -> None:
    full = SLOTS.full_at(at("10:00:00"), {"10:00": 3})
    assert full is not None and full.later == ()
    assert "还有" not in full.zh and "left" not in full.en
    full = SLOTS.full_at(at("08:30:00"), {"08:30": 2, "10:00": 3})
    assert full is not None and full.later == ()


def test_the_day_limits_what_a_later_slot_has_left() -> None:
    full = BOTH.full_at(at("08:30:00"), {WHOLE_DAY: 3, "08:30": 2})
    assert full is not None
    assert full.later == ((LATE, 1),)
    full = BOTH.full_at(at("10:00:00"), {WHOLE_DAY: 4, "08:30": 2, "10:00": 2})
    assert full is not None and full.zh == "今日 4 个号已取完"
