"""PURE: a growing sheet of thermal paper on which a slip is drawn from top to bottom."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import segno
from PIL import Image, ImageDraw, ImageFont

from hallkit.runtime.fonts import Face
from ticket_printer.render.layout import LEAST_SIZE
from ticket_printer.render.wrap import balance, paragraph, wrap

BLACK, WHITE = 0, 255
_ROOM = 1200
_LEADING = 1.35
# How much too long a line may be to be set smaller instead of broken.
_SHRINK = 1.25
# A value that takes more of the line stands below its name.
_WIDEST_VALUE = 0.6


@dataclass(frozen=True)
class Typeface:
    """The two weights that slips are set in."""

    regular: Face
    bold: Face

    def font(self, size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
        """The font at ``size`` dots to the em."""
        face = self.bold if bold else self.regular
        return _load(str(face.path), face.index, size)


# Opening a size takes 0.4 ms and keeping it 3 MB: only the last ones are kept, and none between
# tickets.
@lru_cache(maxsize=2)
def _load(path: str, index: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, index=index, layout_engine=ImageFont.Layout.BASIC)


class Sheet:
    """Paper ``width`` dots wide with ``margin`` dots left free on both sides. Everything is drawn
    at ``y``, which then moves down."""

    def __init__(self, width: int, margin: int, typeface: Typeface) -> None:
        self.width = width
        self.margin = margin
        self.typeface = typeface
        self.y = 0
        self._image = Image.new("L", (width, _ROOM), WHITE)
        self._draw = ImageDraw.Draw(self._image)

    @property
    def inner(self) -> int:
        """The width between the margins."""
        return self.width - 2 * self.margin

    def space(self, dots: int) -> None:
        """Moves down."""
        self.y += dots

    def rule(self, thickness: int) -> None:
        """A line from margin to margin."""
        self._room(thickness)
        right = self.width - self.margin - 1
        self._draw.rectangle((self.margin, self.y, right, self.y + thickness - 1), fill=BLACK)
        self.y += thickness

    def dashes(self) -> None:
        """A dashed line, two dots thick."""
        self._room(2)
        for x in range(self.margin, self.width - self.margin, 12):
            self._draw.rectangle((x, self.y, x + 6, self.y + 1), fill=BLACK)
        self.y += 2

    def title(self, text: str, size: int, *, bold: bool = True, leading: float = 1.25) -> None:
        """Centred text in lines of about equal length; up to a fifth smaller where that keeps it
        on one line."""
        font, lines = self._balanced(text, size, bold, self.inner)
        for line in lines:
            self._line(line, font, self.width / 2, "ma", leading)

    def block(self, text: str, size: int, left: int, width: int, *, bold: bool = False) -> None:
        """Left-aligned wrapped text, ``width`` dots wide from ``left``."""
        font = self.typeface.font(size, bold=bold)
        for line in paragraph(text, width, font.getlength):
            self._line(line, font, left, "la", _LEADING)

    def entry(self, label: str, text: str, size: int) -> None:
        """A bold label and a text whose further lines stand below its first; below the label
        when that would leave less than half of the width."""
        font = self.typeface.font(size, bold=True)
        indent = round(font.getlength(label))
        top = self.y
        self._line(label, font, self.margin, "la", _LEADING)
        if indent > self.inner / 2:
            indent = size
        else:
            self.y = top
        self.block(text, size, self.margin + indent, self.inner - indent)

    def item(self, marker: str, text: str, detail: str, size: int) -> None:
        """An entry of a list behind its marker, its detail below it, a little smaller."""
        top, left = self.y, self.margin
        if marker:
            font = self.typeface.font(size)
            self._line(marker, font, left, "la", _LEADING)
            left += round(max(font.getlength(marker), size) + size / 5)
            self.y = top
        width = self.width - self.margin - left
        self.block(text, size, left, width)
        if detail:
            self.block(detail, max(LEAST_SIZE, round(size * 0.87)), left, width)
        self.space(size // 5)

    def figure(self, name: str, value: str, size: int) -> None:
        """A name at the left and its value at the right, dots between them; without a value a
        bold heading."""
        if not value:
            self.space(size // 3)
            self.block(name, size, self.margin, self.inner, bold=True)
            return
        font, strong = self.typeface.font(size), self.typeface.font(size, bold=True)
        right = self.width - self.margin
        wide = strong.getlength(value)
        if wide > self.inner * _WIDEST_VALUE:
            self.block(name, size, self.margin, self.inner)
            self.block(value, size, self.margin, self.inner, bold=True)
            return
        lines = wrap(name, self.inner - wide - size, font.getlength)
        for line in lines:
            self._line(line, font, self.margin, "la", _LEADING)
        start, end = self.margin + font.getlength(lines[-1]) + size / 3, right - wide - size / 3
        for x in range(-(-round(start) // 12) * 12, round(end), 12):
            dot = (x, self.y - size // 2, x + 1, self.y - size // 2 + 1)
            self._draw.rectangle(dot, fill=BLACK)
        self.y -= round(size * _LEADING)
        self._line(value, strong, right, "ra", _LEADING)

    def signature(self, label: str, size: int) -> None:
        """A label and a line to write on."""
        font = self.typeface.font(size)
        self.space(size // 2)
        self._line(label, font, self.margin, "la", _LEADING)
        left = self.margin + round(font.getlength(label))
        bottom = self.y - size // 4
        self._draw.rectangle((left, bottom, self.width - self.margin - 1, bottom + 1), fill=BLACK)

    def fits(self, runs: Sequence[tuple[str, int, bool]], gap: int) -> bool:
        """Whether these runs fit on one line."""
        fonts = ((text, self.typeface.font(size, bold=bold)) for text, size, bold in runs)
        return sum(font.getlength(t) for t, font in fonts) + gap * (len(runs) - 1) <= self.inner

    def runs(self, runs: Sequence[tuple[str, int, bool]], gap: int) -> None:
        """One centred line of runs (text, size, bold) on a common baseline."""
        shown = [(t, self.typeface.font(size, bold=bold)) for t, size, bold in runs if t]
        lengths = [font.getlength(text) for text, font in shown]
        x = (self.width - sum(lengths) - gap * (len(shown) - 1)) / 2
        ascent = max(round(font.size * 0.88) for _, font in shown)
        self._room(2 * ascent)
        for (text, font), length in zip(shown, lengths, strict=True):
            self._draw.text((x, self.y + ascent), text, font=font, fill=BLACK, anchor="ls")
            x += length + gap
        self.y += round(ascent * 1.28)

    def huge(self, text: str, size: int, spacing: int) -> None:
        """One centred bold line as large as fits, letters ``spacing`` dots apart; takes exactly
        the height of its ink."""
        font = self.typeface.font(size, bold=True)
        gaps = spacing * (len(text) - 1)
        length = font.getlength(text)
        if length + gaps > self.inner:
            font = self.typeface.font(int(size * (self.inner - gaps) / length), bold=True)
        _, top, _, bottom = font.getbbox(text, anchor="ls")
        self._room(int(bottom - top))
        x = (self.width - font.getlength(text) - gaps) / 2
        for letter in text:
            self._draw.text((x, self.y - top), letter, font=font, fill=BLACK, anchor="ls")
            x += font.getlength(letter) + spacing
        self.y += int(bottom - top)

    def boxes(self, words: Sequence[str], size: int) -> None:
        """Words in white on black boxes, centred, in as many rows as they need."""
        font = self.typeface.font(size, bold=True)
        pad, gap, height = size // 2, size // 3, round(size * 1.5)
        widths = [round(font.getlength(word)) + 2 * pad for word in words]
        for row in self._rows(widths, gap):
            x = (self.width - sum(widths[i] for i in row) - gap * (len(row) - 1)) // 2
            self._room(height)
            for i in row:
                box = (x, self.y, x + widths[i] - 1, self.y + height - 1)
                self._draw.rounded_rectangle(box, radius=size // 5, fill=BLACK)
                middle = (x + widths[i] / 2, self.y + height / 2)
                self._draw.text(middle, words[i], font=font, fill=WHITE, anchor="mm")
                x += widths[i] + gap
            self.y += height + gap
        self.y -= gap

    def frame(self, text: str, size: int) -> None:
        """Centred bold text in an outlined box; a little smaller where that keeps it on one
        line."""
        pad = size // 2
        font, lines = self._balanced(text, size, True, self.inner - 2 * pad)
        step = round(size * 1.3)
        height = step * len(lines) + pad
        self._room(height)
        box = (self.margin, self.y, self.width - self.margin - 1, self.y + height - 1)
        self._draw.rounded_rectangle(box, radius=size // 3, outline=BLACK, width=3)
        for i, line in enumerate(lines):
            middle = (self.width / 2, self.y + pad / 2 + step * (i + 0.5))
            self._draw.text(middle, line, font=font, fill=BLACK, anchor="mm")
        self.y += height

    def caption(self, text: str, size: int, centre: float) -> None:
        """One bold line centred at ``centre``; nothing when it is empty."""
        if text:
            self._line(text, self.typeface.font(size, bold=True), centre, "ma", 1.3)

    def centred(self, picture: Image.Image) -> None:
        """A picture in the middle."""
        self.picture(picture, (self.width - picture.width) // 2)

    def picture(self, picture: Image.Image, left: int) -> None:
        """A picture at ``left``; ``y`` moves below it."""
        self._room(picture.height)
        self._image.paste(picture, (left, self.y))
        self.y += picture.height

    def finish(self) -> Image.Image:
        """The sheet as a bilevel image (mode "1")."""
        self._room(0)
        sheet = self._image.crop((0, 0, self.width, self.y))
        _load.cache_clear()
        return sheet.point(lambda level: 255 if level >= 140 else 0).convert(
            "1", dither=Image.Dither.NONE
        )

    def _balanced(
        self, text: str, size: int, bold: bool, width: int
    ) -> tuple[ImageFont.FreeTypeFont, list[str]]:
        """The lines of a title and their font, smaller where that makes it one line. A line is a
        little shorter than its characters one by one, so one that fits whole is not asked again."""
        font = self.typeface.font(size, bold=bold)
        length = font.getlength(text)
        if length > width * _SHRINK:
            return font, balance(text, width, font.getlength)
        if length > width:
            font = self.typeface.font(int(size * width / length), bold=bold)
        return font, [text]

    def _rows(self, widths: Sequence[int], gap: int) -> list[list[int]]:
        rows: list[list[int]] = [[]]
        used = 0
        for i, width in enumerate(widths):
            if rows[-1] and used + gap + width > self.inner:
                rows.append([])
                used = 0
            used += width + (gap if rows[-1] else 0)
            rows[-1].append(i)
        return rows

    def _line(
        self, text: str, font: ImageFont.FreeTypeFont, x: float, anchor: str, leading: float
    ) -> None:
        step = round(font.size * leading)
        self._room(step)
        # Noto's line box is 1.45 em with the ideographs in its middle; ours is ``leading`` em.
        baseline = self.y + step / 2 + font.size * 0.37
        self._draw.text((x, baseline), text, font=font, fill=BLACK, anchor=anchor[0] + "s")
        self.y += step

    def _room(self, dots: int) -> None:
        """Makes the paper long enough for ``dots`` more rows."""
        if self.y + dots <= self._image.height:
            return
        longer = Image.new("L", (self.width, self.y + dots + _ROOM), WHITE)
        longer.paste(self._image, (0, 0))
        self._image = longer
        self._draw = ImageDraw.Draw(longer)


def qr_picture(payload: str, about: int) -> Image.Image:
    """A QR code (error correction M, quiet zone of 4 modules) about ``about`` dots wide, at
    least 3 dots (0.4 mm) a module. Raises ValueError when it is too long for any."""
    code = segno.make(payload, error="m", micro=False)
    side = len(code.matrix)
    module = max(3, about // side)
    dots = Image.new("L", (side, side), WHITE)
    dots.putdata([BLACK if bit else WHITE for row in code.matrix for bit in row])
    quiet = 4 * module
    large = dots.resize((side * module, side * module), Image.Resampling.NEAREST)
    framed = Image.new("L", (large.width + 2 * quiet, large.height + 2 * quiet), WHITE)
    framed.paste(large, (quiet, quiet))
    return framed


def logo_picture(logo: Image.Image, height: int, widest: int) -> Image.Image:
    """A logo in black and white, ``height`` dots high, lower where it would be too wide."""
    scale = min(height / logo.height, widest / logo.width)
    size = (max(1, round(logo.width * scale)), max(1, round(logo.height * scale)))
    return logo.convert("L").resize(size, Image.Resampling.LANCZOS)
