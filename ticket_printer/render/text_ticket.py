"""PURE: a queue ticket in the printer's own Chinese characters: a tenth of the raster's bytes,
for slow serial lines.

::

    FS &     1C 26              Chinese characters (GB18030) on
    GS ! n   1D 21 (w-1)<<4|(h-1)   size of every character
    ESC a n  1B 61 n            0 left, 1 centre
    GS B n   1D 42 n            white on black
    ESC E n  1B 45 n            bold
    GS ( k   1D 28 6B …         QR code: 31 41 model, 43 module, 45 level, 50 data, 51 print

A printer whose character ROM lacks a rare character prints a blank; so do a few of GB18030's
four-byte ones on all GBK printers. They are replaced by 〓, visibly, unless they are in GBK.
Source: the ESC/POS command references of Epson (FS, GS ( k).
"""

from hallkit.wire.printing import TicketSlip
from ticket_printer.render.escpos_raster import FEED, PARTIAL_CUT
from ticket_printer.render.words import QR_CAPTION, TicketWords, ticket_words
from ticket_printer.render.wrap import balance, wrap

COLUMNS = {80: 48, 58: 32}
CHINESE_ON = b"\x1c&"
_SUBSTITUTE = "〓"
_CENTRE, _LEFT = b"\x1ba\x01", b"\x1ba\x00"
_RULE = {80: "-" * 48, 58: "-" * 32}


def columns_of(text: str) -> int:
    """The half-width columns that a text takes: two for each Chinese character."""
    return sum(1 if ord(char) < 0x80 else 2 for char in text)


def encode(text: str) -> bytes:
    """GB18030 bytes of what a GBK character ROM can show; anything else becomes 〓."""
    shown = []
    for char in text:
        try:
            char.encode("gbk")
        except UnicodeEncodeError:
            char = _SUBSTITUTE
        shown.append(char)
    return "".join(shown).encode("gb18030")


def _size(wide: int, high: int) -> bytes:
    return b"\x1d!" + bytes([(wide - 1) << 4 | (high - 1)])


def _bold(on: bool) -> bytes:
    return b"\x1bE" + bytes([on])


def qr(payload: str, module: int = 6) -> bytes:
    """The printer's own QR code, model 2, level M. Raises ValueError unless it is ASCII."""
    if not payload.isascii():
        raise ValueError("a native QR code's payload must be ASCII")
    data = payload.encode("ascii")
    store = (len(data) + 3).to_bytes(2, "little")
    return (
        b"\x1d(k\x04\x00\x31\x41\x32\x00"
        + b"\x1d(k\x03\x00\x31\x43"
        + bytes([module])
        + b"\x1d(k\x03\x00\x31\x45\x31"
        + b"\x1d(k"
        + store
        + b"\x31\x50\x30"
        + data
        + b"\x1d(k\x03\x00\x31\x51\x30"
    )


def text_ticket(slip: TicketSlip, paper_mm: int) -> bytes:
    """The ticket as text commands, without feed and cut."""
    words = ticket_words(slip)
    columns = COLUMNS[paper_mm]
    out = [CHINESE_ON, _CENTRE, *_head(words, columns)]
    out += _number(words, columns)
    before, count, after = words.ahead
    out += [_size(1, 2), encode(before), _bold(True), encode(f" {count} " if count else "")]
    out += [_bold(False), encode(after) + b"\n", _size(1, 1)]
    out += [encode(line) + b"\n" for line in balance(words.forecast, columns, columns_of)]
    if words.where:
        out += [_size(1, 2), _bold(True)]
        out += [encode(line) + b"\n" for line in balance(words.where, columns, columns_of)]
        out += [_bold(False), _size(1, 1)]
    out += [encode(_RULE[paper_mm]) + b"\n"]
    if words.url:
        out += [qr(words.url), encode(QR_CAPTION) + b"\n"]
    out += [_LEFT, *(encode(line) + b"\n" for line in wrap(words.rule, columns, columns_of))]
    out += [encode(f"{words.taken_label} {words.taken}") + b"\n"]
    return b"".join(out)


def _head(words: TicketWords, columns: int) -> list[bytes]:
    out = [_size(1, 2), _bold(True)]
    out += [encode(line) + b"\n" for line in balance(words.hall, columns, columns_of)]
    out += [_bold(False), _size(1, 1)]
    if words.area:
        out += [encode(line) + b"\n" for line in balance(words.area, columns, columns_of)]
    out += [encode("-" * columns) + b"\n"]
    if words.tags:
        boxes = b" ".join(b"\x1dB\x01" + encode(f" {tag} ") + b"\x1dB\x00" for tag in words.tags)
        out += [_size(1, 2), boxes + b"\n", _size(1, 1)]
    out += [_size(2, 2)]
    out += [encode(line) + b"\n" for line in balance(words.service, columns // 2, columns_of)]
    return out


def _number(words: TicketWords, columns: int) -> list[bytes]:
    times = max(1, min(8, columns // max(1, columns_of(words.number))))
    return [_size(1, 1), b"\n", _size(times, times), _bold(True), encode(words.number) + b"\n",
            _bold(False), _size(1, 1), b"\n"]  # fmt: skip


def framed(body: bytes) -> bytes:
    """A slip's body with the feed and the cut after it."""
    return body + FEED + PARTIAL_CUT
