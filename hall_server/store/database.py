"""Which database, and the engines to it: one connection that writes, a few that read.

A hall's own machine keeps SQLite in the data folder. ``HALL_DATABASE_URL`` names a PostgreSQL
database instead, for a large hall or a county.
"""

import os
from pathlib import Path

from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from hall_server.store import sqlite

DATABASE = "hall.db"
DATABASE_VARIABLE = "HALL_DATABASE_URL"
_POSTGRESQL = "postgresql+psycopg"
_SPELLINGS = ("postgres", "postgresql", _POSTGRESQL)


class DatabaseUnusable(Exception):
    """The address of the database cannot be used; the message says why, in both languages."""


class DatabaseTaken(SQLAlchemyError):
    """Another process serves this database."""


def sqlite_url(data_dir: Path) -> str:
    """The address of the hall's own database in a data folder."""
    return sqlite.file_url(data_dir / DATABASE)


def database_url(data_dir: Path) -> str:
    """The address of the hall's database: ``HALL_DATABASE_URL``, else SQLite in the data folder.

    Raises DatabaseUnusable for an address that is not PostgreSQL's.
    """
    given = os.environ.get(DATABASE_VARIABLE, "").strip()
    return postgresql_url(given) if given else sqlite_url(data_dir)


def postgresql_url(given: str) -> str:
    """A PostgreSQL address as it is used here. Raises DatabaseUnusable."""
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in _SPELLINGS or not url.database:
        raise DatabaseUnusable(
            "数据库地址应为 postgresql+psycopg://用户@主机/数据库 / the address of the database "
            f"should be postgresql+psycopg://USER@HOST/DATABASE, see {DATABASE_VARIABLE}"
        )
    return url.set(drivername=_POSTGRESQL).render_as_string(hide_password=False)


def is_sqlite(url: str) -> bool:
    """Whether this is a SQLite file's address."""
    return make_url(url).get_backend_name() == "sqlite"


def shown(url: str) -> str:
    """An address as people may see it: SQLite's file, PostgreSQL's without the password."""
    parsed = make_url(url)
    return str(parsed.database) if is_sqlite(url) else parsed.render_as_string()


def write_engine(url: str, *, serving: bool = False) -> Engine:
    """The engine with the one writing connection; writers of several processes take turns.

    ``serving``: on PostgreSQL the connection is also the sign that this process serves the
    database, which a second one cannot take (on SQLite that is the data folder's lock).
    """
    if is_sqlite(url):
        return sqlite.write_engine(url)
    return _postgres(make_url(url), "write_engine", serving=serving)


def read_engine(url: str) -> Engine:
    """The engine with the reading connections, each on one consistent state; they cannot write."""
    return sqlite.read_engine(url) if is_sqlite(url) else _postgres(make_url(url), "read_engine")


def look_engine(url: str) -> Engine:
    """An engine for one look at a database that may be damaged or not the hall's; it changes
    nothing, not even how the file is kept."""
    return sqlite.look_engine(url) if is_sqlite(url) else _postgres(make_url(url), "read_engine")


def _postgres(url: URL, kind: str, **more: bool) -> Engine:
    # Loaded only where it is used: a Pi has neither the time nor the driver.
    try:
        from hall_server.store import postgres
    except ImportError:
        raise DatabaseUnusable(
            "缺少 PostgreSQL 驱动，请安装 yichuang[postgres] / the PostgreSQL driver is missing: "
            "install yichuang[postgres]"
        ) from None
    engine: Engine = getattr(postgres, kind)(url, **more)
    return engine
