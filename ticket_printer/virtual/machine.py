"""PURE: the virtual printer itself: bytes in, answers out, paper cut off at the end.

Real-time commands are obeyed when they arrive, wherever they are in the stream; everything else
waits in the receive buffer while the printer cannot print, and goes on when it was mended.
"""

from collections.abc import Callable

from PIL import Image

from ticket_printer.virtual.decoder import (
    Block,
    Command,
    Cut,
    Initialise,
    Raster,
    RasterStart,
    RealTimeScanner,
    Setting,
    Transmit,
    take,
)
from ticket_printer.virtual.faults import Faults
from ticket_printer.virtual.paper import FontOf, Paper

_CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
_GARBAGE = b"\xff\x81\x00HTTP/1.1 400\xc3\x28"
OnTicket = Callable[[Image.Image, list[str]], None]


class Machine:
    """A printer with ``width`` dots a row; ``on_ticket(picture, lines)`` is called at each cut."""

    def __init__(self, width: int, font: FontOf, faults: Faults, on_ticket: OnTicket) -> None:
        self._paper = Paper(width, font)
        self._faults = faults
        self._on_ticket = on_ticket
        self._buffer = bytearray()
        self._scanner = RealTimeScanner()
        self._replies = bytearray()
        self._auto = False
        self._rows_left = faults.rows_left
        self._jammed = False
        self._picture = RasterStart(0, 0, 0)
        # Bytes of the ticket so far, None before its ESC @: what ``then`` counts.
        self._of_ticket: int | None = None
        self._cut_one = False
        # Whether the printer wants the connection closed now; nothing more is heard or said.
        self.hangs_up = False

    @property
    def faults(self) -> Faults:
        """The faults now; they change by themselves when a ticket reaches ``then``."""
        return self._faults

    @property
    def room(self) -> int:
        """How many more bytes the receive buffer takes."""
        return max(0, self._faults.buffer_bytes - len(self._buffer))

    def set_faults(self, faults: Faults) -> bytes:
        """New faults, or none; what waited is printed when it can be. Returns what it says."""
        before = self._auto_status()
        if faults.rows_left != self._faults.rows_left:
            self._rows_left = faults.rows_left
        self._faults = faults
        self._of_ticket = None
        self._jammed = self._jammed and faults.cutter == "error"
        self._work()
        if self._auto and before != self._auto_status():
            self._say(self._auto_status(), "epson")
        return self._take_replies()

    def receive(self, data: bytes) -> bytes:
        """Bytes from the line; returns the answers."""
        before = self._auto_status()
        happens = self._happens_within(data)
        self._take_in(data if happens is None else data[:happens])
        if happens is not None:
            self._happen()
            self._take_in(data[happens:])
        if self._auto and before != self._auto_status():
            self._say(self._auto_status(), "epson")
        return self._take_replies()

    def _take_in(self, data: bytes) -> None:
        if self._dead:
            return
        self._buffer += data
        for command in self._scanner.feed(data):
            self._real_time(command)
        self._work()

    def _happens_within(self, data: bytes) -> int | None:
        """The place in ``data`` at which ``then`` happens, None when it does not."""
        then = self._faults.then
        if then is None or not isinstance(then.at, int):
            return None
        begins = 0
        if self._of_ticket is None:
            begins = data.find(b"\x1b@")
            if begins < 0:
                return None
            self._of_ticket = 0
        place = begins + then.at - self._of_ticket
        self._of_ticket += len(data) - begins
        return place if place <= len(data) else None

    def _reached(self, moment: str) -> None:
        if self._faults.then is not None and self._faults.then.at == moment:
            self._happen()

    def _happen(self) -> None:
        """``then`` becomes true."""
        assert self._faults.then is not None
        self.hangs_up = self._faults.then.hang_up
        before, self._faults = self._faults, self._faults.when_it_happens()
        if self._faults.rows_left != before.rows_left:
            self._rows_left = self._faults.rows_left

    @property
    def _dead(self) -> bool:
        return self.hangs_up or self._faults.power == "off"

    def disconnected(self, *, power_lost: bool = False) -> None:
        """The line is gone: what arrived is still printed, a half command is given up (unless
        ``keeps_half``). Without power everything that is not on paper is forgotten."""
        self.hangs_up = self._cut_one = False
        if power_lost:
            # The line that was begun goes too, with every setting.
            self._paper.obey(Initialise())
        else:
            self._work()
        if power_lost or (self._can_print and not self._faults.keeps_half):
            self._buffer.clear()
            self._picture = RasterStart(0, 0, 0)
        self._scanner = RealTimeScanner()
        self._auto = False

    @property
    def _paper_out(self) -> bool:
        return self._faults.paper == "out" or self._rows_left == 0

    @property
    def _can_print(self) -> bool:
        faults = self._faults
        return not (
            faults.power == "off" or self._paper_out or faults.cover == "open" or self._jammed
        )

    def _work(self) -> None:
        while self._can_print:
            if self._picture.rows:
                if not self._print_rows():
                    return
                continue
            used, command = take(bytes(self._buffer))
            if command is None:
                return
            if isinstance(command, Cut) and self._faults.cutter == "error":
                self._jammed = True
                return
            del self._buffer[:used]
            self._execute(command)

    def _execute(self, command: Command) -> None:
        match command:
            case RasterStart():
                self._picture = command if command.row else RasterStart(0, 0, 0)
            case Cut():
                if not self._paper.blank:
                    self._on_ticket(*self._paper.tear())
                self._cut_one = True
                self._reached("cut")
            case Setting("GS a", value):
                self._auto = bool(value)
                if self._auto:
                    self._say(self._auto_status(), "epson")
            case Transmit(1):
                if self._faults.caps == "clone" and self._cut_one:
                    self._reached("confirm")
                near = 0x03 if self._faults.paper == "near-end" else 0
                self._say(bytes([near | (0x0C if self._paper_out else 0)]), "epson", "clone")
            case Block("H", data) if len(data) >= 6 and data[:2] == b"\x30\x30":
                if self._cut_one:
                    self._reached("confirm")
                self._say(b"\x37\x22" + data[2:6] + b"\x00", "epson")
                if self._faults.caps == "lan-close" and self._cut_one:
                    self.hangs_up = True
            case _:
                self._draw(command)

    def _print_rows(self) -> bool:
        """Prints the rows of a picture that have arrived, as far as there is paper; false when
        there are none."""
        picture = self._picture
        rows = min(picture.rows, len(self._buffer) // picture.row)
        if self._rows_left is not None:
            rows = min(rows, self._rows_left)
        if not rows:
            return False
        data = bytes(self._buffer[: rows * picture.row])
        del self._buffer[: rows * picture.row]
        self._picture = RasterStart(picture.mode, picture.row, picture.rows - rows)
        self._draw(Raster(picture.mode, picture.row, data))
        self._reached("raster")
        return True

    def _draw(self, command: Command) -> None:
        rows = self._paper.obey(command)
        if self._rows_left is not None:
            self._rows_left = max(0, self._rows_left - rows)

    def _real_time(self, command: bytes) -> None:
        if command[:2] == b"\x10\x04":
            self._say(self._status(command[2]), "epson", "clone", "status-only")
        elif command == _CLEAR:
            self._forget()
            self._say(b"\x37\x25\x00", "epson")
        elif command[:2] == b"\x10\x05" and command[2] == 2:
            self._forget()

    def _forget(self) -> None:
        """Clears the receive and the print buffer."""
        self._buffer.clear()
        self._paper.discard_line()
        self._picture = RasterStart(0, 0, 0)

    def _status(self, what: int) -> bytes:
        faults = self._faults
        bits = 0x12
        if what == 1:
            bits |= 0 if self._can_print else 0x08
        elif what == 2:
            bits |= (0x04 if faults.cover == "open" else 0) | (0x20 if self._paper_out else 0)
            bits |= 0x40 if self._jammed else 0
        elif what == 3:
            bits |= 0x08 if self._jammed else 0
        elif what == 4:
            bits |= 0x0C if faults.paper != "ok" or self._paper_out else 0
            bits |= 0x60 if self._paper_out else 0
        else:
            return b""
        return bytes([bits])

    def _auto_status(self) -> bytes:
        faults = self._faults
        first = 0x10 | (0 if self._can_print else 0x08) | (0x20 if faults.cover == "open" else 0)
        third = (0x03 if faults.paper != "ok" else 0) | (0x0C if self._paper_out else 0)
        return bytes([first, 0x08 if self._jammed else 0, third, 0])

    def _say(self, reply: bytes, *sets: str) -> None:
        caps = "epson" if self._faults.caps == "lan-close" else self._faults.caps
        if self._faults.silent or self._dead or not reply or caps not in sets:
            return
        self._replies += _GARBAGE if self._faults.garbage else reply

    def _take_replies(self) -> bytes:
        replies, self._replies = bytes(self._replies), bytearray()
        return replies
