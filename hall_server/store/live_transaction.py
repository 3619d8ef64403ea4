"""The writer's transaction: what it knows it does not read, and what it writes waits for the end
of the batch. Everything else is SQL, as in any transaction."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from sqlalchemy import Connection, NestedTransaction

from hall_server.domain.instant import Instant
from hall_server.domain.line import Line, MayCall
from hall_server.domain.points import PriorityClass
from hall_server.domain.profile import Taken
from hall_server.domain.ticket import Ticket
from hall_server.domain.window import Window
from hall_server.service.ports import NewEvent, Remembered
from hall_server.store.journal import JournalEntry, body_of, entry_hash
from hall_server.store.live import Live
from hall_server.store.pending import (
    CHANGED_TICKET,
    NEW_ANSWER,
    NEW_ENTRY,
    NEW_TICKET,
    Pending,
)
from hall_server.store.transaction import SqlTransaction

# The windows of a large hall, and which of them share a service.
_MOST_KNOWN = 500


class LiveTransaction(SqlTransaction):
    """One command of a batch. ``end`` it with ``keep`` or ``undo``."""

    def __init__(self, connection: Connection, live: Live, pending: Pending) -> None:
        self._connection = connection
        self._live = live
        self._pending = pending
        self._mark = pending.mark()
        self._savepoint: NestedTransaction | None = None
        self._answered: list[str] = []
        self._counted: set[tuple[str, str]] = set()
        self._moved: set[int] = set()
        self.appended: list[JournalEntry] = []

    @property
    def _conn(self) -> Connection:  # type: ignore[override]  # set by nobody here
        """The connection, for whatever is not known here: with everything written so far."""
        if self._savepoint is None:
            mine = self._pending.cut(self._mark)
            self._pending.write_of_others(self._connection)
            self._savepoint = self._connection.begin_nested()
            self._mark = self._pending.mark()
            self._pending.put_back(mine)
        self._pending.write(self._connection)
        return self._connection

    def keep(self) -> None:
        """The command succeeded. Raises SQLAlchemyError."""
        if self._savepoint is not None:
            self._pending.write(self._connection)
            self._savepoint.commit()
        self._live.kept()

    def undo(self) -> None:
        """The command failed: nothing of it stays. Raises SQLAlchemyError."""
        self._pending.cut(self._mark)
        for request_id in self._answered:
            self._pending.answers[request_id] = None
        self._live.undo()
        # Their values may have been written with those of the commands before.
        self._pending.counters |= self._counted
        self._pending.windows |= self._moved
        if self._savepoint is not None and self._savepoint.is_active:
            self._savepoint.rollback()

    # What the writer knows.

    def ticket(self, ticket_id: str) -> Ticket | None:
        return self._live.open.get(ticket_id) or super().ticket(ticket_id)

    def active_at(self, window: int) -> Ticket | None:
        return self._live.active.get(window)

    def active(self) -> list[Ticket]:
        return list(self._live.active.values())

    def held(self, day: str) -> list[Ticket]:
        return self._live.line(day).aside

    def leftovers(self, day: str) -> list[Ticket]:
        return [t for t in self._live.open.values() if t.day < day]

    def windows(self) -> list[Window]:
        return [self._live.windows[number] for number in sorted(self._live.windows)]

    def windows_version(self) -> object | None:
        return self._live.version

    def window(self, number: int) -> Window | None:
        return self._live.windows.get(number)

    def profiles(self) -> dict[int, str]:
        return dict(self._live.profiles)

    def profile(self, window: int) -> str | None:
        return self._live.profiles.get(window)

    def last_seq(self) -> int:
        return self._live.seq

    def last_at(self) -> Instant:
        return self._live.at

    def line(self, day: str) -> Line:
        return self._live.line(day)

    def may_call(self, taken: Taken, windows: frozenset[int] | None) -> MayCall:
        known, key = self._live.may_call, (taken, windows)
        found = known.get(key)
        if found is None:
            if len(known) > _MOST_KNOWN:
                known.clear()
            found = known[key] = super().may_call(taken, windows)
        return found

    def classes(self) -> Mapping[str, PriorityClass]:
        return self._live.classes

    def remembered(self, request_id: str) -> Remembered | None:
        return self._pending.answer(self._connection, request_id)

    def last_sequence(self, day: str, series: str) -> int:
        return self._live.counters.get((day, series), 0)

    # What it writes.

    def add_ticket(self, entry: Ticket) -> None:
        self._live.put_ticket(entry)
        self._pending.add(NEW_TICKET, vars(entry))

    def save_ticket(self, entry: Ticket) -> None:
        self._live.put_ticket(entry)
        values = vars(entry).copy()
        values["key"] = values.pop("id")
        self._pending.add(CHANGED_TICKET, values)

    def take_sequence(self, day: str, series: str, count: int = 1) -> int:
        last = self.last_sequence(day, series)
        self._live.put(self._live.counters, (day, series), last + count)
        self._pending.counters.add((day, series))
        self._counted.add((day, series))
        return last + 1

    def save_window(self, entry: Window) -> None:
        self._live.put(self._live.windows, entry.number, entry)
        self._pending.windows.add(entry.number)
        self._moved.add(entry.number)

    def release_targets(self, window: int) -> None:
        for entry in list(self._live.open.values()):
            if entry.state == "waiting" and entry.target == window:
                self.save_ticket(replace(entry, target=None))

    def save_profile(self, window: int, rules: str, at: Instant, actor: str) -> None:
        super().save_profile(window, rules, at, actor)
        self._live.put(self._live.profiles, window, rules)

    def drop_profiles(self) -> None:
        super().drop_profiles()
        for number in list(self._live.profiles):
            self._live.put(self._live.profiles, number, None)

    def save_priorities(self, classes: Collection[PriorityClass]) -> None:
        super().save_priorities(classes)
        self._live.put_classes({c.id: c for c in classes})

    def append(self, event: NewEvent, at: Instant, day: str, actor: str, request_id: str) -> None:
        seq, body = self._live.seq + 1, body_of(event)
        digest = entry_hash(self._live.hash, seq, at, event.type, actor, body)
        self._live.put_end(seq, at, digest)
        self.appended.append(JournalEntry(seq, at, event.type, actor, body))
        row = {"seq": seq, "at": at, "day": day, "type": event.type, "actor": actor}
        row |= {"request_id": request_id, "body": body, "hash": digest}
        self._pending.add(NEW_ENTRY, row)

    def remember(self, request_id: str, entry: Remembered, at: Instant) -> None:
        self._pending.add(NEW_ANSWER, vars(entry) | {"request_id": request_id, "at": at})
        self._pending.answers[request_id] = entry
        self._answered.append(request_id)
