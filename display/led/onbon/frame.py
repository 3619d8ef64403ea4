"""Frames of the Onbon controllers (BX-5K, BX-6K, BX-6E, BX-6Q).

::

    A5 ×8 | escaped( content + CRC-16/ARC of content, little-endian ) | 5A

Escapes, inside only: ``A5 → A6 02``, ``A6 → A6 01``, ``5A → 5B 02``, ``5B → 5B 01``. Neither A5
nor 5A can therefore occur inside, so that a receiver finds the next frame after any damage. Any
run of at least one A5 starts a frame: the vendor's own example of an answer has nine.

Source: vendor's protocol page, onbonlab/onbonlab.github.io ``onbon-docs/docs/zh/k/potocol.md``.
"""

import re
import struct

from display.led.crc import crc16_arc

START = 0xA5
END = 0x5A
_PREFIX = bytes([START]) * 8
_CRC = struct.Struct("<H")
# In this order: what escapes are made of is itself escaped first.
_ESCAPES = (
    (b"\xa6", b"\xa6\x01"),
    (b"\xa5", b"\xa6\x02"),
    (b"\x5b", b"\x5b\x01"),
    (b"\x5a", b"\x5b\x02"),
)
_MEANT = {escaped: meant for meant, escaped in _ESCAPES}
_PAIR = re.compile(rb"[\xa6\x5b].?", re.DOTALL)
# The largest legal frame of a font card holds 8 areas of 512 bytes, each byte escaped.
MOST_BYTES = 9000


class FrameDamaged(ValueError):
    """The bytes between start and end are not an intact frame."""


def escape(data: bytes) -> bytes:
    """``data`` without any start or end byte in it."""
    for meant, escaped in _ESCAPES:
        data = data.replace(meant, escaped)
    return data


def unescape(data: bytes) -> bytes:
    """The reverse of :func:`escape`. Raises FrameDamaged for a pair that means nothing."""
    return _PAIR.sub(_meant, data)


def _meant(pair: re.Match[bytes]) -> bytes:
    meant = _MEANT.get(pair.group())
    if meant is None:
        raise FrameDamaged(f"bad escape at byte {pair.start()}")
    return meant


def wrap(content: bytes) -> bytes:
    """``content`` as a whole frame."""
    return _PREFIX + escape(content + _CRC.pack(crc16_arc(content))) + bytes([END])


def unwrap(raw: bytes) -> bytes:
    """The content of what :func:`cut` found. Raises FrameDamaged when escapes or CRC are wrong."""
    data = unescape(raw)
    if len(data) < _CRC.size:
        raise FrameDamaged("too short")
    content, (crc,) = data[: -_CRC.size], _CRC.unpack(data[-_CRC.size :])
    if crc != crc16_arc(content):
        raise FrameDamaged("wrong check sum")
    return content


def cut(buffer: bytes, most: int = MOST_BYTES) -> tuple[int, bytes | None]:
    """Cuts the first whole frame out of received bytes: (used, still escaped inside or None).

    ``used`` bytes are done with and are to be dropped by the caller, garbage included; what stays
    is at most ``most`` bytes of a frame that has begun.
    """
    at = buffer.find(START)
    if at < 0:
        return len(buffer), None
    while True:
        while at + 1 < len(buffer) and buffer[at + 1] == START:
            at += 1
        again = buffer.find(START, at + 1)
        end = buffer.find(END, at + 1, again if again >= 0 else len(buffer))
        if end >= 0:
            return end + 1, buffer[at + 1 : end]
        if again < 0:
            break
        at = again
    return (len(buffer), None) if len(buffer) - at > most else (at, None)
