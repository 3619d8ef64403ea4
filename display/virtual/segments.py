"""Draws a panel of 7-segment digits: bars, lit and unlit, as one sees them."""

from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

#    a
#  f   b
#    g
#  e   c
#    d
SEGMENTS = {
    "0": "abcdef", "1": "bc", "2": "abdeg", "3": "abcdg", "4": "bcfg", "5": "acdfg",
    "6": "acdefg", "7": "abc", "8": "abcdefg", "9": "abcdfg",
    "A": "abcefg", "B": "cdefg", "C": "adef", "D": "bcdeg", "E": "adefg", "F": "aefg",
    "G": "acdef", "H": "bcefg", "J": "bcde", "L": "def", "N": "ceg", "O": "cdeg", "P": "abefg",
    "R": "eg", "T": "defg", "U": "bcdef", "Y": "bcdfg", "-": "g", "_": "d", " ": "",
}  # fmt: skip
_SMOOTH = 3
_WIDTH, _HEIGHT = 150, 220
_LEFT, _RIGHT = 30, 110
_TOP, _MIDDLE, _BOTTOM = 25, 110, 195
_HALF = 11
_GAP = 3
_SLANT = 0.08
_POINT = (130, 195, 11)
_UNLIT = (34, 24, 23)
_GLASS = (8, 6, 6)
_GLOW_PX = 12

_Point = tuple[float, float]


def draw_digits(text: str, columns: int, colour: tuple[int, int, int]) -> Image.Image:
    """``text`` at the right end of ``columns`` digits, as an RGB picture; a point is lit beside
    the digit before it."""
    size = (_WIDTH * columns, _HEIGHT)
    picture = Image.new("RGB", size, _GLASS)
    picture.paste(_UNLIT, mask=_mask("8." * columns, columns))
    lit = _mask(_placed(text, columns), columns)
    glow = lit.filter(ImageFilter.GaussianBlur(_GLOW_PX)).point(lambda v: int(v * 0.5))
    halo = Image.composite(Image.new("RGB", size, colour), Image.new("RGB", size), glow)
    picture = ImageChops.screen(picture, halo)
    picture.paste(colour, mask=lit)
    return picture


def _placed(text: str, columns: int) -> str:
    digits = sum(c != "." for c in text)
    return " " * (columns - digits) + text


@lru_cache(maxsize=32)
def _mask(text: str, columns: int) -> Image.Image:
    """The bars of ``text`` from the left, 255 where they are."""
    mask = Image.new("L", (_WIDTH * columns * _SMOOTH, _HEIGHT * _SMOOTH))
    pen = ImageDraw.Draw(mask)
    at = -1
    for character in text:
        if character == ".":
            x, y, radius = _POINT
            _disc(pen, x + at * _WIDTH, y, radius)
            continue
        at += 1
        for name in SEGMENTS[character]:
            pen.polygon([_scaled(x, y, at) for x, y in _BARS[name]], fill=255)
    return mask.resize((_WIDTH * columns, _HEIGHT), Image.Resampling.LANCZOS)


def _scaled(x: float, y: float, at: int) -> _Point:
    lean = (_MIDDLE - y) * _SLANT
    return (x + lean + at * _WIDTH) * _SMOOTH, y * _SMOOTH


def _disc(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float) -> None:
    box = ((x - radius) * _SMOOTH, (y - radius) * _SMOOTH)
    pen.ellipse((*box, (x + radius) * _SMOOTH, (y + radius) * _SMOOTH), fill=255)


def _across(y: float) -> list[_Point]:
    left, right = _LEFT + _GAP, _RIGHT - _GAP
    return [
        (left, y), (left + _HALF, y - _HALF), (right - _HALF, y - _HALF),
        (right, y), (right - _HALF, y + _HALF), (left + _HALF, y + _HALF),
    ]  # fmt: skip


def _down(x: float, top: float, bottom: float) -> list[_Point]:
    top, bottom = top + _GAP, bottom - _GAP
    return [
        (x, top), (x + _HALF, top + _HALF), (x + _HALF, bottom - _HALF),
        (x, bottom), (x - _HALF, bottom - _HALF), (x - _HALF, top + _HALF),
    ]  # fmt: skip


_BARS = {
    "a": _across(_TOP),
    "g": _across(_MIDDLE),
    "d": _across(_BOTTOM),
    "f": _down(_LEFT, _TOP, _MIDDLE),
    "b": _down(_RIGHT, _TOP, _MIDDLE),
    "e": _down(_LEFT, _MIDDLE, _BOTTOM),
    "c": _down(_RIGHT, _MIDDLE, _BOTTOM),
}
