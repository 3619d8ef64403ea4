"""Removing what the hall no longer keeps: old journal entries, old answers to commands.

Once a day, and a few rows at a time with pauses between, so that no call waits for it. What is left
of the journal can still be verified: an entry ``journal.trimmed`` holds the sequence and the hash
of the last entry removed, so that removing the beginning by any other way is found out.
"""

import json
from collections.abc import Callable
from uuid import uuid4

from hall_server.service.answers import Done
from hall_server.service.commands import Commands
from hall_server.service.context import Context
from hall_server.service.day import SYSTEM
from hall_server.service.ports import Transaction

# Rows in one transaction: a few milliseconds of the writer's time.
CHUNK = 200
TRIMMED = "journal.trimmed"


def tells(body: str, seq: int, hash_: str) -> bool:
    """Whether an entry ``journal.trimmed`` with this body says that everything up to ``seq`` was
    removed."""
    data = json.loads(body).get("data", {})
    return (data.get("seq"), data.get("hash")) == (seq, hash_)


def trim_some(tx: Transaction, context: Context, most: int) -> int:
    """Removes up to ``most`` rows of each kind; returns the larger number of the two."""
    rules = context.hall.retention
    answers = tx.trim_answers(rules.answers_from(context.now), most)
    entries, anchor = tx.trim_journal(rules.first_day(context.moment.day), most)
    if entries and anchor is not None:
        context.record(tx, TRIMMED, seq=anchor.seq, hash=anchor.hash, day=anchor.day)
    return max(answers, entries)


class Trimming:
    """Trims once a business day; for the thread that keeps house."""

    def __init__(
        self, commands: Commands, pause: Callable[[], bool], *, chunk: int = CHUNK
    ) -> None:
        self._commands = commands
        self._pause = pause
        self._chunk = chunk
        self._day = ""

    def run(self) -> None:
        """Trims unless that was done today. ``pause`` is called between two transactions and
        ends it by returning True. Raises StorageFailed, WriterStopped."""
        today = self._commands.today().day
        if today == self._day:
            return
        while self._some() == self._chunk:
            if self._pause():
                return
        self._day = today

    def _some(self) -> int:
        removed = [0]

        def case(tx: Transaction, context: Context) -> Done:
            removed[0] = trim_some(tx, context, self._chunk)
            return Done()

        self._commands.run(SYSTEM, str(uuid4()), "trim", {}, case)
        return removed[0]
