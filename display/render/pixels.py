"""Signs on panels of lamps: lines of text in 16, 24 and 32 pixel fonts, placed in pixels.

If the usual words do not fit beside a number, words go first; if it does not fit at the panel's
largest font, a smaller one is taken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from display.board.sign import Sign
from display.led.content import Block, Colour, FontSize, text_width
from display.render.shape import DoesNotFit, PanelShape
from display.render.words import NUMBER, WINDOW, beside_number, without_number

# Between a number and the words beside it; where room is short another size separates enough.
_GAP = 8
_UNIT = 8


@dataclass(frozen=True)
class Lettering:
    """What a panel makes of text: font ``sizes`` from large to small, ``blocks`` at most, and
    whether it blinks and scrolls."""

    sizes: tuple[FontSize, ...]
    blocks: int
    blink: bool
    scroll: bool


@dataclass(frozen=True)
class _Cell:
    """Lines of one size, one above the other."""

    lines: tuple[str, ...]
    size: FontSize
    colour: Colour
    blink: bool = False

    @property
    def width(self) -> int:
        return max(-(-text_width(line, self.size) // _UNIT) * _UNIT for line in self.lines)

    @property
    def height(self) -> int:
        return len(self.lines) * self.size


# Cells beside each other make a row; rows stand above each other.
_Layout = Sequence[Sequence[_Cell]]


def lay_out(sign: Sign, shape: PanelShape, can: Lettering) -> tuple[Block, ...]:
    """The blocks of ``sign``. Raises DoesNotFit when not even the number alone fits."""
    if sign.ticket is None:
        return _words(sign, shape, can)
    for layout in _with_number(sign, can):
        blocks = _place(layout, shape)
        if blocks is not None and len(blocks) <= can.blocks:
            return blocks
    raise DoesNotFit(f"{shape.width}×{shape.height} is too small for {sign.ticket}")


def _words(sign: Sign, shape: PanelShape, can: Lettering) -> tuple[Block, ...]:
    variants, colour = without_number(sign)
    whole = [lines for lines in variants if _said(lines) == _said(variants[0])]
    for wanted in (whole, variants):
        for size in can.sizes:
            for lines in wanted:
                blocks = _place([[_Cell(lines, size, colour)]], shape)
                if blocks is not None:
                    return blocks
    size = next((s for s in can.sizes if s <= shape.height), can.sizes[-1])
    width = shape.width // _UNIT * _UNIT
    top = max(0, (shape.height - size) // 2)
    text = variants[0][0]
    return (Block(text, 0, top, width, size, size, shape.colour(colour), scroll=can.scroll),)


def _said(lines: tuple[str, ...]) -> str:
    return "".join(lines).replace(" ", "")


def _with_number(sign: Sign, can: Lettering) -> Iterator[_Layout]:
    """Layouts from best to least: a large number before many words, but words before a number
    of the smallest size alone."""
    ticket = sign.ticket or ""
    blink = sign.kind == "called" and can.blink
    sizes = can.sizes
    *large, smallest = sizes
    for number_size in sizes:
        number = _Cell((ticket,), number_size, NUMBER, blink)
        if number_size == smallest:
            for size in large:
                yield [[_Cell((ticket,), size, NUMBER, blink)]]
        for words in beside_number(sign):
            for size in sizes:
                if size <= number_size:
                    cell = _Cell(words, size, WINDOW)
                    yield [[number], [cell]]
                    yield [[number, cell]]
    yield [[number]]


def _place(layout: _Layout, shape: PanelShape) -> tuple[Block, ...] | None:
    """The layout's blocks, centred on the panel; None when it does not fit."""
    heights = [max(cell.height for cell in row) for row in layout]
    free = shape.height - sum(heights)
    if free < 0:
        return None
    blocks: list[Block] = []
    gap = free // (len(layout) + 1)
    y = (free - gap * (len(layout) - 1)) // 2
    for row, height in zip(layout, heights, strict=True):
        placed = _place_row(row, y, height, shape)
        if placed is None:
            return None
        blocks += placed
        y += height + gap
    return tuple(blocks)


def _place_row(
    row: Sequence[_Cell], top: int, height: int, shape: PanelShape
) -> list[Block] | None:
    usable = shape.width // _UNIT * _UNIT
    words = sum(cell.width for cell in row)
    gap = _GAP
    if words + gap * (len(row) - 1) > usable and len({cell.size for cell in row}) == len(row):
        gap = 0
    if words + gap * (len(row) - 1) > usable:
        return None
    x = (usable - words - gap * (len(row) - 1)) // 2 // _UNIT * _UNIT
    blocks = []
    for cell in row:
        y = top + (height - cell.height) // 2
        colour = shape.colour(cell.colour)
        for number, line in enumerate(cell.lines):
            at = y + number * cell.size
            blocks.append(Block(line, x, at, cell.width, cell.size, cell.size, colour, cell.blink))
        x += cell.width + gap
    return blocks
