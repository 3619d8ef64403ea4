"""Which jobs a person asks about: by number, still waiting, and those that came to nothing.

A job counts as printed again when a later reprint of it (or another one of the same job) was not
withdrawn.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from hallkit.wire.printing import JobState
from ticket_printer.spool.states import OPEN
from ticket_printer.spool.store import COLUMNS, Job, Spool

# Came to nothing, as far as anybody knows.
UNSETTLED: tuple[JobState, ...] = ("unknown", "failed")

# A slip that cannot be read has no number, and is listed all the same.
_OF_SLIP = (
    "CASE WHEN json_valid(slip)"
    " THEN coalesce(json_extract(slip, '$.number'), json_extract(slip, '$.case_number'), '')"
    " ELSE '' END AS number,"
    " CASE WHEN json_valid(slip) THEN coalesce(json_extract(slip, '$.kind'), 'ticket')"
    " ELSE '' END AS kind,"
    " CASE WHEN json_valid(slip) THEN json_extract(slip, '$.issued_at') END AS issued_at"
)
_SELECT = f"SELECT {COLUMNS}, accepted_at, {_OF_SLIP} FROM jobs AS job"  # noqa: S608 - constants
_NOT_AGAIN = (
    "NOT EXISTS (SELECT 1 FROM jobs AS later WHERE later.seq > job.seq"
    " AND later.state <> 'withdrawn' AND later.reprint_of IN (job.job_id, job.reprint_of))"
)


@dataclass(frozen=True)
class Entry:
    """A job with what people know it by: the ``number`` of the ticket or the case (may be empty),
    the ``kind`` of slip, and when it was accepted, in the hall's own time, which is on the slip."""

    job: Job
    accepted_at: datetime
    number: str
    kind: str

    def is_of_day(self, now: datetime) -> bool:
        """Whether it was accepted on the day that ``now`` is in the hall."""
        return self.accepted_at.date() == now.astimezone(self.accepted_at.tzinfo).date()


class Lookup:
    """The jobs of a spool, oldest first. Every method raises sqlite3.Error."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def unsettled(self, now: datetime) -> list[Entry]:
        """What was accepted today, is unknown or failed, and was not printed again."""
        found = self._find(
            f"state IN ({_marks(UNSETTLED)}) AND accepted_at > ? AND {_NOT_AGAIN}",
            (*UNSETTLED, (now - timedelta(days=2)).isoformat()),
        )
        return [entry for entry in found if entry.is_of_day(now)]

    def waiting(self) -> list[Entry]:
        """What is queued, being printed or held, of whatever day."""
        return self._find(f"state IN ({_marks(OPEN)})", OPEN)

    def numbered(self, number: str, now: datetime) -> list[Entry]:
        """What has this number and can be meant by it: a ticket of today, another slip of any day;
        of what was printed again the last one."""
        found = self._find(
            f"number = ? AND NOT (reprint_of IS NOT NULL AND state = 'withdrawn') AND {_NOT_AGAIN}",
            (number,),
        )
        return [entry for entry in found if entry.kind != "ticket" or entry.is_of_day(now)]

    def strays(self, printers: Collection[str]) -> list[Job]:
        """What is queued for a printer that is none of these."""
        found = self._find(
            f"state = 'queued' AND printer NOT IN ({_marks(printers)})", tuple(printers)
        )
        return [entry.job for entry in found]

    def _find(self, condition: str, values: tuple[str, ...]) -> list[Entry]:
        with self._spool.read() as db:
            rows = db.execute(f"{_SELECT} WHERE {condition} ORDER BY seq", values).fetchall()
        return [_entry(row) for row in rows]


def _marks(values: Collection[str]) -> str:
    return ", ".join("?" * len(values))


def _entry(row: tuple[object, ...]) -> Entry:
    *job, accepted, number, kind, issued = row
    at = datetime.fromisoformat(str(accepted))
    try:
        zone = datetime.fromisoformat(str(issued)).tzinfo
    except ValueError:
        zone = None
    return Entry(Job(*job), at.astimezone(zone), str(number), str(kind))  # type: ignore[arg-type]
