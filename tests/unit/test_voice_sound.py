"""Checks of speech files, the chime, one file a call."""

import contextlib
import math
import wave
from array import array
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from display.voice import sound


def tone(seconds: float, peak: int = 12_000) -> "array[int]":
    return array("h", (int(peak * math.sin(at / 8)) for at in range(int(seconds * sound.RATE_HZ))))


def save(
    path: Path, frames: bytes, channels: int = 1, rate: int = sound.RATE_HZ, width: int = 2
) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(frames)
    return path


def test_a_phrase_loses_the_silence_around_it(tmp_path: Path) -> None:
    quiet = array("h", bytes(2 * sound.RATE_HZ))
    path = save(tmp_path / "x.wav", (quiet + tone(2.0) + quiet).tobytes())
    assert sound.seconds(sound.read_phrase(path, 1.0, 10.0)) == pytest.approx(2.0, abs=0.02)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("silent", bytes(2 * 3 * sound.RATE_HZ), "0.00 s"),
        ("hiss", tone(3.0, 150).tobytes(), "0.00 s"),
        ("cut off", tone(0.4).tobytes(), "0.40 s"),
        ("far too long", tone(11.0).tobytes(), "11.00 s"),
        ("empty", b"", "0.00 s"),
    ],
)
def test_a_file_that_is_not_a_phrase_is_refused(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    with pytest.raises(sound.BadSound, match=says):
        sound.read_phrase(save(tmp_path / "x.wav", content), 1.0, 10.0)


def test_a_click_in_silence_is_not_a_phrase(tmp_path: Path) -> None:
    samples = array("h", bytes(2 * 3 * sound.RATE_HZ))
    samples[100] = samples[-100] = 20_000
    with pytest.raises(sound.BadSound, match="silent"):
        sound.read_phrase(save(tmp_path / "x.wav", samples.tobytes()), 1.0, 10.0)


def test_other_forms_of_wav_are_refused(tmp_path: Path) -> None:
    for channels, rate in ((2, sound.RATE_HZ), (1, 44_100)):
        path = save(tmp_path / "x.wav", tone(2.0).tobytes(), channels, rate)
        with pytest.raises(sound.BadSound, match="not mono"):
            sound.read_phrase(path, 0.5, 10.0)


@pytest.mark.parametrize("content", [None, b"", b"RIFF", b"not a sound at all" * 50])
def test_what_is_not_wav_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(sound.BadSound):
        sound.read_phrase(path, 0.5, 10.0)


def test_the_chime_is_heard_short_and_ends_softly() -> None:
    bell = sound.chime()
    assert 1.0 <= sound.seconds(bell) <= 1.5
    assert sound.level(bell) > 2_000
    assert max(map(abs, bell)) < 32_767
    assert abs(bell[0]) < 300 and max(map(abs, bell[-20:])) < 300


def _pitch(samples: "array[int]", frequency: float) -> float:
    """How strong ``frequency`` is (Goertzel)."""
    step = 2 * math.pi * frequency / sound.RATE_HZ
    real = sum(s * math.cos(step * at) for at, s in enumerate(samples))
    imaginary = sum(s * math.sin(step * at) for at, s in enumerate(samples))
    return math.hypot(real, imaginary) / len(samples)


def test_the_chime_goes_ding_dong() -> None:
    bell = sound.chime()
    first, second = bell[2_000:8_000], bell[14_000:24_000]
    assert _pitch(first, 659.26) > 5 * _pitch(first, 523.25)
    assert _pitch(second, 523.25) > 2 * _pitch(second, 659.26)


@pytest.mark.parametrize("volume", [10, 85, 100])
def test_a_call_never_clips_and_keeps_its_volume(volume: int) -> None:
    said = [tone(2.0, 32_767)] * 2
    whole = sound.join(sound.compose(said, before=sound.chime(), volume=volume))
    assert max(map(abs, whole)) == pytest.approx(32_767 * volume / 100, rel=0.01)
    assert max(map(abs, whole)) <= 32_767


def test_a_call_has_a_part_for_each_time_it_is_said() -> None:
    bell = tone(0.5)
    first, second, third = sound.compose([tone(1.0)] * 3, before=bell, volume=50)
    assert sound.seconds(first) == pytest.approx(1.6, abs=0.01)
    assert sound.seconds(second) == pytest.approx(1.35, abs=0.01)
    assert sound.seconds(third) == pytest.approx(1.45, abs=0.01)
    (alone,) = sound.compose([tone(1.0)], before=array("h"), volume=50)
    assert sound.seconds(alone) == pytest.approx(1.1, abs=0.01)


def test_a_file_appears_complete_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    sound.write(path, tone(1.0))
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 22_050)
        assert file.getnframes() == sound.RATE_HZ
    assert [p.name for p in tmp_path.iterdir()] == ["call.wav"]
    (tmp_path / "taken.wav").mkdir()
    with pytest.raises(OSError, match="taken"):
        sound.write(tmp_path / "taken.wav", tone(0.1))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["call.wav", "taken.wav"]


def test_only_the_oldest_calls_are_removed(tmp_path: Path) -> None:
    for number in range(5):
        sound.write(tmp_path / f"{number:08d}-A00{number}-w1.wav", tone(0.1))
    (tmp_path / "notes.wav").write_bytes(b"")
    sound.remove_oldest(tmp_path, "*-w*.wav", 2)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "00000003-A003-w1.wav",
        "00000004-A004-w1.wav",
        "notes.wav",
    ]


@pytest.mark.parametrize(
    ("samples", "channels", "width", "says"),
    [
        (tone(0.4), 1, 1, "8 bit"),
        (tone(0.3), 1, 3, "24 bit"),
        (array("h", [0] * 9_000 + [20_000] * 20 + [0] * 9_000), 1, 2, "too short for a word"),
        (array("h", bytes(10_100_000)), 2, 2, "larger than 10 MB"),
    ],
)
def test_other_recordings_are_refused(
    tmp_path: Path, samples: "array[int]", channels: int, width: int, says: str
) -> None:
    path = save(tmp_path / "x.wav", samples.tobytes(), channels, width=width)
    with pytest.raises(sound.BadSound, match=says):
        sound.read_recording(path, 4.0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(0, 47), st.integers(0, 255)), min_size=1, max_size=4))
@example([(38, ord("t")), (39, 2)])
def test_a_damaged_file_is_bad_sound_and_nothing_worse(
    tmp_path: Path, changes: list[tuple[int, int]]
) -> None:
    path = save(tmp_path / "x.wav", tone(0.1).tobytes())
    content = bytearray(path.read_bytes())
    for at, value in changes:
        content[at] = value
    path.write_bytes(bytes(content))
    with contextlib.suppress(sound.BadSound):
        sound.read_recording(path, 4.0)
