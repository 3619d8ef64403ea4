"""Tickets taken at the guide desk: issued by a clerk, printed here.

Follows the hall's event stream and prints each ``ticket.issued`` whose channel is ``desk``, and the
day's summary when a manager asks for it. The sequence of the last one is kept in the spool, in the
same transaction as the job, so that none is lost or printed twice over a restart. A number of an
earlier day is void and is not printed. While the spool cannot be written, the next ticket waits.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable
from zoneinfo import ZoneInfo

from hallkit.link.backoff import Backoff
from hallkit.link.client import ApiClient, LinkError, ServerRefused
from hallkit.link.events import EventFollower
from hallkit.runtime.logs import Outage
from hallkit.wire.board import Board
from hallkit.wire.event import Event
from hallkit.wire.hall import Hall
from hallkit.wire.printing import PrintJob
from hallkit.wire.slip import slip_of
from hallkit.wire.ticket import Ticket
from ticket_printer.desk_summary import REQUESTED, fetch_summary, job_id
from ticket_printer.intake.desk import PrintDesk
from ticket_printer.intake.refused import Refused
from ticket_printer.spool.store import Spool

_log = logging.getLogger(__name__)

_LAST_SEQ = "desk_last_seq"


class DeskTickets:
    """Prints desk tickets until stopped, each on ``printer_of(window)`` of the desk it was issued
    at (None: at no window; empty: on none). The threads are the follower's own; ``linked()`` is
    called when the server is there (again)."""

    def __init__(
        self,
        client: ApiClient,
        desk: PrintDesk,
        spool: Spool,
        printer_of: Callable[[int | None], str],
        stopping: threading.Event,
        linked: Callable[[], None] = lambda: None,
    ) -> None:
        self._linked = linked
        self._client = client
        self._desk = desk
        self._spool = spool
        self._printer_of = printer_of
        self._stopping = stopping
        self._hall: Hall | None = None
        self._today = ""
        self._follower: EventFollower | None = None

    def start(self) -> None:
        """Finds out where to go on, then follows; waits for the server as long as needed."""
        after = self._resume_at()
        if after is None:
            return
        self._follower = EventFollower(
            self._client, ["tickets", "windows"], self._on_event, self._on_link, after=after
        )
        self._follower.start()

    def stop(self) -> None:
        """Stops following."""
        if self._follower is not None:
            self._follower.stop()

    def _resume_at(self) -> int | None:
        """The sequence after which to go on: the last one printed, or on the first start (and
        when the server's journal was begun anew) where the journal is now."""
        backoff = Backoff()
        while not self._stopping.is_set():
            try:
                return self._begin_at(self._client.get("/board", Board).journal_seq)
            except LinkError as error:
                _log.debug("the board is not to be had: %s", error)
            except sqlite3.Error as error:
                _log.warning("the spool cannot be used: %s", error)
            self._stopping.wait(backoff.next_s())
        return None

    def _begin_at(self, now_at: int) -> int:
        known = self._spool.note(_LAST_SEQ)
        if known is not None and int(known) <= now_at:
            return int(known)
        if known is not None:
            _log.warning("the server's journal began anew: desk tickets from %d on", now_at)
        self._spool.remember(_LAST_SEQ, str(now_at))
        return now_at

    def _on_link(self, up: bool) -> None:
        if up:
            self._hall = None
            self._linked()

    def _on_event(self, event: Event) -> None:
        if event.type == "hall.changed":
            self._hall = None
        if event.type == REQUESTED:
            self._on_summary(event)
            return
        if event.type != "ticket.issued" or event.ticket is None:
            return
        if event.data.get("channel") != "desk":
            return
        printer = self._printer_of(event.data.get("desk"))
        if not printer:
            return
        hall = self._wait_for_hall()
        if hall is None:
            return
        issued = event.ticket.issued_at.astimezone(ZoneInfo(hall.timezone))
        if issued.date().isoformat() < self._today:
            _log.warning("desk ticket %s is of %s: not printed", event.ticket.number, issued.date())
            return
        url = self._wait_for_url(event.ticket)
        if url is None:
            return
        whole = event.ticket.model_copy(update={"position_url": url})
        job = PrintJob(job_id=whole.id, printer=printer, slip=slip_of(hall, whole))
        try:
            self._submit(job, event.seq)
        except Refused as refused:
            # The same ticket with other words: the hall was renamed between two deliveries.
            _log.warning("desk ticket %s: %s", event.ticket.number, refused)

    def _submit(self, job: PrintJob, seq: int) -> None:
        """Hands a job in. While the spool cannot be written (locked, full disk) it tries again:
        the next ticket would move ``desk_last_seq`` past this one. Raises Refused."""
        backoff, outage = Backoff(), Outage(_log, f"the spool does not take {job.job_id}")
        while not self._stopping.is_set():
            try:
                self._desk.submit(job, note=(_LAST_SEQ, str(seq)))
            except sqlite3.Error as error:
                outage.failed(error)
                self._stopping.wait(backoff.next_s())
            else:
                outage.recovered()
                return

    def _on_summary(self, event: Event) -> None:
        printer = self._printer_of(None)
        if not printer:
            _log.warning(
                "没有设置 desk_printer，不打印日报 / the day's summary is not printed: "
                "desk_printer is not set"
            )
            return
        hall = self._wait_for_hall()
        if hall is None:
            return
        asked = event.at.astimezone(ZoneInfo(hall.timezone)).date().isoformat()
        if asked < self._today:
            _log.warning("the summary that was asked for on %s is not printed", asked)
            return
        slip = fetch_summary(self._client, event, self._stopping)
        if slip is None:
            return
        job = PrintJob(job_id=job_id(event), printer=printer, slip=slip)
        try:
            self._submit(job, event.seq)
        except Refused as refused:
            # Delivered twice, with other figures meanwhile: the first one is printed.
            _log.debug("summary %d: %s", event.seq, refused)

    def _wait_for_url(self, ticket: Ticket) -> str | None:
        """The address of the ticket's page, which no event carries; empty when the server does
        not tell it, None when the program stops first."""
        backoff = Backoff()
        while not self._stopping.is_set():
            try:
                return self._client.get(f"/tickets/{ticket.id}", Ticket).position_url
            except ServerRefused as refused:
                _log.warning("desk ticket %s is printed without its QR: %s", ticket.number, refused)
                return ""
            except LinkError as error:
                _log.debug("ticket %s is not to be had: %s", ticket.number, error)
                self._stopping.wait(backoff.next_s())
        return None

    def _wait_for_hall(self) -> Hall | None:
        backoff = Backoff()
        while self._hall is None and not self._stopping.is_set():
            try:
                self._today = self._client.get("/board", Board).business_day
                self._hall = self._client.get("/hall", Hall)
            except LinkError as error:
                _log.debug("the hall is not to be had: %s", error)
                self._stopping.wait(backoff.next_s())
        return self._hall
