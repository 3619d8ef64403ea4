"""The largest letters with which a text fits its box. Pure arithmetic; widths are estimates."""

import unicodedata

# Noto Sans CJK: a line is 1.45 em high; Latin letters are 0.45 to 0.75 em wide.
LINE_EM = 1.48
_NARROW_EM = 0.58
_CAPITAL_EM = 0.68
# Estimates may be short by this much.
_MARGIN = 1.03
_STEP = 0.94


def width_em(text: str) -> float:
    """The width of one line of ``text`` in em."""
    total = 0.0
    for char in text:
        if unicodedata.east_asian_width(char) in "WFA":
            total += 1.0
        else:
            total += _CAPITAL_EM if char.isupper() else _NARROW_EM
    return total * _MARGIN


def lines_needed(text: str, width: float) -> int:
    """How many lines ``text`` takes in a box ``width`` em wide, broken at spaces or, where a word
    is longer than a line, anywhere."""
    total = 0
    for paragraph in text.split("\n"):
        lines, used = 1, 0.0
        for word in paragraph.split(" "):
            need = width_em(word)
            gap = _NARROW_EM if used else 0.0
            if used and used + gap + need > width:
                lines, used, gap = lines + 1, 0.0, 0.0
            used += gap + need
            while used > width and width >= 1.0:
                lines, used = lines + 1, used - (width - 0.99 if width > 1.98 else width)
        total += lines
    return total


def fit(
    text: str, width: float, height: float, largest: float, smallest: float, most_lines: int
) -> float:
    """The font size in pixels between ``smallest`` and ``largest`` for a box in pixels."""
    size = largest
    while size > smallest:
        lines = lines_needed(text, width / size)
        if lines <= most_lines and lines * size * LINE_EM <= height:
            return size
        size *= _STEP
    return smallest
