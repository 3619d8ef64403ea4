"""Reads frames of strips as a panel does: byte by byte against the description, and strictly.

Nothing here builds frames, and the check sums are worked out bit by bit: what the codec makes
wrongly is not taken for right.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal, TypeVar

from display.led.content import Colour
from display.led.strips.model import (
    Address,
    Check,
    Coded,
    Fixed,
    Frame,
    Length,
    Level,
    Motion,
    Part,
    Span,
    Strip,
    Text,
    Value,
)

Kind = Literal["show", "first", "clear", "brightness", "ping"]
_Name = TypeVar("_Name")


class _End(Enum):
    """Why a frame was not read to its end."""

    OTHER = auto()
    MORE = auto()


class _Stop(Exception):
    def __init__(self, end: _End) -> None:
        super().__init__(end)
        self.end = end


@dataclass
class Heard:
    """A frame as it was understood. ``intact``: its check sums are right. ``size`` in bytes;
    ``address`` None where frames have none."""

    kind: Kind
    size: int
    intact: bool = True
    address: int | None = None
    row: int = 0
    text: str = ""
    colour: Colour | None = None
    motion: Motion = "still"
    level: int = 15


def hear(strip: Strip, data: bytes) -> Heard | None:
    """The frame that ``data`` begins with, intact if it can be; None when there is none."""
    found = [result for result in _all(strip, data) if isinstance(result, Heard)]
    return max(found, key=lambda heard: (heard.intact, heard.size), default=None)


def cut(strip: Strip, buffer: bytes) -> tuple[int, bytes | None]:
    """The first frame, or what lies before one and is none: (bytes done with, these bytes or None
    while more must come). Never keeps more than one frame that has begun."""
    if not buffer:
        return 0, None
    heard = hear(strip, buffer)
    if heard is not None and heard.intact:
        return heard.size, buffer[: heard.size]
    if heard is None and _End.MORE in _all(strip, buffer):
        return 0, None
    # Damaged, or no frame at all: it is over where another one may begin.
    end = heard.size if heard is not None else len(buffer)
    at = 1
    while at < end and all(result is _End.OTHER for result in _all(strip, buffer[at:])):
        at += 1
    return at, buffer[:at]


def _all(strip: Strip, data: bytes) -> list[Heard | _End]:
    kinds: list[tuple[Kind, Frame]] = [("show", strip.show)]
    kinds += [("first", frame) for frame in strip.first]
    kinds += [("clear", frame) for frame in strip.clear]
    kinds += [("brightness", strip.brightness), ("ping", strip.ping)]
    return [_Walk(strip, kind, frame, data).read() for kind, frame in kinds if frame]


class _Walk:
    """One way to understand the bytes."""

    def __init__(self, strip: Strip, kind: Kind, frame: Frame, data: bytes) -> None:
        self._strip = strip
        self._frame = frame
        self._data = data
        self._at = 0
        self._pieces: list[bytes] = []
        self._heard = Heard(kind, 0)

    def read(self) -> Heard | _End:
        try:
            for index, part in enumerate(self._frame):
                piece = self._take(self._bytes_of(index, part))
                self._pieces.append(piece)
                self._understand(part, piece)
            self._compare()
        except _Stop as stop:
            return stop.end
        self._heard.size = self._at
        return self._heard

    def _take(self, count: int) -> bytes:
        piece = self._data[self._at : self._at + count]
        if len(piece) < count:
            part = self._frame[len(self._pieces)]
            wrong = isinstance(part, Fixed) and not part.data.startswith(piece)
            raise _Stop(_End.OTHER if wrong else _End.MORE)
        self._at += count
        return piece

    def _bytes_of(self, index: int, part: Part) -> int:
        if not isinstance(part, Text) or part.pad_to:
            return self._strip.size(part) or 0
        for place, length in enumerate(self._frame[:index]):
            if isinstance(length, Length) and index in length.span:
                return self._counted(place, length, index, part)
        return self._until_the_end(part, self._frame[index + 1])

    def _counted(self, place: int, length: Length, index: int, part: Text) -> int:
        """The text's bytes, as the length says that was read before it."""
        others = range(length.span.first, length.span.last + 1)
        rest = sum(self._strip.size(self._frame[i]) or 0 for i in others if i != index)
        count = length.width.unpack(self._pieces[place]) - length.plus - rest
        self._must(0 <= count <= self._most(part))
        return count

    def _most(self, part: Text) -> int:
        return self._strip.text_bytes * (1 + len(part.each))

    def _until_the_end(self, part: Text, after: Part) -> int:
        if not isinstance(after, Fixed):
            raise _Stop(_End.OTHER)
        at = self._data.find(after.data[:1], self._at)
        count = at - self._at if at >= 0 else len(self._data) - self._at
        self._must(count <= self._most(part))
        if at < 0:
            raise _Stop(_End.MORE)
        return count

    def _understand(self, part: Part, piece: bytes) -> None:
        strip, heard = self._strip, self._heard
        match part:
            case Fixed(data):
                self._must(piece == data)
            case Address(width):
                heard.address = width.unpack(piece)
            case Coded("row"):
                self._must(piece in strip.row_codes)
                heard.row = strip.row_codes.index(piece)
            case Coded("colour"):
                heard.colour = self._named(strip.colours, piece)
            case Coded():
                heard.motion = self._named(strip.motions, piece)
            case Text():
                heard.text = self._decoded(part, piece)
            case Value(width):
                heard.text = str(width.unpack(piece))
            case Level(low, high):
                self._must(min(low, high) <= piece[0] <= max(low, high))
                heard.level = round(15 * (piece[0] - low) / (high - low)) if high != low else 15

    def _named(self, table: Mapping[_Name, bytes], piece: bytes) -> _Name:
        for name, code in table.items():
            if code == piece:
                return name
        raise _Stop(_End.OTHER)

    def _must(self, right: bool) -> None:
        if not right:
            raise _Stop(_End.OTHER)

    def _decoded(self, part: Text, piece: bytes) -> str:
        charset = {"digits": "ascii"}.get(self._strip.charset, self._strip.charset)
        text, at = "", 0
        while at < len(piece):
            size = 1 if piece[at] < 0x80 else 2
            one, after = piece[at : at + size], piece[at + size : at + size + len(part.each)]
            try:
                text += one.decode(charset)
            except UnicodeDecodeError:
                raise _Stop(_End.OTHER) from None
            self._must(after == part.each and text[-1].isprintable())
            at += size + len(part.each)
        return text

    def _compare(self) -> None:
        """Every length must be right, or it is another frame; every check sum, or it is damaged."""
        for part, piece in zip(self._frame, self._pieces, strict=True):
            if isinstance(part, Length):
                size = len(self._joined(part.span)) + part.plus
                self._must(part.width.unpack(piece) == size)
            elif isinstance(part, Check) and piece != check_sum(part.kind, self._joined(part.span)):
                self._heard.intact = False

    def _joined(self, span: Span) -> bytes:
        return b"".join(self._pieces[span.first : span.last + 1])


def check_sum(kind: str, data: bytes) -> bytes:
    """A check sum by its name, worked out bit by bit."""
    if not kind.startswith("crc16"):
        value = 0
        for byte in data:
            value = (value + byte) % 256 if kind == "sum8" else value ^ byte
        return bytes([value])
    reflected = "modbus" in kind
    crc = 0xFFFF if reflected else 0
    for byte in data:
        crc ^= byte if reflected else byte << 8
        for _ in range(8):
            if reflected:
                crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
            else:
                crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc.to_bytes(2, "little" if kind.endswith("le") else "big")
