"""Draws a panel as one sees it: round lamps, lit and unlit, in a dark frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from display.glyphs import rasterize
from display.led.content import Colour, FontSize
from display.virtual.segments import draw_digits

DOT = 8
_FRAME = 14
_CASE = (24, 26, 30)
_EDGE = (58, 62, 70)
_GLASS = (5, 5, 6)
_UNLIT = (30, 27, 26)
_LAMPS: dict[Colour, tuple[int, int, int]] = {
    Colour.RED: (255, 52, 36),
    Colour.GREEN: (64, 255, 96),
    Colour.YELLOW: (255, 190, 24),
}
_SMOOTH = 4


@dataclass(frozen=True)
class LitText:
    """A line of text at a place of the panel, in lamps, clipped to ``clip`` (x, y, width,
    height)."""

    text: str
    x: int
    y: int
    size: FontSize
    colour: Colour
    clip: tuple[int, int, int, int]


@dataclass(frozen=True)
class LitLamps:
    """Lamps of one colour at a place of the panel: row-major bits, the leftmost in the highest,
    rows filled up to whole bytes, 1 = lit."""

    x: int
    y: int
    width: int
    height: int
    bits: bytes
    colour: Colour


@dataclass(frozen=True)
class LitDigits:
    """A whole panel of ``columns`` digits of 7 segments, ``text`` at its right end, with points."""

    text: str
    columns: int
    colour: Colour


Lit = LitText | LitLamps | LitDigits


def lamps(width: int, height: int, lit: Sequence[Lit]) -> dict[Colour, Image.Image]:
    """For each colour the lamps it lights: mode "L", one pixel a lamp, 0 or 255."""
    planes = {colour: Image.new("L", (width, height), 0) for colour in Colour}
    for one in lit:
        if isinstance(one, LitDigits):
            continue
        (x, y), area = _text(one) if isinstance(one, LitText) else _lamps(one)
        plane = planes[one.colour]
        at = plane.crop((x, y, x + area.width, y + area.height))
        plane.paste(ImageChops.lighter(at, area), (x, y))
    both = ImageChops.darker(planes[Colour.RED], planes[Colour.GREEN])
    if both.getbbox() is not None:
        # A red and a green lamp behind one lens are yellow.
        planes[Colour.YELLOW] = ImageChops.lighter(planes[Colour.YELLOW], both)
        for colour in (Colour.RED, Colour.GREEN):
            planes[colour] = ImageChops.subtract(planes[colour], both)
    return planes


def _text(text: LitText) -> tuple[tuple[int, int], Image.Image]:
    x, y, across, down = text.clip
    area = Image.new("L", (across, down), 0)
    area.paste(rasterize(text.text, text.size), (text.x - x, text.y - y))
    return (x, y), area


def _lamps(one: LitLamps) -> tuple[tuple[int, int], Image.Image]:
    picture = Image.frombytes("1", (one.width, one.height), one.bits)
    return (one.x, one.y), picture.convert("L")


def draw(
    width: int, height: int, lit: Sequence[Lit], *, on: bool = True, brightness: int = 15
) -> Image.Image:
    """The panel as an RGB picture, DOT pixels a lamp; or its 7-segment digits."""
    for one in lit:
        if isinstance(one, LitDigits):
            return _framed(draw_digits(one.text, one.columns, _LAMPS[one.colour]))
    picture = Image.new("RGB", (width * DOT, height * DOT), _GLASS)
    dots = _dots(width, height)
    picture.paste(_UNLIT, mask=dots)
    if on:
        strength = 0.45 + 0.55 * brightness / 15
        for colour, plane in lamps(width, height, lit).items():
            if plane.getbbox() is not None:
                picture = _light(picture, plane, dots, _LAMPS[colour], strength)
    return _framed(picture)


def _light(
    picture: Image.Image,
    plane: Image.Image,
    dots: Image.Image,
    colour: tuple[int, int, int],
    strength: float,
) -> Image.Image:
    large = plane.resize(picture.size, Image.Resampling.NEAREST)
    lit = ImageChops.multiply(large, dots)
    glow = lit.filter(ImageFilter.GaussianBlur(DOT * 0.7)).point(lambda v: int(v * 0.45 * strength))
    halo = Image.composite(
        Image.new("RGB", picture.size, colour), Image.new("RGB", picture.size), glow
    )
    picture = ImageChops.screen(picture, halo)
    shade = (int(colour[0] * strength), int(colour[1] * strength), int(colour[2] * strength))
    picture.paste(shade, mask=lit)
    return picture


@lru_cache(maxsize=16)
def _dots(width: int, height: int) -> Image.Image:
    """The mask of all lamps: one smooth disc in each cell."""
    big = Image.new("L", (DOT * _SMOOTH, DOT * _SMOOTH), 0)
    rim = _SMOOTH * 0.7
    ImageDraw.Draw(big).ellipse(
        (rim, rim, DOT * _SMOOTH - rim - 1, DOT * _SMOOTH - rim - 1), fill=255
    )
    disc = big.resize((DOT, DOT), Image.Resampling.LANCZOS)
    row = Image.new("L", (width * DOT, DOT))
    for x in range(width):
        row.paste(disc, (x * DOT, 0))
    mask = Image.new("L", (width * DOT, height * DOT))
    for y in range(height):
        mask.paste(row, (0, y * DOT))
    return mask


def _framed(picture: Image.Image) -> Image.Image:
    size = (picture.width + 2 * _FRAME, picture.height + 2 * _FRAME)
    case = Image.new("RGB", size, _CASE)
    pen = ImageDraw.Draw(case)
    pen.rounded_rectangle((1, 1, size[0] - 2, size[1] - 2), radius=8, outline=_EDGE, width=2)
    case.paste(picture, (_FRAME, _FRAME))
    return case
