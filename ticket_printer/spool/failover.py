"""What was never sent goes to another printer when its own cannot print: the hall's rule.

A job that is *sending*, *held* or *unknown* may be on paper and stays where it is.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from hallkit.runtime.clock import Clock
from ticket_printer.spool.day import is_past
from ticket_printer.spool.states import IllegalMove
from ticket_printer.spool.store import Job, Spool
from ticket_printer.spool.worker import PrinterWorker

_log = logging.getLogger(__name__)

# After an error of the spool, such as a full disk.
_AGAIN_S = 5.0


class Failover:
    """Hands queued jobs of a printer that has not been able to print for ``after_s`` to the first
    that can: the one that the job was for, then those of its ``rule``. A thread of its own, since a
    printer's thread stays with the ticket that it holds; asleep until something changes."""

    def __init__(
        self,
        spool: Spool,
        workers: Sequence[PrinterWorker],
        rule: Mapping[str, Sequence[str]],
        after_s: float,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._spool = spool
        self._workers = {worker.name: worker for worker in workers}
        self._rule = rule
        self._after_s = after_s
        self._clock = clock
        self._monotonic = monotonic
        self._changed = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="failover", daemon=True)

    def start(self) -> None:
        """Starts, when there is a rule."""
        if any(self._rule.values()):
            self._thread.start()

    def stop(self) -> None:
        """Stops and waits for the thread."""
        self._stopping = True
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> None:
        """Says that a printer's state changed, or that there is a new job."""
        self._changed.set()

    def _run(self) -> None:
        while True:
            # In this order: a stop that comes between the two still ends the wait below.
            self._changed.clear()
            if self._stopping:
                return
            try:
                wait_s = self.turn()
            except Exception:  # noqa: BLE001 - the next job must still find its printer
                _log.exception("failover")
                wait_s = _AGAIN_S
            self._changed.wait(wait_s)

    def turn(self) -> float | None:
        """Hands over what is due; returns the seconds until something may be due, None when only a
        change can make it so. Raises sqlite3.Error."""
        waits = [self._look_at(worker) for worker in self._workers.values()]
        return min((wait for wait in waits if wait is not None), default=None)

    def _look_at(self, worker: PrinterWorker) -> float | None:
        since = worker.unable_since
        if since is None:
            return None
        jobs = self._spool.queued(worker.name)
        if not jobs:
            return None
        left_s = since + self._after_s - self._monotonic()
        if left_s > 0:
            return left_s
        for job in jobs:
            if not _stays(job, self._clock.now()):
                self._hand_over(job, worker)
        return None

    def _hand_over(self, job: Job, worker: PrinterWorker) -> None:
        names = [job.wanted, *self._rule.get(job.wanted, ())]
        able = [
            other
            for name in names
            if name != worker.name
            and (other := self._workers.get(name)) is not None
            and other.unable_since is None
        ]
        if not able:
            return
        target, why = able[0], worker.view()
        words = (
            f"“{worker.name}”{why.detail}，改由“{target.name}”打印",
            f"{worker.name}: {why.detail_en}; printed at {target.name} instead",
        )
        try:
            self._spool.hand_over(job, target.name, words, self._clock.now())
        except IllegalMove:
            return
        _log.warning("job %s: %s", job.job_id, words[1])
        target.wake()


def _stays(job: Job, now: datetime) -> bool:
    """Whether a job is one that its own printer will end: of an earlier day, or not readable."""
    try:
        return is_past(job.content, now)
    except ValueError:
        return True
