"""How a frame is written in a strip's file: a list of parts, each a few words.

::

    "DA 64"                     bytes, always the same
    "address"                   the panel's address, one byte; "address u16le", "address u16be"
    "row" "colour" "motion"     bytes from the file's tables
    "text"                      what is shown; "text padded 8" filled up with spaces (on the left:
                                "text padded 8 right"); "text each 00": 00 follows each character
    "value u16le"               what is shown, as a binary number
    "length u8 of text"         bytes of one part, of several ("of colour..text"), and a few more
                                ("of text + 1")
    "sum8 of before"            a check sum: over all before it, all "after" it, or parts by name
    "sequence"                  a number that grows with each frame
    "level 1..4"                the brightness
    "code" "any 2"              only in answers: why it refused; bytes without meaning
    "head: AA 55"               a name, so that others can say "of head..text"

A part without a name is called by its first word; bytes have no name unless one is given.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from display.led.strips.checksums import KINDS
from display.led.strips.model import (
    Address,
    AnyBytes,
    Check,
    Code,
    Coded,
    Counter,
    Fixed,
    Frame,
    Length,
    Level,
    Part,
    Span,
    Text,
    Value,
    Width,
)

_NAME = re.compile(r"^\s*(?:([a-z][a-z0-9_-]*)\s*:)?\s*(.*?)\s*$")
_HEX = re.compile(r"^[0-9A-Fa-f]{2}(\s+[0-9A-Fa-f]{2})*$")
_WIDTHS = {width.value: width for width in Width}
WORDS = (
    "address", "row", "colour", "motion", "text", "value", "length", "sequence", "level", "code",
    "any", *KINDS,
)  # fmt: skip


class NotationError(ValueError):
    """One part is written wrongly: ``index`` of the part, and why in two languages."""

    def __init__(self, index: int, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.index = index
        self.zh = zh
        self.en = en


@dataclass(frozen=True)
class _Written:
    """A part's name and words, and the names of all parts of its frame."""

    index: int
    name: str
    words: tuple[str, ...]
    names: tuple[str, ...]

    def wrong(self, zh: str, en: str) -> NotationError:
        return NotationError(self.index, zh, en)


def hex_bytes(text: str) -> bytes:
    """``"DA 64"`` as bytes. Raises ValueError in both languages."""
    if not _HEX.match(text.strip()):
        raise ValueError(
            f"“{text}”应为十六进制字节，如 DA 64 / {text!r} should be bytes such as DA 64"
        )
    return bytes.fromhex(text)


def parse_frame(written: Sequence[str]) -> tuple[Frame, list[NotationError]]:
    """The parts that can be understood, and everything that is wrong with the others."""
    named = [_split(text) for text in written]
    names = tuple(name for name, _ in named)
    parts: list[Part] = []
    wrong: list[NotationError] = []
    for index, (name, words) in enumerate(named):
        try:
            parts.append(_part(_Written(index, name, words, names)))
        except NotationError as error:
            wrong.append(error)
    return tuple(parts), wrong


def _split(text: str) -> tuple[str, tuple[str, ...]]:
    match = _NAME.match(text)
    assert match is not None
    words = tuple(match[2].split())
    if match[1]:
        return match[1], words
    return ("" if not words or _HEX.match(match[2]) else words[0]), words


def _part(one: _Written) -> Part:
    text = " ".join(one.words)
    if _HEX.match(text):
        return Fixed(bytes.fromhex(text))
    word = one.words[0] if one.words else ""
    read = _READERS.get(word)
    if word in KINDS:
        return _check(one)
    if read is None:
        near = get_close_matches(word, WORDS, n=1)
        zh, en = (f"，是否为 {near[0]}？", f", did you mean {near[0]}?") if near else ("", "")
        raise one.wrong(f"不认识“{text}”{zh}", f"{text!r} is no part of a frame{en}")
    return read(one)


def _alone(part: Part) -> Callable[[_Written], Part]:
    def read(one: _Written) -> Part:
        if len(one.words) > 1:
            raise one.wrong(
                f"“{one.words[0]}”后不应再有内容", f"nothing may follow {one.words[0]!r}"
            )
        return part

    return read


def _width(one: _Written, word: str) -> Width:
    width = _WIDTHS.get(word)
    if width is None:
        known = "、".join(_WIDTHS)
        raise one.wrong(
            f"“{word}”应为 {known} 之一", f"{word!r} should be one of {', '.join(_WIDTHS)}"
        )
    return width


def _number(one: _Written, word: str, most: int) -> int:
    if not word.isdecimal() or not word.isascii() or int(word) > most:
        raise one.wrong(
            f"“{word}”应为 0–{most} 的整数", f"{word!r} should be a whole number, 0 to {most}"
        )
    return int(word)


def _address(one: _Written) -> Part:
    return Address(_width(one, one.words[1]) if len(one.words) > 1 else Width.U8)


def _value(one: _Written) -> Part:
    return Value(_width(one, one.words[1] if len(one.words) > 1 else ""))


def _text(one: _Written) -> Part:
    match one.words[1:]:
        case ():
            return Text()
        case ("padded", size):
            return Text(pad_to=_number(one, size, 255))
        case ("padded", size, "right"):
            return Text(pad_to=_number(one, size, 255), right=True)
        case ("each", *rest) if rest and _HEX.match(" ".join(rest)):
            return Text(each=bytes.fromhex("".join(rest)))
    raise one.wrong(
        "应为 text、text padded 8、text padded 8 right 或 text each 00",
        "should be text, text padded 8, text padded 8 right or text each 00",
    )


def _level(one: _Written) -> Part:
    low, dots, high = (one.words[1] if len(one.words) == 2 else "").partition("..")
    if not dots:
        raise one.wrong("应写成 level 1..4", "should be written level 1..4")
    return Level(_number(one, low, 255), _number(one, high, 255))


def _any(one: _Written) -> Part:
    return AnyBytes(_number(one, one.words[1] if len(one.words) == 2 else "", 64))


def _length(one: _Written) -> Part:
    plus = 0
    words = one.words
    if len(words) == 6 and words[4] in ("+", "-"):
        plus = _number(one, words[5], 255) * (1 if words[4] == "+" else -1)
        words = words[:4]
    if len(words) != 4 or words[2] != "of":
        raise one.wrong(
            "应写成 length u8 of text 或 length u8 of colour..text + 1",
            "should be written length u8 of text, or length u8 of colour..text + 1",
        )
    return Length(_width(one, words[1]), _span(one, words[3]), plus)


def _check(one: _Written) -> Part:
    kind = one.words[0]
    if len(one.words) != 3 or one.words[1] != "of":
        raise one.wrong(f"应写成 {kind} of before", f"should be written {kind} of before")
    span = _span(one, one.words[2])
    if one.index in span:
        raise one.wrong("校验范围不能包含校验本身", "a check sum cannot cover itself")
    return Check(kind, span)


def _span(one: _Written, word: str) -> Span:
    last = len(one.names) - 1
    if word == "before" and one.index > 0:
        return Span(0, one.index - 1)
    if word == "after" and one.index < last:
        return Span(one.index + 1, last)
    if word in ("before", "after"):
        raise one.wrong(f"没有“{word}”的内容", f"there is nothing {word} it")
    begin, dots, end = word.partition("..")
    span = Span(_find(one, begin), _find(one, end if dots else begin))
    if span.first > span.last:
        raise one.wrong(f"“{word}”前后颠倒", f"{word!r} runs backwards")
    return span


def _find(one: _Written, name: str) -> int:
    places = [index for index, known in enumerate(one.names) if known and known == name]
    if len(places) == 1:
        return places[0]
    if places:
        raise one.wrong(f"有几个部分都叫“{name}”", f"several parts are called {name!r}")
    known = sorted({n for i, n in enumerate(one.names) if n and i != one.index})
    near = get_close_matches(name, [*known, "before", "after"], n=1)
    zh, en = (f"，是否为 {near[0]}？", f", did you mean {near[0]}?") if near else ("", "")
    if not near:
        zh = f"，有：{'、'.join(known)}"
        en = f", there are: {', '.join(known)}"
    raise one.wrong(f"没有叫“{name}”的部分{zh}", f"no part is called {name!r}{en}")


_READERS: dict[str, Callable[[_Written], Part]] = {
    "address": _address,
    "row": _alone(Coded("row")),
    "colour": _alone(Coded("colour")),
    "motion": _alone(Coded("motion")),
    "text": _text,
    "value": _value,
    "length": _length,
    "sequence": _alone(Counter()),
    "level": _level,
    "code": _alone(Code()),
    "any": _any,
}
