"""PURE: how much paper the bytes of a slip take, for the paper counter.

Knows the commands that :mod:`ticket_printer.render` makes: pictures by their rows, text by its
lines, feeds by their dots. A dot is 1/8 mm; a line is 1/6 inch unless its characters are taller.
"""

import re

_DOTS_PER_MM = 8
_LINE_DOTS = 34
_CHARACTER_DOTS = 24
# What a QR code's square of this many modules holds at level M: the bytes of versions 1 to 15.
_QR_BYTES = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412)
_COMMAND = re.compile(
    rb"\x1dv0.(?P<picture>....)"
    rb"|\x1bJ(?P<feed>.)"
    rb"|\x1d!(?P<size>.)"
    rb"|\x1d\(k(?P<code>..)1(?P<function>.)"
    rb"|\x1d[VB].|\x1b[aE].|\x1b@|\x1c&"
    rb"|[\x81-\xfe][\x30-\xfe]"
    rb"|(?P<line>\n)",
    re.DOTALL,
)


def length_mm(body: bytes) -> float:
    """The paper that a slip's bytes take, in millimetres, the feed to the cutter included."""
    dots, at, high, module, side = 0, 0, 1, 0, 0
    while (found := _COMMAND.search(body, at)) is not None:
        at = found.end()
        if found["picture"]:
            width = int.from_bytes(found["picture"][:2], "little")
            rows = int.from_bytes(found["picture"][2:], "little")
            dots, at = dots + rows, at + width * rows
        elif found["feed"]:
            dots += found["feed"][0]
        elif found["size"]:
            high = (found["size"][0] & 7) + 1
        elif found["line"]:
            dots += max(_LINE_DOTS, _CHARACTER_DOTS * high)
        elif found["code"]:
            size = int.from_bytes(found["code"], "little")
            rest = body[at : at + size - 2]
            at += size - 2
            match found["function"]:
                case b"C":
                    module = rest[0]
                case b"P":
                    side = _modules(size - 3)
                case b"Q":
                    dots += side * module
    return dots / _DOTS_PER_MM


def _modules(payload: int) -> int:
    """Modules along a QR code's side."""
    version = next((v for v, most in enumerate(_QR_BYTES, 1) if payload <= most), len(_QR_BYTES))
    return 17 + 4 * version
