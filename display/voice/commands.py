"""Commands that end by themselves, and can be ended."""

import contextlib
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path


class CommandFailed(Exception):
    """It did not end well, or was ended; the message says why."""


class Commands:
    """Runs commands that end by themselves, each until :meth:`interrupt`, which any thread may
    call."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._closed = False

    def run(self, command: Sequence[str], timeout_s: float, given: bytes = b"") -> bytes:
        """The standard output of a command that was ``given`` its input. Raises CommandFailed
        when it cannot be started, takes longer or fails."""
        name = Path(command[0]).name
        with self._lock:
            if self._closed:
                raise CommandFailed("the speaker is stopping")
            try:
                process = subprocess.Popen(
                    list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                )  # fmt: skip
            except OSError as error:
                raise CommandFailed(f"{name}: {error}") from error
            self._running.add(process)
        try:
            output, said = process.communicate(given, timeout=timeout_s)
        except subprocess.TimeoutExpired:
            raise CommandFailed(f"{name} took longer than {timeout_s:g} s") from None
        finally:
            with self._lock:
                self._running.discard(process)
            process.kill()
            reap(process)
        if process.returncode != 0:
            detail = said.decode(errors="replace").strip()[-200:]
            raise CommandFailed(f"{name} ended with {process.returncode}: {detail}")
        return output

    def interrupt(self) -> None:
        """Ends what runs now, and runs nothing more."""
        with self._lock:
            self._closed = True
            for process in self._running:
                process.kill()


def reap(process: subprocess.Popen[bytes]) -> None:
    """Waits for a process that was killed, and closes its pipes."""
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
