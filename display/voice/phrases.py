"""PURE: what is said for a call, as people read it and as the synthesizer reads it.

The synthesizer (espeak-ng, voice ``cmn-latn-pinyin``) is fed pinyin with tone numbers, one word
a group: it guesses the wrong reading of characters such as 长 in 长者, and reads single
characters each with its own stress, which is slower. Letters are fed as capitals and are read by
their names.
"""

from dataclasses import dataclass

from pydantic import Field

from hallkit.wire.hall import WindowKind
from hallkit.wire.message import Message

# The longest number and the highest window that can be said in the time of one call.
MOST_TICKET_CHARS = 8
MOST_WINDOW = 9999

_DIGITS = {
    "0": ("零", "ling2"),
    "1": ("一", "yi1"),
    "2": ("二", "er4"),
    "3": ("三", "san1"),
    "4": ("四", "si4"),
    "5": ("五", "wu3"),
    "6": ("六", "liu4"),
    "7": ("七", "qi1"),
    "8": ("八", "ba1"),
    "9": ("九", "jiu3"),
}
_YAO = ("幺", "yao1")
_UNITS = (("", ""), ("十", "shi2"), ("百", "bai3"), ("千", "qian1"))
_CALL = ("请", "qing3")
_NUMBER = ("号", "hao4")
_TO = ("到", "dao4")

# Where a call leads, after the window's number, and what is done there.
_PLACES: dict[WindowKind, tuple[str, str]] = {
    "comprehensive": ("综合窗口", "zong1he2 chuang1kou3"),
    "dedicated": ("窗口", "chuang1kou3"),
    "certificate": ("窗口", "chuang1kou3"),
    "elder": ("老年人窗口", "lao3nian2ren2 chuang1kou3"),
    "guide": ("导办台", "dao3ban4tai2"),
}
_HANDLE = ("办理", "ban4li3")
_COLLECT = ("领取证件", "ling3qu3 zheng4jian4")
_ASK = ("咨询", "zi1xun2")


class Announcement(Message):
    """A call to be spoken. ``seq`` is its journal sequence (0 when unknown); ``collect`` is true
    when the visitor comes to collect a certificate (service kind ``collect``)."""

    seq: int = Field(default=0, ge=0)
    ticket: str = Field(min_length=1, max_length=MOST_TICKET_CHARS)
    window: int = Field(ge=1, le=MOST_WINDOW)
    window_kind: WindowKind = "dedicated"
    collect: bool = False


@dataclass(frozen=True)
class Phrase:
    """One call in words: ``caption`` for the eye (Chinese characters), ``spoken`` for the
    synthesizer (pinyin with tone numbers, words separated by spaces)."""

    caption: str
    spoken: str


def _digit_words(ticket: str, *, yao: bool) -> list[tuple[str, str]]:
    digits = _DIGITS | {"1": _YAO} if yao else _DIGITS
    return [digits.get(char, (char, char)) for char in ticket.upper() if char.isalnum()]


def number_words(number: int) -> tuple[str, str]:
    """An ordinary number from 1 to 9999 as (characters, pinyin): 12 is 十二, 105 is 一百零五.

    Raises ValueError outside that range.
    """
    if not 1 <= number <= MOST_WINDOW:
        raise ValueError(f"cannot be said as a window number: {number}")
    places = [(int(char), len(str(number)) - 1 - at) for at, char in enumerate(str(number))]
    words: list[tuple[str, str]] = []
    skipped = False
    for digit, power in places:
        if digit == 0:
            skipped = True
            continue
        if skipped:
            words.append(_DIGITS["0"])
            skipped = False
        # Ten to nineteen begin with 十, not 一十.
        if not (power == 1 and digit == 1 and not words):
            words.append(_DIGITS[str(digit)])
        words.append(_UNITS[power])
    return "".join(w[0] for w in words), "".join(w[1] for w in words)


def _purpose(announcement: Announcement) -> tuple[str, str]:
    if announcement.window_kind == "guide":
        return _ASK
    if announcement.collect or announcement.window_kind == "certificate":
        return _COLLECT
    return _HANDLE


def phrase(announcement: Announcement, *, yao: bool = False) -> Phrase:
    """The call in words: 请A零一二号到三号综合窗口办理.

    Digits of the ticket are said one by one (1 as 幺 with ``yao``), letters by their names, the
    window's number as an ordinary number. Signs that are neither are left out.
    """
    words = [
        _CALL,
        *_digit_words(announcement.ticket, yao=yao),
        _NUMBER,
        _TO,
        number_words(announcement.window),
        _NUMBER,
        _PLACES[announcement.window_kind],
        _purpose(announcement),
    ]
    return Phrase(
        caption="".join(hanzi for hanzi, _ in words),
        spoken=" ".join(pinyin for _, pinyin in words),
    )
