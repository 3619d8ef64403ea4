"""The largest letters with which a text fits its box, and where its lines end. Pure arithmetic.

Widths are those of Noto Sans CJK SC Bold: a Chinese character is one em wide, Latin letters are
as in the table; a line is 1.448 em high. The regular weight is a little narrower.
"""

import math
import unicodedata
from itertools import accumulate, combinations, pairwise

from kiosk.screens.words_kept import before_ending, cut_words, edges

LINE_EM = 1.45
_LATIN = {
    0.23: " ",
    0.30: "i|",
    0.32: "jl",
    0.33: "',.:;I",
    0.38: "!-f()[]{}",
    0.42: "/\\t",
    0.44: "r",
    0.51: "s*?z",
    0.53: "c",
    0.57: 'x"J_y',
    0.59: "FLYev#$+0123456789<=>^a~",
    0.62: "gkEZSTV",
    0.64: "X`oAbdhnpqu",
    0.69: "CPBRK",
    0.72: "DG",
    0.77: "&NUHOQ",
    0.86: "Mw",
    0.97: "W%m",
    1.01: "@",
}
_WIDTHS = {char: width for width, chars in _LATIN.items() for char in chars}
_ODD_EM = 0.7
# Hinting makes small letters a little wider than the outline says.
_SLACK = 1.02
# Letter sizes in pixels. Few, because each size of each weight keeps 3 MB of the font in memory.
SIZES = (24, 28, 34, 42, 52, 66, 84, 108, 140, 190, 250, 330)
_CUT_WORD_EM, _DOUBTFUL_EM, _COMMA_EM, _ENDING_EM = 100.0, 20.0, 50.0, 1.5
# How many sizes smaller a text may be so that no line ends in a word.
_SMALLER_FOR_A_WORD = 2
# What the differences of sums of widths may be off.
_ROUNDING_EM = 1e-9
# Longer texts have no words to be kept, and too many ways to be broken.
_MOST_PIECES = 48
# Punctuation that may not begin a line, and that may not end one (GB/T 15834).
_NOT_FIRST = frozenset("，。、；：！？）》」』】”’…—·,.;:!?)]}%")
_NOT_LAST = frozenset("（《「『【“‘([{")


def width_em(text: str) -> float:
    """The width of one line of ``text`` in em."""
    total = 0.0
    for char in text:
        known = _WIDTHS.get(char)
        if known is None:
            known = 1.0 if unicodedata.east_asian_width(char) in "WFA" else _ODD_EM
        total += known
    return total * _SLACK


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


def _pieces(text: str) -> list[str]:
    """What a line break may not cut: Latin words with the space after them, Chinese characters
    with their punctuation."""
    pieces: list[str] = []
    for char in text:
        last = pieces[-1] if pieces else ""
        joined = bool(last) and (
            char in _NOT_FIRST
            or last[-1] in _NOT_LAST
            or (char == " ")
            or not (_is_wide(char) or _is_wide(last[-1]) or last[-1] == " ")
        )
        if joined:
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def wrap(text: str, width: float) -> list[str]:
    """``text`` in lines of at most ``width`` em; a piece longer than a line is cut anywhere."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for piece in _pieces(paragraph):
            if line and width_em((line + piece).rstrip()) > width:
                lines.append(line.rstrip())
                line = ""
            while width_em(piece.rstrip()) > width and len(piece) > 1:
                cut = max(1, _longest(piece, width))
                lines.append(piece[:cut])
                piece = piece[cut:]
            line += piece
        lines.append(line.rstrip())
    return lines


def _longest(text: str, width: float) -> int:
    used = 0.0
    for count, char in enumerate(text):
        used += width_em(char)
        if used > width:
            return count
    return len(text)


def fits(lines: list[str], height: float, size: float, most_lines: int) -> bool:
    """Whether these lines at ``size`` pixels stay inside ``height`` pixels."""
    return len(lines) <= most_lines and len(lines) * size * LINE_EM <= height


def set_text(
    text: str, width: float, height: float, largest: float, smallest: float, most_lines: int
) -> tuple[float, list[str]]:
    """Font size (one of ``SIZES``) and lines of ``text`` in a box in pixels, as large as possible
    up to ``largest`` and never under ``smallest``, somewhat smaller where a word would be cut;
    what does not fit even then ends in ``…``."""
    least = next((size for size in SIZES if size >= smallest), SIZES[-1])
    longest = max(
        (width_em(word) for word in text.split() if not any(map(_is_wide, word))), default=0
    )
    found: list[tuple[float, list[str]]] = []
    for size in reversed(SIZES):
        if not least < size <= largest:
            continue
        lines = wrap(text, width / size)
        if longest <= width / size and fits(lines, height, size, most_lines):
            lines = _balanced(text, width / size, lines)
            found.append((size, lines))
            if not _cuts_a_word(lines):
                return found[-1]
            if len(found) > _SMALLER_FOR_A_WORD:
                break
    if found:
        return found[0]
    return least, _cut(text, width / least, max(1, min(most_lines, int(height / least / LINE_EM))))


def _doubtful(text: str) -> frozenset[int]:
    """The places between two Chinese characters that may be inside of a word."""
    between = {i for i in range(1, len(text)) if _is_wide(text[i - 1]) and _is_wide(text[i])}
    signs = {i for i in between if text[i - 1] in _NOT_FIRST or text[i] in _NOT_LAST}
    return frozenset(between - signs - edges(text))


def _cuts_a_word(lines: list[str]) -> bool:
    for above, below in pairwise(lines):
        whole, at = above + below, len(above)
        if at in cut_words(whole) or at in _doubtful(whole):
            return True
    return False


def _balanced(text: str, width: float, lines: list[str]) -> list[str]:
    """The same text in as many lines of at most ``width`` em: broken between words, after a
    comma if that is possible, else of about equal length."""
    if len(lines) == 1 or "\n" in text:
        return lines
    ends = list(accumulate(map(len, _pieces(text))))
    if len(ends) > _MOST_PIECES:
        return lines
    inside, doubtful = cut_words(text), _doubtful(text)
    costs = {at: _cost(text, at, inside, doubtful) for at in ends[:-1]}
    # Of each piece's end: the width up to it, with the spaces that hang over a line's end and not.
    upto = {at: width_em(text[:at]) for at in (0, *ends)}
    inked = {at: width_em(text[:at].rstrip()) for at in ends}
    best, least = None, math.inf
    for breaks in combinations(ends[:-1], len(lines) - 1):
        widest = max(inked[j] - upto[i] for i, j in pairwise((0, *breaks, ends[-1])))
        cost = widest + sum(costs[at] for at in breaks)
        if widest <= width + _ROUNDING_EM and cost <= least:
            best, least = breaks, cost
    if best is None:
        return lines
    return [text[i:j].rstrip() for i, j in pairwise((0, *best, len(text)))]


def _cost(text: str, at: int, inside: frozenset[int], doubtful: frozenset[int]) -> float:
    """Of a break there, in em: how much wider a line may be instead."""
    if at in inside:
        return _CUT_WORD_EM
    if at in doubtful:
        return _DOUBTFUL_EM
    if text[at - 1] in "，。；":
        return -_COMMA_EM
    return -_ENDING_EM if text[at] == "（" or before_ending(text, at) else 0.0


def _cut(text: str, width: float, most_lines: int) -> list[str]:
    """``text`` in at most so many lines of ``width`` em, with ``…`` where words are missing."""
    lines = wrap(text, width)
    if len(lines) <= most_lines:
        return _balanced(text, width, lines)
    last = lines[most_lines - 1]
    while last and width_em(last + "…") > width:
        last = last[:-1]
    return [*lines[: most_lines - 1], last.rstrip() + "…"]
