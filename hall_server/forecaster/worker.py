"""The forecaster's own process: reads the database, answers each look with a forecast."""

import logging
import os
import select
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from threading import Thread
from typing import BinaryIO

from hall_server.domain.forecast.forecaster import Forecaster
from hall_server.domain.forecast.model import Taking
from hall_server.domain.forecast.present import Schedule, Seen, ranks_of, schedule_of
from hall_server.domain.hall import Hall
from hall_server.domain.instant import Instant, Moment, from_instant
from hall_server.domain.profile import EVERYTHING, WorkProfile
from hall_server.forecaster.history import News, past, since
from hall_server.forecaster.messages import hello_of, line_of_given, look_of
from hall_server.hallfile.build import build_hall
from hall_server.hallfile.schema import HallFile
from hall_server.service.calendars import imported_years, with_years
from hall_server.service.forecasts import Given
from hall_server.service.ports import Reader
from hall_server.service.standing import Standing
from hall_server.store.database import read_engine
from hall_server.store.transaction import SqlTransaction
from hallkit.runtime.logs import configure_logs

_log = logging.getLogger(__name__)
# Behind every call: the worker takes what processor time is left.
NICE = 10
# More people than ever wait in one hall at once.
_MOST_TICKETS = 2_000
# Schedules are looked up again when this much time has passed, or a profile or window changed.
_SCHEDULE_MS = 60_000


class Worker:
    """Looks at one hall; ``read`` runs a function in one reading transaction."""

    def __init__(self, hall: Hall, k: float, scored_until: Instant) -> None:
        self._hall = hall
        self._forecaster = Forecaster(hall, k)
        self._scored_until = scored_until
        self._seq: int | None = None
        self._freed: dict[int, Instant] = {}
        self._schedules: Mapping[int, Schedule] = {}
        self._scheduled: object = None
        _, self._ranks = ranks_of(hall)

    def look(self, tx: Reader, now: Instant) -> Given:
        """The forecast at this moment."""
        moment = Moment(now, from_instant(now, self._hall.zone))
        self._learn(tx, moment)
        standing = Standing(tx, self._hall, moment)
        waiting = [t for t, _ in tx.best_waiting(moment.day, None, EVERYTHING, now, _MOST_TICKETS)]
        waiting.sort(key=lambda t: (t.issued, t.id))
        windows = list(standing.layout.windows.values())
        seen = Seen(windows, standing.active, waiting, self._freed)
        found = self._forecaster.look(moment, seen, self._schedule(standing, moment))
        quiet = not waiting and not standing.active
        k = self._forecaster.k
        return Given(now, quiet, found.waits, found.joining, k, self._scored_until)

    def _learn(self, tx: Reader, moment: Moment) -> None:
        if self._seq is None:
            self._seq = tx.last_seq()
            news = past(tx, moment, self._scored_until)
            self._take_hall(tx)
        else:
            self._seq, news = since(tx, self._seq, self._scored_until)
        if news.hall_changed:
            self._take_hall(tx)
        self._take(news)

    def _take_hall(self, tx: Reader) -> None:
        """A manager may have changed the points rule; nothing else changes while it runs."""
        document = tx.hall_document()
        if document is None:
            return
        changed = build_hall(HallFile.model_validate_json(document))
        self._hall = replace(self._hall, priorities=changed.priorities)
        self._forecaster.hall = self._hall
        _, self._ranks = ranks_of(self._hall)
        self._scheduled = None

    def _take(self, news: News) -> None:
        self._forecaster.add(news.visits)
        self._forecaster.score(news.scored)
        self._freed |= news.freed
        self._scored_until = news.scored_until

    def _schedule(self, standing: Standing, moment: Moment) -> Mapping[int, Schedule]:
        key = (moment.at // _SCHEDULE_MS, standing.layout.profiles, standing.layout.opened)
        if self._scheduled != key:
            self._schedules = {
                number: schedule_of(self._takes(profile, standing.layout.opened), moment.local)
                for number, profile in standing.layout.profiles.items()
            }
            self._scheduled = key
        return self._schedules

    def _takes(
        self, profile: WorkProfile, opened: frozenset[int]
    ) -> Callable[[datetime], tuple[Taking, ...]]:
        def at(local: datetime) -> tuple[Taking, ...]:
            parts = self._hall.taken(profile, local, opened).parts
            return tuple(Taking(p.services, self._of_ranks(p.classes)) for p in parts)

        return at

    def _of_ranks(self, classes: frozenset[str] | None) -> frozenset[int] | None:
        if classes is None:
            return None
        return frozenset(self._ranks[c] for c in classes if c in self._ranks)


def serve(lines: BinaryIO, answers: BinaryIO) -> None:
    """Answers looks until ``lines`` end."""
    greeting = lines.readline()
    if not greeting:
        return
    hello = hello_of(greeting)
    engine = read_engine(hello.database_url)
    try:
        with engine.begin() as connection:
            reader = SqlTransaction(connection)
            document, years = reader.hall_document(), imported_years(reader)
        if document is None:
            raise ValueError("the database has no hall")
        hall = build_hall(HallFile.model_validate_json(document), always_open=hello.always_open)
        hall = with_years(hall, years)
        worker = Worker(hall, hello.k, hello.scored_until)
        while line := lines.readline():
            with engine.begin() as connection:
                given = worker.look(SqlTransaction(connection), look_of(line).now)
            answers.write(line_of_given(given))
            answers.flush()
    finally:
        engine.dispose()


def _end_with(descriptor: int) -> None:
    """Ends this process as soon as nobody holds the other end of a pipe any more, whatever it is
    at: a server that was killed cannot end a forecaster that hangs in a look."""
    hang_up = select.poll()
    hang_up.register(descriptor, 0)
    hang_up.poll()
    # It only reads, so nothing is lost.
    os._exit(0)


def main() -> int:
    """The process; 1 after a failure, which the server's log then shows."""
    # Ctrl-C is for the server, which then closes our standard input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    configure_logs("INFO")
    os.nice(NICE)
    Thread(target=_end_with, args=(sys.stdin.fileno(),), name="server", daemon=True).start()
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:
        return 0
    except Exception:  # noqa: BLE001 - the server starts another
        _log.exception("the forecaster failed")
        return 1
    return 0
