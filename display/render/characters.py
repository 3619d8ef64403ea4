"""Signs on panels of characters: number boards, customer displays, strips with one or two rows."""

import unicodedata

from display.board.sign import Sign
from display.led.codec import CharacterCapability
from display.led.content import Characters, Colour
from display.render.shape import DoesNotFit, PanelShape
from display.render.words import NUMBER, beside_number, without_number

# What panels without Chinese characters say instead; digits only: nothing.
_ASCII = {
    "idle": "",
    "lost": "",
    "paused": "PAUSE",
    "closed": "CLOSED",
    "closing": "CLOSING",
}


def columns_of(text: str) -> int:
    """Columns that ``text`` takes: two for a Chinese character, one for others."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def write_sign(sign: Sign, shape: PanelShape, can: CharacterCapability) -> Characters:
    """The rows of ``sign``. Raises DoesNotFit when the whole number cannot be shown."""
    columns = shape.columns or can.columns
    rows = min(shape.rows or can.rows, can.most_rows)
    if sign.ticket is None:
        return _words(sign, shape, can, rows, columns)
    number = _number(sign.ticket, shape, can)
    if columns_of(number) > columns:
        raise DoesNotFit(f"{columns} columns are too few for {sign.ticket}")
    colour = _colour(NUMBER, shape, can)
    for words in _beside(sign, can):
        if rows > 1 and columns_of(words) <= columns:
            return Characters((number, words), colour)
        if columns_of(f"{number} {words}") <= columns:
            return Characters((f"{number} {words}",), colour)
    return Characters((number,), colour)


def _number(ticket: str, shape: PanelShape, can: CharacterCapability) -> str:
    if can.charset != "digits" or ticket.isdigit():
        return ticket
    digits = "".join(c for c in ticket if c.isdigit())
    if not shape.drop_letters or not digits:
        raise DoesNotFit(f"a panel of digits cannot show {ticket}")
    return digits


def _beside(sign: Sign, can: CharacterCapability) -> list[str]:
    if can.charset == "digits":
        return []
    if can.charset == "ascii":
        return [f"-> {sign.window}"] if sign.kind == "called" else []
    return ["".join(lines) for lines in beside_number(sign)]


def _words(
    sign: Sign, shape: PanelShape, can: CharacterCapability, rows: int, columns: int
) -> Characters:
    variants, wanted = without_number(sign)
    colour = _colour(wanted, shape, can)
    if can.charset == "digits":
        return Characters(("",), colour)
    if can.charset == "ascii":
        text = sign.note if sign.kind == "notice" and sign.note.isascii() else ""
        text = _ASCII.get(sign.kind, text)
        fits = columns_of(text) <= columns
        return Characters((text if fits or can.scroll else "",), colour, scroll=not fits)
    for lines in variants:
        joined = "".join(lines)
        if columns_of(joined) <= columns:
            return Characters((joined,), colour)
        if len(lines) <= rows and all(columns_of(line) <= columns for line in lines):
            return Characters(lines, colour)
    text = variants[0][0]
    if can.scroll:
        return Characters((text,), colour, scroll=True)
    return Characters((_cut(text, columns),), colour)


def _cut(text: str, columns: int) -> str:
    while columns_of(text) > columns:
        text = text[:-1]
    return text


def _colour(wanted: Colour, shape: PanelShape, can: CharacterCapability) -> Colour | None:
    return shape.colour(wanted) if can.colours else None
