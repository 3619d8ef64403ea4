"""What a batch of commands writes, gathered by table and written together."""

from importlib import import_module
from typing import Any

from sqlalchemy import Connection, Executable, Table, bindparam, delete, update
from sqlalchemy.exc import SQLAlchemyError

from hall_server.store.live import Live
from hall_server.store.tables import command, journal, series_day, ticket, window

NEW_TICKET, CHANGED_TICKET, NEW_ENTRY, NEW_ANSWER = range(4)
_Rows = tuple[list[dict[str, Any]], ...]

# Tables do not refer to each other, so only the order within a table matters: a ticket is there
# before it is changed, and one leaves a window before the next one comes to it.
_STATEMENTS: tuple[Executable, ...] = (
    ticket.insert(),
    update(ticket).where(ticket.c.id == bindparam("key")),
    journal.insert(),
    command.insert(),
)
_NO_COUNTER = delete(series_day).where(
    series_day.c.day == bindparam("day"), series_day.c.series == bindparam("series")
)
_NO_WINDOW = delete(window).where(window.c.number == bindparam("number"))


class Pending:
    """Rows still to be written; of counters and windows only which, as ``live`` has the values:
    one that it does not have was new in a command that failed, and is taken away again.

    ``answers`` are the answers of the batch so far, written or not, by ``request_id``.
    """

    def __init__(self, live: Live) -> None:
        self._live = live
        self._rows: _Rows = tuple([] for _ in _STATEMENTS)
        self.counters: set[tuple[str, str]] = set()
        self.windows: set[int] = set()
        self.answers: dict[str, dict[str, Any]] = {}
        self.broken: SQLAlchemyError | None = None

    def add(self, kind: int, row: dict[str, Any]) -> None:
        """One more row."""
        self._rows[kind].append(row)

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
                connection.execute(statement, rows)
                rows.clear()
        if self.counters:
            found = self._live.counters
            values = [
                {"day": day, "series": series, "last": found[day, series]}
                for day, series in self.counters
                if (day, series) in found
            ]
            _upsert(connection, series_day, values)
            gone = [{"day": d, "series": s} for d, s in self.counters if (d, s) not in found]
            if gone:
                connection.execute(_NO_COUNTER, gone)
            self.counters.clear()
        if self.windows:
            signs = [vars(self._live.windows[n]) for n in self.windows if n in self._live.windows]
            _upsert(connection, window, signs)
            absent = [{"number": n} for n in self.windows if n not in self._live.windows]
            if absent:
                connection.execute(_NO_WINDOW, absent)
            self.windows.clear()


_upserts: dict[tuple[str, str], Executable] = {}


def _upsert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    key = (connection.dialect.name, table.name)
    statement = _upserts.get(key)
    if statement is None:
        insert = import_module(f"sqlalchemy.dialects.{key[0]}").insert(table)
        changed = {c.name: insert.excluded[c.name] for c in table.c if not c.primary_key}
        columns = [c.name for c in table.primary_key]
        statement = insert.on_conflict_do_update(index_elements=columns, set_=changed)
        _upserts[key] = statement
    connection.execute(statement, rows)
