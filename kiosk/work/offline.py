"""Numbers while the server is away: spent from sealed blocks, handed in when it is back.

A number is durable in the book (SQLite, ``synchronous=FULL``) before anybody sees it, and stays
there until the server has it, so that neither a power cut nor a repeated call gives it twice.
A block belongs to the device and the server that it was given to and is spent as that device,
beside that server only; tickets are handed in to the hall that they are for, by whatever device
this kiosk is by then.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from hallkit.wire.ids import new_id
from hallkit.wire.lease import Block, Lease, OfflineTicket, SyncAnswer, offline_position_url
from hallkit.wire.ticket import Ticket
from kiosk.work.known_time import Heard, Machine, ThisMachine, time_known

# A technician may be looking at the book with sqlite3.
_BUSY_S = 5.0
# Whoever holds a paper that the server did not take is in the hall that day.
_SHOWN_FOR = timedelta(hours=12)
# Later no server takes them in.
_TAKEN_WITHIN = timedelta(days=15)
# By the next day an abandoned number is void by itself.
_SETTLED_WITHIN = timedelta(hours=12)
_TABLES = """
CREATE TABLE IF NOT EXISTS block (
    id TEXT PRIMARY KEY, series TEXT NOT NULL, hall_id TEXT NOT NULL, device_id TEXT NOT NULL,
    server TEXT NOT NULL, next INTEGER NOT NULL, current INTEGER NOT NULL, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS given (
    place INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, request_id TEXT UNIQUE NOT NULL,
    block_id TEXT NOT NULL, document TEXT NOT NULL, code TEXT, settled TEXT);
CREATE TABLE IF NOT EXISTS asked (
    request_id TEXT PRIMARY KEY, device_id TEXT NOT NULL, service_id TEXT NOT NULL, priority TEXT,
    at TEXT);
CREATE TABLE IF NOT EXISTS note (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_PENDING = "FROM given JOIN block ON block.id = given.block_id WHERE given.code IS NULL"
_FORGET_BLOCKS = """DELETE FROM block WHERE NOT current AND NOT EXISTS
    (SELECT 1 FROM given WHERE given.block_id = block.id AND given.code IS NULL)"""


@dataclass(frozen=True)
class Owner:
    """Who may spend a block: this device, beside the server at this address."""

    device_id: str
    server: str


@dataclass(frozen=True)
class Asked:
    """A number that was asked for and whose answer is not known, or not wanted any more."""

    request_id: str
    service_id: str
    priority: str | None


class LeaseBook:
    """The kiosk's blocks, the tickets that the server does not have yet, and the requests that
    are to be cancelled; thread-safe.

    Raises sqlite3.Error or OSError when the file cannot be used.
    """

    def __init__(self, path: Path, machine: Machine | None = None) -> None:
        self._machine = machine or ThisMachine()
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

    def time(self) -> datetime | None:
        """The server's time as far as it is known, never before what was seen already; None when
        nothing says what time it is, and then no number is given out."""
        with self._lock:
            return self._time()

    def _time(self) -> datetime | None:
        heard, seen = self._note("heard"), self._note("seen")
        return time_known(
            self._machine,
            Heard.load(heard) if heard else None,
            datetime.fromisoformat(seen) if seen else None,
        )

    def learn_time(self, server_time: datetime) -> None:
        """The server says what time it is."""
        with self._changing():
            self._learn_time(server_time)

    def _learn_time(self, server_time: datetime) -> None:
        self._keep_note("heard", Heard.of(self._machine, server_time).text())
        self._db.execute("DELETE FROM note WHERE key = 'seen'")

    def keep_hall(self, document: str) -> None:
        """Keeps the hall as it was last read, for a start without the server."""
        with self._lock:
            if self._note("hall") != document:
                self._keep_note("hall", document)

    def hall(self) -> str | None:
        """The hall's JSON as it was last read."""
        with self._lock:
            return self._note("hall")

    def contact(self, device_id: str) -> str | None:
        """What the server told this device last."""
        with self._lock:
            known, _, word = (self._note("contact") or "").partition(" ")
        return word if word and known == device_id else None

    def put(self, lease: Lease, owner: Owner, hall_id: str) -> None:
        """Takes a block in the place of the one of its series."""
        with self._changing():
            self._db.execute("UPDATE block SET current = 0 WHERE series = ?", (lease.series,))
            self._db.execute(
                "INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, 1, ?) "
                "ON CONFLICT (id) DO UPDATE SET current = 1",
                (
                    lease.id, lease.series, hall_id, owner.device_id, owner.server, lease.from_,
                    lease.model_dump_json(by_alias=True),
                ),
            )  # fmt: skip
            self._db.execute(_FORGET_BLOCKS)
            self._learn_time(lease.server_time)

    def left(self, series: str, owner: Owner) -> tuple[int, int]:
        """How many numbers of the series are left, and of how many; (0, 0) without a block that
        is good today."""
        with self._lock:
            found = self._block(series, owner)
        if found is None:
            return 0, 0
        lease, following = found
        return lease.to - following + 1, lease.to - lease.from_ + 1

    def can_give(self, series: str, owner: Owner) -> bool:
        """Whether a number of the series could be given out now."""
        with self._lock:
            return self._spendable(series, owner) is not None

    def spend(self, request_id: str, draft: Ticket, owner: Owner) -> Ticket | None:
        """Spends a number of the draft's series; durable when it returns. The same request gets
        the same ticket. None when none can be given: none is left, numbers are not given at this
        time, or the time is not known."""
        with self._changing():
            return self._known(request_id) or self._spend(request_id, draft, owner)

    def take_back(self, asked: Asked, device_id: str) -> None:
        """Forgets a ticket that nobody got to see; its number stays unused, and the number that
        was asked for before is to be cancelled."""
        with self._changing():
            self._db.execute("DELETE FROM given WHERE request_id = ?", (asked.request_id,))
            self._keep_asked(asked, device_id)

    def pending(self, most: int, hall_id: str) -> list[OfflineTicket]:
        """The hall's tickets that the server does not have yet, oldest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT given.request_id, given.block_id, given.document "
                f"{_PENDING} AND block.hall_id = ? ORDER BY place LIMIT ?",
                (hall_id, most),
            ).fetchall()
        return [_to_hand_in(*row) for row in rows]

    def declared(self, tickets: Iterable[OfflineTicket], hall_id: str) -> list[Block]:
        """The hall's blocks that are held, and those of the tickets."""
        wanted = {ticket.lease for ticket in tickets}
        with self._lock:
            rows = self._db.execute(
                "SELECT id, current, document FROM block WHERE hall_id = ?", (hall_id,)
            ).fetchall()
        leases = [Lease.model_validate_json(row[2]) for row in rows if row[1] or row[0] in wanted]
        return [
            Block.model_validate(lease.model_dump(by_alias=True, include=set(Block.model_fields)))
            for lease in leases
        ]

    def settle(self, answer: SyncAnswer, declared: Sequence[Block], owner: Owner) -> None:
        """Forgets what the server has; what it does not take stays in the file with its code, for
        whoever is asked about that paper. Of the declared blocks those that the server does not
        call spendable are not spent further."""
        spendable = set(answer.spendable)
        over = [(block.id,) for block in declared if block.id not in spendable]
        settled = answer.server_time.isoformat()
        refused = [(r.code, settled, r.id) for r in answer.rejected]
        with self._changing():
            self._db.executemany("DELETE FROM given WHERE id = ?", [(i,) for i in answer.accepted])
            self._db.executemany("UPDATE given SET code = ?, settled = ? WHERE id = ?", refused)
            self._db.executemany("UPDATE block SET current = 0 WHERE id = ?", over)
            # The server may have another address by now; it is the one that knows the block.
            self._db.executemany(
                "UPDATE block SET server = ? WHERE id = ?", [(owner.server, i) for i in spendable]
            )
            self._db.execute(_FORGET_BLOCKS)
            self._keep_note("contact", f"{owner.device_id} {answer.contact}")
            self._learn_time(answer.server_time)

    def not_taken(self) -> list[str]:
        """The numbers that the server did not take in the last hours."""
        with self._lock:
            now = self._time()
            rows = self._db.execute(
                "SELECT document, settled FROM given WHERE code IS NOT NULL ORDER BY place"
            ).fetchall()
        return [
            Ticket.model_validate_json(document).number
            for document, settled in rows
            if now is None or now - datetime.fromisoformat(settled) < _SHOWN_FOR
        ]

    def of_other_halls(self, hall_id: str) -> list[str]:
        """The numbers that cannot be handed in here, as they were given out in another hall; they
        are kept for it, and shown for as long as it would take them."""
        with self._lock:
            now = self._time()
            rows = self._db.execute(
                f"SELECT given.document {_PENDING} AND block.hall_id != ? ORDER BY place",
                (hall_id,),
            ).fetchall()
        tickets = [Ticket.model_validate_json(row[0]) for row in rows]
        return [t.number for t in tickets if now is None or now - t.issued_at < _TAKEN_WITHIN]

    def keep_asked(self, asked: Asked, device_id: str) -> None:
        """Keeps a request that is to be cancelled should nobody get its number."""
        with self._changing():
            self._keep_asked(asked, device_id)

    def forget_asked(self, request_id: str) -> None:
        """The request is settled."""
        with self._lock:
            self._db.execute("DELETE FROM asked WHERE request_id = ?", (request_id,))

    def asked(self, device_id: str) -> list[Asked]:
        """The requests to be cancelled, those that are not over by themselves; another device's
        are none of this one's business, and are forgotten."""
        with self._changing():
            now = self._time()
            self._db.execute("DELETE FROM asked WHERE device_id != ?", (device_id,))
            rows = self._db.execute("SELECT request_id, service_id, priority, at FROM asked")
            found = [(Asked(*row[:3]), row[3]) for row in rows]
            old = [
                asked
                for asked, at in found
                if now and at and now - datetime.fromisoformat(at) >= _SETTLED_WITHIN
            ]
            for asked in old:
                self._db.execute("DELETE FROM asked WHERE request_id = ?", (asked.request_id,))
        return [asked for asked, _ in found if asked not in old]

    def _keep_asked(self, asked: Asked, device_id: str) -> None:
        now = self._time()
        self._db.execute(
            "INSERT OR IGNORE INTO asked VALUES (?, ?, ?, ?, ?)",
            (
                asked.request_id, device_id, asked.service_id, asked.priority,
                now.isoformat() if now is not None else None,
            ),
        )  # fmt: skip

    def _known(self, request_id: str) -> Ticket | None:
        row = self._db.execute(
            "SELECT document FROM given WHERE request_id = ?", (request_id,)
        ).fetchone()
        return Ticket.model_validate_json(row[0]) if row is not None else None

    def _spend(self, request_id: str, draft: Ticket, owner: Owner) -> Ticket | None:
        found = self._spendable(draft.series, owner)
        if found is None:
            return None
        lease, sequence, now = found
        number = f"{draft.series}{sequence:03d}"
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
        self._db.execute("UPDATE block SET next = next + 1 WHERE id = ?", (lease.id,))
        self._db.execute(
            "INSERT INTO given (id, request_id, block_id, document) VALUES (?, ?, ?, ?)",
            (ticket.id, request_id, lease.id, ticket.model_dump_json()),
        )
        # Handing the ticket in cancels what was asked for before.
        self._db.execute("DELETE FROM asked WHERE request_id = ?", (request_id,))
        self._keep_note("seen", now.isoformat())
        return ticket

    def _spendable(self, series: str, owner: Owner) -> tuple[Lease, int, datetime] | None:
        found, now = self._block(series, owner), self._time()
        if found is None or now is None or found[1] > found[0].to:
            return None
        lease, following = found
        is_open = any(span.from_ <= now < span.to for span in lease.open)
        return (lease, following, now) if is_open else None

    def _block(self, series: str, owner: Owner) -> tuple[Lease, int] | None:
        row = self._db.execute(
            "SELECT document, next FROM block WHERE current AND series = ? AND device_id = ? AND "
            "server = ?",
            (series, owner.device_id, owner.server),
        ).fetchone()
        now = self._time()
        if row is None or now is None:
            return None
        lease = Lease.model_validate_json(row[0])
        return (lease, int(row[1])) if now < lease.expires else None

    def _note(self, key: str) -> str | None:
        row = self._db.execute("SELECT value FROM note WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row is not None else None

    def _keep_note(self, key: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (key, value))


def _to_hand_in(request_id: str, block_id: str, document: str) -> OfflineTicket:
    ticket = Ticket.model_validate_json(document)
    return OfflineTicket(
        id=ticket.id,
        number=ticket.number,
        service_id=ticket.service_id,
        priority_class=ticket.priority_class,
        issued_at=ticket.issued_at.isoformat(),
        replaces=request_id,
        lease=block_id,
    )


def rejected_words(answer: SyncAnswer, tickets: Iterable[OfflineTicket]) -> str:
    """The tickets that the server did not take, for the log: ``E012 not_leased, …``."""
    numbers = {ticket.id: ticket.number for ticket in tickets}
    return ", ".join(f"{numbers.get(r.id, r.id)} {r.code}" for r in answer.rejected)
