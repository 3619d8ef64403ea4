"""One thread for each printer: prints its queue, and asks it how it is when there is nothing to
print. Never sends a job twice."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

from hallkit.link.backoff import Backoff
from hallkit.runtime.clock import Clock
from hallkit.runtime.logs import Outage
from hallkit.wire.printing import PrinterState, PrinterView
from hallkit.wire.slips import Slip
from ticket_printer.render.length import length_mm
from ticket_printer.settings import PrinterSettings
from ticket_printer.spool.day import PAST_WORDS, is_past
from ticket_printer.spool.paper import PaperWatch
from ticket_printer.spool.rolls import Rolls
from ticket_printer.spool.states import IllegalMove
from ticket_printer.spool.store import Job, Spool
from ticket_printer.transport.address import Address
from ticket_printer.transport.commands import cut_off_the_rest, token_for
from ticket_printer.transport.confirm import (
    INTERRUPTED,
    LOST,
    Delivery,
    Outcome,
    Patience,
    Watch,
    Words,
    held_words,
)
from ticket_printer.transport.links import LineError, LineLost, Link, PrinterAway, open_link
from ticket_printer.transport.probe import CAPS_WORDS, Caps, probe
from ticket_printer.transport.session import Session, answer_within
from ticket_printer.transport.status import STATE_WORDS

_log = logging.getLogger(__name__)

# A ticket takes 3 s; one that was being printed when the program was told to stop may end.
STOP_GRACE_S = 5.0
# An absent printer is tried at least this often: its return is to be seen within 2 s.
_MOST_WAIT_S = 1.5
_WRITE_ONLY_WORDS = (
    "只写打印机：不回报缺纸等状态，无法确认是否出纸",
    "write-only: reports no status, nothing can be confirmed",
)


@dataclass(frozen=True)
class _Seen:
    state: PrinterState
    words: Words


class PrinterWorker:
    """Prints the jobs of one printer. ``render`` makes the bytes of a slip (ValueError: it cannot
    be printed); ``on_change`` is called when the printer's state changed, or a job
    came to nothing."""

    def __init__(
        self,
        settings: PrinterSettings,
        spool: Spool,
        render: Callable[[Slip], bytes],
        clock: Clock,
        on_change: Callable[[], None] = lambda: None,
        patience: Patience = Patience(),  # noqa: B008 - frozen
        open_line: Callable[[Address], Link] = open_link,
    ) -> None:
        self.name = settings.name
        self._settings = settings
        self._spool = spool
        self._render = render
        self._clock = clock
        self._on_change = on_change
        self._patience = patience
        self._open_line = open_line
        self._paper = PaperWatch(settings, Rolls(spool), clock)
        self._seen = _Seen("unknown", ("尚未连接", "not connected yet"))
        self._unable_since: float | None = time.monotonic()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._stop_by = 0.0
        self._withdrawn = ""
        self._kept: tuple[Link, Session] | None = None
        self._body: tuple[str, bytes] | None = None
        self._ended: tuple[str, Outcome] | None = None
        self._backoff = Backoff(first_s=0.5, most_s=_MOST_WAIT_S)
        self._outage = Outage(_log, f"printer {self.name}")
        self._thread = threading.Thread(target=self._run, name=f"printer-{self.name}", daemon=True)

    def start(self) -> None:
        """Starts printing."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Has it end soon; a ticket being printed may end within a few seconds. Returns at once."""
        if not self._stop.is_set():
            self._stop_by = time.monotonic() + STOP_GRACE_S
        self._stop.set()
        self._wake.set()

    def stop(self) -> None:
        """Stops and waits for it."""
        self.ask_to_stop()
        self._thread.join()

    def wake(self) -> None:
        """Says that there is a new job."""
        self._wake.set()

    def withdraw(self, job_id: str) -> None:
        """Asks to take back a ticket that is with the printer; one that is over is left alone."""
        self._withdrawn = job_id

    @property
    def unable_since(self) -> float | None:
        """Since when the printer has not been able to print, in monotonic seconds; None while it
        can."""
        return self._unable_since

    @property
    def place(self) -> Words:
        """Where its paper comes out, in words for whoever fetches it."""
        return self._settings.words_for_place

    def view(self) -> PrinterView:
        """The printer as people see it."""
        seen = self._seen
        return PrinterView(
            kiosks=self._settings.kiosks,
            paper_left_m=self._paper.left_m,
            name=self.name,
            state=seen.state,
            detail=seen.words[0],
            detail_en=seen.words[1],
            waiting_jobs=self._spool.waiting(self.name),
        )

    def _run(self) -> None:
        while True:
            # In this order: a stop that comes between the two still ends the wait below.
            self._wake.clear()
            if self._stop.is_set():
                break
            try:
                wait_s = self._turn()
            except Exception:  # noqa: BLE001 - one bad job must not end the printer's thread
                _log.exception("printer %s", self.name)
                wait_s = _MOST_WAIT_S
            self._wake.wait(wait_s)
        self._drop()

    def _turn(self) -> float:
        """Prints the next job, or asks how the printer is; returns how long to wait then."""
        self._record_end()
        job = self._spool.next_queued(self.name)
        if job is None:
            self._poll()
        elif self._is_over(job) or self._print(job):
            return 0.0
        return self._backoff.next_s() if self._absent else self._settings.poll_s

    @property
    def _absent(self) -> bool:
        return self._seen.state in ("offline", "unknown")

    def _is_over(self, job: Job) -> bool:
        """Ends a ticket of an earlier day, which nobody may be handed today."""
        try:
            past = is_past(job.content, self._clock.now())
        except ValueError as error:
            self._end_undrawn(job, error)
            return True
        if past:
            self._end_unsent(job, "withdrawn", PAST_WORDS)
        return past

    def _print(self, job: Job) -> bool:
        """Prints the job; false when it must stay queued."""
        body = self._body_of(job)
        if body is None:
            return True
        try:
            with self._connected() as session:
                caps = self._ready_caps(session)
                if caps is None:
                    return False
                outcome = self._send(session, caps, job, body)
        except (PrinterAway, LineLost) as error:
            self._away(error)
            return False
        except IllegalMove:
            return True
        if outcome is LOST:
            self._drop()
            self._away(LineLost(outcome.words[1]))
        self._record_end()
        return True

    def _send(self, session: Session, caps: Caps, job: Job, body: bytes) -> Outcome:
        """Sends the job: from here on it has an end, whatever goes wrong. Raises IllegalMove."""
        unfinished = self._spool.unfinished(self.name)
        number = self._spool.start_sending(job, self._clock.now(), length_mm(body))
        before = cut_off_the_rest(picture=self._settings.raster) if unfinished else b""
        delivery = Delivery(session, caps, token_for(number), self._watch(job), self._patience)
        try:
            outcome = delivery.run(body, before, unfinished)
        except Exception:  # noqa: BLE001 - a ticket that is out must get an end
            _log.exception("printer %s: job %s", self.name, job.job_id)
            outcome = INTERRUPTED
        self._body = None
        self._ended = (job.job_id, outcome)
        self._log_end(job, outcome)
        return outcome

    def _record_end(self) -> None:
        """Keeps how the last job ended; tried again each turn while the disk is full."""
        if self._ended is not None:
            job_id, outcome = self._ended
            self._spool.move(job_id, outcome.state, outcome.words, self._clock.now())
            self._ended = None
            if outcome.state == "unknown":
                self._on_change()

    def _log_end(self, job: Job, outcome: Outcome) -> None:
        level = logging.WARNING if outcome.state == "unknown" else logging.INFO
        _log.log(
            level,
            "printer %s: job %s %s: %s",
            self.name,
            job.job_id,
            outcome.state,
            outcome.words[1],
        )

    def _body_of(self, job: Job) -> bytes | None:
        if self._body is None or self._body[0] != job.job_id:
            try:
                self._body = (job.job_id, self._render(job.content))
            except (ValueError, OSError) as error:
                self._end_undrawn(job, error)
                return None
        return self._body[1]

    def _end_undrawn(self, job: Job, error: Exception) -> None:
        words = ("无法排版，未打印", f"cannot be drawn, nothing was printed: {error}")
        self._end_unsent(job, "failed", words)

    def _end_unsent(self, job: Job, state: Literal["failed", "withdrawn"], words: Words) -> None:
        # Withdrawn by a person, or given to another printer, meanwhile: then that holds.
        with suppress(IllegalMove):
            self._spool.end_unsent(job, state, words, self._clock.now())
            _log.warning("printer %s: job %s %s: %s", self.name, job.job_id, state, words[1])
            self._on_change()

    def _watch(self, job: Job) -> Watch:
        told: list[PrinterState] = []

        def held(state: PrinterState) -> None:
            self._see(state)
            if told[-1:] != [state]:
                try:
                    self._spool.move(job.job_id, "held", held_words(state), self._clock.now())
                except sqlite3.Error as error:
                    # The ticket is out: it is watched on, and this is said at the next look.
                    _log.warning("job %s is held, which cannot be kept: %s", job.job_id, error)
                    return
                told.append(state)

        return Watch(
            held=held,
            stopping=lambda: self._stop.is_set() and time.monotonic() > self._stop_by,
            withdraw=lambda: self._withdrawn == job.job_id,
            seen=self._see,
        )

    def _poll(self) -> None:
        try:
            with self._connected() as session:
                self._ready_caps(session)
        except (PrinterAway, LineLost) as error:
            self._away(error)

    def _ready_caps(self, session: Session) -> Caps | None:
        """The capability set of a printer that can print now; None, with the reason seen, when
        it cannot."""
        if self._settings.fixed_caps == "write-only":
            self._see("ready", _WRITE_ONLY_WORDS)
            return "write-only"
        status = session.ask_status()
        if status is None:
            self._see("unknown")
            return None
        self._see(status.state)
        return self._caps(session) if status.can_print else None

    def _caps(self, session: Session) -> Caps | None:
        if self._settings.fixed_caps is not None:
            return self._settings.fixed_caps
        stored = self._spool.capabilities(self.name, self._settings.transport)
        if stored is not None and stored in CAPS_WORDS:
            return stored
        caps = probe(session).caps
        if caps is not None:
            _log.info("printer %s: found capability set %s", self.name, caps)
            self._spool.store_capabilities(
                self.name, self._settings.transport, caps, self._clock.now()
            )
        return caps

    def _see(self, state: PrinterState, words: Words | None = None) -> None:
        seen = _Seen(*self._paper.follow(state, words or STATE_WORDS[state]))
        if state in ("offline", "unknown", "paper_out", "cover_open", "cutter_error"):
            self._outage.failed(seen.words[1])
            if self._unable_since is None:
                self._unable_since = time.monotonic()
        else:
            self._outage.recovered()
            self._backoff.reset()
            self._unable_since = None
        if seen != self._seen:
            self._seen = seen
            self._on_change()

    def _away(self, error: LineError) -> None:
        zh, en = STATE_WORDS["offline"]
        self._see("offline", (f"{zh}（{error.zh}）" if error.zh else zh, f"{en} ({error})"))

    @contextmanager
    def _connected(self) -> Iterator[Session]:
        if self._kept is None:
            link = self._open_line(self._settings.address)
            self._kept = (link, Session(link, answer_within(self._settings.address.bytes_per_s)))
        link, session = self._kept
        try:
            yield session
        except BaseException:
            self._drop()
            raise
        if not link.keep_open:
            self._drop()

    def _drop(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            try:
                kept[0].close()
            except OSError as error:
                # A device that was pulled out; the line is gone all the same.
                _log.debug("printer %s: closing the line: %s", self.name, error)
