"""The sentences that a hall prints, made from its data."""

from datetime import time
from typing import Any

import pytest

from hall_server.hallfile.schema import Hours, MissedCall
from hall_server.hallfile.sentences import hours_sentence, missed_call_sentence


@pytest.mark.parametrize(
    ("rule", "zh", "en"),
    [
        (
            {},
            "过号后，叫过3个号会重新呼叫；过号3次作废。",
            "If missed, called again after 3 more numbers; void after 3 missed calls.",
        ),
        (
            {"policy": "requeue_after_k", "after_k": 1, "max_passes": 2},
            "过号后，叫过1个号会重新呼叫；过号2次作废。",
            "If missed, called again after 1 more number; void after 2 missed calls.",
        ),
        (
            {"policy": "requeue_tail", "max_passes": 2},
            "过号后排到队尾重新等候；过号2次作废。",
            "If missed, back to the end of the line; void after 2 missed calls.",
        ),
        (
            {"policy": "keep_minutes", "minutes": 20},
            "过号后20分钟内到窗口仍可办理；过号3次作废。",
            "If missed, still served within 20 minutes; void after 3 missed calls.",
        ),
        (
            {"policy": "keep_minutes", "minutes": 1},
            "过号后1分钟内到窗口仍可办理；过号3次作废。",
            "If missed, still served within 1 minute; void after 3 missed calls.",
        ),
        (
            {"policy": "void"},
            "过号作废，请重新取号。",
            "A missed number is void: please take a new one.",
        ),
        (
            {"policy": "requeue_tail", "max_passes": 1},
            "过号作废，请重新取号。",
            "A missed number is void: please take a new one.",
        ),
    ],
)
def test_the_missed_call_rule_in_force(rule: dict[str, Any], zh: str, en: str) -> None:
    sentence = missed_call_sentence(MissedCall.model_validate(rule))
    assert sentence == (zh, en)


@pytest.mark.parametrize("policy", ["void", "requeue_after_k", "requeue_tail", "keep_minutes"])
def test_the_rule_fits_two_lines_of_a_ticket(policy: str) -> None:
    longest = {"policy": policy, "after_k": 50, "minutes": 240, "max_passes": 20}
    assert len(missed_call_sentence(MissedCall.model_validate(longest)).zh) <= 2 * 16


def _hours(*sessions: tuple[list[int], str, str]) -> Hours:
    tables = [{"weekdays": d, "from": a, "to": b} for d, a, b in sessions]
    return Hours.model_validate({"sessions": tables})


WORKDAYS = [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("hours", "zh", "en"),
    [
        (
            _hours((WORKDAYS, "14:00", "17:30"), (WORKDAYS, "08:30", "12:00")),
            "周一至周五 08:30–12:00 14:00–17:30",
            "Mon–Fri 08:30–12:00, 14:00–17:30",
        ),
        (
            _hours((WORKDAYS, "08:30", "12:00"), ([7, 6], "09:00", "11:00")),
            "周一至周五 08:30–12:00；周六、周日 09:00–11:00",
            "Mon–Fri 08:30–12:00; Sat, Sun 09:00–11:00",
        ),
        (
            _hours(([1, 2, 3, 4, 5, 6, 7], "00:00", "23:59")),
            "每天 00:00–23:59",
            "Every day 00:00–23:59",
        ),
        (_hours(([2, 4], "09:00", "11:00")), "周二、周四 09:00–11:00", "Tue, Thu 09:00–11:00"),
        (
            _hours(([1, 2, 3, 5], "09:00", "11:00")),
            "周一至周三、周五 09:00–11:00",
            "Mon–Wed, Fri 09:00–11:00",
        ),
        (
            _hours((WORKDAYS, "08:30", "12:00"), ([1, 2, 3, 4], "14:00", "17:00")),
            "周一至周四 08:30–12:00 14:00–17:00；周五 08:30–12:00",
            "Mon–Thu 08:30–12:00, 14:00–17:00; Fri 08:30–12:00",
        ),
        (
            _hours(([1], "08:00", "09:00"), ([2], "10:00", "11:00"), ([3], "08:00", "09:00")),
            "周一、周三 08:00–09:00；周二 10:00–11:00",
            "Mon, Wed 08:00–09:00; Tue 10:00–11:00",
        ),
    ],
)
def test_the_opening_hours(hours: Hours, zh: str, en: str) -> None:
    assert hours_sentence(hours) == (zh, en)


def test_a_time_is_written_with_two_digits() -> None:
    assert _hours(([1], "08:05", "09:00")).sessions[0].from_ == time(8, 5)
    assert hours_sentence(_hours(([1], "08:05", "09:00"))).zh == "周一 08:05–09:00"
