"""A frame's bytes from its parts."""

from dataclasses import dataclass

from display.led.content import Colour
from display.led.strips.checksums import KINDS
from display.led.strips.model import (
    Address,
    Check,
    Code,
    Coded,
    Counter,
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
from display.led.strips.text import characters

_MOST_LEVEL = 15


@dataclass(frozen=True)
class Filling:
    """What the parts of one frame stand for. ``colour`` None is the strip's first one."""

    address: int = 0
    row: int = 0
    text: str = ""
    colour: Colour | None = None
    motion: Motion = "still"
    level: int = _MOST_LEVEL
    sequence: int = 0
    code: int = 0


def build(frame: Frame, strip: Strip, filling: Filling) -> bytes:
    """The whole frame. Raises ValueError when something does not fit into it."""
    # Lengths first, for check sums cover them; then check sums in their order.
    pieces = [_piece(part, strip, filling) for part in frame]
    for index, part in enumerate(frame):
        if isinstance(part, Length):
            pieces[index] = part.width.pack(len(_joined(pieces, part.span)) + part.plus)
    for index, part in enumerate(frame):
        if isinstance(part, Check):
            pieces[index] = KINDS[part.kind](_joined(pieces, part.span))
    return b"".join(pieces)


def _joined(pieces: list[bytes], span: Span) -> bytes:
    return b"".join(pieces[span.first : span.last + 1])


def _piece(part: Part, strip: Strip, filling: Filling) -> bytes:
    match part:
        case Fixed(data):
            return data
        case Address(width):
            return width.pack(filling.address)
        case Coded("row"):
            return strip.row_codes[filling.row]
        case Coded("colour"):
            first = next(iter(strip.colours.values()))
            return first if filling.colour is None else strip.colours.get(filling.colour, first)
        case Coded():
            return strip.motions.get(filling.motion) or next(iter(strip.motions.values()))
        case Text():
            return _text(part, strip, filling.text)
        case Value(width):
            return width.pack(int(filling.text or "0"))
        case Level(low, high):
            return bytes([low + round((high - low) * filling.level / _MOST_LEVEL)])
        case Counter():
            return bytes([filling.sequence & 0xFF])
        case Code():
            return bytes([filling.code])
        case _:
            return bytes(strip.size(part) or 0)


def _text(part: Text, strip: Strip, text: str) -> bytes:
    data = b"".join(one + part.each for one in characters(text, strip))
    if not part.pad_to:
        return data
    if len(data) > part.pad_to:
        raise ValueError(f"a text of more than {part.pad_to} bytes")
    return data.rjust(part.pad_to) if part.right else data.ljust(part.pad_to)
