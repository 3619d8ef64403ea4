"""The day in figures, printed as a slip when a manager asks for it at the server."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from hallkit.link.backoff import Backoff
from hallkit.link.client import ApiClient, LinkError, ServerRefused
from hallkit.wire.event import Event
from hallkit.wire.message import Message
from hallkit.wire.slips import SummarySlip

_log = logging.getLogger(__name__)
REQUESTED = "summary.requested"
# Numbers wait behind the summary, and whoever asked for it can ask again.
PATIENCE_S = 60.0
_BUSY = (429, 503)
_TAKEN = 409
M = TypeVar("M")


class _Taken(Message):
    """The answer to whoever may print."""


def job_id(event: Event) -> str:
    """The print job of this request: the same one however often the event comes."""
    return f"summary-{event.seq}-{event.at.timestamp():.0f}"


def fetch_summary(client: ApiClient, event: Event, stopping: threading.Event) -> SummarySlip | None:
    """The slip that was asked for, as the day is now, once the server has left it to this printer.
    None when another one prints it, when there is none within ``PATIENCE_S`` seconds, or the
    program stops first."""
    give_up = time.monotonic() + PATIENCE_S
    day, claim = str(event.data.get("day", "")), str(event.data.get("claim", ""))
    try:
        slip = _ask(lambda: client.get("/summary", SummarySlip, date=day), stopping, give_up)
        if slip is not None and claim:
            body = {"request_id": claim}
            if _ask(lambda: client.post("/summary/claim", body, _Taken), stopping, give_up) is None:
                return None
    except ServerRefused as refused:
        if refused.status == _TAKEN:
            _log.info("the day's summary is printed elsewhere: %s", refused)
        else:
            _log.warning("the day's summary is not printed: %s", refused)
        return None
    except LinkError as error:
        _log.warning("the day's summary is given up after %.0f s: %s", PATIENCE_S, error)
        return None
    return slip


def _ask(call: Callable[[], M], stopping: threading.Event, give_up: float) -> M | None:
    """The answer; asks again while the server is away or busy. None when the program stops first.
    Raises ServerRefused, and the last LinkError after ``give_up`` (of the monotonic clock)."""
    backoff = Backoff()
    while not stopping.is_set():
        try:
            return call()
        except LinkError as error:
            final = isinstance(error, ServerRefused) and error.status not in _BUSY
            wait_s = backoff.next_s()
            if final or time.monotonic() + wait_s > give_up:
                raise
            _log.debug("the day's summary is not to be had: %s", error)
            stopping.wait(wait_s)
    return None
