"""The journal as a live stream: every entry once, in order, from any point that is kept."""

import json
import re
import threading
from collections import deque
from collections.abc import Iterable
from functools import cached_property
from zoneinfo import ZoneInfo

from hall_server.domain.instant import from_instant
from hall_server.service.entry import Entry
from hall_server.service.ports import Store
from hallkit.wire.event import TOPICS

# Entries kept in memory: a stream that was away for a minute or two resumes without the database.
RING = 1_000
# How many entries one look into the database brings.
PAGE = 500

# What the public may not see of a ticket: how it is found, and that it had priority.
_PRIVATE_OF_TICKET = ("position_url", "priority_class")

# The address of a ticket's page, as entries still hold it that an earlier version wrote.
_ADDRESS = re.compile(r'"position_url":"[^"]*"')

# … and of a window: who works there, and why they paused, in words that they typed.
PRIVATE_OF_WINDOW = ("clerk", "pause_reason")


class Frame:
    """One entry as it goes over the wire (``id:`` and ``data:`` lines), for staff and devices and
    for the public; made when the first stream asks, so that commands do not wait for it."""

    def __init__(self, entry: Entry, hall_id: str, zone: ZoneInfo) -> None:
        self._entry = entry
        self._hall_id = hall_id
        self._zone = zone
        self.seq = entry.seq
        self.topics: frozenset[str] = frozenset(TOPICS.get(entry.type, ()))

    def _sse(self, actor: str, body: str) -> bytes:
        entry = self._entry
        at = from_instant(entry.at, self._zone).isoformat(timespec="milliseconds")
        head = _encode(
            {"seq": entry.seq, "at": at, "type": entry.type, "hall": self._hall_id, "actor": actor}
        )
        rest = f",{body[1:]}" if len(body) > len("{}") else "}"
        return f"id: {entry.seq}\ndata: {head[:-1]}{rest}\n\n".encode()

    @cached_property
    def private(self) -> bytes:
        """For staff and devices."""
        return self._sse(self._entry.actor, _ADDRESS.sub('"position_url":""', self._entry.body))

    @cached_property
    def public(self) -> bytes:
        """For everybody."""
        return self._sse("", _encode(_for_public(json.loads(self._entry.body))))


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


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
        return Frame(entry, self._hall_id, self._zone)


def _for_public(body: dict[str, object]) -> dict[str, object]:
    shown = {key: value for key, value in body.items() if key != "data"}
    ticket, window = shown.get("ticket"), shown.get("window")
    if isinstance(ticket, dict):
        shown["ticket"] = ticket | dict.fromkeys(_PRIVATE_OF_TICKET, "")
    if isinstance(window, dict):
        shown["window"] = window | dict.fromkeys(PRIVATE_OF_WINDOW)
    return shown
