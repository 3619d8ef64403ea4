"""What a kiosk and the ticket printer program say to each other on the loopback address.

``POST /jobs`` takes a :class:`PrintJob` and answers 202 with a :class:`JobView` (the same
``job_id`` again answers the same job and prints nothing new). ``GET /jobs/{job_id}`` answers a
:class:`JobView`, ``GET /printers`` a :class:`PrinterList`. Errors are ``ErrorBody``.
"""

from typing import Literal

from hallkit.wire.message import Message
from hallkit.wire.slips import Slip, TicketSlip

__all__ = [
    "JobState",
    "JobView",
    "PrintJob",
    "PrinterList",
    "PrinterState",
    "PrinterView",
    "TicketSlip",
]

JobState = Literal["queued", "sending", "done", "held", "unknown", "failed", "withdrawn"]
PrinterState = Literal[
    "ready", "paper_near_end", "paper_out", "cover_open", "cutter_error", "offline", "unknown"
]


class PrintJob(Message):
    """A slip to be printed once. ``job_id`` is the caller's (a kiosk uses the ticket's id);
    ``printer`` names one of the program's printers, empty for its first."""

    job_id: str
    printer: str = ""
    slip: Slip


class JobView(Message):
    """Where a job stands; ``detail`` says in words what to do when it is not on paper."""

    job_id: str
    printer: str
    state: JobState
    detail: str = ""
    detail_en: str = ""


class PrinterView(Message):
    """A printer's state and the words for it."""

    name: str
    state: PrinterState
    detail: str
    detail_en: str
    waiting_jobs: int


class PrinterList(Message):
    """Answer of ``GET /printers``."""

    printers: list[PrinterView]
