"""PURE: an incremental decoder of the ESC/POS stream that a printer receives.

``take(data) -> (used, command | None)``: the first command in ``data`` and how many bytes it
took, ``(0, None)`` while it is not complete. Real-time commands are not decoded here: a printer
obeys them when they *arrive*, wherever they are, see :class:`RealTimeScanner`.

::

    ESC @    1B 40        ESC a n  1B 61 n      ESC ! n  1B 21 n      ESC d n  1B 64 n
    ESC J n  1B 4A n      ESC E n  1B 45 n      GS ! n   1D 21 n      GS B n   1D 42 n
    GS V     1D 56 m [n]  GS a n   1D 61 n      GS r n   1D 72 n      FS ! n   1C 21 n
    FS &     1C 26        FS .     1C 2E        GS ( X   1D 28 X pL pH d…
    GS v 0   1D 76 30 m xL xH yL yH d…

Source: the ESC/POS command references of Epson; lengths of other commands from the same.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """Printable bytes, in the character set that is on."""

    data: bytes


@dataclass(frozen=True)
class LineFeed:
    """LF: prints the line."""


@dataclass(frozen=True)
class Initialise:
    """ESC @."""


@dataclass(frozen=True)
class Setting:
    """A one-byte setting: ``name`` such as ``ESC a``."""

    name: str
    value: int


@dataclass(frozen=True)
class Chinese:
    """FS & and FS ."""

    on: bool


@dataclass(frozen=True)
class Feed:
    """Prints the line and feeds ``count`` lines (ESC d) or dots (ESC J)."""

    count: int
    lines: bool


@dataclass(frozen=True)
class RasterStart:
    """GS v 0 without its data: ``rows`` rows of ``row`` bytes follow, which are no commands."""

    mode: int
    row: int
    rows: int


@dataclass(frozen=True)
class Raster:
    """Some rows of a GS v 0: ``row`` bytes a row, 1 = black; ``mode`` bit 0 doubles the width,
    bit 1 the height. Made from what follows a :class:`RasterStart`, as it arrives."""

    mode: int
    row: int
    data: bytes


@dataclass(frozen=True)
class Cut:
    """GS V; ``feed`` dots before the cut."""

    partial: bool
    feed: int


@dataclass(frozen=True)
class Block:
    """GS ( X with its data; ``letter`` is X."""

    letter: str
    data: bytes


@dataclass(frozen=True)
class Transmit:
    """GS r n."""

    what: int


@dataclass(frozen=True)
class Other:
    """A command that is known by its length only, or a stray control byte."""

    data: bytes


Command = (
    Text
    | LineFeed
    | Initialise
    | Setting
    | Chinese
    | Feed
    | RasterStart
    | Raster
    | Cut
    | Block
    | Transmit
    | Other
)

_SETTINGS = {
    b"\x1ba": "ESC a",
    b"\x1b!": "ESC !",
    b"\x1bE": "ESC E",
    b"\x1d!": "GS !",
    b"\x1dB": "GS B",
    b"\x1da": "GS a",
    b"\x1c!": "FS !",
}
# Parameter bytes of commands that draw nothing here.
_LENGTHS = {
    b"\x1bM": 1, b"\x1b-": 1, b"\x1bG": 1, b"\x1bt": 1, b"\x1bR": 1, b"\x1b3": 1, b"\x1b2": 0,
    b"\x1b{": 1, b"\x1bV": 1, b"\x1b ": 1, b"\x1b$": 2, b"\x1b\\": 2, b"\x1bp": 3, b"\x1bi": 0,
    b"\x1bm": 0, b"\x1d|": 1, b"\x1db": 1, b"\x1dL": 2, b"\x1dW": 2, b"\x1dP": 2, b"\x1dH": 1,
    b"\x1dh": 1, b"\x1dw": 1, b"\x1df": 1, b"\x1dI": 1, b"\x1cS": 2, b"\x1cW": 1, b"\x1c-": 1,
}  # fmt: skip
_NOTHING: tuple[int, None] = (0, None)


def take(data: bytes) -> tuple[int, Command | None]:
    """The first command in ``data`` and the bytes it used."""
    if not data:
        return _NOTHING
    first = data[0]
    if first >= 0x20:
        end = next((i for i, byte in enumerate(data) if byte < 0x20), len(data))
        return end, Text(data[:end])
    if first == 0x0A:
        return 1, LineFeed()
    if first == 0x10:
        return _real_time_length(data)
    if first in (0x1B, 0x1C, 0x1D):
        return _escape(data) if len(data) > 1 else _NOTHING
    return 1, Other(data[:1])


def _real_time_length(data: bytes) -> tuple[int, Command | None]:
    """Real-time commands were obeyed when they arrived; here they are passed over."""
    if len(data) < 2:
        return _NOTHING
    if data[1] in (0x04, 0x05):
        return (3, Other(data[:3])) if len(data) >= 3 else _NOTHING
    if data[1] == 0x14:
        if len(data) < 3:
            return _NOTHING
        length = 10 if data[2] == 8 else 5
        return (length, Other(data[:length])) if len(data) >= length else _NOTHING
    return 1, Other(data[:1])


def _escape(data: bytes) -> tuple[int, Command | None]:
    head = data[:2]
    if head == b"\x1b@":
        return 2, Initialise()
    if head in (b"\x1c&", b"\x1c."):
        return 2, Chinese(head == b"\x1c&")
    if head == b"\x1dv":
        return _raster(data)
    if head == b"\x1d(":
        return _block(data)
    if head == b"\x1dV":
        return _cut(data)
    if head in _LENGTHS:
        length = 2 + _LENGTHS[head]
        return (length, Other(data[:length])) if len(data) >= length else _NOTHING
    if head not in _SETTINGS and head not in (b"\x1bd", b"\x1bJ", b"\x1dr"):
        return 2, Other(head)
    if len(data) < 3:
        return _NOTHING
    value = data[2]
    if head in (b"\x1bd", b"\x1bJ"):
        return 3, Feed(value, lines=head == b"\x1bd")
    return 3, Transmit(value) if head == b"\x1dr" else Setting(_SETTINGS[head], value)


def _raster(data: bytes) -> tuple[int, Command | None]:
    if len(data) < 8:
        return _NOTHING
    row, rows = data[4] | data[5] << 8, data[6] | data[7] << 8
    return 8, RasterStart(data[3], row, rows)


def _block(data: bytes) -> tuple[int, Command | None]:
    if len(data) < 5:
        return _NOTHING
    end = 5 + (data[3] | data[4] << 8)
    if len(data) < end:
        return _NOTHING
    return end, Block(chr(data[2]), data[5:end])


def _cut(data: bytes) -> tuple[int, Command | None]:
    if len(data) < 3:
        return _NOTHING
    mode = data[2]
    if mode in (0x41, 0x42, 0x61, 0x62, 0x67, 0x68):
        return (4, Cut(mode % 2 == 0, data[3])) if len(data) >= 4 else _NOTHING
    return 3, Cut(mode in (1, 0x31), 0)


class RealTimeScanner:
    """Finds the real-time commands in a stream, also inside pictures and texts.

    ``feed`` returns them in order as bytes: ``10 04 n``, ``10 05 n``, ``10 14 …``.
    """

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The real-time commands that are complete now."""
        buffer = self._tail + data
        found: list[bytes] = []
        position = 0
        while (position := buffer.find(b"\x10", position)) >= 0:
            rest = buffer[position : position + 10]
            length = self._length(rest)
            if length > len(rest):
                break
            if length:
                found.append(rest[:length])
            position += length or 1
        self._tail = buffer[position:] if position >= 0 else b""
        return found

    @staticmethod
    def _length(rest: bytes) -> int:
        """The command's length, more than is there while unknown, 0 when it is none."""
        if len(rest) < 2:
            return 2
        if rest[1] in (0x04, 0x05):
            return 3
        if rest[1] != 0x14:
            return 0
        if len(rest) < 3:
            return 3
        return {1: 5, 2: 5, 3: 5, 8: 10}.get(rest[2], 0)
