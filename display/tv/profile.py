"""The browser's own folder: new for each start, so that it never offers to restore what was there
before, and in memory where there is such a place, so that no SD card is worn out."""

import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "yichuang-tv-"
_LOCK = "lock"
# A killed process is gone in milliseconds, unless its device has hung.
_DYING_S = 3.0
_LOOK_S = 0.01


def _base() -> Path:
    for name in ("RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"):
        folder = os.environ.get(name, "")
        if folder and os.access(folder, os.W_OK):
            return Path(folder)
    return Path(tempfile.gettempdir())


@contextlib.contextmanager
def own_folder() -> Iterator[Path]:
    """A private folder, gone at the end. What an earlier run that was killed left behind, its
    browser included, is cleared away first."""
    base = _base()
    for left in base.glob(f"{_PREFIX}*"):
        _clear(left)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
    lock = -1
    try:
        lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        end_processes(folder)
        shutil.rmtree(folder, ignore_errors=True)
        if lock >= 0:
            os.close(lock)


def _clear(left: Path) -> None:
    """Removes a folder of ours whose program is gone: a living one holds the lock."""
    try:
        if left.is_symlink() or left.stat().st_uid != os.geteuid():
            return
        lock = os.open(left / _LOCK, os.O_RDWR)
    except OSError:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    else:
        end_processes(left)
        shutil.rmtree(left, ignore_errors=True)
    finally:
        os.close(lock)


def processes(folder: Path) -> list[int]:
    """The processes that were started with something in this folder, but not this one."""
    wanted = os.fsencode(str(folder)) + b"/"
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        # It may end meanwhile.
        with contextlib.suppress(OSError):
            if wanted in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def end_processes(folder: Path) -> None:
    """Kills them and waits until they are gone: one that is dying may still write, or have just
    begun another."""
    deadline = time.monotonic() + _DYING_S
    while (left := processes(folder)) and time.monotonic() < deadline:
        for process in left:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        time.sleep(_LOOK_S)
