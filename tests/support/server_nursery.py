"""Starts ``hall server`` again and again, quickly: a process that has imported it and forks.

Each child is a process of its own that runs the program from its arguments; only the half second
of imports is shared (with ``whole``, nothing is). Speaks JSON lines: ``{"args", "env", "log",
"whole"}`` -> pid; ``{"wait": pid}`` -> exit status (negative: the signal); ``{"cut": pid}`` kills
it with every process that it started -> exit status. Ends, with every child, when its input does.
"""

import ctypes
import importlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


def _set_for_tests() -> None:
    """What a test may weaken in SQLite, after the product has set what it wants."""
    pragmas = json.loads(os.environ.get("TEST_PRAGMAS", "[]"))
    if not pragmas:
        return
    from sqlalchemy import event
    from sqlalchemy.pool import Pool

    @event.listens_for(Pool, "checkout")
    def checkout(connection: Any, _record: object, _proxy: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")


def _child(order: dict[str, Any]) -> int:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.update(order["env"])
    if order["whole"]:
        command = [sys.executable, "-m", "hallkit.runtime.cli", "server", *order["args"]]
        os.execv(command[0], command)
    _set_for_tests()
    from hall_server.program import main

    return main(order["args"])


def _wait(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _cut(pid: int) -> int:
    os.kill(pid, signal.SIGKILL)
    status = _wait(pid)
    _end_orphans()
    return status


def _end_orphans() -> None:
    """Whatever the servers had started is this process's now."""
    mine = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    while orphans := [int(word) for word in mine.read_text().split()]:
        for orphan in orphans:
            os.kill(orphan, signal.SIGKILL)
            _wait(orphan)


def serve() -> None:
    """Does what it is told until its input ends."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    importlib.import_module("hall_server.program")
    if os.environ.get("HALL_DATABASE_URL"):
        importlib.import_module("hall_server.store.postgres")
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            answer = _wait(order["wait"])
        elif "cut" in order:
            answer = _cut(order["cut"])
        else:
            answer = os.fork()
            if answer == 0:
                status = 70
                try:
                    status = _child(order)
                finally:
                    os._exit(status)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    _end_orphans()


if __name__ == "__main__":
    serve()
