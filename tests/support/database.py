"""The database that a test's halls are kept in: SQLite in their folder, or PostgreSQL."""

from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import text

from hall_server.admin.verify import check_url
from hall_server.store.database import DATABASE_VARIABLE, sqlite_url, write_engine
from hall_server.store.tables import metadata
from tests.support.postgres import PostgresServer


class Database(Protocol):
    """What a test may ask of it."""

    kind: str

    @property
    def url(self) -> str:
        """Where the data of the hall in ``tmp_path`` is."""
        ...

    def empty(self) -> None:
        """What is opened next has no data yet: for tests with several halls, which give each a
        folder of its own."""
        ...

    def stored(self) -> bytes:
        """Everything that is kept, for tests that look for what must not be."""
        ...


class SqliteDatabase:
    """A file in the test's folder."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.url = sqlite_url(folder)

    def empty(self) -> None:
        """Each folder has its own file."""

    def stored(self) -> bytes:
        """Every byte, also of what was deleted."""
        return b"".join(path.read_bytes() for path in self._folder.iterdir())


class PostgresDatabase:
    """A database of the tests' own server, named to the hall by its environment."""

    kind = "postgresql"

    def __init__(self, server: PostgresServer, environment: pytest.MonkeyPatch) -> None:
        self.server = server
        self._environment = environment
        self._made: list[str] = []
        self.empty()

    @property
    def url(self) -> str:
        """The one made last."""
        return self._made[-1]

    def empty(self) -> None:
        """Makes another."""
        self._made.append(self.server.fresh())
        self._environment.setenv(DATABASE_VARIABLE, self.url)

    def stored(self) -> bytes:
        """Every row."""
        names = sorted(metadata.tables)
        rows = [row for t in names for row in behind_its_back(self, f'SELECT * FROM "{t}"')]
        return "\n".join(map(str, rows)).encode()

    def drop(self) -> None:
        """Ends all."""
        for url in self._made:
            self.server.drop(url)


def check(database: Database) -> int:
    """What ``hall admin verify`` checks; returns how many entries the journal has."""
    return check_url(database.url)


def behind_its_back(database: Database, statement: str) -> list[tuple[object, ...]]:
    """What somebody with a database program may do."""
    engine = write_engine(database.url)
    try:
        with engine.begin() as connection:
            result = connection.execute(text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []
    finally:
        engine.dispose()
