"""The ticket printer program as a process that can be killed and is back in an instant: a nursery
that has everything imported forks it anew.

    nursery                         test
      ◄── start ──────────────────────   forks the program
      ─── PORT ───────────────────────►  its loopback port; the program is up
      ◄── kill ───────────────────────   kill -9, and waits for its end
      ─── dead ───────────────────────►
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO

from hallkit.runtime.logs import configure_logs
from hallkit.runtime.service import Service
from hallkit.runtime.settings import load
from ticket_printer.program import Program
from ticket_printer.settings import PrinterProgramSettings
from ticket_printer.transport.confirm import Patience
from ticket_printer.transport.links import escpos_printer

_MAIN = "from tests.fakes.printer_nursery import main; main()"


class Nursery:
    """The nursery's side that the test holds. ``port`` is where the program takes jobs now, or
    took them when it was last up."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.port = 0

    def start(self) -> None:
        """Starts the program; returns when it takes jobs."""
        self.port = int(self._ask("start"))

    def kill(self) -> None:
        """Kills the program with SIGKILL; returns when it is dead."""
        assert self._ask("kill") == "dead"

    def _ask(self, what: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()


@contextmanager
def nursery(config: Path, patience: Patience, log: IO[bytes]) -> Iterator[Nursery]:
    """A nursery for the program of this settings file; what it logs goes to ``log``."""
    command = [sys.executable, "-c", _MAIN, str(config), json.dumps(asdict(patience))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
    ) as process:
        yield Nursery(process)
        assert process.stdin is not None
        # The end of its orders is the end of the nursery, and of the program.
        process.stdin.close()
        assert process.wait() == 0


def main() -> None:
    """Obeys orders until there are no more."""
    settings = load(Path(sys.argv[1]), PrinterProgramSettings)
    patience = Patience(**json.loads(sys.argv[2]))
    escpos_printer("Network")
    child = 0
    for order in sys.stdin:
        if order.strip() == "start":
            child = _fork(settings, patience)
        else:
            _kill(child)
            _say("dead")
            child = 0
    _kill(child)


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def _kill(child: int) -> None:
    if child:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _fork(settings: PrinterProgramSettings, patience: Patience) -> int:
    child = os.fork()
    if not child:
        os.close(sys.stdin.fileno())
        try:
            _run(settings, patience)
        except Exception:
            _say("failed")
            raise
    return child


def _run(settings: PrinterProgramSettings, patience: Patience) -> None:
    configure_logs("WARNING")
    service = Service()
    running = Program(settings, None, service, patience=patience)
    running.start()
    _say(running.intake_address[1])
    service.run()
