"""PURE: cuts what a printer sends back into replies.

::

    xx1x xx10            (b & 93h == 12h)  answer to DLE EOT n
    0xx1 xx00 + 3 bytes  (b & 93h == 10h)  automatic status block (GS a)
    0xx0 xxxx            (b & 90h == 0)    answer to GS r n
    37 22 d1 d2 d3 d4 00                   this process id is printed (GS ( H)
    37 25 00                               the buffers are cleared (DLE DC4 8)
    37|5F … 00                             any other block

Source: the ESC/POS command references of Epson (transmission status of each command).
"""

from dataclasses import dataclass

# The longest block a printer sends in answer to anything of ours is 7 bytes; one that does not
# end within this many is line noise.
_MOST_BLOCK = 80
_PRINTED_BYTES = 7
# To DLE EOT, and no letter of any block: all well, drawer, offline, paper near its end.
_USUAL_ANSWERS = b"\x12\x16\x1a\x1e"


@dataclass(frozen=True)
class RealTime:
    """The answer to a DLE EOT; which one, only the order tells."""

    byte: int


@dataclass(frozen=True)
class AutoStatus:
    """Four automatic status bytes."""

    block: bytes


@dataclass(frozen=True)
class Transmitted:
    """The answer to GS r."""

    byte: int

    @property
    def paper_out(self) -> bool:
        """Whether the paper sensor saw the end of the paper."""
        return bool(self.byte & 0x0C)


@dataclass(frozen=True)
class Printed:
    """Everything before this process id is on paper."""

    token: bytes


@dataclass(frozen=True)
class Cleared:
    """The buffers are empty."""


@dataclass(frozen=True)
class Noise:
    """Bytes that mean nothing to us."""

    data: bytes


Reply = RealTime | AutoStatus | Transmitted | Printed | Cleared | Noise


def _take_block(data: bytes) -> tuple[int, Reply | None]:
    """A block, or the noise that began like one: an answer behind it is not part of it."""
    end = next((i for i, byte in enumerate(data) if byte == 0 or byte in _USUAL_ANSWERS), -1)
    if end < 0:
        return (0, None) if len(data) < _MOST_BLOCK else (1, Noise(data[:1]))
    if data[end]:
        return 1, Noise(data[:1])
    printed = end + 1 - _PRINTED_BYTES
    if printed > 0 and data.startswith(b"\x37\x22", printed):
        return printed, Noise(data[:printed])
    return end + 1, _block(data[: end + 1])


def _block(data: bytes) -> Reply:
    if data == b"\x37\x25\x00":
        return Cleared()
    if len(data) == _PRINTED_BYTES and data.startswith(b"\x37\x22"):
        return Printed(data[2:6])
    return Noise(data)


def take(data: bytes) -> tuple[int, Reply | None]:
    """The first reply in ``data`` and how many bytes it used; ``(0, None)`` while it is not
    complete."""
    if not data:
        return 0, None
    first = data[0]
    if first in (0x37, 0x5F):
        return _take_block(data)
    if first & 0x93 == 0x12:
        return 1, RealTime(first)
    if first & 0x93 == 0x10:
        if len(data) < 4:
            return 0, None
        if any(byte & 0x90 for byte in data[1:4]):
            return 1, Noise(data[:1])
        return 4, AutoStatus(data[:4])
    if first & 0x90 == 0:
        return 1, Transmitted(first)
    return 1, Noise(data[:1])


class ReplyReader:
    """Collects bytes as they arrive and hands out whole replies."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[Reply]:
        """The replies that are complete now."""
        self._buffer += data
        replies: list[Reply] = []
        while True:
            used, reply = take(self._buffer)
            if reply is None:
                return replies
            self._buffer = self._buffer[used:]
            replies.append(reply)
