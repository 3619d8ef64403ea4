"""The disk is full: commands are refused in words, everything can be read, nothing is there by
half; when there is room again, work goes on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from hall_server.admin.verify import check_database
from hall_server.store.database import sqlite_url
from tests.support.durability import check_kept, check_return
from tests.support.mortal_hall import MortalHall, Person, Sent, mortal_hall
from tests.support.power import compiled

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
# The log of the database is used again from its beginning when it was copied: until it has to
# grow, a full disk is not noticed.
MOST = 3_000
TRIES = 8


@dataclass
class _Disk:
    hall: MortalHall
    data: Path
    full: Path

    def check(self) -> None:
        """What was answered is there, what was refused is not, and all of it fits together."""
        check_kept(self.hall.done, self.refused, sqlite_url(self.data))
        check_database(self.data / "hall.db")

    @property
    def refused(self) -> list[Sent]:
        """The commands that found no room."""
        return [sent for sent in self.hall.sent if sent.status == 503]


@contextmanager
def _disk(folder: Path) -> Iterator[_Disk]:
    data, full = (folder / "data").resolve(), folder / "full"
    environment = {
        "LD_PRELOAD": str(compiled(folder)),
        "LOST_ROOT": f"{data}/",
        "LOST_FULL": str(full),
    }
    with mortal_hall(folder, data, Random().getrandbits(60), environment) as hall:
        hall.server.start()
        hall.work_until(lambda: threading.Event().wait(0.3))
        yield _Disk(hall, data, full)


def _one(person: Person) -> Sent:
    """Their next command, answered."""
    path, body = next(person.plan(person.dice))
    person.sent.append(Sent(person.fresh(), path, body))
    assert person.open[0].send(person.who)
    return person.sent[-1]


def _until_refused(person: Person) -> None:
    for _ in range(MOST):
        if _one(person).status == 503:
            break
    assert person.sent[-1].status == 503
    person.who.post(
        "tickets", {"request_id": person.fresh(), "service_id": "hukou", "channel": "kiosk"}
    ).refused(503, "storage_failed")


def _everything_is_read(hall: MortalHall) -> None:
    for page in ("/board", "/api/v1/board", "/api/v1/hall", "/api/v1/health"):
        assert hall.boss.get(page).status == 200, page
    for path in ("windows", "windows/1", "tickets?state=waiting"):
        hall.boss.get(path).ok()


def test_on_a_full_disk_commands_are_refused_and_reads_go_on(tmp_path: Path) -> None:
    with _disk(tmp_path) as disk:
        disk.full.touch()
        _until_refused(disk.hall.people[0])
        for person in disk.hall.people:
            for _ in range(TRIES):
                assert _one(person).status in {200, 201, 409, 503}
        assert len(disk.refused) > 1
        _everything_is_read(disk.hall)
        disk.check()

        disk.full.unlink()
        for sent in disk.refused:
            who = next(p.who for p in disk.hall.people if sent in p.sent)
            assert sent.send(who)
            assert sent.status in {200, 201, 409}
        before = len(disk.hall.done)
        disk.hall.work_until(lambda: threading.Event().wait(0.3))
        assert len(disk.hall.done) > before and not disk.refused
        check_return(disk.hall, sqlite_url(disk.data))
        disk.hall.server.stop()
        disk.check()


def test_killed_on_a_full_disk_the_server_comes_back_and_shows_everything(tmp_path: Path) -> None:
    with _disk(tmp_path) as disk:
        disk.full.touch()
        _until_refused(disk.hall.people[0])
        disk.hall.server.kill()
        disk.hall.server.start()
        _everything_is_read(disk.hall)
        check_return(disk.hall, sqlite_url(disk.data))
        disk.full.unlink()
        assert _one(disk.hall.people[1]).status == 201
        disk.hall.server.stop()
        disk.check()
