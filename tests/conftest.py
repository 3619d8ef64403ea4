"""Rules for every test."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.database import Database, PostgresDatabase, SqliteDatabase
from tests.support.postgres import PostgresServer, private_server
from tests.support.root_log import kept_log

# How long an example takes says nothing of the code where others use the processor too.
settings.register_profile("ours", settings.default, deadline=None)
settings.load_profile("ours")

# A test's data is its own, whatever database this machine's hall uses.
os.environ.pop("HALL_DATABASE_URL", None)
# A thread that was told to stop may need a moment to leave its last call.
_GRACE_S = 5.0


def _strays(before: set[threading.Thread]) -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t not in before and t.is_alive()]


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """A test that leaves a thread running has failed."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + _GRACE_S
    while (left := _strays(before)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left, f"threads left running: {[t.name for t in left]}"


@pytest.fixture(autouse=True)
def same_log() -> Iterator[None]:
    """A program that a test runs in this process sets up its log: that is over with the test."""
    with kept_log():
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for the tests of this process."""
    with private_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    """The test runs on SQLite and on PostgreSQL: what it opens in ``tmp_path`` is kept in this."""
    if request.param == "sqlite":
        yield SqliteDatabase(tmp_path)
        return
    found = PostgresDatabase(request.getfixturevalue("postgres"), monkeypatch)
    yield found
    found.drop()
