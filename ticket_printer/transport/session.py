"""One connection to one printer: sending, asking, and remembering what it said."""

import time

from ticket_printer.transport import status as codes
from ticket_printer.transport.links import Link
from ticket_printer.transport.replies import (
    AutoStatus,
    Cleared,
    Noise,
    Printed,
    RealTime,
    ReplyReader,
    Transmitted,
)
from ticket_printer.transport.status import Status, from_asb

# A printer answers DLE EOT at once, also while it prints; behind a full 4 kB serial buffer at
# 9600 baud the question itself needs 4 s, so serial lines wait longer (see ``answer_within``).
ANSWER_S = 1.0
_SERIAL_BUFFER_BYTES = 4096
# Between two late answers of one printer.
_QUIET_S = 0.05
# Flow control on a line that is set up without it.
_XON_XOFF = (b"\x11", b"\x13")


def answer_within(bytes_per_s: float) -> float:
    """How long an answer may take on a line of this speed, in seconds."""
    return ANSWER_S + _SERIAL_BUFFER_BYTES / bytes_per_s


class Session:
    """A conversation with a printer over ``link``. Methods raise LineLost.

    ``auto`` is the last automatic status; ``printed`` the process ids that came back;
    ``transmitted`` the last answer to GS r; ``cleared`` whether the buffers were cleared;
    ``noise`` how many bytes made no sense.
    """

    def __init__(self, link: Link, answer_s: float = ANSWER_S) -> None:
        self._link = link
        self._answer_s = answer_s
        self._reader = ReplyReader()
        self._answers: list[int] = []
        self.auto: Status | None = None
        self.printed: set[bytes] = set()
        self.transmitted: Transmitted | None = None
        self.cleared = False
        self.noise = 0
        self._late = False

    def forget_confirmations(self) -> None:
        """Forgets the answers to GS ( H and GS r and the automatic status so far: what comes next
        is about what is sent next."""
        self.printed.clear()
        self.transmitted = None
        self.auto = None
        self.noise = 0

    def pump(self, timeout_s: float, data: bytes = b"") -> int:
        """Sends some of ``data`` and takes in what is said, waiting at most ``timeout_s``;
        returns how many bytes were sent."""
        sent, heard = self._link.exchange(data, timeout_s)
        for reply in self._reader.feed(heard):
            self._note(reply)
        return sent

    def finish(self) -> None:
        """Waits until what was sent has left, as far as that can be known."""
        self._link.finish()

    def send(self, command: bytes) -> bool:
        """Sends a short command whole; false when the line did not take it in time."""
        deadline = time.monotonic() + self._answer_s
        while command and (left := deadline - time.monotonic()) > 0:
            command = command[self.pump(left, command) :]
        return not command

    def ask(self, query: bytes) -> int | None:
        """The answer to a DLE EOT, None when there was none in time."""
        if self._late:
            self._hear_out()
        self._answers.clear()
        self._late = True
        if not self.send(query):
            return None
        deadline = time.monotonic() + self._answer_s
        while not self._answers and (left := deadline - time.monotonic()) > 0:
            self.pump(left)
        self._late = not self._answers
        return self._answers[0] if self._answers else None

    def _hear_out(self) -> None:
        """Takes in the answer to a question that was given up: it must not be taken for the
        answer to the next one."""
        self._answers.clear()
        deadline = time.monotonic() + self._answer_s
        while time.monotonic() < deadline:
            before = len(self._answers)
            self.pump(_QUIET_S)
            if len(self._answers) == before:
                return

    def ask_status(self) -> Status | None:
        """What the printer says about itself now, None when it is silent."""
        printer = self.ask(codes.ASK_PRINTER)
        if printer is None:
            return None
        status = Status().after_printer(printer)
        cause = self.ask(codes.ASK_OFFLINE_CAUSE)
        if cause is None:
            return None
        status = status.after_offline_cause(cause)
        if status.other_error:
            error = self.ask(codes.ASK_ERROR)
            status = status if error is None else status.after_error(error)
        paper = self.ask(codes.ASK_PAPER)
        return None if paper is None else status.after_paper(paper)

    def _note(self, reply: object) -> None:
        if isinstance(reply, RealTime):
            self._answers.append(reply.byte)
        elif isinstance(reply, AutoStatus):
            self.auto = from_asb(reply.block)
        elif isinstance(reply, Printed):
            self.printed.add(reply.token)
        elif isinstance(reply, Transmitted):
            self.transmitted = reply
        elif isinstance(reply, Cleared):
            self.cleared = True
        elif isinstance(reply, Noise) and reply.data not in _XON_XOFF:
            self.noise += len(reply.data)
