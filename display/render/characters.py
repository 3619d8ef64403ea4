"""Signs on panels of characters: number boards, customer displays, strips with one or two rows."""

from dataclasses import replace

from display.board.sign import Sign
from display.led.codec import CharacterCapability
from display.led.content import Characters, Colour
from display.render.shape import DoesNotFit, NoSuchLetters, PanelShape
from display.render.words import NUMBER, beside_number, without_number

# What panels without Chinese characters say instead, the first that they can show; digits only:
# nothing.
_ASCII = {
    "paused": ("PAUSE", "----", "---"),
    "closed": ("CLOSED", "OFF"),
    "closing": ("CLOSING",),
}
# Where neither the whole words have room nor a text can run.
_SHORT = {"idle": "您好", "lost": "您好", "paused": "暂停", "closed": "关闭", "closing": "即将下班"}
_DIGITS = "0123456789"


def columns_of(text: str) -> int:
    """Columns that ``text`` takes: one for ASCII, two for everything else, as in panels' fonts."""
    return sum(1 if c.isascii() else 2 for c in text)


def write_sign(sign: Sign, shape: PanelShape, can: CharacterCapability) -> Characters:
    """The rows of ``sign``. Raises DoesNotFit when the whole number cannot be shown."""
    columns = columns_on(shape, can)
    rows = _rows_on(shape, can)
    write = _words if sign.ticket is None else _with_number
    written = write(sign, shape, can, rows, columns)
    # Rows that say nothing are told so, or they would go on showing what they showed.
    empty = ("",) * (rows - len(written.rows))
    return replace(written, rows=written.rows + empty, columns=columns)


def no_words(shape: PanelShape, can: CharacterCapability) -> Characters:
    """Nothing in any row."""
    return Characters(("",) * _rows_on(shape, can), columns=columns_on(shape, can))


def _rows_on(shape: PanelShape, can: CharacterCapability) -> int:
    return min(shape.rows or can.rows, can.most_rows)


def columns_on(shape: PanelShape, can: CharacterCapability) -> int:
    """The columns of a panel."""
    columns = shape.columns or can.columns
    return min(columns, can.most_columns or columns)


def _with_number(
    sign: Sign, shape: PanelShape, can: CharacterCapability, rows: int, columns: int
) -> Characters:
    number = _number(sign.ticket or "", shape, can, columns)
    colour = _colour(NUMBER, shape, can)
    for words in _beside(sign, can):
        if rows > 1 and columns_of(words) <= columns:
            return Characters((number, words), colour)
        if columns_of(f"{number} {words}") <= columns:
            return Characters((f"{number} {words}",), colour)
    return Characters((number,), colour)


def _number(ticket: str, shape: PanelShape, can: CharacterCapability, columns: int) -> str:
    """The number; without letters that the panel cannot show or has no room for, where the
    settings allow it."""
    if _can_show(ticket, can) and len(ticket) <= columns:
        return ticket
    digits = "".join(c for c in ticket if c in _DIGITS)
    for shown in ("".join(c for c in ticket if _can_show(c, can)), digits):
        if shape.drop_letters and digits and len(shown) <= columns:
            return shown
    if digits and not shape.drop_letters and not _can_show(ticket, can):
        raise NoSuchLetters(f"a panel of such digits cannot show {ticket}")
    raise DoesNotFit(f"{columns} columns are too few for {ticket}")


def _can_show(text: str, can: CharacterCapability) -> bool:
    showable = _DIGITS if can.charset == "digits" else can.showable
    return showable is None or all(c in showable or c == " " for c in text)


def _beside(sign: Sign, can: CharacterCapability) -> list[str]:
    if can.charset in ("digits", "ascii"):
        words = [f"-> WINDOW {sign.window}", f"-> {sign.window}"] if sign.kind == "called" else []
        return [text for text in words if _can_show(text, can)]
    return ["".join(lines) for lines in beside_number(sign)]


def _words(
    sign: Sign, shape: PanelShape, can: CharacterCapability, rows: int, columns: int
) -> Characters:
    variants, wanted = without_number(sign)
    colour = _colour(wanted, shape, can)
    if can.charset in ("digits", "ascii"):
        return _without_chinese(sign, can, columns, colour)
    for lines in variants:
        joined = "".join(lines)
        if columns_of(joined) <= columns:
            return Characters((joined,), colour)
        if len(lines) <= rows and all(columns_of(line) <= columns for line in lines):
            return Characters(lines, colour)
    text = variants[0][0]
    if can.scroll:
        return Characters((text,), colour, scroll=True)
    return Characters((_cut(_SHORT.get(sign.kind, text), columns),), colour)


def _without_chinese(
    sign: Sign, can: CharacterCapability, columns: int, colour: Colour | None
) -> Characters:
    note = (sign.note,) if sign.kind == "notice" and sign.note.isascii() else ()
    for text in _ASCII.get(sign.kind, note):
        if _can_show(text, can) and (can.scroll or len(text) <= columns):
            return Characters((text,), colour, scroll=len(text) > columns)
    return Characters(("",), colour)


def _cut(text: str, columns: int) -> str:
    while columns_of(text) > columns:
        text = text[:-1]
    return text


def _colour(wanted: Colour, shape: PanelShape, can: CharacterCapability) -> Colour | None:
    return shape.colour(wanted) if can.colours else None
