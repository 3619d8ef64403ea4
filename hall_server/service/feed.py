"""The journal as a live stream: every entry once, in order, from any point that is kept."""

import json
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from hall_server.domain.instant import Instant, from_instant
from hall_server.service.ports import Entry, Store
from hallkit.wire.event import TOPICS

# Entries kept in memory: a stream that was away for a minute or two resumes without the database.
RING = 1_000
# How many entries one look into the database brings.
PAGE = 500

# What the public may not see of a ticket: how it is found, and that it had priority.
_PRIVATE_OF_TICKET = ("position_url", "priority_class")

# … and of a window: who works there, and why they paused, in words that they typed.
PRIVATE_OF_WINDOW = ("clerk", "pause_reason")


@dataclass(frozen=True)
class Frame:
    """One entry as it goes over the wire (``id:`` and ``data:`` lines), for staff and devices and
    for the public."""

    seq: int
    topics: frozenset[str]
    private: bytes
    public: bytes


def _sse(seq: int, message: dict[str, object]) -> bytes:
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    return f"id: {seq}\ndata: {text}\n\n".encode()


class Feed:
    """Hands journal entries to any number of streams; thread-safe.

    ``published`` is called by the writer after each commit; a stream calls ``after`` in a loop.
    """

    def __init__(self, hall_id: str, zone: ZoneInfo, store: Store, last_seq: int) -> None:
        self._hall_id = hall_id
        self._zone = zone
        self._store = store
        self._ring: deque[Frame] = deque(maxlen=RING)
        self._last = last_seq
        self._grown = threading.Condition()
        self._closed = False

    @property
    def last_seq(self) -> int:
        """The newest sequence that was published."""
        return self._last

    @property
    def closed(self) -> bool:
        """Whether the server is stopping; streams end then."""
        return self._closed

    def close(self) -> None:
        """Ends every stream."""
        with self._grown:
            self._closed = True
            self._grown.notify_all()

    def published(self, entries: Iterable[Entry]) -> None:
        """Takes entries that are durable now, in order."""
        frames = [self._frame(entry) for entry in entries]
        with self._grown:
            # Were one missing, streams would pass over it: they read it from the database then.
            if self._ring and self._ring[-1].seq + 1 != frames[0].seq:
                self._ring.clear()
            self._ring.extend(frames)
            self._last = frames[-1].seq
            self._grown.notify_all()

    def after(self, seq: int, timeout_s: float) -> list[Frame]:
        """The entries after ``seq``, oldest first; waits up to ``timeout_s`` when there are none
        yet, and is then empty."""
        with self._grown:
            if self._last <= seq and not self._closed:
                self._grown.wait(timeout_s)
            if self._last <= seq:
                return []
            if self._ring and self._ring[0].seq <= seq + 1:
                return [frame for frame in self._ring if frame.seq > seq]
        return [self._frame(e) for e in self._store.read(lambda tx: tx.entries_after(seq, PAGE))]

    def _frame(self, entry: Entry) -> Frame:
        body = json.loads(entry.body)
        message = {
            "seq": entry.seq,
            "at": self._time(entry.at),
            "type": entry.type,
            "hall": self._hall_id,
            "actor": entry.actor,
            **body,
        }
        return Frame(
            entry.seq,
            frozenset(TOPICS.get(entry.type, ())),
            _sse(entry.seq, message),
            _sse(entry.seq, _for_public(message)),
        )

    def _time(self, at: Instant) -> str:
        return from_instant(at, self._zone).isoformat(timespec="milliseconds")


def _for_public(message: dict[str, object]) -> dict[str, object]:
    shown = {key: value for key, value in message.items() if key != "data"}
    shown["actor"] = ""
    ticket, window = shown.get("ticket"), shown.get("window")
    if isinstance(ticket, dict):
        shown["ticket"] = ticket | dict.fromkeys(_PRIVATE_OF_TICKET, "")
    if isinstance(window, dict):
        shown["window"] = window | dict.fromkeys(PRIVATE_OF_WINDOW)
    return shown
