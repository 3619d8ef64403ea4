"""A forecaster that hangs in a look when the server is killed ends by itself."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, text

from tests.support.database import Database
from tests.support.mortal_hall import MortalHall, mortal_hall
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]
# Nobody asks the server meanwhile: it is the forecaster who waits.
WHO_WAITS = text("SELECT pid FROM pg_locks WHERE relation = 'ticket'::regclass AND NOT granted")


def _forecaster(log: Path) -> psutil.Process:
    """The one whose errors go to this server's log."""

    def mine(process: psutil.Process) -> bool:
        if "hall_server.forecaster" not in (process.info["cmdline"] or []):
            return False
        # Another test's may end meanwhile.
        with suppress(OSError):
            return Path(f"/proc/{process.pid}/fd/2").samefile(log)
        return False

    def found() -> list[psutil.Process]:
        return [process for process in psutil.process_iter(["cmdline"]) if mine(process)]

    return wait_for("the forecaster's process", found)[0]


def _ended(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@contextmanager
def _hung_look(database: Database) -> Iterator[None]:
    """The database stops answering in the middle of a look."""
    engine = create_engine(database.url)
    try:
        with engine.begin() as connection:
            connection.execute(text("LOCK TABLE ticket IN ACCESS EXCLUSIVE MODE"))
            row = wait_for("a look", lambda: connection.execute(WHO_WAITS).first())
            os.kill(row.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(row.pid, signal.SIGCONT)
    finally:
        engine.dispose()


def _at_work(hall: MortalHall) -> bool:
    return bool(hall.boss.get("health").ok()["forecast"]["source"] == "simulation")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_hung_forecaster_does_not_outlive_its_server(tmp_path: Path, database: Database) -> None:
    with mortal_hall(tmp_path, tmp_path, seed=1) as hall:
        hall.server.start()
        forecaster = _forecaster(tmp_path / "server.log")
        wait_for("a forecast", lambda: _at_work(hall))
        hall.people[0].who.issue("pension-join")
        with _hung_look(database):
            hall.server.kill()
            wait_for("the end of the forecaster", lambda: _ended(forecaster))
