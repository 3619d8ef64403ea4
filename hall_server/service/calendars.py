"""Tables of rest days that were imported, so that a new year needs no new software."""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from hall_server.domain.calendar import YearTable
from hall_server.domain.hall import Hall
from hall_server.domain.instant import Moment, moment
from hall_server.service.alarms import notices
from hall_server.service.ports import NewEvent, Reader, Store, Transaction
from hallkit.wire.ids import new_id

_log = logging.getLogger(__name__)
_KEY = "calendar"


def _days(days: Iterable[date]) -> list[str]:
    return sorted(d.isoformat() for d in days)


def imported_years(tx: Reader) -> dict[int, YearTable]:
    """The imported tables by year."""
    text = tx.meta(_KEY)
    if text is None:
        return {}
    return {
        int(year): YearTable(
            frozenset(map(date.fromisoformat, table["rest"])),
            frozenset(map(date.fromisoformat, table["work"])),
        )
        for year, table in json.loads(text).items()
    }


def import_years(
    store: Store, hall: Hall, years: Mapping[int, YearTable], actor: str, now: datetime
) -> None:
    """Keeps the tables, each in place of the one of its year; journaled. A running server takes
    them when it starts again."""

    def work(tx: Transaction) -> None:
        kept = imported_years(tx) | dict(years)
        tables = {y: {"rest": _days(t.rest), "work": _days(t.work)} for y, t in kept.items()}
        tx.set_meta(_KEY, json.dumps(tables))
        when = moment(now, hall.zone, tx.last_at())
        event = NewEvent("hall.changed", data={"calendar_years": sorted(years)})
        tx.append(event, when.at, when.day, actor, new_id())

    store.write(work)


def log_missing_year(hall: Hall, today: Moment) -> None:
    """Says once, when the server starts, that dates are estimates."""
    for notice in notices(hall, today):
        _log.warning("%s / %s", notice.text, notice.text_en)


def with_imported_years(store: Store, hall: Hall) -> Hall:
    """The hall with the imported tables in its calendar."""
    return with_years(hall, store.read(imported_years))


def with_years(hall: Hall, years: Mapping[int, YearTable]) -> Hall:
    """The hall with these tables in its calendar."""
    if not years:
        return hall
    calendar = hall.hours.calendar
    calendar = replace(calendar, years={**calendar.years, **years})
    return replace(hall, hours=replace(hall.hours, calendar=calendar))
