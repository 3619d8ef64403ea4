"""A day of bad luck for the ticket printer: who queues, what goes wrong, and what a person does
about it, drawn by chance. What came of it is for a test to judge."""

import json
import random
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from hallkit.wire.printing import JobState
from tests.fakes.printer_nursery import Nursery
from tests.fakes.printer_rig import DEADLINE_S, Intake, slip, until
from ticket_printer.spool.store import FILE_NAME
from ticket_printer.virtual.faults import Faults
from ticket_printer.virtual.server import VirtualPrinter

SETTLED = ("done", "unknown", "failed", "withdrawn")
# The share of turns with a fault; one without hands in several tickets.
FAULTY = 0.7
# A printer that was switched off needs longer than that to be up again.
_POWER_UP_S = 1.2
# How long a fault that stops nothing may go unseen.
_SEEN_AFTER_S = 2.5
# The shares of tickets that a person takes back from the printer, and prints again.
_TAKEN_BACK, _PRINTED_AGAIN = 0.4, 0.3
# What a slow line carries; a ticket of the storm has 50 bytes, one behind a broken one 1,000 more.
_SLOW = (100, 3_000)

Chance = random.Random


def _at(chance: Chance, ticket_bytes: int) -> Any:
    """A moment of a ticket: any byte of it, or where it matters."""
    return chance.choice([chance.randint(0, ticket_bytes), "cut", "confirm"])


# What can go wrong, by name: the keys of control.json.
FAULTS: dict[str, Callable[[Chance, Any], dict[str, Any]]] = {
    "paper out": lambda _, at: {"then": {"at": at, "paper": "out"}},
    "paper ends": lambda chance, _: {"rows_left": chance.randint(0, 400)},
    "no paper": lambda _, __: {"paper": "out"},
    "cover": lambda _, at: {"then": {"at": at, "cover": "open"}},
    "cutter": lambda _, __: {"cutter": "error"},
    "power": lambda _, at: {"then": {"at": at, "power": "off"}},
    "silence": lambda _, at: {"then": {"at": at, "silent": True}},
    "garbage": lambda _, at: {"then": {"at": at, "garbage": True}},
    "hang up": lambda chance, at: {
        "then": {"at": at, "hang_up": True},
        "keeps_half": chance.random() < 0.5,
    },
    "dropped": lambda chance, _: {"drop_after_bytes": chance.randint(1, 80)},
    "slow": lambda chance, _: {"bytes_per_s": chance.randint(*_SLOW)},
    "near end": lambda _, __: {"paper": "near-end"},
}


class Records:
    """The spool's file, as anybody may read it while the program lives or is dead."""

    def __init__(self, data: Path) -> None:
        self._db = sqlite3.connect(
            f"file:{data / FILE_NAME}?mode=ro", uri=True, timeout=DEADLINE_S, isolation_level=None
        )

    def __enter__(self) -> "Records":
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def state(self, job_id: str) -> str:
        """The state of a job, empty when there is none."""
        row = self._db.execute("SELECT state FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
        return str(row[0]) if row else ""

    def any_out(self) -> bool:
        """Whether a ticket is with a printer now."""
        query = "SELECT 1 FROM jobs WHERE state IN ('sending', 'held') LIMIT 1"
        return self._db.execute(query).fetchone() is not None

    def jobs(self) -> dict[str, dict[str, Any]]:
        """Every job's columns by its id."""
        rows = self._db.execute(
            "SELECT job_id, printer, wanted, slip, state, detail, sendings, reprint_of FROM jobs"
        )
        names = ["job_id", "printer", "wanted", "slip", "state", "detail", "sendings", "reprint_of"]
        return {row[0]: dict(zip(names, row, strict=True)) for row in rows}

    def ways(self) -> dict[str, list[JobState]]:
        """The states that every job went through."""
        found: dict[str, list[JobState]] = {}
        for job_id, state in self._db.execute("SELECT job_id, state FROM journal ORDER BY seq"):
            found.setdefault(job_id, []).append(state)
        return found


class Desk:
    """Whoever hands in jobs: asks again until the program, which may be dead just now, answers."""

    def __init__(self, program: Nursery) -> None:
        self._program = program

    def post(self, path: str, body: object) -> tuple[int, dict[str, Any]]:
        """The answer at last."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            try:
                with Intake(self._program.port) as intake:
                    return intake.post(path, body)
            except (urllib3.exceptions.HTTPError, json.JSONDecodeError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def submit(self, job_id: str, printer: str, number: str) -> None:
        """Hands in a ticket."""
        ticket = slip(number=number).model_dump(mode="json")
        status, answer = self.post("/jobs", {"job_id": job_id, "printer": printer, "slip": ticket})
        assert status == 202, answer


@dataclass
class Station:
    """One printer with the people before it. ``ticket_bytes`` is about a ticket's length;
    ``reprints_at`` names the printer at which a lost ticket is printed again."""

    name: str
    printer: VirtualPrinter
    caps: str
    ticket_bytes: int
    reprints_at: str
    met: dict[str, int] = field(default_factory=dict)

    def serve(self, numbers: Iterable[int], seed: str, program: Nursery, data: Path) -> None:
        """Hands in these numbers while things go wrong; returns when all have an end."""
        chance, desk = random.Random(seed), Desk(program)
        left = list(numbers)
        with Records(data) as records:
            while left:
                faulty = chance.random() < FAULTY
                count = chance.randint(1, 2) if faulty else chance.randint(2, 6)
                turn, left = left[:count], left[count:]
                if faulty:
                    self._break(chance)
                self._submit(desk, chance, turn)
                if faulty:
                    self._look(desk, records, chance, turn[0])
                    self.mend()
                self._settle(records, [f"t-{n}" for n in turn])
                self._reprint(desk, records, chance, turn)

    def mend(self) -> None:
        """Nothing is wrong any more."""
        self.printer.switch(Faults.model_validate({"caps": self.caps}))

    def _break(self, chance: Chance) -> None:
        self.wrong = chance.choice(list(FAULTS))
        self.met[self.wrong] = self.met.get(self.wrong, 0) + 1
        fault = FAULTS[self.wrong](chance, _at(chance, self.ticket_bytes))
        self.printer.switch(Faults.model_validate({"caps": self.caps} | fault))

    def _submit(self, desk: Desk, chance: Chance, turn: list[int]) -> None:
        for n in turn:
            for _ in range(chance.choice([1, 1, 1, 2])):
                desk.submit(f"t-{n}", self.name, f"A{n:04d}")

    def _look(self, desk: Desk, records: Records, chance: Chance, number: int) -> None:
        """Somebody comes to the printer when the ticket stopped, or sooner, or much later."""
        job_id = f"t-{number}"
        if self.wrong == "power":
            time.sleep(_POWER_UP_S)
        else:
            stopped = ("held", *SETTLED)
            _wait(chance.uniform(0.0, _SEEN_AFTER_S), lambda: records.state(job_id) in stopped)
        if records.state(job_id) == "held" and chance.random() < _TAKEN_BACK:
            assert desk.post(f"/jobs/{job_id}/withdraw", {})[0] in (202, 409)
            _wait(_SEEN_AFTER_S, lambda: records.state(job_id) in SETTLED)

    def _settle(self, records: Records, jobs: list[str]) -> None:
        for job_id in jobs:
            until(lambda: records.state(job_id) in SETTLED, f"{job_id} to have an end")  # noqa: B023 - waited for here

    def _reprint(self, desk: Desk, records: Records, chance: Chance, turn: list[int]) -> None:
        for n in turn:
            if records.state(f"t-{n}") != "unknown" or chance.random() > _PRINTED_AGAIN:
                continue
            body = {"job_id": f"r-{n}", "printer": self.reprints_at}
            status, answer = desk.post(f"/jobs/t-{n}/reprint", body)
            assert status == 202, answer
            self._settle(records, [f"r-{n}"])


def _wait(most_s: float, for_what: Callable[[], bool]) -> None:
    until_s = time.monotonic() + most_s
    while time.monotonic() < until_s and not for_what():
        time.sleep(0.02)
