"""The data folder belongs to one process at a time."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

LOCK_FILE = "server.lock"


class DataLocked(Exception):
    """Another process works in the data folder; the message says so in both languages."""


class DataLock:
    """Exclusive use of ``data_dir``, for a server or for a command that replaces its data.

    The kernel lets go of it when the process ends, however it ends, so a lock never goes stale.
    A context manager; ``take`` and ``release`` for the rest.
    """

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / LOCK_FILE
        self._fd: int | None = None

    def take(self) -> None:
        """Takes the lock without waiting. Raises DataLocked, OSError."""
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            raise DataLocked(
                f"数据目录 {self._path.parent} 正在被使用，请先停止服务 / the data folder "
                f"{self._path.parent} is in use: stop the server first"
            ) from None
        except OSError:
            os.close(fd)
            raise
        self._fd = fd

    def release(self) -> None:
        """Lets go; harmless when nothing is held."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> "DataLock":
        self.take()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.release()
