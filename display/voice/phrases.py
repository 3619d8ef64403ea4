"""PURE: what is said for a call, as people read it and as the synthesizer reads it.

The synthesizer (espeak-ng, voice ``cmn-latn-pinyin``) is fed pinyin with tone numbers, one word
a group: it guesses the wrong reading of characters such as 长 in 长者, and reads single
characters each with its own stress, which is slower. Letters are fed as capitals and are read by
their names. Each word also names the recordings that say it (:mod:`display.voice.clips`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from hallkit.wire.hall import WindowKind
from hallkit.wire.message import Message

# The longest number and the highest window that can be said in the time of one call.
MOST_TICKET_CHARS = 8
MOST_WINDOW = 9999


@dataclass(frozen=True)
class Word:
    """A word in characters and in pinyin, and the recordings that say it when joined."""

    hanzi: str
    pinyin: str
    clips: tuple[str, ...]


def _word(hanzi: str, pinyin: str) -> Word:
    return Word(hanzi, pinyin, (hanzi,))


DIGITS = tuple(
    _word(hanzi, pinyin)
    for hanzi, pinyin in zip(
        "零一二三四五六七八九",
        ("ling2", "yi1", "er4", "san1", "si4", "wu3", "liu4", "qi1", "ba1", "jiu3"),
        strict=True,
    )
)
YAO = _word("幺", "yao1")
_UNITS = (None, _word("十", "shi2"), _word("百", "bai3"), _word("千", "qian1"))
_CALL = _word("请", "qing3")
_NUMBER = _word("号", "hao4")
_TO = _word("到", "dao4")
_GREEN = _word("绿色通道", "lv4se4 tong1dao4")
# espeak-ng's own R is ér, which is heard as 二.
_LETTERS = {"R": "a1er2"}
_SYLLABLES = {"R": 2, "W": 3}
_PAUSE = Word("，", ",", ())

# Where a call leads, after the window's number, and what is done there.
_WINDOW = _word("窗口", "chuang1kou3")
_GUIDE_DESK = _word("导办台", "dao3ban4tai2")
_PLACES: dict[WindowKind, Word] = {
    "comprehensive": _word("综合窗口", "zong1he2 chuang1kou3"),
    "dedicated": _WINDOW,
    "certificate": _WINDOW,
    "elder": _word("老年人窗口", "lao3nian2ren2 chuang1kou3"),
    "guide": _GUIDE_DESK,
}
_GREEN_WINDOW = _word("绿色通道窗口", "lv4se4 tong1dao4 chuang1kou3")
_HANDLE = _word("办理", "ban4li3")
_COLLECT = _word("领取证件", "ling3qu3 zheng4jian4")
_ASK = _word("咨询", "zi1xun2")

_ENGLISH_DIGITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
)  # fmt: skip


class Announcement(Message):
    """A call to be spoken. ``seq`` is its journal sequence (0 when unknown); ``area`` the area of
    its window; ``collect`` is true when the visitor comes to collect a certificate (service kind
    ``collect``), ``green`` when the ticket's class carries the tag 绿色通道, ``green_window`` when
    the window has these words in its name."""

    seq: int = Field(default=0, ge=0)
    ticket: str = Field(min_length=1, max_length=MOST_TICKET_CHARS)
    window: int = Field(ge=1, le=MOST_WINDOW)
    window_kind: WindowKind = "dedicated"
    area: str = ""
    collect: bool = False
    green: bool = False
    green_window: bool = False


@dataclass(frozen=True)
class Manner:
    """A hall's way of saying a call: ``yao``: 1 in a ticket number is 幺; ``green``: 绿色通道 is
    said before the number of whoever has that tag."""

    yao: bool = False
    green: bool = False


@dataclass(frozen=True)
class Phrase:
    """What is said at once: its words, in order."""

    words: tuple[Word, ...]

    @property
    def caption(self) -> str:
        """For the eye: Chinese characters, without spaces."""
        return "".join(word.hanzi for word in self.words)

    @property
    def spoken(self) -> str:
        """For the synthesizer: pinyin with tone numbers, words separated by spaces."""
        return " ".join(word.pinyin for word in self.words).replace(" ,", ",")

    @property
    def clips(self) -> tuple[str, ...]:
        """The names of the recordings that say it."""
        return tuple(clip for word in self.words for clip in word.clips)

    @property
    def pauses(self) -> int:
        """How many pauses it has."""
        return self.words.count(_PAUSE)

    @property
    def syllables(self) -> int:
        """How many syllables it has: one a character, but for some letters."""
        return sum(_SYLLABLES.get(char, 1) for char in self.caption) - self.pauses


@dataclass(frozen=True)
class English:
    """A call in English: ``caption`` as the board shows it, ``spoken`` for the synthesizer."""

    caption: str
    spoken: str


def number_parts(number: int) -> tuple[Word, ...]:
    """An ordinary number from 1 to 9999 as words: 12 is 十 二, 105 is 一 百 零 五.

    Raises ValueError outside that range.
    """
    if not 1 <= number <= MOST_WINDOW:
        raise ValueError(f"cannot be said as a window number: {number}")
    words: list[Word] = []
    skipped = False
    # 一 changes its tone before 百 and 千; the synthesizer does that for characters only.
    one = Word("一", "yi4", ("一",))
    for at, char in enumerate(str(number)):
        digit, power = int(char), len(str(number)) - 1 - at
        if digit == 0:
            skipped = True
            continue
        if skipped:
            words.append(DIGITS[0])
            skipped = False
        # Ten to nineteen begin with 十, not 一十.
        if not (power == 1 and digit == 1 and not words):
            words.append(one if digit == 1 and power > 1 else DIGITS[digit])
        unit = _UNITS[power]
        if unit is not None:
            words.append(unit)
    return tuple(words)


def number_word(number: int) -> Word:
    """The number as one word, read without a pause. Raises ValueError as ``number_parts``."""
    parts = number_parts(number)
    return Word(
        "".join(p.hanzi for p in parts),
        "".join(p.pinyin for p in parts),
        tuple(p.hanzi for p in parts),
    )


def _letters_and_digits(ticket: str, manner: Manner) -> list[Word]:
    words = []
    for char in ticket.upper():
        if char.isascii() and char.isdigit():
            words.append(YAO if manner.yao and char == "1" else DIGITS[int(char)])
        elif char.isalnum():
            words.append(_word(char, _LETTERS.get(char, char)))
    return words


def _who(call: Announcement, manner: Manner) -> list[Word]:
    tag = [_GREEN] if manner.green and call.green else []
    return [*tag, *_letters_and_digits(call.ticket, manner)]


def _place(call: Announcement) -> Word:
    return _GREEN_WINDOW if call.green_window else _PLACES[call.window_kind]


def _whole(call: Announcement, manner: Manner) -> list[Word]:
    where = [number_word(call.window), _NUMBER, _place(call)]
    return [*_who(call, manner), _NUMBER, _TO, *where]


def _purpose(call: Announcement) -> Word:
    if call.window_kind == "guide":
        return _ASK
    if call.collect or call.window_kind == "certificate":
        return _COLLECT
    return _HANDLE


def phrase(call: Announcement, manner: Manner = Manner()) -> Phrase:
    """The call in words: 请A零一二号到三号综合窗口办理.

    Digits of the ticket are said one by one, letters by their names, the window's number as an
    ordinary number. Signs that are neither are left out.
    """
    return Phrase((_CALL, *_whole(call, manner), _purpose(call)))


def joined(calls: Sequence[Announcement], manner: Manner = Manner()) -> Phrase:
    """Several calls in one announcement: 请A零一二号到三号综合窗口，B零零七号到五号窗口办理.

    What is done there is said once, at the end, when it is the same for all.
    """
    words = [_CALL]
    for call in calls:
        words += [*([_PAUSE] if len(words) > 1 else []), *_whole(call, manner)]
    purposes = {_purpose(call) for call in calls}
    return Phrase((*words, *(purposes if len(purposes) == 1 else ())))


def short(calls: Sequence[Announcement], manner: Manner = Manner()) -> Phrase:
    """The fewest words that still lead there: 请A零一二到三号，B零零七到五号窗口.

    窗口 is said once for all the windows that follow each other.
    """
    words = [_CALL]
    places = [_GUIDE_DESK if call.window_kind == "guide" else _WINDOW for call in calls]
    for at, call in enumerate(calls):
        last = places[at] not in places[at + 1 : at + 2]
        words += [*([_PAUSE] if at else []), *_who(call, manner)]
        words += [_TO, number_word(call.window), _NUMBER, *([places[at]] if last else [])]
    return Phrase(tuple(words))


def english(call: Announcement) -> English:
    """The call in English: Ticket A zero one two, please go to window three."""
    place = "the guide desk" if call.window_kind == "guide" else "window"
    ticket = [char for char in call.ticket.upper() if char.isascii() and char.isalnum()]
    # A hyphen after a letter: a lone A would be read as the article.
    said = "".join(f"{_ENGLISH_DIGITS[int(c)]} " if c.isdigit() else f"{c}-" for c in ticket)
    where = f"please go to {place} {call.window}"
    return English(f"Ticket {''.join(ticket)}, {where}", f"Ticket {said.rstrip(' -')}, {where}")
