"""The tables that migrations make are the tables that the code uses."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from hall_server.store import migrations
from hall_server.store.database import database_url, sqlite_url, write_engine
from hall_server.store.migrate import main, newest, scripts, upgrade
from hall_server.store.schema import (
    REVISION,
    SchemaError,
    current_revision,
    ensure_schema,
    migrate,
)
from hall_server.store.store import DataFolderError, SqlStore
from hall_server.store.tables import metadata
from tests.fakes.store_rows import append, store_in
from tests.support.database import Database, behind_its_back, check

pytestmark = pytest.mark.usefixtures("database")
_OF_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

_NEXT = '''
"""A step for the test."""

import os
import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{before}"


def upgrade() -> None:
    op.create_table("fresh", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("UPDATE meta SET value = 'new'")
    {then}
    op.create_table("fresher", sa.Column("id", sa.Integer(), primary_key=True))
'''


_SYNCHRONOUS = ("SHOW synchronous_commit", "on")


def _details(engine: Engine) -> dict[str, Any]:
    look = inspect(engine)
    return {
        table: {
            "columns": [
                (c["name"], str(c["type"]), c["nullable"], c["default"])
                for c in look.get_columns(table)
            ],
            "key": look.get_pk_constraint(table),
            "unique": sorted(map(str, look.get_unique_constraints(table))),
            "checks": sorted(map(str, look.get_check_constraints(table))),
            "indexes": _indexes(engine, table),
        }
        for table in look.get_table_names()
        if table != "alembic_version"
    }


def _indexes(engine: Engine, table: str) -> list[str]:
    statement = text(
        "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :table"
        if engine.dialect.name == "sqlite"
        else "SELECT indexdef FROM pg_indexes WHERE tablename = :table"
    )
    with engine.begin() as connection:
        return sorted(str(row[0]) for row in connection.execute(statement, {"table": table}))


def _more_steps(folder: Path, then: str) -> Path:
    steps = folder / "steps"
    shutil.copytree(Path(migrations.__file__).parent, steps)
    (steps / "versions" / "9000_next.py").write_text(
        _NEXT.replace("{then}", then).replace("{before}", REVISION)
    )
    return steps


def test_migrating_an_empty_database_makes_what_the_code_uses(
    tmp_path: Path, database: Database
) -> None:
    migrated = write_engine(database.url)
    assert main([database.url]) == 0
    database.empty()
    (tmp_path / "made").mkdir()
    made = write_engine(database_url(tmp_path / "made"))
    ensure_schema(made)
    assert _details(migrated) == _details(made)
    with migrated.begin() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    assert current_revision(migrated) == current_revision(made) == REVISION == newest(scripts())
    migrated.dispose()
    made.dispose()


def test_one_line_of_steps(tmp_path: Path) -> None:
    """Alembic refuses two heads; the names of the files say their order."""
    files = sorted(p.stem for p in (Path(migrations.__file__).parent / "versions").glob("0*.py"))
    assert files[-1].startswith(REVISION)


def test_a_newer_database_is_refused_and_left_as_it_is(tmp_path: Path, database: Database) -> None:
    with store_in(tmp_path) as store:
        store.write(lambda tx: append(tx, 1))
        store.write(lambda tx: tx._conn.execute(text("UPDATE alembic_version SET version_num='9'")))
    with pytest.raises(SchemaError, match=r"数据库版本 9 无法升级.*newer"):
        SqlStore(tmp_path)
    assert behind_its_back(database, "SELECT count(*) FROM journal") == [(1,)]
    behind_its_back(database, f"UPDATE alembic_version SET version_num = '{REVISION}'")
    with store_in(tmp_path) as again:
        assert again.read(lambda tx: tx.last_seq()) == 1


def test_after_a_migration_the_engine_goes_on(database: Database) -> None:
    engine = write_engine(database.url)
    ensure_schema(engine)
    migrate(engine, REVISION)
    with engine.begin() as connection:
        durable = {"sqlite": ("PRAGMA synchronous", 2), "postgresql": _SYNCHRONOUS}
        statement, wanted = durable[database.kind]
        assert connection.execute(text(statement)).scalar() == wanted
        connection.execute(text("INSERT INTO meta VALUES ('a', 'b')"))
    ensure_schema(engine)
    engine.dispose()


def test_an_older_database_is_brought_up(tmp_path: Path, database: Database) -> None:
    config = scripts(_more_steps(tmp_path, then=""))
    engine = write_engine(database.url)
    ensure_schema(engine)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO meta VALUES ('a', 'old')"))
    with engine.begin() as connection:
        upgrade(connection, config)
    assert current_revision(engine) == "9000"
    with engine.begin() as connection:
        assert connection.execute(text("SELECT value FROM meta")).scalar() == "new"
    engine.dispose()


def test_tickets_of_the_first_schema_are_kept(database: Database) -> None:
    """Missed numbers were held by a count of their series' calls, and are by what is left of it."""
    engine = write_engine(database.url)
    config = scripts()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO series_day VALUES ('2026-11-23', 'A', 4, 10)"))
        for number, (held, called) in enumerate([(0, "NULL"), (12, "7"), (9, "8")]):
            connection.execute(
                text(
                    "INSERT INTO ticket (id, day, series, sequence, service_id, priority, state,"
                    " channel, token, base, issued, called, passes, held_until, offline) VALUES"
                    f" ('t{number}', '2026-11-23', 'A', {number}, 'hukou', 'ordinary', 'waiting',"
                    f" 'kiosk', 'k{number}', 1, 1, {called}, 0, {held}, false)"
                )
            )
    ensure_schema(engine)
    with engine.begin() as connection:
        rows = connection.execute(
            text("SELECT held_until, first_called, later FROM ticket ORDER BY sequence")
        )
        assert [tuple(row) for row in rows] == [(0, None, ""), (2, 7, ""), (0, 8, "")]
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_step_that_fails_changes_nothing(tmp_path: Path, database: Database) -> None:
    config = scripts(_more_steps(tmp_path, then="raise ValueError('no')"))
    engine = write_engine(database.url)
    ensure_schema(engine)
    with pytest.raises(ValueError, match="no"), engine.begin() as connection:
        upgrade(connection, config)
    assert current_revision(engine) == REVISION
    assert not inspect(engine).has_table("fresh")
    engine.dispose()


_KILLED = """
import sys
from pathlib import Path
from hall_server.store.database import write_engine
from hall_server.store.migrate import scripts, upgrade

with write_engine(sys.argv[1]).begin() as connection:
    upgrade(connection, scripts(Path(sys.argv[2])))
"""


def test_killed_in_the_middle_of_a_step_nothing_is_changed(
    tmp_path: Path, database: Database
) -> None:
    steps = _more_steps(tmp_path, then="os.kill(os.getpid(), 9)")
    engine = write_engine(database.url)
    ensure_schema(engine)
    engine.dispose()
    child = [sys.executable, "-c", _KILLED, database.url, str(steps)]
    assert subprocess.run(child, check=False).returncode == -9
    with store_in(tmp_path) as store:
        store.write(lambda tx: append(tx, 1))
    assert check(database) == 1


_MADE_AND_KILLED = """
import os, sys
from sqlalchemy import event
from hall_server.store.database import write_engine
from hall_server.store.schema import ensure_schema

engine = write_engine(sys.argv[1])

@event.listens_for(engine, "before_cursor_execute")
def look(connection, cursor, statement, *rest):
    if statement.startswith("CREATE TABLE alembic_version"):
        os.kill(os.getpid(), 9)

ensure_schema(engine)
"""


def test_killed_while_the_tables_are_made_the_next_start_makes_them(
    tmp_path: Path, database: Database
) -> None:
    child = [sys.executable, "-c", _MADE_AND_KILLED, database.url]
    assert subprocess.run(child, check=False).returncode == -9
    engine = write_engine(database.url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
    with store_in(tmp_path) as store:
        store.write(lambda tx: append(tx, 1))


@_OF_SQLITE
def test_the_migration_program_says_in_one_line_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "hall.db").write_bytes(b"no database" * 1000)
    module = [sys.executable, "-m", "hall_server.store.migrate"]
    done = subprocess.run([*module, sqlite_url(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 1
    assert "file is not a database" in done.stderr and len(done.stderr.splitlines()) == 1
    assert subprocess.run(module, capture_output=True).returncode == 2


@_OF_SQLITE
def test_a_damaged_database_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "hall.db").write_bytes(b"no database" * 1000)
    with pytest.raises(
        DataFolderError, match=r"无法打开.*cannot be opened: file is not a database"
    ):
        SqlStore(tmp_path)


@_OF_SQLITE
def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataFolderError, match=r"无法写入.*cannot be written"):
        SqlStore(tmp_path / "file" / "data")


@_OF_SQLITE
def test_the_database_is_for_its_owner_only(tmp_path: Path) -> None:
    with store_in(tmp_path / "new"):
        for path in (tmp_path / "new").iterdir():
            assert path.stat().st_mode & 0o077 == 0, path
        assert (tmp_path / "new").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_migration_program_takes_an_address_with_a_password_from_its_input(
    database: Database,
) -> None:
    module = [sys.executable, "-m", "hall_server.store.migrate", "-"]
    done = subprocess.run(module, input=database.url, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert behind_its_back(database, "SELECT version_num FROM alembic_version") == [(REVISION,)]
