"""What the hall makes public on its board: pages of its own (六公开), and who is on duty."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from hall_server.domain.hours import Hours


@dataclass(frozen=True)
class PublicRow:
    """A line: what it is, and what stands beside it."""

    label: str
    label_en: str
    text: str
    text_en: str


@dataclass(frozen=True)
class Disclosure:
    """A page that is always shown."""

    title: str
    title_en: str
    rows: tuple[PublicRow, ...]


@dataclass(frozen=True)
class Duty:
    """Who is on duty, on these dates or on these weekdays (1 = Monday)."""

    dates: frozenset[date]
    weekdays: frozenset[int]
    rows: tuple[PublicRow, ...]


def on_duty(roster: Iterable[Duty], hours: Hours, day: date) -> tuple[PublicRow, ...]:
    """Who is on duty on this day. Entries for the date take the place of those for its weekday;
    a make-up workday has the duty of the weekday that it works as, a holiday by name only what is
    written for its date."""
    entries = list(roster)
    dated = [e for e in entries if day in e.dates]
    if not dated and not hours.rests(day):
        weekday = hours.weekday(day)
        dated = [e for e in entries if weekday in e.weekdays]
    return tuple(row for entry in dated for row in entry.rows)
