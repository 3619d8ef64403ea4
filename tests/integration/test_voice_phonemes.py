"""espeak-ng reads what the caption shows: nothing is spelled or read as English."""

import re
import subprocess

import pytest

from display.voice.phrases import (
    Announcement,
    Manner,
    Phrase,
    english,
    joined,
    number_word,
    phrase,
    short,
)
from hallkit.wire.hall import WindowKind

VOICE = "cmn-latn-pinyin"


def phonemes(text: str, voice: str = VOICE) -> str:
    done = subprocess.run(
        ["espeak-ng", "-v", voice, "-x", "-q", text],
        capture_output=True, check=True, timeout=30, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def syllables(text: str) -> list[str]:
    """The syllables of ``text`` without stress and without tones, which depend on neighbours."""
    bare = re.sub(r"[',|_\s\-\[\];.]", "", phonemes(text))
    return [part for part in re.split(r"\d+", bare) if part]


def tones(text: str) -> list[str]:
    return re.findall(r"\d+", phonemes(text))


KINDS: list[WindowKind] = ["comprehensive", "dedicated", "certificate", "elder", "guide"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("yao", [False, True])
def test_pinyin_and_characters_sound_the_same(kind: WindowKind, yao: bool) -> None:
    for ticket, window in (("A012", 3), ("B345", 21), ("C678", 112), ("D9", 1003)):
        call = phrase(Announcement(ticket=ticket, window=window, window_kind=kind), Manner(yao=yao))
        check_same(call)


def check_same(call: Phrase) -> None:
    spoken, shown = phonemes(call.spoken), phonemes(call.caption)
    assert "(en)" not in spoken
    assert "(en)" not in shown
    assert not re.search(r"[0-9]", call.caption)
    assert "".join(syllables(call.spoken)) == "".join(syllables(call.caption))


def test_merged_calls_and_the_green_channel_sound_as_they_read() -> None:
    green = Announcement(ticket="A012", window=9, window_kind="elder", green=True)
    named = green.model_copy(update={"green_window": True, "window": 30})
    other = Announcement(ticket="C078", window=12, collect=True)
    desk = Announcement(ticket="W900", window=1, window_kind="guide")
    for said in (joined, short):
        check_same(said([green, other, named, desk], Manner(green=True)))
    two = phrase(green.model_copy(update={"ticket": "AB12"}))
    assert "'ei51_| p'i51_| j'i55" in phonemes(two.spoken)
    assert "lv4se4 tong1dao4" in phrase(green, Manner(green=True)).spoken


def test_an_english_call_has_the_names_of_letters() -> None:
    call = english(Announcement(ticket="A012", window=3))
    assert "'eI" in phonemes(call.spoken, "en")
    assert "Tr'i:" in phonemes(call.spoken, "en")


@pytest.mark.parametrize(
    ("pinyin", "tone"), [("yi1", "55"), ("ling2", "35"), ("wu3", "214"), ("er4", "51")]
)
def test_the_four_tones_are_understood(pinyin: str, tone: str) -> None:
    assert tones(pinyin) == [tone]


def test_every_letter_has_a_name() -> None:
    names = {letter: phonemes(letter) for letter in "ABCDEFGHJKLMNPRSTUVWXYZ"}
    assert all("(en)" not in name and name for name in names.values())
    assert len(set(names.values())) == len(names)


def test_one_syllable_a_digit_of_a_window_number() -> None:
    for number in (1, 10, 21, 105, 110, 999):
        word = number_word(number)
        assert len(tones(word.pinyin)) == len(word.hanzi)


def test_the_ordinary_chinese_voice_would_spell_the_same_text_in_english() -> None:
    assert "(en)" in phonemes("请到三号窗口办理", "cmn")


def test_the_letter_r_is_not_heard_as_two() -> None:
    call = phrase(Announcement(ticket="R2", window=1))
    assert "A55'@r35" in phonemes(call.spoken)
    assert call.syllables == len(tones(call.spoken))


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (10, ["35"]), (12, ["35", "51"]), (20, ["51", "35"]), (100, ["51", "214"]),
        (101, ["51", "21", "35", "55"]), (110, ["51", "21", "55", "35"]),
    ],
)  # fmt: skip
def test_one_changes_its_tone_before_a_hundred_only(number: int, said: list[str]) -> None:
    assert tones(number_word(number).pinyin) == said
