"""``import-calendar``, ``import-appointments``."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hall_server.admin.failure import Failure, in_words, need_database, opened
from hall_server.domain.errors import Invalid
from hall_server.domain.hall import Hall
from hall_server.hallfile.build import build_hall
from hall_server.hallfile.calendar_csv import load_calendar, read_table
from hall_server.hallfile.schema import HallFile
from hall_server.service.appointments_desk import Appointments
from hall_server.service.calendars import import_years, with_imported_years
from hall_server.service.commands import Commands
from hall_server.service.views import Urls
from hall_server.store.lock import DataLock
from hall_server.store.store import SqlStore
from hallkit.runtime.clock import SystemClock
from hallkit.runtime.settings import ConfigError, Problem
from hallkit.wire.ids import new_id

ACTOR = "admin"


@contextmanager
def _hall(data_dir: Path) -> Iterator[tuple[SqlStore, Hall]]:
    """The store of a server that does not run, and its hall. Raises Failure."""
    need_database(data_dir)
    with in_words(), DataLock(data_dir), opened(data_dir, serving=True) as store:
        document = store.read(lambda tx: tx.hall_document())
        if document is None:
            raise Failure("尚未导入大厅文件 / no hall file has been imported yet")
        yield store, with_imported_years(store, build_hall(HallFile.model_validate_json(document)))


def import_calendar(data_dir: Path, path: Path) -> str:
    """Keeps the tables of rest days in a CSV file. Raises ConfigError with all that is wrong with
    it, Failure."""
    with in_words():
        years = load_calendar(path)
    with _hall(data_dir) as (store, hall):
        import_years(store, hall, years, ACTOR, SystemClock().now())
    lines = [
        f"{year}：放假 {len(table.rest)} 天，补班 {len(table.work)} 天 / "
        f"{len(table.rest)} rest days, {len(table.work)} make-up workdays"
        for year, table in sorted(years.items())
    ]
    return "\n".join(["已导入节假日表 / imported:", *lines])


def import_appointments(data_dir: Path, path: Path) -> str:
    """Books every row of a CSV file, or none. Raises ConfigError with all that is wrong with it,
    Failure."""
    with in_words():
        text = read_table(path)
    with _hall(data_dir) as (store, hall):
        desk = Appointments(store, Commands(store, hall, SystemClock(), Urls("")))
        try:
            booked = json.loads(desk.import_csv(ACTOR, new_id(), text))["booked"]
        except Invalid as error:
            raise ConfigError(_problems(path, error)) from None
    lines = [
        f"{b['code']}  {b['starts'][:16].replace('T', ' ')}  {b['service_name']}" for b in booked
    ]
    return "\n".join([f"已导入 {len(booked)} 个预约 / imported:", *lines])


def _problems(path: Path, error: Invalid) -> list[Problem]:
    found = []
    for detail in error.details:
        zh, _, en = detail["message"].partition(" / ")
        found.append(Problem(str(path), str(detail["row"]), zh, en))
    return found
