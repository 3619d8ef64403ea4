"""Bringing a database to this version's tables."""

import subprocess
import sys

from sqlalchemy import Engine, inspect, text

from hall_server.store.tables import metadata

# The newest migration in ``migrations/versions``.
REVISION = "0004"
# A migration of a year's journal on a slow card.
MIGRATION_TIMEOUT_S = 600


class SchemaError(Exception):
    """The database cannot be brought to this version; the message says why."""


def current_revision(engine: Engine) -> str | None:
    """The migration that the database is at; None for an empty database."""
    with engine.begin() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        value = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return str(value) if value is not None else None


def ensure_schema(engine: Engine) -> None:
    """Makes the tables of an empty database, or migrates an older one.

    Migrations run in a child process, so that a running server never carries Alembic's memory.
    Raises SchemaError.
    """
    found = current_revision(engine)
    if found == REVISION:
        return
    if found is None:
        with engine.begin() as connection:
            metadata.create_all(connection)
            connection.execute(
                text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
            )
            connection.execute(
                text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISION}
            )
        return
    migrate(engine, found)


def migrate(engine: Engine, found: str) -> None:
    """Migrates a database that is at ``found``; the engine can be used afterwards. Raises
    SchemaError, and then the database is as it was."""
    url = engine.url.render_as_string(hide_password=False)
    engine.dispose()
    # Not as an argument: everybody on the machine may read those, and it may hold a password.
    command = [sys.executable, "-m", "hall_server.store.migrate", "-"]
    try:
        done = subprocess.run(
            command,
            input=url,
            capture_output=True,
            text=True,
            timeout=MIGRATION_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        reason = f"no end after {MIGRATION_TIMEOUT_S} s"
    else:
        if done.returncode == 0:
            return
        reason = (done.stderr.strip().splitlines() or [str(done.returncode)])[-1]
    raise SchemaError(
        f"数据库版本 {found} 无法升级到 {REVISION}，可能来自更新的版本 / the database (schema "
        f"{found}) cannot be brought to {REVISION}, perhaps it is a newer version's: {reason}"
    )
