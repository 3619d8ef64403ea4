"""Brings a database to this version's schema: ``python -m hall_server.store.migrate URL``
(``-``: the URL is on standard input).

A program of its own, so that a running server never carries Alembic's memory.
"""

import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from hall_server.store.database import write_engine

_SCRIPTS = Path(__file__).parent / "migrations"


def scripts(folder: Path = _SCRIPTS) -> Config:
    """Alembic's settings for the steps in ``folder``."""
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def newest(config: Config) -> str | None:
    """The newest step."""
    return ScriptDirectory.from_config(config).get_current_head()


def upgrade(connection: Connection, config: Config) -> None:
    """Runs every step that the database lacks, all or none, in the connection's transaction.

    Raises CommandError (an unknown version), SQLAlchemyError.
    """
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def main(argv: list[str]) -> int:
    """Migrates the database at ``argv[0]``; 0, or 1 and one line on standard error."""
    if len(argv) != 1:
        sys.stderr.write("usage: python -m hall_server.store.migrate URL|-\n")
        return 2
    engine = write_engine(sys.stdin.read().strip() if argv[0] == "-" else argv[0])
    try:
        with engine.begin() as connection:
            upgrade(connection, scripts())
    except (CommandError, SQLAlchemyError) as error:
        sys.stderr.write(f"{str(error).splitlines()[0]}\n")
        return 1
    finally:
        engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
