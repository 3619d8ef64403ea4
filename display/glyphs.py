"""Lamps that a text lights: real glyphs in the 16, 24 and 32 pixel cells of panel fonts."""

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from display.led.content import FontSize, text_width
from hallkit.runtime.fonts import Weight, face

# Noto's collection: the mono-spaced simplified face, whose Latin letters are half a cell wide.
_MONO_AFTER_SC = 5
_WEIGHTS: dict[FontSize, Weight] = {16: "regular", 24: "regular", 32: "bold"}
# The em box of Noto Sans CJK: the base line lies 0.88 below its top.
_BASELINE = 0.88
# A thin rim keeps lines that stand above each other apart, as panel fonts do.
_RIM = 1
_IN_NO_FONT = "\U000f0000"


@lru_cache(maxsize=8)
def _font(size: FontSize) -> ImageFont.FreeTypeFont:
    found = face(_WEIGHTS[size])
    index = found.index + _MONO_AFTER_SC if found.path.name.startswith("Noto") else found.index
    return ImageFont.truetype(str(found.path), size - _RIM, index=index)


@lru_cache(maxsize=1024)
def _known(character: str, size: FontSize) -> str:
    """The character; ？ for one that the font would draw as an empty box."""
    font = _font(size)
    missing = bytes(font.getmask(_IN_NO_FONT, "1"))
    return "？" if bytes(font.getmask(character, "1")) == missing else character


def rasterize(text: str, size: FontSize) -> Image.Image:
    """The lit lamps of ``text`` as a picture of mode "L" with 0 and 255 only, ``size`` high. What
    the font lacks becomes ？.

    Raises FontMissing when no Chinese font is installed.
    """
    font = _font(size)
    picture = Image.new("L", (max(1, text_width(text, size)), size), 0)
    draw = ImageDraw.Draw(picture)
    draw.fontmode = "1"
    x = 0
    baseline = round((size - _RIM) * _BASELINE)
    for character in text:
        cell = text_width(character, size)
        known = _known(character, size)
        left = x + (cell - round(font.getlength(known))) // 2
        draw.text((left, baseline), known, font=font, fill=255, anchor="ls")
        x += cell
    return picture
