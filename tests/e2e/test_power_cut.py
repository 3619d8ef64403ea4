"""The power goes while everybody works: what was written after the last sync is lost, or torn."""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from hall_server.admin.verify import check_database
from hall_server.store.database import sqlite_url
from tests.support.durability import Lost, check_return
from tests.support.mortal_hall import MortalHall, mortal_hall
from tests.support.power import compiled, cut_power

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
CUTS = 24
LONGEST_S = 0.5
# As long as a good card takes; most of the cuts come meanwhile.
SYNC_US = 8_000
# Copying the log into the database begins after so many pages: seldom, as it is set, and often,
# so that the power goes in the middle of that as well.
OFTEN = "wal_autocheckpoint=20"


@dataclass
class _Machine:
    """A machine that loses its power."""

    folder: Path
    hall: MortalHall
    dice: Random

    @property
    def data(self) -> Path:
        return self.hall.server.data

    def life(self, *pragmas: str) -> int:
        """Starts, checks what is there, works, loses the power; returns how many writes had not
        been synced."""
        before, log = self.folder / "before", self.folder / "writes"
        shutil.rmtree(before, ignore_errors=True)
        shutil.copytree(self.data, before)
        log.unlink(missing_ok=True)
        self.hall.server.start(LOST_LOG=str(log), TEST_PRAGMAS=json.dumps(pragmas))
        self.check()
        self.hall.work_until(self._cut)
        return cut_power(before, log, self.data, self.dice)

    def _cut(self) -> None:
        threading.Event().wait(self.dice.uniform(0, LONGEST_S))
        self.hall.server.cut()

    def check(self) -> None:
        """Everything answered for is there."""
        check_return(self.hall, sqlite_url(self.data))

    def verify(self) -> None:
        """``hall admin verify`` of a copy: a look would tidy the original up."""
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.data, copy)
        check_database(copy / "hall.db")


@contextmanager
def _machine(folder: Path) -> Iterator[_Machine]:
    dice = Random()
    data = (folder / "data").resolve()
    environment = {
        "LD_PRELOAD": str(compiled(folder)),
        "LOST_ROOT": f"{data}/",
        "LOST_SYNC_US": str(SYNC_US),
    }
    with mortal_hall(folder, data, dice.getrandbits(60), environment) as hall:
        yield _Machine(folder, hall, dice)


def test_after_a_power_cut_every_answer_is_there(tmp_path: Path) -> None:
    with _machine(tmp_path) as machine:
        lost = []
        for cut in range(CUTS):
            lost.append(machine.life(*([OFTEN] if cut % 2 else [])))
            machine.verify()
        machine.hall.server.start()
        machine.hall.work_until(lambda: None)
        machine.check()
        machine.hall.server.stop()
        assert len(machine.hall.done) > CUTS
        # Something was there to be lost.
        assert any(lost)
    check_database(machine.data / "hall.db")


def test_with_fewer_syncs_the_same_test_finds_answers_lost(tmp_path: Path) -> None:
    """What ``synchronous=FULL`` is for."""
    with _machine(tmp_path) as machine, pytest.raises(Lost):
        for _ in range(CUTS):
            machine.life("synchronous=NORMAL")
        machine.life()
