"""What a printer can do: asked once, when it is installed or first seen."""

import time
from dataclasses import dataclass
from typing import Literal

from ticket_printer.transport.commands import ASK_PAPER_IN_ORDER, process_id
from ticket_printer.transport.session import Session
from ticket_printer.transport.status import Status

# ``epson``: answers GS ( H; ``clone``: GS r; ``status-only``: DLE EOT; ``write-only``: nothing.
Caps = Literal["epson", "clone", "status-only", "write-only"]

# An idle printer answers both questions at once; a slow one within a second.
PROBE_S = 1.5
_TOKEN = b"PROB"

CAPS_WORDS: dict[Caps, tuple[str, str]] = {
    "epson": ("逐张确认打印完成（GS ( H）", "confirms each ticket when printed (GS ( H)"),
    "clone": ("按顺序回报纸张状态（GS r）", "answers in order with the data (GS r)"),
    "status-only": ("只回报状态，不逐张确认", "reports its status, confirms no ticket"),
    "write-only": ("只写，什么都不回报", "write-only, reports nothing"),
}


@dataclass(frozen=True)
class Findings:
    """What a probe saw. ``status`` is None when the printer was silent."""

    status: Status | None
    process_id: bool
    transmit_status: bool

    @property
    def caps(self) -> Caps | None:
        """The capability set, None while it cannot be told (silent, or not able to print)."""
        if self.process_id:
            return "epson"
        if self.transmit_status:
            return "clone"
        if self.status is not None and self.status.can_print:
            return "status-only"
        return None


def probe(session: Session) -> Findings:
    """Asks everything; prints nothing. Raises LineLost."""
    status = session.ask_status()
    if status is None:
        return Findings(None, process_id=False, transmit_status=False)
    session.forget_confirmations()
    session.send(process_id(_TOKEN) + ASK_PAPER_IN_ORDER)
    deadline = time.monotonic() + PROBE_S
    while (left := deadline - time.monotonic()) > 0:
        if _TOKEN in session.printed and session.transmitted is not None:
            break
        session.pump(left)
    return Findings(
        status,
        process_id=_TOKEN in session.printed,
        transmit_status=session.transmitted is not None,
    )
