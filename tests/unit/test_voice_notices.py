"""Notices: when they are spoken, and how they are read aloud."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display.voice.notice_queue import NoticeQueue
from display.voice.notice_text import MOST_CHARS, english_words, in_words, sentences
from display.voice.notice_times import NoticeTimes
from hallkit.wire.board import Notice

NINE = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def notice(name: str = "n", **more: Any) -> Notice:
    values = {"id": name, "text": "请保持安静", "places": ["board", "voice"], "posted_at": NINE}
    return Notice.model_validate(values | more)


@pytest.fixture
def times() -> NoticeTimes:
    return NoticeTimes()


def spoken(times: NoticeTimes, *minutes: float) -> list[float]:
    """At which of these minutes a notice is spoken."""
    return [minute for minute in minutes if times.due(at(minute))]


def test_a_notice_is_spoken_when_posted_and_once(times: NoticeTimes) -> None:
    times.take([notice()], live=True)
    assert spoken(times, 0.1, 0.2, 1, 60) == [0.1]
    times.take([notice()], live=True)
    assert spoken(times, 61) == []
    assert times.next_s(at(61)) is None


def test_it_is_spoken_again_in_its_interval_until_its_end(times: NoticeTimes) -> None:
    times.take([notice(every_min=10, until=at(30))], live=True)
    assert spoken(times, 0, 1, 9.9, 10, 10.1, 20.5, 21, 29.9, 30, 40) == [0, 10, 20.5]
    assert times.next_s(at(20.6)) is None


@pytest.mark.parametrize(("minutes_later", "said"), [(0.9, True), (1.1, False)])
def test_after_a_restart_only_a_time_just_past_is_spoken(
    times: NoticeTimes, minutes_later: float, said: bool
) -> None:
    times.take([notice(every_min=10)], live=False)
    assert bool(times.due(at(minutes_later))) is said
    assert spoken(times, 5, 10.2) == [10.2]


def test_one_posted_while_the_link_is_up_is_spoken_whatever_the_clocks_say(
    times: NoticeTimes,
) -> None:
    times.take([notice("late", posted_at=at(-7)), notice("early", posted_at=at(3))], live=True)
    assert [n.id for n in times.due(NINE)] == ["late", "early"]
    assert spoken(times, 1, 3, 4) == []


def test_one_for_later_waits_for_its_time(times: NoticeTimes) -> None:
    times.take([notice(posted_at=at(5))], live=False)
    assert times.next_s(NINE) == 300
    assert spoken(times, 0, 4.9, 5) == [5]


def test_a_time_that_passed_while_the_clock_went_back_is_not_spoken_again(
    times: NoticeTimes,
) -> None:
    times.take([notice(every_min=10)], live=True)
    assert spoken(times, 20, 12, 19, 20.1, 30) == [20, 30]


def test_notices_for_other_places_and_those_withdrawn_are_not_spoken(times: NoticeTimes) -> None:
    times.take([notice(places=["board"])], live=True)
    assert not times.due(NINE)
    times.take([notice(every_min=10)], live=True)
    times.take([], live=True)
    assert not times.due(at(10))


def test_the_next_time_is_known(times: NoticeTimes) -> None:
    times.take([notice("a", every_min=10), notice("b", every_min=15)], live=False)
    times.due(NINE)
    assert times.next_s(at(4)) == 360


def test_a_notice_that_still_waits_is_queued_once() -> None:
    queue = NoticeQueue()
    queue.take([notice("a", every_min=1), notice("b", text="停电")], live=True)
    first = queue.next(NINE)
    assert first is not None and first.notice.id == "a"
    other = queue.next(at(1.1))
    assert other is not None and other.notice.id == "b"
    queue.put_back(other)
    queue.next(at(2.1))
    ids = [job.notice.id for _ in range(5) if (job := queue.next(at(2.1))) is not None]
    assert sorted(ids) == ["a"]


def test_a_notice_that_was_withdrawn_while_it_waited_is_passed_over() -> None:
    queue = NoticeQueue()
    queue.take([notice("a"), notice("b", until=at(1))], live=True)
    job = queue.next(NINE)
    assert job is not None
    queue.put_back(job)
    queue.take([notice("b", until=at(1))], live=True)
    assert queue.next(at(2)) is None
    assert queue.wait_s(at(2), 30.0) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("下午15:30停电", "下午十五点三十分停电"),
        ("17：00停止取号", "十七点停止取号"),
        ("9:05-11:30", "九点零五分到十一点三十分"),
        ("电话0391-6633000", "电话零三九一六六三三零零零"),
        ("电话13912345678", "电话一三九一二三四五六七八"),
        ("2026年11月27日", "二零二六年十一月二十七日"),
        ("A012号到1-3号窗口", "A 零一二号到一到三号窗口"),
        ("约３０分钟，涨50%，共3.5元", "约三十分钟，涨百分之五十，共三点五元"),
        ("WiFi（免费）“好”", "W I F I 免费 好"),
        ("0人，10000份", "零人，一零零零零份"),
        ("二〇二六年", "二零二六年"),
        ("2026-11-27或2026/1/2停电", "二零二六年十一月二十七日或二零二六年一月二日停电"),
        ("下午2:00到2点，2个人，2人，12人", "下午两点到两点，两个人，两人，十二人"),
        ("第2个，2号，2.5小时，22:02", "第二个，二号，二点五小时，二十二点零二分"),
        ("限100-200人，1,000元", "限一百到二百人，一千元"),
        ("拨打12345或110", "拨打一二三四五或一百一十"),
        ("报警电话：110", "报警电话：一一零"),
        ("手机139-1234-5678，400-820-8820", "手机一三九一二三四五六七八，四零零八二零八八二零"),
    ],
)
def test_numbers_times_and_letters_are_put_in_words(text: str, said: str) -> None:
    assert in_words(text).replace("  ", " ") == said


def test_a_notice_is_said_in_sentences_and_breaths() -> None:
    assert sentences("请保持安静。谢谢！") == ["请保持安静", "谢谢"]
    assert sentences("，。 …") == []
    long = "各位办事群众请注意，" * 9 + "无" * 90
    breaths = sentences(long)
    assert "".join(breaths) == long
    assert max(map(len, breaths)) <= MOST_CHARS


@pytest.mark.parametrize("back_min", [10, 480])
def test_a_clock_that_was_set_back_far_silences_no_notice(
    times: NoticeTimes, back_min: int
) -> None:
    times.take([notice(every_min=5, posted_at=at(-960))], live=True)
    assert spoken(times, 0, 5 - back_min - 2, 5 - back_min, 9 - back_min) == [0, 5 - back_min]


def test_a_notice_posted_in_the_future_of_this_clock_is_said_once_and_then_in_its_interval(
    times: NoticeTimes,
) -> None:
    times.take([notice(every_min=10, posted_at=at(3))], live=True)
    assert spoken(times, 0, 1, 3, 4, 12.9, 13, 20) == [0, 13]


def test_a_notice_waits_for_calls_longer_than_its_time_lasts() -> None:
    queue = NoticeQueue()
    queue.take([notice(every_min=10)], live=False)
    for minute in (9.9, 10, 11, 12, 13):
        queue.collect(at(minute))
    job = queue.next(at(14))
    assert job is not None and job.notice.id == "n"
    assert queue.next(at(14)) is None


def test_an_interval_is_kept_over_midnight_and_a_change_to_summer_time() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    posted = datetime(2026, 3, 28, 23, 50, tzinfo=berlin)
    times = NoticeTimes()
    times.take([notice(every_min=20, posted_at=posted)], live=True)
    start = posted.astimezone(UTC)
    said = [m for m in range(240) if times.due((start + timedelta(minutes=m)).astimezone(berlin))]
    assert said == list(range(0, 240, 20))


@given(st.text(max_size=60))
def test_any_text_is_read_in_words_that_can_be_said(text: str) -> None:
    for sentence in sentences(text):
        assert 0 < len(sentence) <= MOST_CHARS
        assert not any(char.isdigit() for char in sentence)
    english_words(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Call 0391-6633000 by 17:30", "Call 0 3 9 1 6 6 3 3 0 0 0 by 17:30"),
        ("Hotline 12345", "Hotline 1 2 3 4 5"),
        ("From 2026-11-27, room 1205", "From 2026-11-27, room 1205"),
        ("!!! 请", ""),
        ("", ""),
    ],
)
def test_telephone_numbers_are_said_digit_by_digit_in_english(text: str, said: str) -> None:
    assert english_words(text) == said
