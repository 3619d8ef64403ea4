"""What the writer knows without asking: the open tickets, the windows, the day's counters and the
journal's end, as the database has them.

Only the writer changes the database's queue, so it need not read back what it wrote. What a
command changes here is undone when the command fails, and read anew when a commit does.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, func, select, text

from hall_server.domain.instant import Instant
from hall_server.domain.line import Line, MayCall
from hall_server.domain.points import PriorityClass
from hall_server.domain.profile import Taken
from hall_server.domain.ticket import FINAL, Ticket
from hall_server.domain.window import Window
from hall_server.store.journal import GENESIS
from hall_server.store.prepared import Prepared
from hall_server.store.queue import points_rule, ticket_of
from hall_server.store.tables import (
    OPEN,
    journal,
    priority_class,
    series_day,
    ticket,
    window,
    window_profile,
)

ACTIVE_STATES = frozenset({"called", "serving"})
# Whatever a past day may still need of its counters.
_DAYS_OF_COUNTERS = 400
_END = select(journal.c.seq, journal.c.at, journal.c.hash).order_by(journal.c.seq.desc()).limit(1)
_LOOK = Prepared(select(func.max(journal.c.seq)))


class Live:
    """The writer's picture of the queue."""

    def __init__(self, connection: Connection) -> None:
        self.open: dict[str, Ticket] = {}
        self.lines: dict[str, Line] = {}
        self.active: dict[int, Ticket] = {}
        self.windows: dict[int, Window] = {}
        self.profiles: dict[int, str] = {}
        self.counters: dict[tuple[str, str], int] = {}
        self.classes: dict[str, PriorityClass] = {}
        # What follows from the classes for windows that take this together.
        self.may_call: dict[tuple[Taken, frozenset[int] | None], MayCall] = {}
        # Another one whenever a window or a profile changes.
        self.version = object()
        self._undo: list[Callable[[], object]] = []
        self._load(connection)

    def _load(self, connection: Connection) -> None:
        for row in connection.execute(select(ticket).where(text(OPEN))):
            self._enter(ticket_of(row))
        for row in connection.execute(select(window)):
            self.windows[row.number] = Window(**row._mapping)
        for row in connection.execute(select(window_profile)):
            self.profiles[row.window] = row.rules
        newest = select(series_day).order_by(series_day.c.day.desc()).limit(_DAYS_OF_COUNTERS)
        for row in connection.execute(newest):
            self.counters[row.day, row.series] = row.last
        for row in connection.execute(select(priority_class)):
            self.classes[row.id] = points_rule(row.id, row.head, row.rate)
        last = connection.execute(_END).first()
        self.seq: int = last.seq if last else 0
        self.at: Instant = last.at if last else 0
        self.hash: str = last.hash if last else GENESIS

    def is_current(self, connection: Connection) -> bool:
        """Whether nobody else wrote to the journal (``hall admin`` beside a running server)."""
        ((last,),) = _LOOK.all(connection)
        return (last or 0) == self.seq

    def _enter(self, entry: Ticket) -> None:
        if entry.state in FINAL:
            return
        self.open[entry.id] = entry
        if entry.state == "waiting":
            self.line(entry.day).add(entry)
        elif entry.state in ACTIVE_STATES and entry.window is not None:
            self.active[entry.window] = entry

    def _leave(self, entry: Ticket) -> None:
        if self.open.pop(entry.id, None) is None:
            return
        if entry.state == "waiting":
            self.line(entry.day).remove(entry)
        elif entry.window is not None and self.active.get(entry.window) is entry:
            del self.active[entry.window]

    def line(self, day: str) -> Line:
        """Who waits on this day."""
        found = self.lines.get(day)
        if found is None:
            # Everybody else's day is over: a line keeps its empty groups.
            self.lines = {other: line for other, line in self.lines.items() if len(line)}
            found = self.lines[day] = Line()
        return found

    def put_ticket(self, entry: Ticket) -> None:
        """A ticket is now like this."""
        before = self.open.get(entry.id)
        if before is not None:
            self._leave(before)
        self._enter(entry)
        self._undo.append(lambda: self._back(before, entry))

    def _back(self, before: Ticket | None, after: Ticket) -> None:
        self._leave(after)
        if before is not None:
            self._enter(before)

    def put(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        """One of the dictionaries has this now; None takes the key away."""
        before = table.get(key)
        self._set(table, key, value)
        self._undo.append(lambda: self._set(table, key, before))

    def _set(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
        if table is self.windows or table is self.profiles:
            self.version = object()

    def put_end(self, seq: int, at: Instant, digest: str) -> None:
        """The journal's last entry is this."""
        before = self.seq, self.at, self.hash
        self.seq, self.at, self.hash = seq, at, digest
        self._undo.append(lambda: self._set_end(before))

    def _set_end(self, end: tuple[int, Instant, str]) -> None:
        self.seq, self.at, self.hash = end

    def put_classes(self, classes: dict[str, PriorityClass]) -> None:
        """The points rules are these."""
        before = self.classes
        self._set_classes(classes)
        self._undo.append(lambda: self._set_classes(before))

    def _set_classes(self, classes: dict[str, PriorityClass]) -> None:
        self.classes = classes
        self.may_call.clear()

    def kept(self) -> None:
        """What was changed stays."""
        self._undo.clear()

    def undo(self) -> None:
        """Takes back what was changed since ``kept``."""
        while self._undo:
            self._undo.pop()()
