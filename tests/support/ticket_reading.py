"""Reads a printed ticket from its picture, by means that are not the printer's.

The number is read by comparing its glyphs with digits and capitals of the hall's typeface; the QR
code by zxing-cpp.
"""

from functools import cache
from math import log
from pathlib import Path

import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageStat

from hallkit.runtime.fonts import face

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHAPE = (32, 48)
# Mean difference of two shapes (0 equal, 255 opposite): the same glyph is under 12, another one
# over 30.
_MOST_DIFFERENCE = 24.0
_LEAST_HEIGHT = 60


def read_qr(png: Path) -> str:
    """The text of the one QR code on a ticket. Raises ValueError when there is not exactly one."""
    found = zxingcpp.read_barcodes(
        Image.open(png).convert("L"), formats=zxingcpp.BarcodeFormat.QRCode
    )
    if len(found) != 1:
        raise ValueError(f"{png}: {len(found)} QR codes")
    return str(found[0].text)


def read_number(png: Path) -> str:
    """The ticket number: the largest line of glyphs on the picture. Raises ValueError when there
    is none or a glyph is not clearly a digit or capital."""
    ink = _ink(png)
    bands = [glyphs for top, bottom in _bands(ink) if (glyphs := _large_glyphs(ink, top, bottom))]
    if not bands:
        raise ValueError(f"{png}: no line of large glyphs")
    return "".join(map(_recognise, max(bands, key=lambda glyphs: glyphs[0].height)))


def _ink(png: Path) -> Image.Image:
    """Black as 255, without the QR code."""
    picture = Image.open(png).convert("L")
    for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode):
        at = code.position
        xs = [p.x for p in (at.top_left, at.top_right, at.bottom_left, at.bottom_right)]
        ys = [p.y for p in (at.top_left, at.top_right, at.bottom_left, at.bottom_right)]
        box = (min(xs) - 4, min(ys) - 4, max(xs) + 4, max(ys) + 4)
        ImageDraw.Draw(picture).rectangle(box, fill=255)
    return ImageChops.invert(picture).point(lambda level: 255 if level > 127 else 0)


def _runs(used: list[bool]) -> list[tuple[int, int]]:
    """The stretches of True as (first, last + 1)."""
    runs, start = [], None
    for position, on in enumerate([*used, False]):
        if on and start is None:
            start = position
        elif not on and start is not None:
            runs.append((start, position))
            start = None
    return runs


def _bands(ink: Image.Image) -> list[tuple[int, int]]:
    width, rows = ink.width, ink.tobytes()
    used = [any(rows[y * width : (y + 1) * width]) for y in range(ink.height)]
    return [(top, bottom) for top, bottom in _runs(used) if bottom - top >= _LEAST_HEIGHT]


def _large_glyphs(ink: Image.Image, top: int, bottom: int) -> list[Image.Image]:
    """The glyphs of a line when all are about as high as the line, else none."""
    band = ink.crop((0, top, ink.width, bottom))
    columns = band.transpose(Image.Transpose.TRANSPOSE)
    rows = columns.tobytes()
    used = [any(rows[x * columns.width : (x + 1) * columns.width]) for x in range(columns.height)]
    glyphs = []
    for left, right in _runs(used):
        glyph = band.crop((left, 0, right, band.height))
        box = glyph.getbbox()
        assert box is not None
        if box[3] - box[1] < 0.78 * band.height or right - left < 0.1 * band.height:
            return []
        glyphs.append(glyph.crop(box))
    return glyphs if len(glyphs) > 1 else []


@cache
def _templates() -> dict[str, tuple[Image.Image, float]]:
    bold = face("bold")
    font = ImageFont.truetype(str(bold.path), 240, index=bold.index)
    shapes = {}
    for char in _ALPHABET:
        cell = Image.new("L", (400, 400), 0)
        ImageDraw.Draw(cell).text((60, 320), char, font=font, fill=255, anchor="ls")
        box = cell.getbbox()
        assert box is not None
        glyph = cell.crop(box)
        shapes[char] = (glyph.resize(_SHAPE, Image.Resampling.BOX), glyph.width / glyph.height)
    return shapes


def _recognise(glyph: Image.Image) -> str:
    shape, aspect = glyph.resize(_SHAPE, Image.Resampling.BOX), glyph.width / glyph.height
    scores = {
        char: ImageStat.Stat(ImageChops.difference(shape, template)).mean[0]
        + 60 * abs(log(aspect / its_aspect))
        for char, (template, its_aspect) in _templates().items()
    }
    best = min(scores, key=lambda char: scores[char])
    if scores[best] > _MOST_DIFFERENCE:
        raise ValueError(f"a glyph is no digit or capital (nearest {best}: {scores[best]:.0f})")
    return best
