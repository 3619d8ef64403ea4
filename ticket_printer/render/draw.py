"""PURE: a slip as a picture of dots (203 to the inch)."""

from collections.abc import Iterator

from PIL import Image

from hallkit.wire.slips import Slip
from ticket_printer.render.fill import LARGER, Filled, fill
from ticket_printer.render.layout import (
    Code,
    Dashes,
    Frame,
    Labelled,
    Labelleds,
    Layouts,
    Listing,
    Logo,
    Number,
    Rule,
    Sign,
    Sized,
    Table,
    Tags,
    Text,
    Title,
)
from ticket_printer.render.sheet import Sheet, Typeface, logo_picture, qr_picture
from ticket_printer.render.words import words_of

WIDTH = {80: 576, 58: 384}
_MARGIN = {80: 18, 58: 8}
_SPACING = {80: 10, 58: 6}
_EDGE = 6
_LARGER = 1.7
_MARKS = {"box": "□", "dot": "·", "none": ""}


def draw_slip(slip: Slip, paper_mm: int, typeface: Typeface, layouts: Layouts) -> Image.Image:
    """The slip as a bilevel image 576 (80 mm) or 384 (58 mm) dots wide.

    Raises ValueError when an address is too long for a QR code.
    """
    layout = layouts[slip.kind]
    sheet = Sheet(WIDTH[paper_mm], _MARGIN[paper_mm], typeface)
    sheet.space(_EDGE)
    for filled in fill(layout, words_of(slip)):
        block = filled.block
        sheet.space(block.gap_on(paper_mm))
        if isinstance(block, Logo):
            sheet.centred(logo_picture(layout.logos[block.file], block.height, sheet.inner))
        elif isinstance(block, Sized):
            _draw(sheet, paper_mm, filled, block.size_on(paper_mm))
        elif isinstance(block, Rule):
            sheet.rule(block.thickness)
        elif isinstance(block, Dashes):
            sheet.dashes()
    sheet.space(_EDGE)
    return sheet.finish()


def marker_of(block: Listing, index: int) -> str:
    """What stands before the entry with this index (from 0)."""
    return f"{block.first + index}." if block.marker == "number" else _MARKS[block.marker]


def _draw(sheet: Sheet, paper_mm: int, filled: Filled, size: int) -> None:
    match filled.block:
        case Title(bold=bold):
            for line in filled.lines:
                _title(sheet, line, size, bold=bold)
        case Text(bold=bold):
            for line in filled.lines:
                sheet.block(line, size, sheet.margin, sheet.inner, bold=bold)
        case Labelled(label=label):
            sheet.entry(f"{label}：", filled.text, size)
        case Labelleds():
            for label, text in filled.entries:
                sheet.entry(f"{label}：", text, size)
        case Number():
            sheet.huge(filled.text, size, _SPACING[paper_mm])
        case Frame():
            sheet.frame(filled.text, size)
        case Tags():
            sheet.boxes(filled.lines, size)
        case Listing():
            _listing(sheet, filled.block, filled, size)
        case Table():
            for name, value in filled.entries:
                sheet.figure(name, value, size)
        case Sign(labels=labels):
            for label in labels:
                sheet.signature(f"{label}：", size)
        case Code():
            _code(sheet, paper_mm, filled.block, filled)


def _title(sheet: Sheet, line: str, size: int, *, bold: bool) -> None:
    if LARGER in line:
        runs = list(_runs(line, size))
        if sheet.fits(runs, size // 3):
            sheet.runs(runs, gap=size // 3)
            return
    sheet.title(line.replace(LARGER, ""), size, bold=bold, leading=1.25 if bold else 1.4)


def _runs(line: str, size: int) -> Iterator[tuple[str, int, bool]]:
    for i, part in enumerate(line.split(LARGER)):
        larger = i % 2 == 1
        if part.strip():
            yield part.strip(), round(size * _LARGER) if larger else size, larger


def _listing(sheet: Sheet, block: Listing, filled: Filled, size: int) -> None:
    if block.heading:
        sheet.block(block.heading, size, sheet.margin, sheet.inner, bold=True)
    for i, (text, detail) in enumerate(filled.entries):
        sheet.item(marker_of(block, i), text, detail, size)


def _code(sheet: Sheet, paper_mm: int, block: Code, filled: Filled) -> None:
    small = block.notes_size if paper_mm == 80 else max(24, round(block.notes_size * 0.8))
    if not filled.lines:
        _notes(sheet, filled, small, sheet.inner, broken=False)
        return
    code = qr_picture(filled.text, block.size_on(paper_mm))
    if not filled.notes or paper_mm != 80:
        sheet.centred(code)
        sheet.caption(block.caption, small, sheet.width / 2)
        sheet.space(10 if filled.notes else 0)
        _notes(sheet, filled, small, sheet.inner, broken=False)
        return
    left = sheet.width - sheet.margin - code.width
    top = sheet.y
    _notes(sheet, filled, small, left - sheet.margin)
    text_end = sheet.y
    # The code brings its own quiet zone, which is gap enough above and below.
    sheet.y = top - small // 3
    sheet.picture(code, left)
    sheet.y -= small // 3
    sheet.caption(block.caption, small, left + code.width / 2)
    sheet.y = max(sheet.y, text_end)


def _notes(sheet: Sheet, filled: Filled, size: int, width: int, *, broken: bool = True) -> None:
    """The notes; their own line breaks are for the narrow column beside a code."""
    for i, lines in enumerate(filled.notes):
        sheet.space(8 if i else 0)
        for line in lines if broken else [" ".join(lines)]:
            sheet.block(line, size, sheet.margin, width)
