"""PURE: a slip in the printer's own Chinese characters: a tenth of the raster's bytes, for slow
serial lines.

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

from collections.abc import Callable

from hallkit.wire.slips import Slip
from ticket_printer.render.draw import marker_of
from ticket_printer.render.escpos_raster import FEED, PARTIAL_CUT
from ticket_printer.render.fill import LARGER, Filled, fill
from ticket_printer.render.layout import (
    AnyBlock,
    Code,
    Dashes,
    Frame,
    Labelled,
    Labelleds,
    Layouts,
    Listing,
    Number,
    Rule,
    Sign,
    Sized,
    Table,
    Tags,
    Text,
    Title,
)
from ticket_printer.render.words import words_of
from ticket_printer.render.wrap import balance, wrap

COLUMNS = {80: 48, 58: 32}
CHINESE_ON = b"\x1c&"
_SUBSTITUTE = "〓"
_CENTRE, _LEFT = b"\x1ba\x01", b"\x1ba\x00"
# A value that takes more of the line stands below its name.
_WIDEST_VALUE = 0.6
_TALL_FROM, _LARGE_FROM = 36, 46

Lines = Callable[[str, float, Callable[[str], float]], list[str]]


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


def text_slip(slip: Slip, paper_mm: int, layouts: Layouts) -> bytes:
    """The slip as text commands, without feed and cut. Raises ValueError as :func:`qr` does."""
    columns = COLUMNS[paper_mm]
    filled = fill(layouts[slip.kind], words_of(slip))
    return CHINESE_ON + b"".join(_block(one, columns) for one in filled)


def framed(body: bytes) -> bytes:
    """A slip's body with the feed and the cut after it."""
    return body + FEED + PARTIAL_CUT


def _block(filled: Filled, columns: int) -> bytes:
    match filled.block:
        case Rule() | Dashes():
            return _LEFT + encode("-" * columns) + b"\n"
        case Title(bold=bold):
            return b"".join(_title(line, filled.block, columns, bold) for line in filled.lines)
        case Frame():
            return _CENTRE + _set(filled.text, _scale(filled.block), columns, bold=True)
        case Number():
            return _number(filled.text, columns)
        case Tags():
            boxes = (b"\x1dB\x01" + encode(f" {tag} ") + b"\x1dB\x00" for tag in filled.lines)
            return _CENTRE + _size(1, 2) + b" ".join(boxes) + b"\n" + _size(1, 1)
        case Code(caption=caption):
            code = _CENTRE + qr(filled.text) + encode(caption) + b"\n" if filled.lines else b""
            notes = (" ".join(note) for note in filled.notes)
            return code + _LEFT + b"".join(_set(n, (1, 1), columns, ways=wrap) for n in notes)
        case _:
            return _LEFT + _body(filled, columns)


def _body(filled: Filled, columns: int) -> bytes:
    """A block that begins at the left."""
    match filled.block:
        case Text(bold=bold):
            scale = _scale(filled.block)
            lines = (_set(line, scale, columns, bold=bold, ways=wrap) for line in filled.lines)
            return b"".join(lines)
        case Labelled(label=label):
            return _hanging(f"{label}：", filled.text, columns)
        case Labelleds():
            return b"".join(_hanging(f"{a}：", b, columns) for a, b in filled.entries)
        case Listing():
            return _listing(filled.block, filled, columns)
        case Table():
            return b"".join(_figure(name, value, columns) for name, value in filled.entries)
        case Sign(labels=labels):
            return b"".join(
                b"\n" + encode(f"{label}：" + "_" * max(0, columns - columns_of(label) - 2)) + b"\n"
                for label in labels
            )
        case _:
            return b""


def _size(wide: int, high: int) -> bytes:
    return b"\x1d!" + bytes([(wide - 1) << 4 | (high - 1)])


def _bold(on: bool) -> bytes:
    return b"\x1bE" + bytes([on])


def _scale(block: AnyBlock) -> tuple[int, int]:
    """How many times as wide and high as usual a block's characters are."""
    size = block.size if isinstance(block, Sized) else 0
    if size >= _LARGE_FROM:
        return 2, 2
    return (1, 2) if size >= _TALL_FROM else (1, 1)


def _set(
    text: str, scale: tuple[int, int], columns: int, *, bold: bool = False, ways: Lines = balance
) -> bytes:
    """The text in lines at a size, back to usual after it."""
    lines = ways(text, columns // scale[0], columns_of)
    data = b"".join(encode(line) + b"\n" for line in lines)
    if bold:
        data = _bold(True) + data + _bold(False)
    return data if scale == (1, 1) else _size(*scale) + data + _size(1, 1)


def _title(line: str, block: Title, columns: int, bold: bool) -> bytes:
    scale = _scale(block)
    if LARGER not in line:
        return _CENTRE + _set(line, scale, columns, bold=bold)
    runs = [encode(run) for run in line.split(LARGER)]
    strong = (_bold(True) + run + _bold(False) if i % 2 else run for i, run in enumerate(runs))
    return _CENTRE + _size(*scale) + b"".join(strong) + b"\n" + _size(1, 1)


def _number(text: str, columns: int) -> bytes:
    times = max(1, min(8, columns // max(1, columns_of(text))))
    line = _size(times, times) + _bold(True) + encode(text) + b"\n" + _bold(False) + _size(1, 1)
    return _CENTRE + b"\n" + line + b"\n"


def _hanging(label: str, text: str, columns: int) -> bytes:
    """A bold label and a text; its further lines stand below its first."""
    indent = min(columns_of(label), columns // 2)
    head = _bold(True) + encode(label) + _bold(False)
    if columns_of(label) > indent:
        head, indent = head + b"\n  ", 2
    first, *more = wrap(text, columns - indent, columns_of) or [""]
    lines = (b" " * indent + encode(line) + b"\n" for line in more)
    return head + encode(first) + b"\n" + b"".join(lines)


def _listing(block: Listing, filled: Filled, columns: int) -> bytes:
    out = [_set(block.heading, (1, 1), columns, bold=True, ways=wrap)] if block.heading else []
    for i, (text, detail) in enumerate(filled.entries):
        marker = marker_of(block, i)
        indent = columns_of(marker) + 1 if marker else 0
        lines = wrap(text, columns - indent, columns_of)
        lines += wrap(detail, columns - indent, columns_of) if detail else []
        heads = [marker.ljust(len(marker) + 1 if marker else 0)] + [" " * indent] * len(lines)
        out += [encode(head + line) + b"\n" for head, line in zip(heads, lines, strict=False)]
    return b"".join(out)


def _figure(name: str, value: str, columns: int) -> bytes:
    if not value:
        return _set(name, (1, 1), columns, bold=True, ways=wrap)
    if columns_of(value) > columns * _WIDEST_VALUE:
        lines = [*wrap(name, columns, columns_of), *wrap(value, columns, columns_of)]
        return b"".join(encode(line) + b"\n" for line in lines)
    *before, last = wrap(name, columns - columns_of(value) - 2, columns_of)
    room = columns - columns_of(last) - columns_of(value) - 2
    lines = [*before, f"{last} {'.' * max(0, room)} {value}"]
    return b"".join(encode(line) + b"\n" for line in lines)
