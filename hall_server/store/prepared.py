"""Statements that a command of three hundred a second runs: compiled once, executed by the driver
itself. SQLAlchemy's own execution takes ten times as long as SQLite's."""

from collections.abc import Callable
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Executable, Select
from sqlalchemy.exc import DBAPIError

from hall_server.service.ports import StorageFailed

Row = dict[str, Any]
# The SQL, and a row as the driver wants its values.
_Compiled = tuple[str, Callable[[Row], Any]]


def _compile(statement: Any, connection: Connection, columns: list[str] | None) -> _Compiled:
    compiled = statement.compile(dialect=connection.dialect, column_keys=columns)
    order: list[str] | None = compiled.positiontup
    if order is None:
        return compiled.string, _as_it_is
    if len(order) < 2:
        return compiled.string, lambda row: [row[name] for name in order]
    return compiled.string, itemgetter(*order)


def _as_it_is(row: Row) -> Row:
    return row


class Prepared:
    """A SELECT whose bound values and columns need no conversion (text, numbers)."""

    def __init__(self, statement: "Select[Any]") -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def first(self, connection: Connection, **values: Any) -> tuple[Any, ...] | None:
        """The first row, None when there is none. Raises StorageFailed."""
        name = connection.dialect.name
        found = self._compiled.get(name)
        if found is None:
            found = self._compiled[name] = _compile(self._statement, connection, None)
        sql, values_of = found
        cursor = connection.connection.cursor()
        try:
            cursor.execute(sql, values_of(values))
            return cursor.fetchone()
        except connection.dialect.loaded_dbapi.Error as error:
            raise StorageFailed(str(error)) from error
        finally:
            cursor.close()


class PreparedMany:
    """What changes rows of these ``columns``, whose values need no conversion (text, numbers,
    truths). ``make`` gives the statement in a dialect, by its name."""

    def __init__(self, make: Callable[[str], Executable], columns: list[str]) -> None:
        self._make = make
        self._columns = columns
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, rows: list[Row]) -> None:
        """Once for each row. Raises SQLAlchemyError, as ``Connection.execute`` does."""
        dialect = connection.dialect
        found = self._compiled.get(dialect.name)
        if found is None:
            found = _compile(self._make(dialect.name), connection, self._columns)
            self._compiled[dialect.name] = found
        sql, values_of = found
        cursor = connection.connection.cursor()
        driver = dialect.loaded_dbapi.Error
        try:
            cursor.executemany(sql, [values_of(row) for row in rows])
        except driver as error:
            raise DBAPIError.instance(sql, None, error, driver, dialect=dialect) from error
        finally:
            cursor.close()
