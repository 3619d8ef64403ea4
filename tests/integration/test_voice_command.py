"""``hall display voice``: what it finds missing, and one call as a file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from display.cli import main
from display.voice.clips import needed
from display.voice.phrases import Manner
from display.voice.sound import seconds
from tests.fakes.voice_stage import check_call, samples


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., str]:
    def make(*lines: str) -> str:
        path = tmp_path / "display.toml"
        path.write_text("\n".join(["[voice]", 'player = "none"', *lines]), "utf-8")
        return str(path)

    return make


def test_check_says_that_all_is_well(
    config: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["voice", "check", "--config", config()]) == 0
    said = capsys.readouterr().out
    assert "语音合成：可用 / the speech engine works" in said
    assert "只写文件，不播放" in said


def test_check_lists_every_recording_that_is_missing_or_unusable(
    config: Callable[..., str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "请.wav").write_bytes(b"not a sound")
    path = config('engine = "clips"', f'clips_dir = "{tmp_path}"', "yao = true")
    assert main(["voice", "check", "--config", path]) == 1
    said = capsys.readouterr().out
    names = needed(Manner(yao=True))
    assert all(f"  {name}.wav: " in said for name in names)
    assert "请.wav: file does not start with RIFF" in said
    assert f"录音：需要 {len(names)} 个，可用 0 个" in said


def test_check_tells_of_a_missing_engine_and_sound_card(
    config: Callable[..., str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    path = Path(config('engine = "espeak-ng"'))
    zones = '\n[[voice.zones]]\nname = "一楼"\n'
    path.write_text(path.read_text("utf-8").replace('"none"', '"auto"') + zones, "utf-8")
    assert main(["voice", "check", "--config", str(path)]) == 1
    said = capsys.readouterr().out
    assert "语音合成：不可用" in said
    assert "一楼：声卡：没有 / no sound card" in said


def test_say_writes_one_call(
    config: Callable[..., str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "call.wav"
    order = ["voice", "say", "--config", config(), "a012", "3", "--kind", "comprehensive"]
    assert main([*order, "--out", str(out)]) == 0
    assert "请A零一二号到三号综合窗口办理" in capsys.readouterr().out
    check_call(out)
    assert main([*order, "--collect", "--out", str(tmp_path / "none" / "x.wav")]) == 1
    said = capsys.readouterr()
    assert "综合窗口领取证件" in said.out
    assert "不能播报 / cannot be said" in said.err


def test_say_plays_one_call(
    config: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / "bin" / "aplay"
    command.parent.mkdir()
    command.write_text(f"#!/bin/sh\necho $@ > {tmp_path}/arguments\ncat > {tmp_path}/heard.wav\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}:/usr/bin:/bin")
    path = config('device = "plughw:1,0"', "english = true", "repeat = 1")
    assert main(["voice", "say", "--config", path, "A012", "3"]) == 0
    assert (tmp_path / "arguments").read_text() == "-q -D plughw:1,0 -\n"
    assert 6.0 < seconds(samples(tmp_path / "heard.wav")) < 14.0


@pytest.mark.parametrize(("ticket", "window"), [("A12345678", "3"), ("A012", "0"), ("..", "3")])
def test_what_cannot_be_said_is_refused(
    config: Callable[..., str], ticket: str, window: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["voice", "say", "--config", config(), ticket, window]) == 2
    assert "号码或窗口不对" in capsys.readouterr().err


def test_a_wrong_file_is_a_clear_error(
    config: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["voice", "check", "--config", config('engine = "clip"')]) == 2
    assert 'did you mean "clips"?' in capsys.readouterr().err


def test_check_plays_through_each_device(
    config: Callable[..., str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    alsa = tmp_path / "asound.conf"
    alsa.write_text("pcm.hall { type null }\npcm.broken { type hw card 99 }\n")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(alsa))
    zones = ["[[voice.zones]]", 'name = "东"', 'device = "hall"']
    zones += ["[[voice.zones]]", 'name = "西"', 'device = "broken"']
    lines = ['engine = "espeak-ng"', *zones]
    path = Path(config(*lines))
    path.write_text(path.read_text("utf-8").replace('"none"', '"aplay"'), "utf-8")
    assert main(["voice", "check", "--config", str(path)]) == 1
    said = capsys.readouterr().out
    assert "东：声卡：可用 / the sound card works" in said
    assert "西：声卡：不能播放 / sound cannot be played: aplay: main:" in said
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["voice", "check", "--config", str(path)]) == 1
    assert "东：声卡：不能播放" in capsys.readouterr().out


def test_say_in_a_zone_has_its_device_and_volume(
    config: Callable[..., str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zones = ["[[voice.zones]]", 'name = "东"', "volume = 20"]
    path, out = (
        config('engine = "espeak-ng"', "chime = false", "repeat = 1", *zones),
        tmp_path / "x.wav",
    )
    say = ["voice", "say", "--config", path, "A012", "3", "--out", str(out)]
    assert main([*say, "--zone", "东"]) == 0
    assert max(map(abs, samples(out))) == pytest.approx(0.2 * 32_767, rel=0.01)
    assert main([*say, "--zone", "南"]) == 2
    assert "没有这个分区 / no such zone: 南 (东)" in capsys.readouterr().err
