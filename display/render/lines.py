"""Breaks a text into lines as Chinese print does."""

import re

from display.led.content import FontSize, text_width

# Words and numbers stay whole; each Chinese character may begin a line.
_PIECES = re.compile(r"[!-~]+|.")
_NEVER_FIRST = "，。、；：？！”’）》」』】…—·～,.;:?!)]}%"


def lines_of(text: str, width: int, size: FontSize) -> list[str]:
    """``text`` in lines of ``width`` pixels at most; none begins with a closing mark, if that can
    be helped."""
    lines: list[list[str]] = [[]]
    for piece in _pieces(" ".join(text.split()), width, size):
        line = lines[-1]
        if text_width("".join(line) + piece, size) <= width:
            line.append(piece)
        elif (
            piece[0] in _NEVER_FIRST
            and len(line) > 1
            and text_width(line[-1] + piece, size) <= width
        ):
            lines.append([line.pop(), piece])
        else:
            lines.append([piece])
    return ["".join(line).strip() for line in lines]


def _pieces(text: str, width: int, size: FontSize) -> list[str]:
    pieces: list[str] = []
    for piece in _PIECES.findall(text):
        pieces += [piece] if text_width(piece, size) <= width else list(piece)
    return pieces
