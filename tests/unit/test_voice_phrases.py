"""What is said for a call."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from display.voice.phrases import Announcement, Manner, english, joined, number_word, phrase, short
from hallkit.wire.hall import WindowKind

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")}
_UNITS = {"十": 10, "百": 100, "千": 1000}


def caption(ticket: str, window: int, kind: WindowKind, *, yao: bool = False) -> str:
    return phrase(
        Announcement(ticket=ticket, window=window, window_kind=kind), Manner(yao=yao)
    ).caption


@pytest.mark.parametrize(
    ("ticket", "window", "kind", "said"),
    [
        ("A012", 3, "comprehensive", "请A零一二号到三号综合窗口办理"),
        ("B107", 12, "dedicated", "请B一零七号到十二号窗口办理"),
        ("C001", 21, "certificate", "请C零零一号到二十一号窗口领取证件"),
        ("D099", 1, "elder", "请D零九九号到一号老年人窗口办理"),
        ("A003", 2, "guide", "请A零零三号到二号导办台咨询"),
        ("A1000", 110, "dedicated", "请A一零零零号到一百一十号窗口办理"),
    ],
)
def test_wording_of_each_kind_of_window(
    ticket: str, window: int, kind: WindowKind, said: str
) -> None:
    assert caption(ticket, window, kind) == said


def test_one_as_yao_only_in_the_ticket_and_only_on_request() -> None:
    assert caption("A110", 11, "dedicated", yao=True) == "请A幺幺零号到十一号窗口办理"
    assert caption("A110", 11, "dedicated") == "请A一一零号到十一号窗口办理"


def test_a_ticket_to_collect_is_called_to_collect_also_at_a_comprehensive_window() -> None:
    call = Announcement(ticket="A012", window=3, window_kind="comprehensive", collect=True)
    assert phrase(call).caption == "请A零一二号到三号综合窗口领取证件"


def test_the_synthesizer_gets_pinyin_with_tones_and_capital_letters() -> None:
    call = Announcement(ticket="a012", window=105, window_kind="elder")
    assert phrase(call).spoken == (
        "qing3 A ling2 yi1 er4 hao4 dao4 yi4bai3ling2wu3 hao4 lao3nian2ren2 chuang1kou3 ban4li3"
    )


def calls(*more: dict[str, object]) -> list[Announcement]:
    return [
        Announcement.model_validate({"ticket": f"A{at:03}", "window": at} | values)
        for at, values in enumerate(more, 1)
    ]


def test_a_series_of_two_letters_is_said_letter_by_letter() -> None:
    assert caption("AB012", 3, "dedicated") == "请AB零一二号到三号窗口办理"


def test_the_green_channel_is_said_only_where_the_hall_wants_it() -> None:
    (call,) = calls({"green": True, "window_kind": "comprehensive"})
    assert phrase(call).caption == "请A零零一号到一号综合窗口办理"
    wanted = Manner(green=True)
    assert phrase(call, wanted).caption == "请绿色通道A零零一号到一号综合窗口办理"
    (other,) = calls({"window_kind": "comprehensive"})
    assert phrase(other, wanted).caption == "请A零零一号到一号综合窗口办理"


def test_a_window_of_the_green_channel_is_called_so() -> None:
    (call,) = calls({"green_window": True, "window_kind": "elder"})
    assert phrase(call).caption == "请A零零一号到一号绿色通道窗口办理"


def test_joined_calls_keep_every_number_and_window() -> None:
    same = calls({"window_kind": "comprehensive"}, {}, {})
    said = joined(same)
    assert said.caption == (
        "请A零零一号到一号综合窗口，A零零二号到二号窗口，A零零三号到三号窗口办理"
    )
    assert "chuang1kou3, A ling2" in said.spoken
    mixed = joined(calls({"collect": True}, {"window_kind": "guide"}))
    assert mixed.caption == "请A零零一号到一号窗口，A零零二号到二号导办台"


def test_the_short_form_says_window_once_for_all_that_follow_each_other() -> None:
    said = short(calls({}, {"window_kind": "elder"}, {"window_kind": "guide"}, {"green": True}))
    assert (
        said.caption == "请A零零一到一号，A零零二到二号窗口，A零零三到三号导办台，A零零四到四号窗口"
    )
    assert short(calls({})).caption == "请A零零一到一号窗口"


def test_syllables_are_counted_as_they_are_heard() -> None:
    assert phrase(*calls({"ticket": "W01"})).syllables == 1 + 5 + 1 + 1 + 1 + 1 + 2 + 2
    two = joined(calls({}, {}))
    assert (two.pauses, two.syllables) == (1, 1 + 2 * 10 + 2)


def test_recordings_are_named_by_what_they_say() -> None:
    (call,) = calls({"ticket": "B7", "window": 12, "window_kind": "comprehensive"})
    assert phrase(call).clips == ("请", "B", "七", "号", "到", "十", "二", "号", "综合窗口", "办理")


def test_english_says_digits_one_by_one_and_a_letter_not_as_an_article() -> None:
    call, desk = calls({"ticket": "A012", "window": 3}, {"ticket": "AB9", "window_kind": "guide"})
    assert english(call).spoken == "Ticket A-zero one two, please go to window 3"
    assert english(call).caption == "Ticket A012, please go to window 3"
    assert english(desk).spoken == "Ticket A-B-nine, please go to the guide desk 2"


def test_signs_in_a_number_are_not_said() -> None:
    assert caption("A-01/2", 3, "dedicated") == "请A零一二号到三号窗口办理"


@pytest.mark.parametrize(
    "wrong", [{"ticket": ""}, {"ticket": "A" * 9}, {"window": 0}, {"window": 10_000}, {"seq": -1}]
)
def test_what_cannot_be_said_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Announcement.model_validate({"ticket": "A012", "window": 3} | wrong)


def _value(words: str) -> int:
    total, digit = 0, 0
    for char in words:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit


@given(st.integers(1, 9999))
def test_a_window_number_means_itself(number: int) -> None:
    word = number_word(number)
    assert _value(word.hanzi) == number
    assert len(word.hanzi) == sum(char.isdigit() for char in word.pinyin)
    assert "".join(word.clips) == word.hanzi


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (100, "一百"), (101, "一百零一"),
        (110, "一百一十"), (112, "一百一十二"), (1001, "一千零一"), (1010, "一千零一十"),
        (9999, "九千九百九十九"),
    ],
)  # fmt: skip
def test_window_numbers_as_they_are_spoken(number: int, words: str) -> None:
    assert number_word(number).hanzi == words


@pytest.mark.parametrize("number", [0, -1, 10_000])
def test_numbers_out_of_range_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="cannot be said"):
        number_word(number)
