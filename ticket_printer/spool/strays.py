"""What waits for a printer that the settings no longer name goes to one that they do."""

import logging
from collections.abc import Sequence
from datetime import datetime

from ticket_printer.spool.lookup import Lookup
from ticket_printer.spool.store import Spool

_log = logging.getLogger(__name__)


def take_in_strays(spool: Spool, printers: Sequence[str], now: datetime) -> None:
    """At a start, after :meth:`Spool.recover` and before anything prints: gives what was never sent
    to the printer that it was for, or to the first. Raises sqlite3.Error."""
    for job in Lookup(spool).strays(printers):
        target = job.wanted if job.wanted in printers else printers[0]
        words = (
            f"设置里已没有打印机“{job.printer}”，改由“{target}”打印",
            f"there is no printer {job.printer!r} any more; printed at {target} instead",
        )
        spool.hand_over(job, target, words, now, for_good=True)
        _log.warning("job %s: %s / %s", job.job_id, *words)
