"""Signs as lamps, for panels without fonts: the same layout, drawn with our own glyphs.

A called number blinks by two pages shown in turn; what is too wide for the panel is split into
pages, never scrolled, for every card can turn pages.
"""

from functools import lru_cache

from PIL import Image

from display.board.sign import Sign
from display.glyphs import rasterize
from display.led.codec import PictureCapability
from display.led.content import SIZES, Block, Colour, FontSize, Page, Picture, text_width
from display.render.lines import lines_of
from display.render.pixels import Lettering, lay_out
from display.render.shape import DoesNotFit, NoGlyphs, PanelShape
from hallkit.runtime.fonts import FontMissing

_MOST_BLOCKS = 16
# Half seconds.
_BLINK = 1
_READ = 6


def draw_sign(
    sign: Sign, shape: PanelShape, can: PictureCapability, expires_s: int | None
) -> Picture:
    """The picture of ``sign``. Raises DoesNotFit when not even the number alone fits, and when
    there is no font."""
    try:
        return _drawn(sign, shape, can, expires_s)
    except FontMissing as error:
        raise NoGlyphs(str(error)) from error


def _drawn(sign: Sign, shape: PanelShape, can: PictureCapability, expires_s: int | None) -> Picture:
    most = min(can.pages, _room(shape, can))
    if not most:
        raise DoesNotFit(f"{shape.width}×{shape.height} is larger than this card can drive")
    lettering = Lettering(SIZES, _MOST_BLOCKS, blink=most > 1, scroll=True)
    blocks = lay_out(sign, shape, lettering)
    if sign.kind == "notice" or any(block.scroll for block in blocks):
        pages = _paged(blocks[0], shape, most)
    elif any(block.blink for block in blocks):
        steady = tuple(block for block in blocks if not block.blink)
        pages = (_page(blocks, shape, _BLINK), _page(steady, shape, _BLINK))
    else:
        pages = (_page(blocks, shape, _READ),)
    words = " ".join(block.text for block in blocks)
    return Picture(shape.width, shape.height, pages, words, expires_s if sign.ticket else None)


def dark(shape: PanelShape) -> Picture:
    """Nothing."""
    return Picture(shape.width, shape.height, (_page((), shape, _READ),), "")


def _room(shape: PanelShape, can: PictureCapability) -> int:
    planes = min(2, len(shape.colours))
    return can.most_lamps // (-(-shape.width // 32) * 32 * shape.height * planes)


@lru_cache(maxsize=64)
def _page(blocks: tuple[Block, ...], shape: PanelShape, stay: int) -> Page:
    red = Image.new("1", (shape.width, shape.height))
    green = Image.new("1", (shape.width, shape.height))
    for block in blocks:
        glyphs = rasterize(block.text, block.size)
        at = (block.x + (block.width - glyphs.width) // 2, block.y)
        if block.colour is not Colour.GREEN:
            red.paste(1, at, glyphs)
        if block.colour in (Colour.GREEN, Colour.YELLOW):
            green.paste(1, at, glyphs)
    if len(shape.colours) == 1:
        return Page((red.tobytes(),), stay)
    return Page((red.tobytes(), green.tobytes()), stay)


def _paged(block: Block, shape: PanelShape, most: int) -> tuple[Page, ...]:
    """A long text as large as one page can hold it, or in pages of small lines. What does not fit
    in ``most`` pages is left out, with a sign that there was more."""
    for size in SIZES:
        lines = lines_of(block.text, shape.width, size)
        if len(lines) * size <= shape.height:
            return (_page(_stacked(lines, block, shape, size), shape, _READ),)
    size = SIZES[-1]
    per_page = max(1, shape.height // size)
    if len(lines) > most * per_page:
        lines = lines[: most * per_page]
        lines[-1] = lines_of(lines[-1], shape.width - size, size)[0] + "…"
    pages = [lines[i : i + per_page] for i in range(0, len(lines), per_page)]
    return tuple(_page(_stacked(page, block, shape, size), shape, _READ) for page in pages)


def _stacked(
    lines: list[str], block: Block, shape: PanelShape, size: FontSize
) -> tuple[Block, ...]:
    top = (shape.height - len(lines) * size) // 2
    widths = [text_width(line, size) for line in lines]
    left = (shape.width - max(widths)) // 2
    return tuple(
        Block(line, left, top + at * size, widths[at], size, size, block.colour)
        for at, line in enumerate(lines)
    )
