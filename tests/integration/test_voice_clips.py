"""A hall's own recordings, made here by espeak-ng, joined to calls."""

import subprocess
import wave
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from display.voice.clips import LETTERS, Clips, ClipsMissing, needed
from display.voice.commands import Commands
from display.voice.phrases import DIGITS, Announcement, Manner, joined, phrase
from display.voice.render import Order, Renderer
from display.voice.settings import VoiceSettings
from display.voice.sound import RATE_HZ, level, seconds
from display.voice.synthesis import ENGINE_COMMAND, espeak
from tests.fakes.voice_stage import Stage, check_call, stages

CALL = Announcement(ticket="A012", window=3, window_kind="comprehensive")
PINYIN = {word.hanzi: word.pinyin for word in (*phrase(CALL).words, *DIGITS)}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recordings for 请A…号到…号综合窗口办理, digits from 0 to 3."""
    folder = tmp_path_factory.mktemp("clips")
    for name in {*phrase(CALL).clips, "零", "三"}:
        espeak(Commands(), PINYIN[name], 250, folder / f"{name}.wav", 30.0, "zh")
    return folder


@pytest.fixture
def clips_dir(recorded: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    folder = tmp_path / "clips"
    subprocess.run(["cp", "-r", recorded, folder], check=True)
    return folder


@pytest.fixture
def stage(tmp_path: Path, clips_dir: Path) -> Iterator[Callable[[], Stage]]:
    with stages(tmp_path / "voice") as make:
        yield lambda: make(engine="clips", clips_dir=str(clips_dir))


def read(path: Path) -> "array[int]":
    with wave.open(str(path)) as file:
        return array("h", file.readframes(file.getnframes()))


def rewrite(path: Path, rate: int, channels: int) -> None:
    """The same sound in another form (nearest sample)."""
    old = read(path)
    count = int(len(old) * rate / RATE_HZ)
    new = array("h")
    for at in range(count):
        new.extend([old[min(len(old) - 1, int(at * RATE_HZ / rate))]] * channels)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(new.tobytes())


def test_a_call_is_its_recordings_one_after_the_other(recorded: Path) -> None:
    clips = Clips(recorded)
    whole = clips.say(phrase(CALL).clips)
    words = [clips.say([name]) for name in phrase(CALL).clips]
    assert seconds(whole) == pytest.approx(
        sum(map(seconds, words)) + 0.05 * (len(words) - 1), abs=0.01
    )
    at = 0
    for word in words:
        assert whole[at : at + len(word)] == word
        at += len(word) + int(0.05 * RATE_HZ)
    assert level(whole) > 500


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (16_000, 1), (44_100, 2), (48_000, 2)])
def test_any_usual_form_of_recording_sounds_the_same(
    clips_dir: Path, rate: int, channels: int
) -> None:
    before = Clips(clips_dir).say(["综合窗口"])
    rewrite(clips_dir / "综合窗口.wav", rate, channels)
    after = Clips(clips_dir).say(["综合窗口"])
    assert seconds(after) == pytest.approx(seconds(before), abs=0.02)
    assert level(after) == pytest.approx(level(before), rel=0.1)


def test_recordings_cost_no_engine_and_calls_are_in_order(stage: Callable[[], Stage]) -> None:
    one = stage()
    one.call(12, 31, 200, window_kind="comprehensive")
    one.wait_said(3)
    assert one.voice.engine_pid is None
    assert [name[:13] for name in one.files] == ["00000012-A012", "00000031-A031", "00000200-A200"]
    for name in one.files:
        check_call(one.folder / name)


def test_a_missing_recording_is_told_and_that_call_is_synthesized(
    stage: Callable[[], Stage], clips_dir: Path
) -> None:
    (clips_dir / "二.wav").unlink()
    one = stage()
    one.call(12, window_kind="comprehensive")
    one.wait_said(1)
    check_call(one.folder / "00000012-A012-w3.wav")
    assert one.voice.engine_pid is not None
    assert "缺少：" in one.now.text
    assert one.now.state == "clips_missing"


def test_a_recording_that_was_put_right_is_used_again(recorded: Path, tmp_path: Path) -> None:
    settings = VoiceSettings(engine="clips", clips_dir=str(tmp_path), chime=False)
    renderer = Renderer(settings, ENGINE_COMMAND)
    said, names = phrase(CALL), set(phrase(CALL).clips)
    try:
        renderer.prepare()
        assert names <= set(renderer.missing)
        for name in names:
            (tmp_path / f"{name}.wav").write_bytes((recorded / f"{name}.wav").read_bytes())
        (parts, _) = renderer.call(Order(said, 180, 85))
        assert seconds(parts[0].samples) == pytest.approx(
            seconds(Clips(tmp_path).say(said.clips)) + 0.1, abs=0.01
        )
        assert not names & set(renderer.missing)
    finally:
        renderer.close()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no whole WAV file"),
        (b"not a sound at all", "file does not start with RIFF"),
        (None, "No such file"),
    ],
)
def test_what_is_no_recording_is_told_with_its_reason(
    clips_dir: Path, content: bytes | None, says: str
) -> None:
    path = clips_dir / "请.wav"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ClipsMissing, match="请") as caught:
        Clips(clips_dir).say(phrase(CALL).clips)
    assert caught.value.names == ("请",)
    assert says in Clips(clips_dir).problem("请")


def test_silence_and_a_whole_speech_are_no_recordings(clips_dir: Path) -> None:
    quiet, long = clips_dir / "请.wav", clips_dir / "到.wav"
    for path, samples in ((quiet, array("h", bytes(RATE_HZ))), (long, read(long) * 20)):
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            file.writeframes(samples.tobytes())
    clips = Clips(clips_dir)
    assert clips.problem("请") == "请.wav: silent"
    assert "longer than 4 s" in clips.problem("到")


def test_what_is_needed_is_all_that_calls_say() -> None:
    names = set(needed(Manner()))
    assert set(LETTERS) | set("零一二三四五六七八九十百千号到请") <= names
    assert {"窗口", "综合窗口", "老年人窗口", "导办台", "办理", "领取证件", "咨询"} <= names
    assert "幺" not in names
    assert {"幺", "绿色通道"} <= set(needed(Manner(yao=True, green=True)))
    assert set(joined([CALL, CALL]).clips) <= names


def test_a_folder_in_the_place_of_a_recording_is_told(clips_dir: Path) -> None:
    (clips_dir / "请.wav").unlink()
    (clips_dir / "请.wav").mkdir()
    assert Clips(clips_dir).problem("请") == "请.wav: not a file"
