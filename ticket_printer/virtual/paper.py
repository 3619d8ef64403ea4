"""PURE: the virtual printer's paper: what commands draw, as a picture and as lines of text."""

import codecs
from collections.abc import Callable
from dataclasses import dataclass

import segno
from PIL import Image, ImageDraw, ImageFont, ImageOps

from ticket_printer.virtual.decoder import (
    Block,
    Chinese,
    Command,
    Feed,
    Initialise,
    LineFeed,
    Raster,
    RasterStart,
    Setting,
    Text,
)

# A character cell at normal size: 12 × 24 dots, a Chinese one 24 × 24.
CELL_W, CELL_H = 12, 24
LINE_DOTS = 30
_QUIET = 16
FontOf = Callable[[int], ImageFont.FreeTypeFont]


@dataclass
class _Style:
    align: int = 0
    wide: int = 1
    high: int = 1
    bold: bool = False
    inverted: bool = False
    qr_module: int = 3
    qr_level: str = "l"
    qr_data: bytes = b""


@dataclass(frozen=True)
class _Glyph:
    char: str
    wide: int
    high: int
    bold: bool
    inverted: bool

    @property
    def width(self) -> int:
        return CELL_W * (1 if ord(self.char) < 0x80 else 2) * self.wide


class Paper:
    """The paper between two cuts, ``width`` dots wide. ``font`` gives a font at a size."""

    def __init__(self, width: int, font: FontOf) -> None:
        self.width = width
        self._font = font
        self._style = _Style()
        self._pieces: list[Image.Image] = []
        self._glyphs: list[_Glyph] = []
        self._decoder = _decoder(chinese=False)
        self._raster_rows = 0
        self.lines: list[str] = []

    @property
    def blank(self) -> bool:
        """Whether nothing was put on it."""
        return not self._pieces and not self._glyphs

    def obey(self, command: Command) -> int:
        """Draws a command; returns how many dot rows of paper it took."""
        before = sum(piece.height for piece in self._pieces)
        self._end_raster(command)
        match command:
            case Text(data):
                self._text(data)
            case LineFeed():
                self._print_line(at_least=LINE_DOTS)
            case Feed(count, lines):
                self._print_line()
                self._blank(count * (LINE_DOTS if lines else 1))
            case Initialise():
                self._glyphs.clear()
                self._style = _Style()
                self._decoder = _decoder(chinese=False)
            case Chinese(on):
                self._decoder = _decoder(chinese=on)
            case Setting(name, value):
                self._set(name, value)
            case Raster():
                self._raster(command)
            case Block(letter, data) if letter == "k":
                self._qr(data)
            case _:
                pass
        return sum(piece.height for piece in self._pieces) - before

    def discard_line(self) -> None:
        """Forgets the line that was not printed yet (the buffers were cleared)."""
        self._glyphs.clear()

    def tear(self) -> tuple[Image.Image, list[str]]:
        """The picture and the lines up to here; the next paper is blank."""
        self._print_line()
        self._end_raster(None)
        height = max(1, sum(piece.height for piece in self._pieces))
        picture = Image.new("L", (self.width, height), 255)
        y = 0
        for piece in self._pieces:
            picture.paste(piece, (0, y))
            y += piece.height
        lines, self.lines, self._pieces = self.lines, [], []
        return picture, lines

    def _set(self, name: str, value: int) -> None:
        style = self._style
        if name == "ESC a":
            style.align = value % 0x30
        elif name == "GS !":
            style.wide, style.high = (value >> 4 & 7) + 1, (value & 7) + 1
        elif name == "ESC !":
            style.bold = bool(value & 0x08)
            style.high, style.wide = (2 if value & 0x10 else 1), (2 if value & 0x20 else 1)
        elif name == "FS !":
            style.wide, style.high = (2 if value & 4 else 1), (2 if value & 8 else 1)
        elif name == "ESC E":
            style.bold = bool(value & 1)
        elif name == "GS B":
            style.inverted = bool(value & 1)

    def _text(self, data: bytes) -> None:
        style = self._style
        for char in self._decoder.decode(data):
            glyph = _Glyph(char, style.wide, style.high, style.bold, style.inverted)
            if sum(g.width for g in self._glyphs) + glyph.width > self.width:
                self._print_line()
            self._glyphs.append(glyph)

    def _print_line(self, at_least: int = 0) -> None:
        if not self._glyphs:
            self._blank(at_least)
            if at_least:
                self.lines.append("")
            return
        height = max(glyph.high for glyph in self._glyphs) * CELL_H
        strip = Image.new("L", (self.width, max(at_least, height + 6)), 255)
        x = self._left(sum(glyph.width for glyph in self._glyphs))
        for glyph in self._glyphs:
            strip.paste(self._draw(glyph), (x, height - glyph.high * CELL_H))
            x += glyph.width
        self.lines.append("".join(glyph.char for glyph in self._glyphs).rstrip())
        self._glyphs.clear()
        self._pieces.append(strip)

    def _draw(self, glyph: _Glyph) -> Image.Image:
        cell = Image.new("L", (glyph.width // glyph.wide, CELL_H), 255)
        ImageDraw.Draw(cell).text(
            (cell.width / 2, 21),
            glyph.char,
            font=self._font(22),
            fill=0,
            anchor="ms",
            stroke_width=1 if glyph.bold else 0,
        )
        large = cell.resize((glyph.width, CELL_H * glyph.high), Image.Resampling.BICUBIC)
        return ImageOps.invert(large) if glyph.inverted else large

    def _left(self, width: int) -> int:
        return max(
            0, {1: (self.width - width) // 2, 2: self.width - width}.get(self._style.align, 0)
        )

    def _blank(self, dots: int) -> None:
        if dots:
            self._pieces.append(Image.new("L", (self.width, dots), 255))

    def _raster(self, command: Raster) -> None:
        rows = len(command.data) // command.row if command.row else 0
        if not rows:
            return
        bits = Image.frombytes("1", (command.row * 8, rows), command.data)
        picture = ImageOps.invert(bits.convert("L"))
        scale = (1 + (command.mode & 1), 1 + (command.mode >> 1 & 1))
        if scale != (1, 1):
            picture = picture.resize((picture.width * scale[0], picture.height * scale[1]))
        strip = Image.new("L", (self.width, picture.height), 255)
        strip.paste(picture, (self._left(picture.width), 0))
        self._pieces.append(strip)
        self._raster_rows += picture.height

    def _end_raster(self, command: Command | None) -> None:
        """Bands that follow each other are one picture in the text file."""
        if self._raster_rows and not isinstance(command, Raster | RasterStart):
            self.lines.append(f"[RASTER {self.width}x{self._raster_rows}]")
            self._raster_rows = 0

    def _qr(self, data: bytes) -> None:
        """GS ( k, cn = 31h: 43 module, 45 level, 50 store, 51 print."""
        if len(data) < 2 or data[0] != 0x31:
            return
        style, function = self._style, data[1]
        if function == 0x43 and len(data) > 2:
            style.qr_module = max(1, min(16, data[2]))
        elif function == 0x45 and len(data) > 2:
            style.qr_level = {0x30: "l", 0x31: "m", 0x32: "q", 0x33: "h"}.get(data[2], "l")
        elif function == 0x50:
            style.qr_data = data[3:]
        elif function == 0x51 and style.qr_data:
            self._print_qr(style)

    def _print_qr(self, style: _Style) -> None:
        code = segno.make(style.qr_data, error=style.qr_level, micro=False, boost_error=False)
        side = len(code.matrix)
        dots = Image.new("L", (side, side), 255)
        dots.putdata([0 if bit else 255 for row in code.matrix for bit in row])
        large = dots.resize((side * style.qr_module,) * 2, Image.Resampling.NEAREST)
        strip = Image.new("L", (self.width, large.height + 2 * _QUIET), 255)
        strip.paste(large, (self._left(large.width), _QUIET))
        self._pieces.append(strip)
        self.lines.append(f"[QR] {style.qr_data.decode('ascii', 'replace')}")


def _decoder(*, chinese: bool) -> codecs.IncrementalDecoder:
    """A character may arrive in two pieces."""
    return codecs.getincrementaldecoder("gb18030" if chinese else "cp437")("replace")
