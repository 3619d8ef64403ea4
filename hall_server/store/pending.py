"""What a batch of commands writes, gathered by table and written together."""

from typing import Any

from sqlalchemy import Connection, Executable, Table, bindparam, delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from hall_server.service.ports import Remembered
from hall_server.store.live import Live
from hall_server.store.prepared import PreparedLookup, PreparedMany
from hall_server.store.tables import command, journal, series_day, ticket, window
from hall_server.store.upsert import insert_into

NEW_TICKET, CHANGED_TICKET, NEW_ENTRY, NEW_ANSWER = range(4)
_Rows = tuple[list[dict[str, Any]], ...]


def _inserts(table: Table) -> PreparedMany:
    return PreparedMany(lambda _dialect: table.insert(), [c.name for c in table.c])


def _upserts(table: Table) -> PreparedMany:
    def make(dialect: str) -> Executable:
        insert = insert_into(table, dialect)
        changed = {c.name: insert.excluded[c.name] for c in table.c if not c.primary_key}
        key = [c.name for c in table.primary_key]
        statement: Executable = insert.on_conflict_do_update(index_elements=key, set_=changed)
        return statement

    return PreparedMany(make, [c.name for c in table.c])


# What a ticket keeps for good: an index of it need not be written again.
_KEPT = frozenset(
    {"id", "day", "series", "sequence", "channel", "token", "issued", "offline", "appointment"}
    | {"forecast_p50", "forecast_p90"}
)
_CHANGED = update(ticket).where(ticket.c.id == bindparam("key"))
# Tables do not refer to each other, so only the order within a table matters: a ticket is there
# before it is changed, and one leaves a window before the next one comes to it.
_STATEMENTS = (
    _inserts(ticket),
    PreparedMany(lambda _dialect: _CHANGED, [c.name for c in ticket.c if c.name not in _KEPT]),
    _inserts(journal),
    _inserts(command),
)
_COUNTERS, _WINDOWS = _upserts(series_day), _upserts(window)
_ANSWERED = PreparedLookup(
    select(command.c.request_id, command.c.actor, command.c.command, command.c.answer),
    command.c.request_id,
)
_NO_COUNTER = delete(series_day).where(
    series_day.c.day == bindparam("day"), series_day.c.series == bindparam("series")
)
_NO_WINDOW = delete(window).where(window.c.number == bindparam("number"))


class Pending:
    """Rows still to be written; of counters and windows only which, as ``live`` has the values:
    one that it does not have was new in a command that failed, and is taken away again.

    ``answers`` are those given before, as far as they were looked up, and those of the batch so
    far, written or not, by ``request_id``; None: there is none.
    """

    def __init__(self, live: Live) -> None:
        self._live = live
        self._rows: _Rows = tuple([] for _ in _STATEMENTS)
        self.counters: set[tuple[str, str]] = set()
        self.windows: set[int] = set()
        self.answers: dict[str, Remembered | None] = {}
        self.broken: SQLAlchemyError | None = None

    def add(self, kind: int, row: dict[str, Any]) -> None:
        """One more row."""
        self._rows[kind].append(row)

    def look_up(self, connection: Connection, request_ids: list[str]) -> None:
        """Finds out which of these were answered before. Raises StorageFailed."""
        self.answers |= dict.fromkeys(request_ids)
        for request_id, *entry in _ANSWERED.all(connection, request_ids):
            self.answers[request_id] = Remembered(*entry)

    def answer(self, connection: Connection, request_id: str) -> Remembered | None:
        """What was answered before. Raises StorageFailed."""
        if request_id not in self.answers:
            self.look_up(connection, [request_id])
        return self.answers[request_id]

    def mark(self) -> tuple[int, ...]:
        """How far it is now."""
        return tuple(map(len, self._rows))

    def cut(self, mark: tuple[int, ...]) -> _Rows:
        """Takes away what came after ``mark``, and returns it."""
        after = tuple(rows[length:] for rows, length in zip(self._rows, mark, strict=True))
        for rows, length in zip(self._rows, mark, strict=True):
            del rows[length:]
        return after

    def put_back(self, after: _Rows) -> None:
        """The inverse of ``cut``."""
        for rows, more in zip(self._rows, after, strict=True):
            rows += more

    def write_of_others(self, connection: Connection) -> None:
        """Writes what commands before this one left. That this fails is not this command's fault,
        and the transaction may be gone: it is ``broken``. Raises SQLAlchemyError."""
        try:
            self.write(connection)
        except SQLAlchemyError as error:
            self.broken = error
            raise

    def write(self, connection: Connection) -> None:
        """Writes everything. Raises SQLAlchemyError."""
        for statement, rows in zip(_STATEMENTS, self._rows, strict=True):
            if rows:
                statement.run(connection, rows)
                rows.clear()
        if self.counters:
            self._write_counters(connection)
        if self.windows:
            self._write_windows(connection)

    def _write_counters(self, connection: Connection) -> None:
        last = self._live.counters
        keys = [({"day": day, "series": series}, (day, series)) for day, series in self.counters]
        if known := [row | {"last": last[key]} for row, key in keys if key in last]:
            _COUNTERS.run(connection, known)
        if gone := [row for row, key in keys if key not in last]:
            connection.execute(_NO_COUNTER, gone)
        self.counters.clear()

    def _write_windows(self, connection: Connection) -> None:
        signs = self._live.windows
        if known := [vars(signs[number]) for number in self.windows if number in signs]:
            _WINDOWS.run(connection, known)
        if gone := [{"number": number} for number in self.windows if number not in signs]:
            connection.execute(_NO_WINDOW, gone)
        self.windows.clear()
