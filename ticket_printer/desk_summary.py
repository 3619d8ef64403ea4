"""The day in figures, printed as a slip when a manager asks for it at the server."""

import logging
import threading

from hallkit.link.backoff import Backoff
from hallkit.link.client import ApiClient, LinkError, ServerRefused
from hallkit.wire.event import Event
from hallkit.wire.slips import SummarySlip

_log = logging.getLogger(__name__)
REQUESTED = "summary.requested"


def job_id(event: Event) -> str:
    """The print job of this request: the same one however often the event comes."""
    return f"summary-{event.seq}-{event.at.timestamp():.0f}"


def fetch_summary(client: ApiClient, event: Event, stopping: threading.Event) -> SummarySlip | None:
    """The slip that was asked for, as the day is now; waits for the server as long as needed. None
    when it has none, or the program stops first."""
    day, backoff = str(event.data.get("day", "")), Backoff()
    while not stopping.is_set():
        try:
            return client.get("/summary", SummarySlip, date=day)
        except ServerRefused as refused:
            _log.warning("the day's summary is not printed: %s", refused)
            return None
        except LinkError as error:
            _log.debug("the day's summary is not to be had: %s", error)
            stopping.wait(backoff.next_s())
    return None
