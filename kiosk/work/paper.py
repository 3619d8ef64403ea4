"""Puts numbers on paper, and tells the screen what became of it."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from hallkit.link.client import ApiClient, LinkError, ServerAway, ServerRefused
from hallkit.runtime.logs import Outage
from hallkit.runtime.settings import did_you_mean
from hallkit.wire.device import PartStatus
from hallkit.wire.printing import JobView, PrinterList, PrinterView, PrintJob, TicketSlip
from kiosk.flow.inputs import Input, PaperNews
from kiosk.flow.state import PrintState, PrintWord
from kiosk.flow.words import PRINTER_AWAY

_log = logging.getLogger(__name__)

# A printer program that is being restarted is back within seconds; longer, and the visitor is
# told to remember the number.
SUBMIT_FOR_S = 5.0
RETRY_S = 0.5
# A ticket takes one to three seconds; the screen changes soon after.
POLL_S = 0.2
# After this the visitor has gone, and paper that comes later is the printer's own business.
FOLLOW_FOR_S = 45.0
# How often an idle kiosk asks how its printer is, which is asked every 0.8 s itself: together
# what is wrong is known within 2 s.
CHECK_S = 0.5
# What keeps a ticket waiting until somebody comes; for less the visitor is asked to wait.
_FAULTS = ("paper_out", "cover_open", "cutter_error")

_WORDS: dict[str, PrintState] = {
    "queued": PrintState("printing"),
    "sending": PrintState("printing"),
    "done": PrintState("printed"),
}


def paper_of(job: JobView) -> PrintState:
    """What a job's state means for the visitor."""
    known = _WORDS.get(job.state)
    if known is not None and job.waits_for not in _FAULTS:
        return replace(known, place_zh=job.collect_at, place_en=job.collect_at_en)
    word: PrintWord = "unsure" if job.state == "unknown" else "trouble"
    return PrintState(word, job.detail, job.detail_en)


class PaperDesk:
    """One thread that submits jobs and follows the newest one; also knows the printer's state.
    ``link`` leads to the ticket printer program on this machine, ``kiosk`` is this kiosk's name,
    by which that program chooses the printer when ``printer`` names none."""

    def __init__(
        self,
        link: ApiClient,
        printer: str,
        kiosk: str,
        post: Callable[[Input], None],
        changed: Callable[[], None],
    ) -> None:
        self._link = link
        self._printer = printer
        self._kiosk = kiosk
        self._post = post
        self._changed = changed
        self._queue: queue.SimpleQueue[PrintJob | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._part = _away_part()
        self._outage = Outage(_log, "ticket printer")
        self._thread = threading.Thread(target=self._run, name="paper", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stops and waits for the thread."""
        self._stopping.set()
        self._queue.put(None)
        self._thread.join()
        self._link.close()

    def print(self, ticket_id: str, slip: TicketSlip) -> None:
        """Prints a slip; returns at once."""
        self._queue.put(
            PrintJob(job_id=ticket_id, printer=self._printer, kiosk=self._kiosk, slip=slip)
        )

    @property
    def part(self) -> PartStatus:
        """The printer as it was last seen, for the manager's device page."""
        return self._part

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._check()
                job = self._queue.get(timeout=CHECK_S)
                if job is not None:
                    self._print(job)
            except queue.Empty:
                continue
            except Exception:  # noqa: BLE001 - the next number must still be printed
                _log.exception("printing failed")
                self._stopping.wait(RETRY_S)

    def _print(self, job: PrintJob) -> None:
        deadline = time.monotonic() + SUBMIT_FOR_S
        while not self._stopping.is_set():
            try:
                view = self._link.post("/jobs", job, JobView)
            except ServerRefused as no:
                self._tell(job, PrintState("trouble", no.info.message, no.info.message_en))
                return
            except ServerAway as away:
                self._outage.failed(away)
                self._tell(job, PrintState("trouble", PRINTER_AWAY.zh, PRINTER_AWAY.en))
                if time.monotonic() > deadline:
                    return
                self._stopping.wait(RETRY_S)
                continue
            self._outage.recovered()
            self._follow(job, view)
            return

    def _follow(self, job: PrintJob, view: JobView) -> None:
        deadline = time.monotonic() + FOLLOW_FOR_S
        while not self._stopping.is_set():
            self._tell(job, paper_of(view))
            over = view.state in ("done", "unknown", "failed", "withdrawn")
            if over or time.monotonic() > deadline or not self._queue.empty():
                return
            self._stopping.wait(POLL_S)
            try:
                view = self._link.get(f"/jobs/{job.job_id}", JobView)
            except LinkError as error:
                self._outage.failed(error)
                self._tell(job, PrintState("unsure"))
                return

    def _tell(self, job: PrintJob, paper: PrintState) -> None:
        self._post(PaperNews(job.job_id, paper))

    def _check(self) -> None:
        try:
            printers = self._link.get("/printers", PrinterList).printers
        except LinkError as error:
            self._outage.failed(error)
            part = _away_part()
        else:
            self._outage.recovered()
            part = self._part_among(printers)
        if part != self._part:
            self._part = part
            self._changed()

    def _part_among(self, printers: list[PrinterView]) -> PartStatus:
        """How the printer is that this kiosk's tickets go to."""
        if not self._printer:
            mine = [p for p in printers if self._kiosk in p.kiosks] or printers
        else:
            mine = [p for p in printers if p.name == self._printer]
        if mine:
            return _part_of(mine[0])
        return _unknown_part(self._printer, [p.name for p in printers])


def _unknown_part(name: str, known: list[str]) -> PartStatus:
    zh, en = did_you_mean(name, known)
    return PartStatus(
        name="printer",
        state="offline",
        text=f"打印程序里没有名为“{name}”的打印机{zh}",
        text_en=f"the printer program has no printer {name!r}{en}",
        ok=False,
    )


def _part_of(printer: PrinterView) -> PartStatus:
    return PartStatus(
        name="printer",
        state=printer.state,
        text=printer.detail,
        text_en=printer.detail_en,
        ok=printer.state == "ready",
    )


def _away_part() -> PartStatus:
    return PartStatus(
        name="printer", state="offline", text=PRINTER_AWAY.zh, text_en=PRINTER_AWAY.en, ok=False
    )
