"""A virtual printer on a null modem: a link without a line, for what no line can be made to do."""

import time

from ticket_printer.transport.links import LineLost
from ticket_printer.virtual.machine import Machine


class NullModem:
    """A link to ``machine``; ``stray`` is said before any answer of its own. The line is lost when
    the printer hangs up, after its last word."""

    keep_open = True

    def __init__(self, machine: Machine, stray: bytes = b"") -> None:
        self.machine = machine
        self.sent = b""
        self._heard = stray

    def stray(self, heard: bytes) -> None:
        """Has this said next."""
        self._heard += heard

    def exchange(self, data: bytes, timeout_s: float) -> tuple[int, bytes]:
        if self.machine.hangs_up and not self._heard:
            raise LineLost("the printer hung up")
        self.sent += data
        self._heard += self.machine.receive(data)
        heard, self._heard = self._heard, b""
        if not heard and not data:
            time.sleep(min(timeout_s, 0.01))
        return len(data), heard

    def finish(self) -> None:
        """Everything has left."""

    def close(self) -> None:
        """Nothing to close."""
