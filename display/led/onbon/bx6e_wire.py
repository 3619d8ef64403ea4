"""Messages of the Onbon BX-6E / BX-6Q graphic cards: header, requests, replies, one dynamic area.

::

    header, 16 bytes, little-endian:
      to u16 | from u16 | F0 | 00 | device type u16 | 4×00 | body length u32
    request body:  01 (reply wanted) | A7 | command | payload length u16 | payload
    reply body:    00 | A0 | 00 ACK / 01 NACK | status u16 | error u16 | data length u16 | data
    payload of A7 01 (delete areas):  FF for all, or the number of ids and the ids
    payload of A7 00 (show):
      number of areas u16 | per area: info length u32 | area | its pages | their bitmaps
    area, 33 bytes:
      id | run mode | time-out u16 s | with all programs 01 | number of programs u16 0
      | 01 at once | 4×00 | 10 | X u16 | Y u16 | W u16 | H u16 | 10×00 | number of pages u16
    page, 4 + 26 bytes:
      26 u32 | style 00 | mode | clear | speed | stay u16 | repeat | W u16 | 9×00
      | offset u32 | bytes u32
    bitmap: rows from above, each filled up to 32 lamps; 32 lamps are a little-endian u32 whose
      highest bit is the leftmost lamp; 0 is lit. Two colours: the red plane, then the green.

Sizes and places in lamps; offsets count from the first bitmap's begin. Run mode 0 turns the pages
for ever, 2 until nothing new has come for the time-out; then the area goes.

Sources: frames that the vendor's Java library bx06 0.6.0 (onbonlab/pub) sent to a recorder; the
vendor's onbonlab/bx.dual.dyn.java for the fields' meaning, several pages and the reply. Not proven,
for no card has been seen: that ``stay`` counts 10 ms, the ping (the vendor's Windows library has
one), and two-colour bitmaps on 6Q cards, which bx.dual.dyn.java sends 24-bit pixels.
"""

import struct
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

HOST = 0x8000
BROADCAST = 0xFFFF
WILDCARD = 0xFFFE
ADDRESSES = range(0x0001, 0x8000)
DEVICES = {
    "6e1": 0x0174,
    "6e2": 0x0274,
    "6e3": 0x0374,
    "6q1": 0x0166,
    "6q2": 0x0266,
    "6q3": 0x0366,
}
# A payload's length is a u16.
MOST_PAYLOAD = 0xFFFF
# Where every byte is escaped, with check sum, start and end.
MOST_FRAME = 2 * (MOST_PAYLOAD + 23) + 9
# The longest reply that is believed: header, body and 256 bytes of data, all escaped.
MOST_REPLY = 600

SHOW = (0xA7, 0x00)
DELETE = (0xA7, 0x01)
PING = (0xA2, 0x00)
ACK = (0xA0, 0x00)
NACK = (0xA0, 0x01)

RUN_LOOP = 0
RUN_EXPIRE = 2
MODE_STATIC = 1
DELETE_ALL = b"\xff"

_HEADER = struct.Struct("<HHBBH4sI")
_VERSION = 0xF0
_COMMAND = struct.Struct("<BBBH")
_REPLY = struct.Struct("<BBBHHH")
_AREA = struct.Struct("<BBHBHB4sBHHHH10sH")
_AREA_TYPE = 0x10
_PAGE = struct.Struct("<IBBBBHBH9sII")
_PAGE_BYTES = 26
_COUNT = struct.Struct("<H")
_LENGTH = struct.Struct("<I")
_CLEAR = 1
_SPEED = 10
_TURNED = bytes(255 - byte for byte in range(256))


class WireError(ValueError):
    """An intact frame whose content breaks the protocol's rules."""


@dataclass(frozen=True)
class Sheet:
    """A page: its bitmap as it is sent, how long it stays (10 ms) and its effect."""

    bitmap: bytes
    stay: int
    mode: int = MODE_STATIC
    clear: int = _CLEAR


@dataclass(frozen=True)
class Area:
    """A dynamic area. ``timeout_s`` counts in run mode 2."""

    x: int
    y: int
    width: int
    height: int
    sheets: tuple[Sheet, ...]
    number: int = 0
    run_mode: int = RUN_LOOP
    timeout_s: int = 0


@dataclass(frozen=True)
class Request:
    """A request as a card receives it."""

    address: int
    device: int
    group: int
    command: int
    payload: bytes

    @property
    def kind(self) -> tuple[int, int]:
        """Group and command."""
        return self.group, self.command


@dataclass(frozen=True)
class Answer:
    """A reply as the host receives it; ``kind`` and ``error`` are None where it is too short."""

    address: int
    kind: tuple[int, int] | None
    error: int | None


def bitmap_bytes(width: int, height: int) -> int:
    """Bytes of one colour's bitmap."""
    return -(-width // 32) * 4 * height


def to_bitmap(plane: bytes, width: int, height: int) -> bytes:
    """A plane (see :class:`display.led.content.Page`) as it is sent."""
    row = -(-width // 8)
    filling = bytes(-row % 4)
    if filling:
        plane = b"".join(plane[at : at + row] + filling for at in range(0, row * height, row))
    return _swapped(plane).translate(_TURNED)


def from_bitmap(bitmap: bytes, width: int, height: int) -> bytes:
    """The reverse of :func:`to_bitmap`."""
    plane = _swapped(bitmap).translate(_TURNED)
    row, sent = -(-width // 8), -(-width // 32) * 4
    return b"".join(plane[at : at + row] for at in range(0, sent * height, sent))


def _swapped(data: bytes) -> bytes:
    words = array("I", data)
    assert words.itemsize == 4, sys.platform
    words.byteswap()
    return words.tobytes()


def request(address: int, device: int, kind: tuple[int, int], payload: bytes = b"") -> bytes:
    """A request that wants a reply. Raises ValueError when the payload is too long."""
    if len(payload) > MOST_PAYLOAD:
        raise ValueError(f"{len(payload)} bytes are more than one frame can carry")
    body = _COMMAND.pack(1, *kind, len(payload)) + payload
    return _head(address, HOST, device, len(body)) + body


def reply(address: int, device: int, kind: tuple[int, int], error: int = 0) -> bytes:
    """A reply of the card at ``address``."""
    body = _REPLY.pack(0, *kind, 0, error, 0)
    return _head(HOST, address, device, len(body)) + body


def _head(to: int, sender: int, device: int, length: int) -> bytes:
    return _HEADER.pack(to, sender, _VERSION, 0, device, bytes(4), length)


def show_payload(area: Area) -> bytes:
    """The payload of ``SHOW`` for one area."""
    place = (area.x, area.y, area.width, area.height)
    info = _AREA.pack(
        area.number, area.run_mode, area.timeout_s, 1, 0, 1, bytes(4), _AREA_TYPE, *place,
        bytes(10), len(area.sheets),
    )  # fmt: skip
    offset = 0
    for sheet in area.sheets:
        size = len(sheet.bitmap)
        info += _PAGE.pack(
            _PAGE_BYTES, 0, sheet.mode, sheet.clear, _SPEED, sheet.stay, 1, area.width, bytes(9),
            offset, size,
        )  # fmt: skip
        offset += size
    bitmaps = b"".join(sheet.bitmap for sheet in area.sheets)
    return _COUNT.pack(1) + _LENGTH.pack(len(info)) + info + bitmaps


def parse_request(content: bytes) -> Request:
    """A frame's content as a request. Raises WireError."""
    if len(content) < _HEADER.size + _COMMAND.size:
        raise WireError("shorter than a header and a command")
    to, sender, version, zero, device, zeros, length = _HEADER.unpack_from(content)
    body = content[_HEADER.size :]
    wanted, group, command, size = _COMMAND.unpack_from(body)
    payload = body[_COMMAND.size :]
    if version != _VERSION or zero or any(zeros) or sender != HOST:
        raise WireError("no header of a request to this family")
    if device not in DEVICES.values():
        raise WireError(f"unknown device type {device:04X}")
    if length != len(body) or size != len(payload):
        raise WireError("a length does not fit")
    if wanted != 1:
        raise WireError("a request that wants no reply is not supported")
    return Request(to, device, group, command, payload)


def parse_answer(content: bytes) -> Answer | None:
    """A frame's content as a reply, as leniently as can be: the true bytes of an ACK are not
    known. None when it cannot be one, as the echo of a request."""
    if len(content) < _HEADER.size:
        return None
    sender = _HEADER.unpack_from(content)[1]
    if sender == HOST:
        return None
    if len(content) < _HEADER.size + _REPLY.size:
        return Answer(sender, None, None)
    _, group, command, _, error, _ = _REPLY.unpack_from(content, _HEADER.size)
    return Answer(sender, (group, command), error)


def parse_show(payload: bytes, colours: int) -> Area:
    """The payload of ``SHOW`` with one area. ``colours``: the card's planes in each bitmap.

    Raises WireError when a length, an offset or a reserved byte is wrong.
    """
    if len(payload) < _COUNT.size + _LENGTH.size + _AREA.size:
        raise WireError("shorter than one area")
    if _COUNT.unpack_from(payload) != (1,):
        raise WireError("not exactly one area")
    (size,) = _LENGTH.unpack_from(payload, _COUNT.size)
    info = payload[_COUNT.size + _LENGTH.size :]
    if size > len(info):
        raise WireError("the area is longer than the payload")
    info, bitmaps = info[:size], info[size:]
    number, run, timeout, everywhere, programs, at_once, zeros, kind, *place, more, pages = (
        _AREA.unpack_from(info)
    )
    if kind != _AREA_TYPE or any(zeros) or any(more) or programs:
        raise WireError("area type, frames, sound and programs are not supported")
    if (everywhere, at_once) != (1, 1) or not pages:
        raise WireError("the area would not be shown at once")
    x, y, width, height = place
    expected = bitmap_bytes(width, height) * colours
    sheets = _parse_sheets(info[_AREA.size :], pages, bitmaps, expected, width)
    return Area(x, y, width, height, sheets, number, run, timeout)


def _parse_sheets(
    info: bytes, pages: int, bitmaps: bytes, expected: int, width: int
) -> tuple[Sheet, ...]:
    if len(info) != pages * _PAGE.size or len(bitmaps) != pages * expected:
        raise WireError("pages and bitmaps do not fit")
    sheets: list[Sheet] = []
    for at in range(pages):
        size, style, mode, clear, _, stay, repeat, across, zeros, offset, length = (
            _PAGE.unpack_from(info, at * _PAGE.size)
        )
        if size != _PAGE_BYTES or style or any(zeros) or across != width or not repeat:
            raise WireError("a page's own data are wrong")
        if offset != at * expected or length != expected:
            raise WireError("a bitmap is not where the page says")
        sheets.append(Sheet(bitmaps[offset : offset + length], stay, mode, clear))
    return tuple(sheets)


def parse_delete(payload: bytes) -> Sequence[int] | None:
    """The ids that ``DELETE`` asks for, None for all. Raises WireError."""
    if payload == DELETE_ALL:
        return None
    if not payload or payload[0] != len(payload) - 1:
        raise WireError("a number of ids that does not fit")
    return payload[1:]
