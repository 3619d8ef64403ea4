"""``kill -9`` of the server, again and again, while everybody works."""

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from random import Random

import pytest

from hall_server.store.database import sqlite_url
from tests.support.database import Database, SqliteDatabase, behind_its_back, check
from tests.support.durability import check_kept, check_return
from tests.support.mortal_hall import MortalHall, Sent, mortal_hall

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
# At any moment of about fifty commands of each; a start takes about 0.1 s.
LONGEST_S, LONGEST_START_S = 0.4, 0.12
KILLED_AT_START = 0.25
VERIFIED_EVERY = 10


def _wait(seconds: float) -> None:
    threading.Event().wait(seconds)


def _one_life(hall: MortalHall, dice: Random, url: str, *, whole: bool) -> None:
    if dice.random() < KILLED_AT_START:
        hall.server.begin()
        _wait(dice.uniform(0, LONGEST_START_S))
        hall.server.kill()
    hall.server.start(whole=whole)
    check_return(hall, url)
    hall.work_until(lambda: (_wait(dice.uniform(0, LONGEST_S)), hall.server.kill()))


@pytest.mark.parametrize(
    ("database", "kills"), [("sqlite", 50), ("postgresql", 12)], indirect=["database"]
)
def test_killed_at_any_moment_the_hall_keeps_every_answer(
    tmp_path: Path, database: Database, kills: int
) -> None:
    dice = Random()
    with mortal_hall(tmp_path, tmp_path, seed=dice.getrandbits(60)) as hall:
        for life in range(1, kills + 1):
            # Seldom as the whole command: its imports take longer than its life.
            _one_life(hall, dice, database.url, whole=life % VERIFIED_EVERY == 0)
            if life % VERIFIED_EVERY == 0:
                check(database)
        hall.server.start()
        hall.work_until(lambda: _wait(LONGEST_S))
        check_return(hall, database.url)
        hall.server.stop()
        assert not hall.open
        assert {s.status for s in hall.sent} <= {200, 201, 409}
        assert len(hall.done) > kills
    _verify(tmp_path)


def _verify(data: Path) -> None:
    verify = [sys.executable, "-m", "hallkit.runtime.cli", "admin", "verify", "--data", data]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _lose_an_answer(sent: Sent) -> str:
    return f"DELETE FROM command WHERE request_id = '{sent.request_id}'"


def _change_an_answer(sent: Sent) -> str:
    return f"UPDATE command SET answer = '{{}}' WHERE request_id = '{sent.request_id}'"


def _lose_a_ticket(sent: Sent) -> str:
    return f"DELETE FROM ticket WHERE id = '{json.loads(sent.text)['id']}'"


def _issue_twice(sent: Sent) -> str:
    return (
        "INSERT INTO journal SELECT (SELECT max(seq) FROM journal) + 1, at, day, type, actor,"
        f" request_id, body, hash FROM journal WHERE request_id = '{sent.request_id}'"
    )


def test_what_these_tests_look_for_they_find(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    with mortal_hall(tmp_path, data, seed=1) as hall:
        hall.server.start()
        hall.work_until(lambda: _wait(LONGEST_S))
        hall.server.stop()
    issued = [sent for sent in hall.done if sent.path == "tickets"]
    check_kept(hall.done, hall.open, sqlite_url(data))
    check_kept([], issued, sqlite_url(data))
    for damage in (_lose_an_answer, _change_an_answer, _lose_a_ticket, _issue_twice):
        shutil.copytree(data, copy)
        behind_its_back(SqliteDatabase(copy), damage(issued[0]))
        with pytest.raises(AssertionError):
            check_kept(hall.done, hall.open, sqlite_url(copy))
        if damage is _lose_an_answer:
            with pytest.raises(AssertionError, match="half of"):
                check_kept([], issued, sqlite_url(copy))
        shutil.rmtree(copy)
