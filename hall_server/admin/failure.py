"""What every command of ``hall admin`` may meet."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from hall_server.domain.errors import Refused
from hall_server.service.ports import StorageFailed
from hall_server.store.database import (
    DATABASE,
    DATABASE_VARIABLE,
    DatabaseUnusable,
    database_url,
    is_sqlite,
    look_engine,
    shown,
)
from hall_server.store.lock import DataLocked
from hall_server.store.schema import SchemaError, current_revision
from hall_server.store.store import DataFolderError, SqlStore


class Failure(Exception):
    """A command cannot be done; the message says why, Chinese / English, in one line."""


@contextmanager
def in_words() -> Iterator[None]:
    """Turns what may go wrong with the data into Failure."""
    try:
        yield
    except Refused as error:
        raise Failure(f"{error.zh} / {error.en}") from None
    except (DataLocked, DataFolderError, DatabaseUnusable, SchemaError) as error:
        raise Failure(str(error)) from None
    except (SQLAlchemyError, StorageFailed) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise Failure(f"数据库无法使用 / the database cannot be used: {reason}") from None
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise Failure(f"文件操作失败 / a file operation failed: {where}{error.strerror}") from None


def has_database(data_dir: Path) -> bool:
    """Whether there is a hall's database in the folder, or where the environment says. Raises
    Failure when that cannot be told."""
    with in_words():
        url = database_url(data_dir)
        if is_sqlite(url):
            return (data_dir / DATABASE).is_file()
        engine = look_engine(url)
        try:
            return current_revision(engine) is not None
        finally:
            engine.dispose()


def need_database(data_dir: Path) -> str:
    """The database's address. Raises Failure when there is none: a mistyped folder is not made."""
    if not has_database(data_dir):
        raise Failure(
            f"{data_dir} 中没有数据，请先运行 hall admin init / "
            f"there is no data in {data_dir}: run hall admin init first"
        )
    return database_url(data_dir)


def need_sqlite(data_dir: Path, instead: str) -> None:
    """Raises Failure when the hall keeps its data in PostgreSQL, whose own program is named
    ``instead``."""
    url = database_url(data_dir)
    if not is_sqlite(url):
        raise Failure(
            f"数据在 PostgreSQL 中（{DATABASE_VARIABLE}），请用 {instead} / the data is in "
            f"PostgreSQL ({shown(url)}): use {instead}, see docs/admin.md"
        )


@contextmanager
def opened(data_dir: Path, *, serving: bool = False) -> Iterator[SqlStore]:
    """The store in ``data_dir``, closed afterwards; ``serving`` when no server may use it
    meanwhile. Raises Failure."""
    with in_words():
        store = SqlStore(data_dir, serving=serving)
        try:
            yield store
        finally:
            store.close()
