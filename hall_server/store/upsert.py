"""Insert a row or change the one that is there, in the dialects that the store speaks."""

from importlib import import_module
from typing import Any

from sqlalchemy import Connection, Table


def insert_into(table: Table, dialect: str) -> Any:
    """An INSERT that knows what to do on a conflict, in this dialect."""
    # Only the dialect in use is loaded: the other one costs a Pi a second of its start.
    return import_module(f"sqlalchemy.dialects.{dialect}").insert(table)


def upsert(
    connection: Connection,
    table: Table,
    key: dict[str, Any],
    values: dict[str, Any],
    *,
    keep: bool = False,
) -> None:
    """Writes ``key`` with ``values``; a row that exists is changed, or kept as it is (``keep``)."""
    statement = insert_into(table, connection.dialect.name).values(**key, **values)
    if keep:
        connection.execute(statement.on_conflict_do_nothing(index_elements=list(key)))
    else:
        connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
