"""PURE: breaking Chinese text into lines.

A Chinese line may break between any two characters, except before closing and after opening
punctuation; Latin words and numbers stay whole (GB/T 15834 forbids 。，、；：？！）》 at the head
of a line).
"""

from collections.abc import Callable, Sequence

Measure = Callable[[str], float]

_NO_LINE_START = set("。，、；：？！）》】」』”’…—·,.;:?!)]}%℃")
_NO_LINE_END = set("（《【「『“‘([{")


def pieces(text: str) -> list[str]:
    """The smallest parts between which a line may break."""
    parts: list[str] = []
    for char in text:
        last = parts[-1] if parts else ""
        together = bool(last) and (
            char in _NO_LINE_START
            or last[-1] in _NO_LINE_END
            or (_is_latin(char) and _is_latin(last[-1]))
        )
        if together:
            parts[-1] += char
        else:
            parts.append(char)
    return parts


def _is_latin(char: str) -> bool:
    # 13:30–17:30 stays whole.
    return char == "–" or (char.isascii() and not char.isspace())


def _split_long(piece: str, width: float, measure: Measure) -> list[str]:
    if measure(piece) <= width or len(piece) == 1:
        return [piece]
    half = len(piece) // 2
    return [*_split_long(piece[:half], width, measure), *_split_long(piece[half:], width, measure)]


def _fill(parts: Sequence[tuple[str, float]], width: float) -> list[str]:
    """Each part with its width goes onto the line as long as there is room."""
    lines: list[str] = []
    line, used = "", 0.0
    for piece, length in parts:
        room = used + (0 if piece.isspace() else length)
        if line and room > width:
            lines.append(line.rstrip())
            line, used = piece.lstrip(), 0.0 if piece.isspace() else length
        else:
            line, used = line + piece, used + length
    return [*lines, line.rstrip()] if line.strip() else lines


def _measured(text: str, width: float, measure: Measure) -> list[tuple[str, float]]:
    whole = (part for piece in pieces(text) for part in _split_long(piece, width, measure))
    return [(part, measure(part)) for part in whole]


def wrap(text: str, width: float, measure: Measure) -> list[str]:
    """The text in lines no wider than ``width`` (a single character may be wider)."""
    return _fill(_measured(text, width, measure), width)


def balance(text: str, width: float, measure: Measure) -> list[str]:
    """Like :func:`wrap` with as few lines, but about equally long: for titles."""
    parts = _measured(text, width, measure)
    lines = _fill(parts, width)
    if len(lines) < 2:
        return lines
    low, high = width / len(lines), width
    while high - low > 2:
        middle = (low + high) / 2
        if len(_fill(parts, middle)) <= len(lines):
            high = middle
        else:
            low = middle
    return _fill(parts, high)


def paragraph(text: str, width: float, measure: Measure) -> list[str]:
    """Like :func:`wrap`, but balanced when the last line would hold one or two characters."""
    lines = wrap(text, width, measure)
    if len(lines) > 1 and len(lines[-1]) < 4:
        return balance(text, width, measure)
    return lines
