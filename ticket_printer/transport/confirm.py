"""Sending a ticket and knowing whether it is on paper.

1. Preflight was done by the caller: the printer is able to print.
2. ``ESC @``, automatic status on, body (with feed and cut), ``GS ( H token``, ``GS r 1``.
3. DLE EOT every 0.5 s. *done* when the token came back, or without GS ( H when GS r answered
   twice with paper present: the first answer may be to the question behind an earlier ticket that
   the printer held. After several such tickets, once more than there are of them.
4. A fault after sending is *held*: the printer has the data and goes on once it is mended. Never
   sent again.
5. The line lost, or silence: *unknown*. A person decides.

Exactly once holds for the number, not for the paper.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from hallkit.wire.printing import PrinterState
from ticket_printer.transport.commands import (
    ASK_PAPER_IN_ORDER,
    AUTO_STATUS_ON,
    CLEAR_BUFFERS,
    INITIALISE,
    process_id,
)
from ticket_printer.transport.links import LineLost
from ticket_printer.transport.probe import Caps
from ticket_printer.transport.session import Session
from ticket_printer.transport.status import STATE_WORDS, Status

# How often the printer is asked while it prints.
ASK_EVERY_S = 0.5
# The line takes no byte and nothing is heard: longer than any cut or cooling pause of a printer.
STALL_S = 20.0
# The line takes no byte for this long: people and the tickets behind are told to look elsewhere.
QUIET_S = 2.0
# A ticket that was handed over whole is usually gone by then, also from a queue of CUPS.
GONE_S = 5.0
# A printer that answered and now does not: power gone, or a crashed network card.
SILENCE_S = 10.0
# A 20 cm ticket prints in 3 s; a healthy printer that has not confirmed after this never will.
CONFIRM_S = 30.0
# A printer that confirms nothing: healthy for this long after the last byte means printed.
SETTLE_S = 3.0
# Unanswered questions after which a printer is shown as silent; it may have been without power and
# have forgotten the ticket.
_SILENCES = 2
# How soon a stop or a withdrawal is noticed.
_TICK_S = 0.2

Words = tuple[str, str]


@dataclass(frozen=True)
class Patience:
    """The waits of a delivery, in seconds, see the constants above."""

    stall_s: float = STALL_S
    silence_s: float = SILENCE_S
    confirm_s: float = CONFIRM_S
    settle_s: float = SETTLE_S
    ask_every_s: float = ASK_EVERY_S
    quiet_s: float = QUIET_S
    gone_s: float = GONE_S


@dataclass(frozen=True)
class Outcome:
    """How a sending ended, and the words for it."""

    state: Literal["done", "unknown", "withdrawn"]
    words: Words


DONE = Outcome("done", ("已打印", "printed"))
DONE_UNCONFIRMED = Outcome(
    "done", ("已发送；此打印机不回报，无法确认", "sent; this printer confirms nothing")
)
DONE_INFERRED = Outcome(
    "done",
    ("已发送；打印机状态正常，未逐张确认", "sent; the printer stayed healthy, not confirmed"),
)
WITHDRAWN = Outcome(
    "withdrawn",
    ("已撤回，可能已打出一部分", "withdrawn; a part of it may be on paper"),
)


def _unknown(zh: str, en: str) -> Outcome:
    return Outcome(
        "unknown",
        (
            f"{zh}，不知是否已出纸；请查看，需要时补打",
            f"{en}: it may or may not be on paper; look, and reprint if needed",
        ),
    )


LOST = _unknown("发送后连接中断", "the connection was lost after sending began")
STALLED = _unknown("打印机停止接收", "the printer stopped taking data")
SILENT = _unknown("打印机不再应答", "the printer stopped answering")
UNCONFIRMED = _unknown("打印机未确认", "the printer did not confirm")
STOPPED = _unknown("程序停止时尚未确认", "the program stopped before the confirmation")
INTERRUPTED = _unknown("打印程序出错", "the program met an error while printing")
NOT_TAKEN_BACK = _unknown(
    "打印机未确认撤回", "the printer did not confirm that the ticket was taken back"
)


@dataclass(frozen=True)
class Watch:
    """What the worker wants to know and say while a ticket is out.

    ``held(state)`` is called when a fault holds the ticket; ``stopping()`` and ``withdraw()``
    say whether to give up waiting or to take the ticket back. ``seen(state)`` is called with
    *unknown* when the printer answers nothing or takes nothing for a while, and with its state when
    it answers again; the ticket waits on.
    """

    held: Callable[[PrinterState], None]
    stopping: Callable[[], bool]
    withdraw: Callable[[], bool]
    seen: Callable[[PrinterState], None] = lambda _: None


def frame(body: bytes, caps: Caps, token: bytes) -> bytes:
    """The body with what asks for its confirmation."""
    if caps == "write-only":
        return INITIALISE + body
    tail = {
        "epson": process_id(token) + ASK_PAPER_IN_ORDER,
        "clone": ASK_PAPER_IN_ORDER,
        "status-only": b"",
    }[caps]
    return INITIALISE + AUTO_STATUS_ON + body + tail


class Delivery:
    """One ticket on its way over ``session``."""

    def __init__(
        self, session: Session, caps: Caps, token: bytes, watch: Watch, patience: Patience
    ) -> None:
        self._answers_in_order = 0
        self._answers_wanted = 2
        self._silences = 0
        self._in_doubt = False
        self._quiet = False
        self._session = session
        self._caps = caps
        self._token = token
        self._watch = watch
        self._patience = patience

    def run(self, body: bytes, before: bytes = b"", unfinished: int = 0) -> Outcome:
        """Sends the body, behind what must go ``before`` it, and waits until its fate is known.
        ``unfinished`` is how many earlier tickets may still be in the printer, each with a question
        behind it. Raises nothing of the line's."""
        self._session.forget_confirmations()
        self._answers_wanted = max(2, unfinished + 1)
        try:
            ended = self._send(before + frame(body, self._caps, self._token))
            if ended is not None:
                return ended
            if self._caps == "write-only":
                self._finish()
                return DONE_UNCONFIRMED
            return self._confirm()
        except LineLost:
            # Some printers report the ticket and hang up at once.
            return DONE if self._token_is_back else LOST

    def _send(self, data: bytes) -> Outcome | None:
        view, position = memoryview(data), 0
        moved_at = time.monotonic()
        while position < len(data):
            sent = self._session.pump(_TICK_S, bytes(view[position : position + 4096]))
            position += sent
            now = time.monotonic()
            if sent:
                moved_at = now
                continue
            fault = self._fault(self._session.auto)
            if fault:
                moved_at = now
            given_up = self._given_up()
            if given_up is not None:
                return given_up
            if now - moved_at > self._patience.stall_s:
                return STALLED
            if now - moved_at > self._patience.quiet_s:
                self._is_quiet()
        return None

    def _finish(self) -> None:
        # The wait is the system's, so that another thread has to look at the clock meanwhile.
        late = threading.Timer(self._patience.gone_s, self._is_quiet)
        late.start()
        try:
            self._session.finish()
        finally:
            late.cancel()
            late.join()

    def _is_quiet(self) -> None:
        if not self._quiet:
            self._quiet = True
            self._watch.seen("unknown")

    def _answers(self, status: Status) -> None:
        if self._quiet:
            self._quiet = False
            self._watch.seen(status.state)

    def _confirm(self) -> Outcome:
        healthy_since = answered_at = asked_at = time.monotonic()
        while True:
            self._session.pump(_TICK_S)
            if self._is_printed():
                return DONE
            given_up = self._given_up()
            if given_up is not None:
                return given_up
            now = time.monotonic()
            if now - asked_at < self._patience.ask_every_s:
                continue
            asked_at = now
            # A printer with a full buffer hears no question, but it said by itself what is wrong.
            status = self._session.ask_status() or self._known_fault()
            if self._is_printed():
                return DONE
            now = time.monotonic()
            self._count_silences(status)
            if status is not None:
                answered_at = now
            if status is None or self._fault(status):
                healthy_since = now
            else:
                self._ask_again_in_order()
            if now - answered_at > self._patience.silence_s:
                return SILENT
            ended = self._patience_over(now - healthy_since)
            if ended is not None:
                return ended

    def _count_silences(self, status: Status | None) -> None:
        if status is not None:
            self._silences = 0
            self._answers(status)
            return
        self._silences += 1
        if self._silences >= _SILENCES:
            self._in_doubt = True
            self._is_quiet()

    def _patience_over(self, healthy_s: float) -> Outcome | None:
        if self._caps == "status-only":
            if healthy_s <= self._patience.settle_s:
                return None
            return SILENT if self._in_doubt else DONE_INFERRED
        return UNCONFIRMED if healthy_s > self._patience.confirm_s else None

    def _is_printed(self) -> bool:
        if self._caps != "clone":
            return self._token_is_back
        answer = self._session.transmitted
        if answer is None or answer.paper_out or self._session.noise:
            return False
        # Whoever answers what it was asked before its silence was not without power.
        self._in_doubt = False
        self._answers_in_order += 1
        if self._answers_in_order >= self._answers_wanted:
            return True
        self._ask_in_order()
        return False

    @property
    def _token_is_back(self) -> bool:
        return self._caps == "epson" and self._token in self._session.printed

    def _ask_again_in_order(self) -> None:
        """A printer that answered GS r while its paper was out, or nonsense, is asked again when it
        is mended. Not after a silence: a printer that was without power answers too, about
        nothing."""
        if self._caps == "clone" and self._session.transmitted is not None and not self._in_doubt:
            self._ask_in_order()

    def _ask_in_order(self) -> None:
        self._session.transmitted = None
        self._session.noise = 0
        self._session.send(ASK_PAPER_IN_ORDER)

    def _fault(self, status: Status | None) -> bool:
        if status is None or status.can_print:
            return False
        self._watch.held(status.state)
        return True

    def _known_fault(self) -> Status | None:
        said = self._session.auto
        return said if said is not None and not said.can_print else None

    def _given_up(self) -> Outcome | None:
        if self._watch.withdraw():
            return self._withdraw()
        return STOPPED if self._watch.stopping() else None

    def _withdraw(self) -> Outcome:
        self._session.cleared = False
        self._session.send(CLEAR_BUFFERS)
        deadline = time.monotonic() + self._patience.silence_s
        while time.monotonic() < deadline:
            self._session.pump(_TICK_S)
            if self._session.cleared:
                return WITHDRAWN
            if self._token_is_back:
                return DONE
        return NOT_TAKEN_BACK


def held_words(state: PrinterState) -> Words:
    """What to tell about a ticket that the printer holds."""
    zh, en = STATE_WORDS[state]
    return f"{zh}；处理后自动继续打印", f"{en}; printing goes on by itself then"
