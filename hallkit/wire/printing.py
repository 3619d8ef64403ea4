"""What a kiosk and the ticket printer program say to each other on the loopback address.

``POST /jobs`` takes a :class:`PrintJob` and answers 202 with a :class:`JobView` (the same
``job_id`` again answers the same job and prints nothing new). ``GET /jobs/{job_id}`` answers a
:class:`JobView`, ``GET /printers`` a :class:`PrinterList`. Errors are ``ErrorBody``.
"""

from typing import Literal

from pydantic import AwareDatetime

from hallkit.wire.message import Message
from hallkit.wire.slips import Slip, SlipKind, TicketSlip

__all__ = [
    "JobState",
    "JobView",
    "PrintJob",
    "PrinterList",
    "PrinterState",
    "PrinterView",
    "ReprintReport",
    "TicketSlip",
]

JobState = Literal["queued", "sending", "done", "held", "unknown", "failed", "withdrawn"]
PrinterState = Literal[
    "ready", "paper_near_end", "paper_out", "cover_open", "cutter_error", "offline", "unknown"
]


class PrintJob(Message):
    """A slip to be printed once. ``job_id`` is the caller's (a kiosk uses the ticket's id).
    ``printer`` names one of the program's printers; when it is empty, the program chooses by
    ``kiosk``, the name of the kiosk that asks."""

    job_id: str
    printer: str = ""
    kiosk: str = ""
    slip: Slip


class JobView(Message):
    """Where a job stands; ``detail`` says in words what to do when it is not on paper.

    ``collect_at`` (and ``_en``): where its paper comes out, when that is not at the printer that
    was asked for. ``waits_for``: what keeps the printer from printing a queued job, empty when
    nothing does.
    """

    job_id: str
    printer: str
    state: JobState
    detail: str = ""
    detail_en: str = ""
    collect_at: str = ""
    collect_at_en: str = ""
    waits_for: PrinterState | Literal[""] = ""


class PrinterView(Message):
    """A printer's state and the words for it. ``kiosks`` are those that print here when they name
    no printer; ``paper_left_m`` metres by the paper counter, None when it does not count."""

    name: str
    state: PrinterState
    detail: str
    detail_en: str
    waiting_jobs: int
    kiosks: list[str] = []
    paper_left_m: float | None = None


class PrinterList(Message):
    """Answer of ``GET /printers``."""

    printers: list[PrinterView]


class ReprintReport(Message):
    """Body of ``POST /api/v1/devices/{id}/reprints``: a slip was printed again because a person
    wanted it so. ``ticket_id`` is empty for a slip that is not a queue ticket (or is of unknown
    origin), ``number`` the ticket's or the case's; ``by`` and ``reason`` as the person gave
    them."""

    request_id: str
    kind: SlipKind
    number: str
    ticket_id: str = ""
    printer: str
    by: str = ""
    reason: str = ""
    reprinted_at: AwareDatetime
