"""Statements that a command of three hundred a second runs: compiled once, executed by the driver
itself. SQLAlchemy's own execution takes ten times as long as SQLite's.

SQLite's driver lets other threads run during each step of a statement, and the one writer must
then wait until it may go on; so many rows are one step where that is possible.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, Select, bindparam
from sqlalchemy.exc import DBAPIError

from hall_server.service.ports import StorageFailed

Row = dict[str, Any]
# Rows of one statement at most; a power of two.
_MOST_ROWS = 16


def _compile(statement: Any, connection: Connection, columns: list[str] | None = None) -> Any:
    return statement.compile(dialect=connection.dialect, column_keys=columns)


@contextmanager
def _cursor(connection: Connection) -> Iterator[Any]:
    cursor = connection.connection.cursor()
    try:
        yield cursor
    finally:
        cursor.close()


def portions(count: int) -> Iterator[tuple[int, int]]:
    """Cuts ``count`` things into pieces whose sizes are powers of two, so that there are few
    different statements: (start, size) of each."""
    start, size = 0, _MOST_ROWS
    while start < count:
        while size > count - start:
            size //= 2
        yield start, size
        start += size


class Prepared:
    """A SELECT whose bound values and columns need no conversion (text, numbers)."""

    def __init__(self, statement: "Select[Any]") -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, list[str] | None]] = {}

    def all(self, connection: Connection, **values: Any) -> list[tuple[Any, ...]]:
        """Its rows. Raises StorageFailed."""
        name = connection.dialect.name
        found = self._compiled.get(name)
        if found is None:
            compiled = _compile(self._statement, connection)
            found = self._compiled[name] = compiled.string, compiled.positiontup
        sql, order = found
        given = values if order is None else [values[key] for key in order]
        try:
            with _cursor(connection) as cursor:
                cursor.execute(sql, given)
                rows: list[tuple[Any, ...]] = cursor.fetchall()
                return rows
        except connection.dialect.loaded_dbapi.Error as error:
            raise StorageFailed(str(error)) from error


class PreparedLookup:
    """The rows of a SELECT whose ``column`` is one of the given values, all looked up together."""

    def __init__(self, statement: "Select[Any]", column: ColumnElement[Any]) -> None:
        self._statement = statement
        self._column = column
        self._by_size: dict[int, Prepared] = {}

    def all(self, connection: Connection, wanted: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """The rows. Raises StorageFailed."""
        for start, size in portions(len(wanted)):
            values = {f"v{i}": wanted[start + i] for i in range(size)}
            found = self._by_size.get(size)
            if found is None:
                one_of = self._column.in_([bindparam(name) for name in values])
                found = self._by_size[size] = Prepared(self._statement.where(one_of))
            yield from found.all(connection, **values)


class _Rows:
    """A statement for rows in one dialect."""

    def __init__(self, compiled: Any) -> None:
        self.sql: str = compiled.string
        order: list[str] | None = compiled.positiontup
        self._values = itemgetter(*order) if order is not None else None
        self._marks = f"({', '.join('?' * len(order))})" if order is not None else ""
        # The values of an INSERT stand once in it, and may stand there for many rows.
        self._is_insert = self._values is not None and self.sql.count(self._marks) == 1
        self._by_size: dict[int, str] = {}

    def run(self, cursor: Any, rows: list[Row]) -> None:
        """Once for each row."""
        if self._values is None:
            cursor.executemany(self.sql, rows)
            return
        values = list(map(self._values, rows))
        if not self._is_insert:
            cursor.executemany(self.sql, values)
            return
        for start, size in portions(len(values)):
            flat = list(chain.from_iterable(values[start : start + size]))
            cursor.execute(self._for(size), flat)

    def _for(self, size: int) -> str:
        many = self._by_size.get(size)
        if many is None:
            marks = ", ".join([self._marks] * size)
            many = self._by_size[size] = self.sql.replace(self._marks, marks)
        return many


class PreparedMany:
    """What changes rows of these ``columns``, whose values need no conversion (text, numbers,
    truths). ``make`` gives the statement in a dialect, by its name."""

    def __init__(self, make: Callable[[str], Executable], columns: list[str]) -> None:
        self._make = make
        self._columns = columns
        self._in: dict[str, _Rows] = {}

    def run(self, connection: Connection, rows: list[Row]) -> None:
        """Once for each row. Raises SQLAlchemyError, as ``Connection.execute`` does."""
        dialect = connection.dialect
        found = self._in.get(dialect.name)
        if found is None:
            compiled = _compile(self._make(dialect.name), connection, self._columns)
            found = self._in[dialect.name] = _Rows(compiled)
        driver = dialect.loaded_dbapi.Error
        try:
            with _cursor(connection) as cursor:
                found.run(cursor, rows)
        except driver as error:
            raise DBAPIError.instance(found.sql, None, error, driver, dialect=dialect) from error
