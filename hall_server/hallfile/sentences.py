"""Sentences that follow from a hall file's data, as a hall prints and shows them."""

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from hall_server.hallfile.schema import Hours, MissedCall

_DAYS_ZH = ("", "周一", "周二", "周三", "周四", "周五", "周六", "周日")
_DAYS_EN = ("", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Sentence(NamedTuple):
    """The same in Chinese and in English."""

    zh: str
    en: str


def missed_call_sentence(rule: MissedCall) -> Sentence:
    """What happens to a number that is called and does not come: the rule in force, short enough
    for two lines of a ticket. The same words serve the kiosk and the position page."""
    if rule.policy == "void" or rule.max_passes == 1:
        return Sentence("过号作废，请重新取号。", "A missed number is void: please take a new one.")
    zh = f"过号{rule.max_passes}次作废。"
    en = f"void after {rule.max_passes} missed calls."
    if rule.policy == "requeue_after_k":
        people = "1 more number" if rule.after_k == 1 else f"{rule.after_k} more numbers"
        return Sentence(
            f"过号后，叫过{rule.after_k}个号会重新呼叫；{zh}",
            f"If missed, called again after {people}; {en}",
        )
    if rule.policy == "requeue_tail":
        return Sentence(
            f"过号后排到队尾重新等候；{zh}", f"If missed, back to the end of the line; {en}"
        )
    minutes = "1 minute" if rule.minutes == 1 else f"{rule.minutes} minutes"
    return Sentence(
        f"过号后{rule.minutes}分钟内到窗口仍可办理；{zh}",
        f"If missed, still served within {minutes}; {en}",
    )


def _runs(days: tuple[int, ...]) -> list[tuple[int, int]]:
    """Days in a row as (first, last): 1, 2, 3, 6 gives (1, 3), (6, 6)."""
    rows = [
        [day for _, day in row]
        for _, row in groupby(enumerate(days), lambda pair: pair[1] - pair[0])
    ]
    return [(row[0], row[-1]) for row in rows]


def _days_zh(days: tuple[int, ...]) -> str:
    if len(days) == 7:
        return "每天"
    words = []
    for first, last in _runs(days):
        if last - first >= 2:
            words.append(f"{_DAYS_ZH[first]}至{_DAYS_ZH[last]}")
        else:
            words.extend(_DAYS_ZH[first : last + 1])
    return "、".join(words)


def _days_en(days: tuple[int, ...]) -> str:
    if len(days) == 7:
        return "Every day"
    words = []
    for first, last in _runs(days):
        if last - first >= 2:
            words.append(f"{_DAYS_EN[first]}–{_DAYS_EN[last]}")
        else:
            words.extend(_DAYS_EN[first : last + 1])
    return ", ".join(words)


def days_sentence(days: Iterable[int]) -> Sentence:
    """Weekdays (1 = Monday), as 周一至周五、周日."""
    ordered = tuple(sorted(days))
    return Sentence(_days_zh(ordered), _days_en(ordered))


def _times_by_days(hours: Hours, booked: str) -> list[tuple[tuple[int, ...], list[str]]]:
    """Days that have the same sessions, in the week's order, with these sessions; ``booked`` is
    written behind those for people who booked."""
    days_by_times: dict[tuple[str, ...], list[int]] = {}
    for day in range(1, 8):
        sessions = sorted(
            f"{s.from_:%H:%M}–{s.to:%H:%M}{booked if s.appointment_only else ''}"
            for s in hours.sessions
            if day in s.weekdays
        )
        if sessions:
            days_by_times.setdefault(tuple(sessions), []).append(day)
    return [(tuple(days), list(times)) for times, days in days_by_times.items()]


def hours_sentence(hours: Hours) -> Sentence:
    """When the hall is open, as 周一至周五 08:30–12:00 14:00–17:30; the note is not part of it."""
    zh, en = _times_by_days(hours, "（限预约）"), _times_by_days(hours, " (booked only)")
    return Sentence(
        "；".join(f"{_days_zh(days)} {' '.join(times)}" for days, times in zh),
        "; ".join(f"{_days_en(days)} {', '.join(times)}" for days, times in en),
    )
