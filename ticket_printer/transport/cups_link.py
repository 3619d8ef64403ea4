"""A queue of CUPS, by the programs of cups-client: a ticket is handed to ``lp`` as it is (raw).

CUPS says only that a job has left its queue, not what is on paper: such a printer counts as
write-only. (The reasons that ``lpstat -l`` gives for a job are the same whether it was printed or
cancelled; seen with CUPS 2.4.)
"""

import logging
import os
import re
import subprocess
import time

from ticket_printer.transport.address import CupsAddress
from ticket_printer.transport.links import LineLost, PrinterAway

_log = logging.getLogger(__name__)

# One of cups-client's programs against a server on this machine takes 20 ms.
_COMMAND_S = 5.0
# A ticket leaves the queue within seconds; one that does not waits for a printer that is off or out
# of paper, and is taken back, or it would come out unasked for later.
LEAVES_S = 20.0
_LOOK_EVERY_S = 0.3
_JOB_ID = re.compile(rb"request id is (\S+-\d+)")
_NOT_INSTALLED = ("cups-client is not installed: apt install cups-client", "没有安装 cups-client")


class CupsLink:
    """A queue that takes jobs. Raises PrinterAway: no such queue, stopped, or no CUPS here.

    What is exchanged is kept until ``finish``, which prints it; closed before, nothing is printed.
    """

    keep_open = False
    one_way = True

    def __init__(self, address: CupsAddress, leaves_s: float = LEAVES_S) -> None:
        self._queue = address.queue
        self._leaves_s = leaves_s
        self._data = b""
        state = queue_state(self._queue)
        if state:
            raise PrinterAway(f"CUPS queue {self._queue}: {state}", "CUPS 队列不存在或已停用")

    def exchange(self, data: bytes, timeout_s: float) -> tuple[int, bytes]:
        """Takes all of ``data`` at once; nothing is ever heard."""
        if not data:
            time.sleep(timeout_s)
        self._data += data
        return len(data), b""

    def finish(self) -> None:
        """Hands the ticket to CUPS and waits until it has left the queue. Raises LineLost: CUPS
        refused it, or still had it after ``leaves_s`` and was told to forget it, which it may not
        have done."""
        job = self._hand_over()
        deadline = time.monotonic() + self._leaves_s
        while job in _jobs(self._queue):
            if time.monotonic() > deadline:
                self._take_back(job)
                return
            time.sleep(_LOOK_EVERY_S)

    def _take_back(self, job: str) -> None:
        """Has CUPS forget a job; returns when that came too late, since it has just left the queue.
        Raises LineLost."""
        try:
            done = _command("cancel", job)
            refused = _said(done) if done.returncode else ""
        except PrinterAway as error:
            refused = str(error)
        if not refused:
            _log.warning("CUPS job %s did not leave the queue and was cancelled", job)
            raise LineLost(f"CUPS job {job} did not leave the queue and was cancelled")
        if job in _jobs(self._queue):
            _log.warning("CUPS job %s did not leave the queue nor be cancelled: %s", job, refused)
            raise LineLost(f"CUPS job {job} is in the queue still and may be printed: {refused}")

    def close(self) -> None:
        """Forgets what was not printed."""
        self._data = b""

    def _hand_over(self) -> str:
        data, self._data = self._data, b""
        arguments = ("lp", "-d", self._queue, "-o", "raw", "-t", "ticket")
        try:
            done = _command(*arguments, data=data)
        except PrinterAway as error:
            raise LineLost(str(error), error.zh) from error
        job = _JOB_ID.search(done.stdout)
        if done.returncode or job is None:
            raise LineLost(f"lp: {_said(done)}")
        return job[1].decode(errors="replace")


def queue_state(queue: str) -> str:
    """Why a queue prints nothing, in English; empty when it works. Raises PrinterAway: there is no
    CUPS here."""
    done = _command("lpstat", "-a", queue, "-p", queue)
    if done.returncode:
        return _said(done)
    lines = done.stdout.decode(errors="replace").splitlines()
    wrong = [
        line.strip() for line in lines if " disabled since " in line or " not accepting " in line
    ]
    return "; ".join(wrong)


def queues() -> dict[str, str]:
    """The queues of CUPS, each with the device it prints to. Raises PrinterAway: there is no CUPS
    here, or it does not answer."""
    done = _command("lpstat", "-v")
    found = re.findall(r"^device for (\S+): (.*)$", done.stdout.decode(errors="replace"), re.M)
    if not found and done.returncode and b"No destinations" not in done.stderr:
        raise PrinterAway(f"CUPS: {_said(done)}", "CUPS 没有运行")
    return dict(found)


def _jobs(queue: str) -> set[str]:
    """The jobs that are still in a queue. Raises LineLost."""
    try:
        done = _command("lpstat", "-o", queue)
    except PrinterAway as error:
        raise LineLost(str(error), error.zh) from error
    if done.returncode:
        raise LineLost(f"lpstat: {_said(done)}")
    return {line.split()[0] for line in done.stdout.decode(errors="replace").splitlines() if line}


def _command(*arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Runs one of cups-client's programs. Raises PrinterAway: it is not there, or too slow."""
    try:
        return subprocess.run(
            arguments,
            input=data,
            capture_output=True,
            timeout=_COMMAND_S,
            check=False,
            env=os.environ | {"LC_ALL": "C.UTF-8"},
        )
    except FileNotFoundError as error:
        raise PrinterAway(*_NOT_INSTALLED) from error
    except (subprocess.TimeoutExpired, OSError) as error:
        raise PrinterAway(f"CUPS does not answer: {error}", "CUPS 没有应答") from error


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    words = done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}"
    return " ".join(words.split())
