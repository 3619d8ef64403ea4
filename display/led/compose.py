"""One renderer for all panels: turns a sign into what this panel can show.

A ticket number is never cut and never scrolled: if the usual words do not fit beside it, words go
first; if it does not fit at the panel's largest font, a smaller one is taken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from display.board.sign import Sign
from display.led.codec import Capabilities
from display.led.content import Block, Colour, FontSize, Screen, text_width

# Between a number and the words beside it; where room is short another size separates enough.
_GAP = 8
_UNIT = 8


@dataclass(frozen=True)
class PanelShape:
    """A panel's size in pixels and the colours of its lamps."""

    width: int
    height: int
    colours: tuple[Colour, ...]

    def colour(self, wanted: Colour) -> Colour | None:
        """``wanted`` where there is a choice, None on a panel of one colour."""
        return wanted if len(self.colours) > 1 and wanted in self.colours else None


class DoesNotFit(ValueError):
    """The panel is too small for a ticket number."""


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

_NUMBER = Colour.YELLOW
_WINDOW = Colour.GREEN
_WORDS: dict[str, tuple[tuple[tuple[str, ...], ...], Colour]] = {
    "idle": ((("热情为您服务",), ("热情", "为您服务")), Colour.GREEN),
    "lost": ((("热情为您服务",), ("热情", "为您服务")), Colour.GREEN),
    "paused": ((("暂停服务",), ("暂停", "服务")), Colour.RED),
    "closed": ((("窗口关闭",), ("窗口", "关闭")), Colour.RED),
}


def compose(
    sign: Sign, shape: PanelShape, can: Capabilities, expires_s: int | None = None
) -> Screen:
    """The screen for ``sign``. A number vanishes ``expires_s`` seconds after the last frame on
    panels that can. Raises DoesNotFit when not even the number alone fits."""
    if sign.ticket is None:
        return Screen(_words(sign, shape, can))
    for layout in _with_number(sign, can):
        blocks = _place(layout, shape)
        if blocks is not None and len(blocks) <= can.text.blocks:
            return Screen(blocks, expires_s if can.text.expires else None)
    raise DoesNotFit(f"{shape.width}×{shape.height} is too small for {sign.ticket}")


def _words(sign: Sign, shape: PanelShape, can: Capabilities) -> tuple[Block, ...]:
    variants, colour = _WORDS[sign.kind]
    for size in can.text.sizes:
        for lines in variants:
            blocks = _place([[_Cell(lines, size, colour)]], shape)
            if blocks is not None:
                return blocks
    size = can.text.sizes[-1]
    width = shape.width // _UNIT * _UNIT
    top = max(0, (shape.height - size) // 2)
    text = variants[0][0]
    return (Block(text, 0, top, width, size, size, shape.colour(colour), scroll=can.text.scroll),)


def _with_number(sign: Sign, can: Capabilities) -> Iterator[_Layout]:
    """Layouts from best to least: a large number before many words, but words before a number
    of the smallest size alone."""
    ticket = sign.ticket or ""
    called = sign.kind == "called"
    variants = _called_words(sign.window) if called else (("办理中",), ("正在", "办理"))
    sizes = can.text.sizes
    *large, smallest = sizes
    for number_size in sizes:
        number = _Cell((ticket,), number_size, _NUMBER, blink=called and can.text.blink)
        if number_size == smallest:
            for size in large:
                yield [[_Cell((ticket,), size, _NUMBER, number.blink)]]
        for words in variants:
            for size in sizes:
                if size <= number_size:
                    cell = _Cell(words, size, _WINDOW)
                    yield [[number], [cell]]
                    yield [[number, cell]]
    yield [[number]]


def _called_words(window: int) -> tuple[tuple[str, ...], ...]:
    return (
        (f"请到{window}号窗口",),
        ("请到", f"{window}号窗口"),
        ("请到", f"{window}号"),
        (f"请到{window}号",),
        (f"{window}号窗口",),
        (f"{window}号",),
    )


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
