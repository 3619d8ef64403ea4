"""The country's table of rest days and make-up workdays, as far as the installed library knows."""

from functools import lru_cache

from chinese_calendar.constants import holidays, workdays

from hall_server.domain.calendar import YearTable, by_year


@lru_cache(maxsize=1)
def national_years() -> dict[int, YearTable]:
    """The tables by year. Years that the library does not have are absent (its own functions
    would raise for them); they are added with ``hall admin import-calendar``."""
    return by_year(holidays, workdays)
