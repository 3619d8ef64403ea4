"""The demo's programs as child processes: started in order, ended in reverse."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

# Each program stops its parts in at most 5 s; then it is killed.
STOP_WITHIN_S = 8.0
_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Children:
    """Child processes of ``hall``; each writes to its own log file."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []
        self._arguments: dict[str, list[str]] = {}

    def start(self, name: str, arguments: list[str]) -> None:
        """Starts ``hall`` with these arguments in a process group of its own, so that the
        terminal's Ctrl-C reaches the demo alone, which then ends them in order."""
        self._start(name, arguments, "wb")

    def start_again(self, name: str) -> None:
        """Starts a child that ended as it was started before; its log file goes on."""
        self._running = [(other, child) for other, child in self._running if other != name]
        self._start(name, self._arguments[name], "ab")

    def _start(self, name: str, arguments: list[str], log_mode: str) -> None:
        command = [sys.executable, "-m", "hallkit.runtime.cli", *arguments]
        # The demo's data is its own, also where a hall's database is named.
        environment = {k: v for k, v in os.environ.items() if k != "HALL_DATABASE_URL"}
        with (self._logs / f"{name}.log").open(log_mode) as log:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment | {"PYTHONUNBUFFERED": "1"},
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        self._arguments[name] = arguments
        self._running.append((name, child))

    def ended(self) -> list[tuple[str, int]]:
        """The names and exit statuses of the children that ended by themselves."""
        statuses = [(name, child.poll()) for name, child in self._running]
        return [(name, status) for name, status in statuses if status is not None]

    def log_tail(self, name: str, lines: int = 12) -> str:
        """The last lines a child wrote."""
        text = (self._logs / f"{name}.log").read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def stop(self) -> None:
        """Ends all: asked in reverse order, killed when they do not listen."""
        for _, child in reversed(self._running):
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + STOP_WITHIN_S
        for _, child in reversed(self._running):
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        self._running.clear()
