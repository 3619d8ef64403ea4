r"""Messages of the Onbon BX-5K / BX-6K font cards: header, requests, replies, dynamic areas.

::

    header, 14 bytes, little-endian:
      to u16 | from u16 | 3×00 | barcode 00 | check 00 (CRC) | display mode 00 | device FE (any)
      | version 02 | data length u16
    request data:  group | command | reply (1 wanted, 2 not) | 2×00 | payload
    reply data:    group | command | error | 2×00 | payload
    payload of A3 06 (show text; its 4th byte is the process mode):
      number of areas to delete (FF: all) | their ids | number of areas | {length u16 | area}
    area, 27 bytes and text:
      00 | X u16 | Y u16 | W u16 | H u16 | id | line gap | run mode | time-out u16 s | sound 00
      | extension 00 | align | 1 single / 2 multi line | newline 1 manual / 2 auto | mode | exit
      | speed | stay (0.5 s) | text length u32 | text in GB2312

X and W count 8 pixels; with bit 15 set they count pixels, which older boards do not know.

Source: vendor's protocol page, onbonlab/onbonlab.github.io ``onbon-docs/docs/zh/k/potocol.md``.
"""

import struct
from dataclasses import dataclass

HOST = 0x8000
BROADCAST = 0xFFFF
WILDCARD = 0xFFFE
ADDRESSES = range(0x0001, 0x8000)

_HEADER = struct.Struct("<HH3sBBBBBH")
_DEVICE_ANY = 0xFE
_DEVICES = frozenset([_DEVICE_ANY, 0x51, 0x58, 0x53, 0x54, 0x61, 0x62, 0x63])
_VERSION = 2
_COMMAND = struct.Struct("<BBBBB")
_AREA = struct.Struct("<BHHHHBBBHBBBBBBBBBI")
_LENGTH = struct.Struct("<H")
_PIXELS = 0x8000
_ALL = 0xFF

SHOW = (0xA3, 0x06)
CLEAR = (0xA3, 0x10)
BRIGHTNESS = (0xA3, 0x02)
SWITCH = (0xA3, 0x00)
PING = (0xA2, 0x00)
STATUS = (0xA1, 0x02)
ACK = (0xA0, 0x00)
NACK = (0xA0, 0x01)

RUN_LOOP = 0
RUN_EXPIRE = 2
ONE_LINE = 1
MANY_LINES = 2
NEWLINE_MANUAL = 1
NEWLINE_AUTO = 2
MODE_STATIC = 1
MODE_LEFT = 3
ALIGN_CENTRE = 0b1010


class WireError(ValueError):
    """An intact frame whose content breaks the protocol's rules."""


@dataclass(frozen=True)
class Area:
    """A dynamic area. ``x``, ``y``, ``width``, ``height`` in pixels; ``timeout_s`` counts in run
    mode 2; ``text`` is encoded and holds the controls; ``in_pixels`` as in the module's text."""

    x: int
    y: int
    width: int
    height: int
    text: bytes
    number: int = 0
    line_gap: int = 0
    run_mode: int = RUN_LOOP
    timeout_s: int = 0
    align: int = 0
    lines: int = ONE_LINE
    newline: int = NEWLINE_MANUAL
    mode: int = MODE_STATIC
    speed: int = 0
    stay: int = 10
    in_pixels: bool = False

    def pack(self) -> bytes:
        """The area's bytes. Raises ValueError when X or W is no multiple of 8."""
        across = [self.x, self.width]
        if self.in_pixels:
            across = [value | _PIXELS for value in across]
        elif self.x % 8 or self.width % 8:
            raise ValueError("X and width of an area count 8 pixels")
        else:
            across = [value // 8 for value in across]
        fixed = (self.line_gap, self.run_mode, self.timeout_s, 0, 0, self.align, self.lines)
        moving = (self.newline, self.mode, 0, self.speed, self.stay, len(self.text))
        place = (0, across[0], self.y, across[1], self.height, self.number)
        return _AREA.pack(*place, *fixed, *moving) + self.text


@dataclass(frozen=True)
class Request:
    """A request as a panel receives it."""

    address: int
    sender: int
    group: int
    command: int
    reply_wanted: bool
    payload: bytes

    @property
    def kind(self) -> tuple[int, int]:
        """Group and command."""
        return self.group, self.command


@dataclass(frozen=True)
class Update:
    """What a request to show text asks for."""

    delete_all: bool
    delete: tuple[int, ...]
    areas: tuple[Area, ...]


@dataclass(frozen=True)
class Answer:
    """A reply as the host receives it."""

    address: int
    host: int
    group: int
    command: int
    error: int
    payload: bytes

    @property
    def kind(self) -> tuple[int, int]:
        """Group and command."""
        return self.group, self.command


def _message(to: int, sender: int, data: bytes) -> bytes:
    head = _HEADER.pack(to, sender, b"\0\0\0", 0, 0, 0, _DEVICE_ANY, _VERSION, len(data))
    return head + data


def request(
    address: int, kind: tuple[int, int], payload: bytes = b"", *, process: int = 0
) -> bytes:
    """A request that wants a reply; ``process`` is the process mode of ``SHOW``."""
    return _message(address, HOST, _COMMAND.pack(*kind, 1, process, 0) + payload)


def reply(address: int, kind: tuple[int, int], error: int = 0, payload: bytes = b"") -> bytes:
    """A reply of the panel at ``address``."""
    return _message(HOST, address, _COMMAND.pack(*kind, error, 0, 0) + payload)


def update_payload(update: Update) -> bytes:
    """The payload of ``SHOW``."""
    ids = () if update.delete_all else update.delete
    out = bytes([_ALL if update.delete_all else len(ids), *ids, len(update.areas)])
    for area in update.areas:
        packed = area.pack()
        out += _LENGTH.pack(len(packed)) + packed
    return out


def _open(content: bytes) -> tuple[int, int, bytes]:
    if len(content) < _HEADER.size + _COMMAND.size:
        raise WireError("shorter than a header and a command")
    to, sender, zero, barcode, check, display, device, version, length = _HEADER.unpack_from(
        content
    )
    data = content[_HEADER.size :]
    if zero != b"\0\0\0" or barcode or check or display not in (0, 1):
        raise WireError("reserved header bytes are not zero")
    if device not in _DEVICES or version != _VERSION:
        raise WireError("another device type or protocol version")
    if length != len(data):
        raise WireError(f"header says {length} bytes of data, there are {len(data)}")
    return to, sender, data


def parse_request(content: bytes) -> Request:
    """A frame's content as a request. Raises WireError."""
    to, sender, data = _open(content)
    group, command, answer, _, _ = _COMMAND.unpack_from(data)
    if answer not in (1, 2):
        raise WireError("reply is neither wanted nor unwanted")
    return Request(to, sender, group, command, answer == 1, data[_COMMAND.size :])


def parse_answer(content: bytes) -> Answer:
    """A frame's content as a reply. Raises WireError."""
    to, sender, data = _open(content)
    group, command, error, _, _ = _COMMAND.unpack_from(data)
    return Answer(sender, to, group, command, error, data[_COMMAND.size :])


def parse_area(data: bytes) -> Area:
    """One area. Raises WireError."""
    if len(data) < _AREA.size:
        raise WireError("an area is shorter than 27 bytes")
    (kind, x, y, width, height, number, gap, run, timeout, sound, extension, *rest) = (
        _AREA.unpack_from(data)
    )
    align, lines, newline, mode, _exit, speed, stay, length = rest
    text = data[_AREA.size :]
    if kind or sound or extension:
        raise WireError("area type, sound and extension are not supported")
    if length != len(text):
        raise WireError(f"an area says {length} bytes of text, there are {len(text)}")
    if bool(x & _PIXELS) != bool(width & _PIXELS):
        raise WireError("X and width count in different units")
    in_pixels = bool(x & _PIXELS)
    if in_pixels:
        x, width = x & ~_PIXELS, width & ~_PIXELS
    else:
        x, width = x * 8, width * 8
    return Area(
        x, y, width, height, text, number, gap, run, timeout, align, lines, newline, mode, speed,
        stay, in_pixels,
    )  # fmt: skip


def parse_update(payload: bytes) -> Update:
    """The payload of ``SHOW``. Raises WireError when a length does not fit."""
    if not payload:
        raise WireError("nothing to show")
    delete_all = payload[0] == _ALL
    at = 1 + (0 if delete_all else payload[0])
    delete = tuple(payload[1:at])
    if at >= len(payload):
        raise WireError("the number of areas is missing")
    count, at = payload[at], at + 1
    areas = []
    for _ in range(count):
        if at + _LENGTH.size > len(payload):
            raise WireError("fewer areas than announced")
        (length,) = _LENGTH.unpack_from(payload, at)
        at += _LENGTH.size
        areas.append(parse_area(payload[at : at + length]))
        at += length
    if at != len(payload):
        raise WireError("bytes after the last area")
    return Update(delete_all, delete, tuple(areas))
