"""What people write, as bytes that a strip shows and cannot take for a command."""

from itertools import pairwise

from display.led.strips.model import Charset, Fixed, Frame, Strip, Text

_FILL = {"digits": "0", "ascii": "?", "gb2312": "？", "gbk": "？"}
_PLAIN = {"“": '"', "”": '"', "：": ":", "，": ",", "。": ".", "→": ">", "　": " "}
_CODECS: dict[Charset, str] = {
    "digits": "ascii",
    "ascii": "ascii",
    "gb2312": "gb2312",
    "gbk": "gbk",
}


def characters(text: str, strip: Strip) -> list[bytes]:
    """``text`` in the strip's characters, one entry each, without any byte that would end the text
    or begin a command. What the strip has not becomes ？ or ?; controls become spaces."""
    forbidden = strip.never + text_end(strip.show)
    return [_safe(character, strip.charset, forbidden) for character in text]


def text_end(frame: Frame) -> bytes:
    """The first byte after the text, where that is fixed and tells the panel that the text is
    over; else nothing."""
    for part, after in pairwise(frame):
        if isinstance(part, Text) and isinstance(after, Fixed) and not part.pad_to:
            return after.data[:1]
    return b""


def _safe(character: str, charset: Charset, forbidden: bytes) -> bytes:
    if charset == "ascii":
        character = _PLAIN.get(character, character)
    if ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0:
        character = " "
    for choice in (character, _FILL[charset], " "):
        try:
            data = choice.encode(_CODECS[charset])
        except UnicodeEncodeError:
            continue
        if not any(byte in forbidden for byte in data):
            return data
    return b""
