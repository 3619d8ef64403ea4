"""Which days are workdays: Monday to Friday, but for rest days and make-up workdays (调休补班).

A year's table comes from outside (the State Council's yearly notice); a hall may differ from it.
A year without a table is reckoned by its weekdays, and whoever shows a date of it says so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

_SATURDAY = 6
# Longer than any time limit in working days lasts, with every holiday in it.
_MOST_DAYS = 5_000


@dataclass(frozen=True)
class YearTable:
    """A year's exceptions: ``rest`` are the days of its holidays (weekends within them too),
    ``work`` its make-up workdays."""

    rest: frozenset[date]
    work: frozenset[date]


def by_year(rest: Iterable[date], work: Iterable[date]) -> dict[int, YearTable]:
    """Rest days and make-up workdays of several years as their tables."""
    resting, working = frozenset(rest), frozenset(work)
    return {
        year: YearTable(
            frozenset(d for d in resting if d.year == year),
            frozenset(d for d in working if d.year == year),
        )
        for year in {d.year for d in resting | working}
    }


@dataclass(frozen=True)
class Calendar:
    """The tables of the years that have one, and where the hall differs from them."""

    years: Mapping[int, YearTable] = field(default_factory=dict)
    own_rest: frozenset[date] = frozenset()
    own_work: frozenset[date] = frozenset()

    def has_year(self, year: int) -> bool:
        """Whether the year has a table; without one its dates are estimates."""
        return year in self.years

    def is_holiday(self, day: date) -> bool:
        """Whether it is a rest day by name, not only because it is a weekend."""
        if day in self.own_rest or day in self.own_work:
            return day in self.own_rest
        table = self.years.get(day.year)
        return table is not None and day in table.rest

    def is_makeup(self, day: date) -> bool:
        """Whether people work although it is a weekend."""
        if day.isoweekday() < _SATURDAY or day in self.own_rest:
            return False
        table = self.years.get(day.year)
        return day in self.own_work or (table is not None and day in table.work)

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day."""
        if day.isoweekday() >= _SATURDAY:
            return self.is_makeup(day)
        return not self.is_holiday(day)

    def add_workdays(self, day: date, count: int) -> date:
        """The ``count``-th workday after ``day``, which itself is day 0; ``day`` for 0. Raises
        ValueError for a negative count."""
        if count < 0:
            raise ValueError("working days are counted forwards")
        found = day
        for _ in range(_MOST_DAYS):
            if count == 0:
                return found
            found += timedelta(days=1)
            count -= self.is_workday(found)
        raise ValueError("too many working days")
