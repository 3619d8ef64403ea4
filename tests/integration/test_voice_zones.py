"""Zones, volume by time of day, and notices, with the real engine."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from display.voice.sound import seconds
from hallkit.runtime.clock import ManualClock
from hallkit.wire.board import Notice
from tests.fakes.voice_stage import Stage, samples, stages

NINE = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    with stages(tmp_path / "voice") as make:
        yield lambda **more: make(chime=False, repeat=1, engine="espeak-ng", **more)


def notice(text: str = "请保持安静。", **more: Any) -> Notice:
    values = {"id": "n", "text": text, "places": ["voice"], "posted_at": NINE}
    return Notice.model_validate(values | more)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*.wav"))


def test_each_zone_says_its_own_calls_and_a_stray_one_is_said_in_all(
    stage: Callable[..., Stage], caplog: pytest.LogCaptureFixture
) -> None:
    zones = [{"name": "一楼", "windows": [1, 2]}, {"name": "二楼", "areas": ["up"]}]
    one = stage(zones=zones)
    one.call(1, window=1)
    one.call(2, window=7, area="up")
    one.call(3, window=9)
    one.wait_said(4)
    both = "00000003-A003-w9.wav"
    assert files(one.folder / "一楼") == ["00000001-A001-w1.wav", both]
    assert files(one.folder / "二楼") == ["00000002-A002-w7.wav", both]
    assert [part.name for part in one.voice.states()] == ["voice 一楼", "voice 二楼"]
    assert "no zone says the calls of window 9" in caplog.text


def test_a_zone_that_hangs_keeps_no_other_waiting(
    stage: Callable[..., Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / "bin" / "aplay"
    command.parent.mkdir()
    command.write_text('#!/bin/sh\ncase "$3" in dead) exec sleep 600;; esac\nexec cat >/dev/null\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}:/usr/bin:/bin")
    zones = [{"name": "a", "device": "dead"}, {"name": "b", "device": "good"}]
    one = stage(zones=zones, player="aplay")
    for number in (1, 2, 3):
        one.call(number)
        one.wait_said(number)
    assert len(files(one.folder / "a")) == 1
    assert len(files(one.folder / "b")) == 3
    assert one.voice.states()[0].text.startswith("正在播报")


def test_the_volume_follows_the_hall_s_own_clock(stage: Callable[..., Stage]) -> None:
    clock = ManualClock(NINE)
    one = stage(clock=clock, volume=80, volumes=[{"from": "18:00", "to": "08:00", "percent": 25}])
    one.voice.timezone(ZoneInfo("Asia/Shanghai"))
    one.call(1)
    one.wait_said(1)
    clock.advance(timedelta(hours=9))
    one.call(2)
    one.wait_said(2)
    day, evening = (max(map(abs, samples(one.folder / name))) for name in one.files)
    assert day == pytest.approx(0.8 * 32_767, rel=0.01)
    assert evening == pytest.approx(0.2 * 32_767, rel=0.01)


def test_a_notice_is_spoken_when_posted_and_again_in_its_interval(
    stage: Callable[..., Stage],
) -> None:
    clock = ManualClock(NINE)
    one = stage(clock=clock)
    hourly = [notice("下午15:30停电，请到A区。谢谢配合！", every_min=60)]
    one.voice.notices(hourly, live=True)
    one.wait_said(1)
    clock.advance(timedelta(minutes=30))
    one.voice.notices(hourly, live=True)
    one.call(1)
    one.wait_said(2)
    clock.advance(timedelta(minutes=31))
    one.voice.notices(hourly, live=True)
    one.wait_said(3)
    text = hourly[0].text
    assert [c for c in one.captions if c] == [text, "请A零零一号到三号窗口办理", text]
    spoken = [name for name in one.files if name.endswith("-notice.wav")]
    assert len(spoken) == 2
    syllables = len("下午十五点三十分停电请到A区谢谢配合")
    assert 0.18 * syllables < seconds(samples(one.folder / spoken[0])) < 0.45 * syllables


def test_a_notice_has_its_english_words_where_english_is_spoken(
    stage: Callable[..., Stage],
) -> None:
    both = notice(text_en="Please keep quiet.")
    one = stage(clock=ManualClock(NINE), english=True)
    one.voice.notices([both], live=True)
    one.wait(lambda: one.captions == [both.text, both.text_en, ""])


def test_calls_go_before_notices_and_between_their_sentences(
    stage: Callable[..., Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / "bin" / "aplay"
    command.parent.mkdir()
    command.write_text("#!/bin/sh\nexec cat >/dev/null\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}:/usr/bin:/bin")
    one = stage(player="aplay", clock=ManualClock(NINE))
    text = "请保持安静。请看管好随身物品。"
    waiting = [1, 2]

    def call(caption: str) -> None:
        if caption == text and waiting:
            one.call(waiting.pop(0))

    one.on_caption = call
    one.voice.notices([notice(text)], live=True)
    one.wait_said(4)
    said = [caption for caption in one.captions if caption]
    first, second = "请A零零一号到三号窗口办理", "请A零零二号到三号窗口办理"
    # The second call came with the second sentence, which was the last.
    assert said == [text, first, text, second]


def test_a_notice_withdrawn_in_time_is_not_spoken(stage: Callable[..., Stage]) -> None:
    one = stage(clock=ManualClock(NINE))
    soon = notice(posted_at=NINE + timedelta(seconds=30))
    one.voice.notices([soon], live=False)
    one.voice.notices([], live=True)
    one.call(1)
    one.wait_said(1)
    assert one.files == ["00000001-A001-w3.wav"]


@pytest.fixture
def plays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A player that plays at once, and writes a letter here for each sound."""
    command = tmp_path / "bin" / "aplay"
    command.parent.mkdir()
    command.write_text(f"#!/bin/sh\nprintf x >>{tmp_path}/plays\nexec cat >/dev/null\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}:/usr/bin:/bin")
    return tmp_path / "plays"


def test_a_notice_withdrawn_while_it_is_said_ends_with_its_sentence(
    stage: Callable[..., Stage], plays: Path
) -> None:
    one = stage(player="aplay", clock=ManualClock(NINE))
    text = "请保持安静。请看管好随身物品。"
    one.on_caption = lambda caption: one.voice.notices([], live=True) if caption else None
    one.voice.notices([notice(text)], live=True)
    one.wait_said(1)
    one.on_caption = lambda _text: None
    one.call(1)
    one.wait_said(2)
    assert [c for c in one.captions if c] == [text, "请A零零一号到三号窗口办理"]
    assert plays.read_text() == "xx"


def test_english_that_cannot_be_said_takes_no_chinese_with_it(
    stage: Callable[..., Stage],
) -> None:
    one = stage(clock=ManualClock(NINE), english=True)
    long = "See https://www.example.gov.cn/index.html?id=123456789012345678 or call 0391-6633000"
    texts = [notice(text_en="!!! ?"), notice("谢谢配合。", id="m", text_en=long)]
    one.voice.notices(texts, live=True)
    one.wait_said(2)
    assert [c for c in one.captions if c] == ["请保持安静。", "谢谢配合。", long]
    assert one.now.state == "files_only"


def test_short_unstressed_words_are_speech_too(stage: Callable[..., Stage]) -> None:
    one = stage(clock=ManualClock(NINE))
    one.voice.notices([notice("好的，是吗？啊！")], live=True)
    one.wait_said(1)
    assert one.now.state == "files_only"
    assert len(one.files) == 1
