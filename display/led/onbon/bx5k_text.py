r"""Text with controls, as the BX-5K / BX-6K font cards understand it.

``\FO000``/``\FO001``/``\FO002`` choose the Chinese font of 16/24/32 pixels and ``\FE000`` … the
Latin one, before the first character that needs it; ``\C1`` red, ``\C2`` green, ``\C3`` yellow;
``\n`` begins a line. One area may hold one font height only.
A backslash from a user would begin a control, so it becomes the full-width ＼; characters outside
GB2312 become ？; line breaks and other control characters become spaces.

Source: vendor's protocol page, onbonlab/onbonlab.github.io, chapter 11.
"""

import re
from dataclasses import dataclass

from display.led.content import Colour, FontSize

_FONTS: dict[FontSize, int] = {16: 0, 24: 1, 32: 2}
_COLOURS = {Colour.RED: 1, Colour.GREEN: 2, Colour.YELLOW: 3}
_SIZE_OF = {number: size for size, number in _FONTS.items()}
_COLOUR_OF = {number: colour for colour, number in _COLOURS.items()}
_CONTROL = re.compile(rb"\\(?:F([OE])(\d{3})|C(\d)|n)")
_NEW_LINE = rb"\n"


class TextRefused(ValueError):
    """A panel would not show this text; ``code`` is its error code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True)
class Run:
    """Characters in one size and colour."""

    text: str
    size: FontSize
    colour: Colour


def encode_plain(text: str) -> bytes:
    """A user's text in GB2312, without any control."""
    safe = "".join(" " if ord(c) < 0x20 or c == "\x7f" else c for c in text.replace("\\", "＼"))
    return b"".join(_character(c) for c in safe)


def _character(character: str) -> bytes:
    try:
        return character.encode("gb2312")
    except UnicodeEncodeError:
        return "？".encode("gb2312")


def encode_text(text: str, size: FontSize, colour: Colour | None) -> bytes:
    """``text`` in this size, its lines separated by line feeds; ``colour`` None leaves the panel's
    own (single-colour panels)."""
    lines = [encode_plain(line) for line in text.split("\n")]
    controls = "".join(f"\\F{kind}00{_FONTS[size]}" for kind in _kinds(b"".join(lines)))
    if colour is not None:
        controls += f"\\C{_COLOURS[colour]}"
    return controls.encode("ascii") + _NEW_LINE.join(lines)


def _kinds(text: bytes) -> str:
    """The fonts that a text needs: O Chinese, E Latin. At 9600 baud six bytes count."""
    chinese = any(byte >= 0x80 for byte in text)
    return ("O" if chinese or not text else "") + ("E" if any(b < 0x80 for b in text) else "")


def decode_text(data: bytes) -> list[Run]:
    """What a panel makes of an area's text. Raises TextRefused: 12 for a font that is not there,
    4 for a text that it would garble (unknown control, two font heights, not GB2312)."""
    runs: list[Run] = []
    size: FontSize = 16
    sizes: set[int] = set()
    colour = Colour.RED
    at = 0
    while at < len(data):
        if data[at] == 0x5C:
            match = _CONTROL.match(data, at)
            if match is None:
                raise TextRefused(4, "unknown control in the text")
            if match.group() == _NEW_LINE:
                runs.append(Run("\n", size, colour))
            elif match.group(3):
                colour = _colour(int(match.group(3)))
            else:
                size = _size(int(match.group(2)))
            at = match.end()
            continue
        end = data.find(b"\\", at)
        part = data[at : end if end >= 0 else len(data)]
        runs.append(Run(_decode(part), size, colour))
        sizes.add(size)
        at += len(part)
    if len(sizes) > 1:
        raise TextRefused(4, "two font heights in one area")
    return runs


def _decode(part: bytes) -> str:
    try:
        return part.decode("gb2312")
    except UnicodeDecodeError:
        raise TextRefused(4, "not GB2312") from None


def _size(number: int) -> FontSize:
    size = _SIZE_OF.get(number)
    if size is None:
        raise TextRefused(12, f"no font {number:03}")
    return size


def _colour(number: int) -> Colour:
    colour = _COLOUR_OF.get(number)
    if colour is None:
        raise TextRefused(4, f"no colour {number}")
    return colour
