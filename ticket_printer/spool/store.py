"""The spool: every job with its state, in SQLite (WAL, synchronous=FULL).

A method that changes something returns when the change is on the disk. Thread-safe.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from hallkit.wire.printing import JobState
from hallkit.wire.slips import Slip, slip_from_json
from ticket_printer.spool.schema import IDENTITY, prepare
from ticket_printer.spool.states import OPEN, RESTARTED, WORDS, IllegalMove, check_move

FILE_NAME = "spool.sqlite3"
# A busy SD card may hold a commit up; longer means that the file is locked by another program.
_LOCK_TIMEOUT_S = 5.0
# Name of the note that says how many jobs a printer was sent since one was done.
_OUT = "out:"
COLUMNS = "seq, job_id, printer, slip, state, detail, detail_en, reprint_of, wanted"


Words = tuple[str, str]


class SpoolError(Exception):
    """The spool cannot be used; the message is for people, in both languages."""


class JobConflict(Exception):
    """The job id was used before, for another slip or printer."""


@dataclass(frozen=True)
class Job:
    """A row of the spool. ``slip`` is its JSON; ``seq`` the order of acceptance; ``wanted`` the
    printer that it was for, ``printer`` the one that has it."""

    seq: int
    job_id: str
    printer: str
    slip: str
    state: JobState
    detail: str
    detail_en: str
    reprint_of: str | None
    wanted: str

    @property
    def content(self) -> Slip:
        """The slip as a message."""
        return slip_from_json(self.slip)


class Spool:
    """The jobs in ``folder``/spool.sqlite3. Raises SpoolError when it cannot be opened."""

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                folder / FILE_NAME,
                isolation_level=None,
                check_same_thread=False,
                timeout=_LOCK_TIMEOUT_S,
            )
        except (OSError, sqlite3.Error) as error:
            raise SpoolError(f"{folder}: 无法使用数据目录 / cannot be used: {error}") from error
        try:
            prepare(self._db)
        except sqlite3.Error as error:
            self._db.close()
            raise SpoolError(
                f"{folder / FILE_NAME}: 打印队列文件无法使用 / cannot be used: {error}"
            ) from error

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._db.close()

    def accept(
        self,
        job_id: str,
        printer: str,
        slip: Slip,
        now: datetime,
        *,
        reprint_of: str | None = None,
        note: tuple[str, str] | None = None,
        report: str | None = None,
    ) -> tuple[Job, bool]:
        """Stores a new job as queued and says whether it is new. In the same transaction ``note``
        (name, value) is kept, and of a new job what the server is to be told (``report``). Raises
        JobConflict."""
        text = slip.model_dump_json()
        with self.change() as db:
            if note is not None:
                self._note(note)
            known = self._find(job_id)
            if known is not None:
                if (known.wanted, known.content) != (printer, slip):
                    raise JobConflict(job_id)
                return known, False
            words = WORDS["queued"]
            at = now.isoformat()
            db.execute(
                "INSERT INTO jobs (job_id, printer, wanted, slip, state, detail, detail_en,"
                " reprint_of, accepted_at, changed_at)"
                " VALUES (?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?)",
                (job_id, printer, printer, text, *words, reprint_of, at, at),
            )
            if report is not None:
                db.execute("INSERT INTO reprints (report) VALUES (?)", (report,))
            self._record(job_id, "queued", words[1], now)
            job = self._find(job_id)
        assert job is not None
        return job, True

    def job(self, job_id: str) -> Job | None:
        """The job, or None."""
        with self._lock:
            return self._find(job_id)

    def next_queued(self, printer: str) -> Job | None:
        """The oldest queued job of a printer."""
        return next(iter(self.queued(printer, 1)), None)

    def queued(self, printer: str, most: int = -1) -> list[Job]:
        """The queued jobs of a printer, oldest first, ``most`` of them."""
        with self._lock:
            rows = self._db.execute(
                f"SELECT {COLUMNS} FROM jobs WHERE printer = ? AND state = 'queued'"  # noqa: S608 - constants
                " ORDER BY seq LIMIT ?",
                (printer, most),
            ).fetchall()
        return [Job(*row) for row in rows]

    def hand_over(
        self, job: Job, printer: str, words: Words, now: datetime, *, for_good: bool = False
    ) -> None:
        """Gives a job that was never sent to another printer, which counts as the one that it was
        for when it is ``for_good``. Raises IllegalMove (it is being printed, or was withdrawn)."""
        wanted = printer if for_good else job.wanted
        with self.change() as db:
            changed = db.execute(
                "UPDATE jobs SET printer = ?, wanted = ?, detail = ?, detail_en = ?, changed_at = ?"
                " WHERE seq = ? AND printer = ? AND state = 'queued' AND sendings = 0",
                (printer, wanted, *words, now.isoformat(), job.seq, job.printer),
            ).rowcount
            if not changed:
                raise IllegalMove(f"job {job.job_id}: not to be given to {printer}")
            self._record(job.job_id, "queued", words[1], now)

    def waiting(self, printer: str) -> int:
        """How many jobs a printer has still to do."""
        marks = ", ".join("?" * len(OPEN))
        with self._lock:
            row = self._db.execute(
                f"SELECT count(*) FROM jobs WHERE printer = ? AND state IN ({marks})",  # noqa: S608 - question marks
                (printer, *OPEN),
            ).fetchone()
        return int(row[0])

    def start_sending(self, job: Job, now: datetime, paper_mm: float = 0) -> int:
        """Moves a queued job to sending, and counts its paper; returns the number of this sending,
        unique in the spool. Raises IllegalMove (withdrawn, or given to another printer)."""
        with self.change() as db:
            known = self._find(job.job_id)
            if known is None or known.printer != job.printer:
                raise IllegalMove(f"job {job.job_id} is not at {job.printer} any more")
            self._move(job.job_id, "sending", WORDS["sending"], now)
            db.execute(
                "INSERT INTO rolls (printer, used_mm) VALUES (?, ?)"
                " ON CONFLICT (printer) DO UPDATE SET used_mm = used_mm + excluded.used_mm",
                (job.printer, paper_mm),
            )
            count = int(self._read_note("sendings") or 0) + 1
            self._note(("sendings", str(count)))
            self._note((_OUT + job.printer, str(self._unfinished(job.printer) + 1)))
            db.execute("UPDATE jobs SET sendings = sendings + 1 WHERE seq = ?", (job.seq,))
        return count

    def unfinished(self, printer: str) -> int:
        """How many jobs a printer was sent since the last one that ended as done: something of
        them may be in the printer still."""
        with self._lock:
            return self._unfinished(printer)

    def move(self, job_id: str, state: JobState, words: Words, now: datetime) -> None:
        """Moves a job to another state. Raises IllegalMove."""
        with self.change():
            self._move(job_id, state, words, now)

    def end_unsent(
        self, job: Job, state: Literal["failed", "withdrawn"], words: Words, now: datetime
    ) -> None:
        """Ends a job that is still queued at its printer. Raises IllegalMove (it is over, or was
        given to another printer)."""
        with self.change():
            known = self._find(job.job_id)
            if known is None or (known.printer, known.state) != (job.printer, "queued"):
                raise IllegalMove(f"job {job.job_id} does not wait at {job.printer} any more")
            self._move(job.job_id, state, words, now)

    def recover(self, now: datetime) -> list[str]:
        """After a start: what was being printed has an unknown fate. Returns those job ids."""
        with self.change() as db:
            rows = db.execute(
                "SELECT job_id FROM jobs WHERE state IN ('sending', 'held')"
            ).fetchall()
            for (job_id,) in rows:
                self._move(job_id, "unknown", RESTARTED, now)
        return [job_id for (job_id,) in rows]

    def prune(self, before: datetime) -> int:
        """Forgets jobs that ended before a time; returns how many."""
        marks = ", ".join("?" * len(OPEN))
        with self.change() as db:
            gone = db.execute(
                f"DELETE FROM jobs WHERE changed_at < ? AND state NOT IN ({marks})",  # noqa: S608 - question marks
                (before.isoformat(), *OPEN),
            ).rowcount
            db.execute("DELETE FROM journal WHERE at < ?", (before.isoformat(),))
        return gone

    def capabilities(self, printer: str, address: str) -> str | None:
        """The capability set found for a printer at this address."""
        with self._lock:
            row = self._db.execute(
                "SELECT caps FROM capabilities WHERE printer = ? AND address = ?",
                (printer, address),
            ).fetchone()
        return row[0] if row else None

    def store_capabilities(self, printer: str, address: str, caps: str, now: datetime) -> None:
        """Remembers what a probe found."""
        with self.change() as db:
            db.execute(
                "INSERT OR REPLACE INTO capabilities VALUES (?, ?, ?, ?)",
                (printer, address, caps, now.isoformat()),
            )

    def note(self, name: str) -> str | None:
        """A remembered value."""
        with self._lock:
            return self._read_note(name)

    def remember(self, name: str, value: str) -> None:
        """Remembers a value."""
        with self.change():
            self._note((name, value))

    @property
    def identity(self) -> str:
        """A UUID of this spool's own, the same for ever."""
        return self.note(IDENTITY) or ""

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """The file, for one reading of a part of the spool."""
        with self._lock:
            yield self._db

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """One transaction of a part of the spool, on the disk afterwards."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _find(self, job_id: str) -> Job | None:
        row = self._db.execute(
            f"SELECT {COLUMNS} FROM jobs WHERE job_id = ?",  # noqa: S608 - constants
            (job_id,),
        ).fetchone()
        return Job(*row) if row else None

    def _move(self, job_id: str, state: JobState, words: Words, now: datetime) -> None:
        job = self._find(job_id)
        if job is None:
            raise KeyError(job_id)
        check_move(job_id, job.state, state)
        self._db.execute(
            "UPDATE jobs SET state = ?, detail = ?, detail_en = ?, changed_at = ? WHERE seq = ?",
            (state, *words, now.isoformat(), job.seq),
        )
        self._record(job_id, state, words[1], now)
        if state == "done":
            self._db.execute("DELETE FROM notes WHERE name = ?", (_OUT + job.printer,))

    def _record(self, job_id: str, state: JobState, detail: str, now: datetime) -> None:
        self._db.execute(
            "INSERT INTO journal (at, job_id, state, detail_en) VALUES (?, ?, ?, ?)",
            (now.isoformat(), job_id, state, detail),
        )

    def _note(self, note: tuple[str, str]) -> None:
        self._db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", note)

    def _unfinished(self, printer: str) -> int:
        return int(self._read_note(_OUT + printer) or 0)

    def _read_note(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None
