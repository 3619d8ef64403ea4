"""What every command of ``hall admin`` may meet."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from hall_server.domain.errors import Refused
from hall_server.service.ports import StorageFailed
from hall_server.store.database import DATABASE
from hall_server.store.lock import DataLocked
from hall_server.store.schema import SchemaError
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
    except (DataLocked, DataFolderError, SchemaError) as error:
        raise Failure(str(error)) from None
    except (SQLAlchemyError, StorageFailed) as error:
        reason = str(error).splitlines()[0]
        raise Failure(f"数据库无法使用 / the database cannot be used: {reason}") from None
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise Failure(f"文件操作失败 / a file operation failed: {where}{error.strerror}") from None


def need_database(data_dir: Path) -> Path:
    """The database's path. Raises Failure when there is none: a mistyped folder is not made."""
    path = data_dir / DATABASE
    if not path.is_file():
        raise Failure(
            f"{data_dir} 中没有数据，请先运行 hall admin init / "
            f"there is no data in {data_dir}: run hall admin init first"
        )
    return path


@contextmanager
def opened(data_dir: Path) -> Iterator[SqlStore]:
    """The store in ``data_dir``, closed afterwards. Raises Failure."""
    with in_words():
        store = SqlStore(data_dir)
        try:
            yield store
        finally:
            store.close()
