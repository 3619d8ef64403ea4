"""Numbers while the server is away: spent from sealed blocks, handed in when it is back.

A number is durable in the book (SQLite, ``synchronous=FULL``) before anybody sees it, and stays
there until the server has it, so that neither a power cut nor a repeated call gives it twice.
"""

import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hallkit.wire.ids import new_id
from hallkit.wire.lease import Lease, OfflineTicket, SyncAnswer, offline_position_url
from hallkit.wire.ticket import Ticket

_log = logging.getLogger(__name__)

# A technician may be looking at the book with sqlite3.
_BUSY_S = 5.0
_TABLES = """
CREATE TABLE IF NOT EXISTS lease (
    series TEXT PRIMARY KEY, next INTEGER NOT NULL, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS ticket (
    place INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, request_id TEXT UNIQUE NOT NULL,
    document TEXT NOT NULL, code TEXT);
CREATE TABLE IF NOT EXISTS note (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


def _system_time() -> datetime:
    return datetime.now(UTC)


class LeaseBook:
    """The kiosk's blocks and the tickets that the server does not have yet; thread-safe.

    Raises sqlite3.Error or OSError when the file cannot be used.
    """

    def __init__(self, path: Path, now: Callable[[], datetime] = _system_time) -> None:
        self._now = now
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        # It holds the secret parts of tickets; SQLite's other files take over the mode.
        path.touch(mode=0o600)
        self._db = sqlite3.connect(
            path, timeout=_BUSY_S, check_same_thread=False, isolation_level=None
        )
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_TABLES)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """A transaction that is all or nothing, whatever fails, its end included."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._db.close()

    def time(self) -> datetime:
        """The server's time as far as it is known: this machine's clock, corrected, and never
        before what was seen already."""
        with self._lock:
            return self._time()

    def _time(self) -> datetime:
        offset, seen = self._note("offset_s"), self._note("seen")
        corrected = self._now() + timedelta(seconds=float(offset or 0))
        return max(corrected, datetime.fromisoformat(seen)) if seen else corrected

    def learn_time(self, server_time: datetime) -> None:
        """Measures by how much this machine's clock is off."""
        with self._lock:
            offset = (server_time - self._now()).total_seconds()
            self._keep_note("offset_s", repr(offset))
            self._keep_note("seen", server_time.isoformat())

    def keep_hall(self, document: str) -> None:
        """Keeps the hall as it was last read, for a start without the server."""
        with self._lock:
            if self._note("hall") != document:
                self._keep_note("hall", document)

    def hall(self) -> str | None:
        """The hall's JSON as it was last read."""
        with self._lock:
            return self._note("hall")

    def put(self, lease: Lease) -> None:
        """Takes a block in the place of the one of its series."""
        with self._lock:
            self._db.execute(
                "INSERT OR REPLACE INTO lease VALUES (?, ?, ?)",
                (lease.series, lease.from_, lease.model_dump_json(by_alias=True)),
            )

    def left(self, series: str) -> tuple[int, int]:
        """How many numbers of the series are left, and of how many; (0, 0) without a block that
        is still good."""
        with self._lock:
            found = self._lease(series)
        if found is None:
            return 0, 0
        lease, following = found
        return lease.to - following + 1, lease.to - lease.from_ + 1

    def spend(self, request_id: str, draft: Ticket) -> Ticket | None:
        """Spends a number of the draft's series; durable when it returns. The same request gets
        the same ticket. None when there is none left."""
        with self._changing():
            return self._known(request_id) or self._spend(request_id, draft)

    def take_back(self, request_id: str) -> None:
        """Forgets a ticket that nobody got to see; its number stays unused."""
        with self._lock:
            self._db.execute("DELETE FROM ticket WHERE request_id = ?", (request_id,))

    def pending(self, most: int) -> list[OfflineTicket]:
        """The tickets that the server does not have yet, oldest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT request_id, document FROM ticket WHERE code IS NULL ORDER BY place LIMIT ?",
                (most,),
            ).fetchall()
        return [_to_hand_in(request_id, document) for request_id, document in rows]

    def settle(self, answer: SyncAnswer) -> None:
        """Forgets what the server has; what it does not take stays in the file with its code, for
        whoever is asked about that paper."""
        with self._changing():
            self._db.executemany(
                "DELETE FROM ticket WHERE id = ?", [(id_,) for id_ in answer.accepted]
            )
            self._db.executemany(
                "UPDATE ticket SET code = ? WHERE id = ?", [(r.code, r.id) for r in answer.rejected]
            )

    def _known(self, request_id: str) -> Ticket | None:
        row = self._db.execute(
            "SELECT document FROM ticket WHERE request_id = ?", (request_id,)
        ).fetchone()
        return Ticket.model_validate_json(row[0]) if row is not None else None

    def _spend(self, request_id: str, draft: Ticket) -> Ticket | None:
        found = self._lease(draft.series)
        if found is None or found[1] > found[0].to:
            return None
        lease, sequence = found
        number, now = f"{draft.series}{sequence:03d}", self._time()
        ticket = draft.model_copy(
            update={
                "id": new_id(),
                "number": number,
                "sequence": sequence,
                "issued_at": now,
                "position_url": offline_position_url(lease, number),
                "offline": True,
            }
        )
        self._db.execute("UPDATE lease SET next = next + 1 WHERE series = ?", (draft.series,))
        self._db.execute(
            "INSERT INTO ticket (id, request_id, document) VALUES (?, ?, ?)",
            (ticket.id, request_id, ticket.model_dump_json()),
        )
        self._keep_note("seen", now.isoformat())
        return ticket

    def _lease(self, series: str) -> tuple[Lease, int] | None:
        row = self._db.execute(
            "SELECT document, next FROM lease WHERE series = ?", (series,)
        ).fetchone()
        if row is None:
            return None
        lease = Lease.model_validate_json(row[0])
        return (lease, int(row[1])) if self._time() < lease.expires else None

    def _note(self, key: str) -> str | None:
        row = self._db.execute("SELECT value FROM note WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row is not None else None

    def _keep_note(self, key: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (key, value))


def _to_hand_in(request_id: str, document: str) -> OfflineTicket:
    ticket = Ticket.model_validate(json.loads(document))
    return OfflineTicket(
        id=ticket.id,
        number=ticket.number,
        service_id=ticket.service_id,
        priority_class=ticket.priority_class,
        issued_at=ticket.issued_at.isoformat(),
        replaces=request_id,
    )


def rejected_words(answer: SyncAnswer, tickets: Iterable[OfflineTicket]) -> str:
    """The tickets that the server did not take, for the log: ``E012 not_leased, …``."""
    numbers = {ticket.id: ticket.number for ticket in tickets}
    return ", ".join(f"{numbers.get(r.id, r.id)} {r.code}" for r in answer.rejected)
