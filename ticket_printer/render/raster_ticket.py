"""PURE: a queue ticket as a picture of dots (203 to the inch)."""

from dataclasses import dataclass

from PIL import Image

from hallkit.wire.printing import TicketSlip
from ticket_printer.render.sheet import Sheet, Typeface, qr_picture
from ticket_printer.render.words import QR_CAPTION, TicketWords, ticket_words


@dataclass(frozen=True)
class Style:
    """Sizes in dots for one paper width. ``beside`` puts the QR code and the small print next to
    each other instead of below each other."""

    width: int
    margin: int
    hall: int
    area: int
    service: int
    number: int
    spacing: int
    tag: int
    ahead: int
    count: int
    forecast: int
    where: int
    small: int
    qr: int
    beside: bool


STYLES = {
    80: Style(576, 18, 42, 30, 46, 216, 10, 34, 38, 64, 34, 36, 27, 200, beside=True),
    58: Style(384, 8, 34, 26, 36, 150, 6, 28, 28, 48, 27, 29, 24, 190, beside=False),
}


def draw_ticket(slip: TicketSlip, paper_mm: int, typeface: Typeface) -> Image.Image:
    """The ticket as a bilevel image 576 (80 mm) or 384 (58 mm) dots wide.

    Raises ValueError when the QR payload is too long for a QR code.
    """
    style = STYLES[paper_mm]
    words = ticket_words(slip)
    sheet = Sheet(style.width, style.margin, typeface)
    _head(sheet, style, words)
    _number(sheet, style, words)
    _waiting(sheet, style, words)
    _foot(sheet, style, words)
    return sheet.finish()


def _head(sheet: Sheet, style: Style, words: TicketWords) -> None:
    sheet.space(6)
    sheet.title(words.hall, style.hall)
    if words.area:
        sheet.title(words.area, style.area, bold=False)
    sheet.space(10)
    sheet.rule(4)
    sheet.space(14)
    if words.tags:
        sheet.boxes(words.tags, style.tag)
        sheet.space(10)
    sheet.title(words.service, style.service)


def _number(sheet: Sheet, style: Style, words: TicketWords) -> None:
    sheet.space(style.number // 6)
    sheet.huge(words.number, style.number, style.spacing)
    sheet.space(style.number // 8)


def _waiting(sheet: Sheet, style: Style, words: TicketWords) -> None:
    before, count, after = words.ahead
    sheet.runs(
        [(before, style.ahead, False), (count, style.count, True), (after, style.ahead, False)],
        gap=style.ahead // 3,
    )
    sheet.title(words.forecast, style.forecast, bold=False, leading=1.4)
    if words.where:
        sheet.space(12)
        sheet.frame(words.where, style.where)
    sheet.space(14)
    sheet.dashes()
    sheet.space(10)


def _foot(sheet: Sheet, style: Style, words: TicketWords) -> None:
    """The QR code and the small print."""
    if not words.url:
        _small_print(sheet, style, words, sheet.inner)
    elif style.beside:
        _foot_beside(sheet, style, words)
    else:
        code = qr_picture(words.url, style.qr)
        sheet.picture(code, (sheet.width - code.width) // 2)
        sheet.caption(QR_CAPTION, style.small, sheet.width / 2)
        sheet.space(10)
        _small_print(sheet, style, words, sheet.inner)
    sheet.space(6)


def _foot_beside(sheet: Sheet, style: Style, words: TicketWords) -> None:
    code = qr_picture(words.url, style.qr)
    left = sheet.width - sheet.margin - code.width
    top = sheet.y
    _small_print(sheet, style, words, left - sheet.margin)
    text_end, sheet.y = sheet.y, top
    # The code brings its own quiet zone, which is gap enough above and below.
    sheet.y -= style.small // 3
    sheet.picture(code, left)
    sheet.y -= style.small // 3
    sheet.caption(QR_CAPTION, style.small, left + code.width / 2)
    sheet.y = max(sheet.y, text_end)


def _small_print(sheet: Sheet, style: Style, words: TicketWords, width: int) -> None:
    if words.rule:
        sheet.block(words.rule, style.small, sheet.margin, width)
        sheet.space(8)
    if style.beside and words.url:
        sheet.block(words.taken_label, style.small, sheet.margin, width)
        sheet.block(words.taken, style.small, sheet.margin, width)
    else:
        sheet.block(f"{words.taken_label} {words.taken}", style.small, sheet.margin, width)
