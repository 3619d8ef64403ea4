"""What is heard: through aplay and ALSA, into a file where a sound card would be."""

import re
import shutil
import threading
import time
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from display.voice.commands import CommandFailed, Commands
from display.voice.player import PlaybackFailed, Player, has_sound_card
from display.voice.sound import seconds
from tests.fakes.voice_stage import WAIT_S, Stage, samples, stages


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    with stages(tmp_path / "voice") as make:
        yield lambda **more: make(**{"engine": "espeak-ng"} | more)


@pytest.fixture
def capture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """ALSA's default device writes what is played to this file."""
    assert shutil.which("aplay"), "alsa-utils is needed"
    heard = tmp_path / "heard.raw"
    config = tmp_path / "asound.conf"
    config.write_text(
        "pcm.!default {\n type file\n slave.pcm { type null }\n"
        f' file "|cat >> {heard}"\n format "raw"\n}}\n'
    )
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(config))
    return heard


def sound_of(raw: Path) -> list[int]:
    """What was heard, without its silence."""
    content = raw.read_bytes() if raw.exists() else b""
    return [sample for sample in array("h", content[: len(content) // 2 * 2]) if sample]


def test_what_is_heard_is_every_call_in_order_without_overlap(
    stage: Callable[..., Stage], capture: Path
) -> None:
    one = stage(player="aplay", most_behind_s=120)
    one.call(1, 2, 3)
    one.wait_said(3)
    files = [name for name in one.files if name.endswith(".wav")]
    assert [re.findall(r"A\d+", name) for name in files] == [["A001"], ["A002"], ["A003"]]
    # Silence fills ALSA's last period after each part, and ends no file.
    written = [sample for name in files for sample in samples(one.folder / name) if sample]
    deadline = time.monotonic() + WAIT_S
    while sound_of(capture) != written:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert one.now.state == "ready"


def test_ten_windows_at_once_are_joined_in_order_and_nothing_is_said_twice(
    stage: Callable[..., Stage], capture: Path
) -> None:
    one = stage(player="aplay")
    first, rest = "请A零零一号到一号综合窗口办理", threading.Event()

    def others(caption: str) -> None:
        if caption == first and not rest.is_set():
            rest.set()
            for number in range(2, 11):
                one.call(number, window=number, window_kind="comprehensive")
            one.call(7, seq=70, window=7, window_kind="comprehensive")

    one.on_caption = others
    one.call(1, window=1, window_kind="comprehensive")
    one.wait(lambda: bool(one.captions) and "A零一零" in one.captions[-2:][0])
    one.wait(lambda: one.captions[-1] == "")
    said = [caption for caption in one.captions if caption]
    tickets = re.findall(r"A零(?:零.|一零)", "".join(said))
    digits = "零一二三四五六七八九"
    assert tickets == [*(f"A零零{digits[n]}" for n in range(1, 10)), "A零一零"]
    assert len(said) <= 5
    files = sorted(one.folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    # The first call was to be said twice, but others waited then.
    assert files[0].name == "00000001-A001-w1.wav"
    assert seconds(samples(files[0])) < 6.5
    written = [sample for path in files for sample in samples(path) if sample]
    deadline = time.monotonic() + WAIT_S
    while sound_of(capture) != written:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_player_that_fails_once_is_started_again(
    stage: Callable[..., Stage], aplay: Callable[[str], Path], tmp_path: Path
) -> None:
    aplay(f"echo x >> {tmp_path}/starts\n[ $(wc -l < {tmp_path}/starts) -gt 1 ] && cat >/dev/null")
    one = stage(player="aplay", repeat=1)
    one.call(1)
    one.wait_said(1)
    assert (tmp_path / "starts").read_text().count("x") == 2
    assert one.now.state == "ready"


def test_a_sound_card_that_does_not_play_is_told(
    stage: Callable[..., Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "asound.conf"
    config.write_text("pcm.!default { type hw card 99 }\n")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(config))
    one = stage(player="aplay")
    one.call(1)
    one.wait_said(1)
    assert one.now.state == "playback_failed"
    assert one.files == ["00000001-A001-w3.wav"]
    config.write_text("pcm.!default { type null }\n")
    one.call(2)
    one.wait_said(2)
    assert one.now.state == "ready"


def test_without_a_sound_card_files_are_written_and_the_state_says_so(
    stage: Callable[..., Stage], tmp_path: Path
) -> None:
    cards = tmp_path / "cards"
    assert not has_sound_card(cards)
    cards.write_text("--- no soundcards ---\n")
    assert not has_sound_card(cards)
    cards.write_text(" 0 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones\n")
    assert has_sound_card(cards)
    if has_sound_card():
        pytest.skip("this machine has a sound card")
    one = stage(player="auto")
    one.call(1)
    one.wait_said(1)
    assert one.now.text == "无声卡，只写文件"
    assert one.files == ["00000001-A001-w3.wav"]


@pytest.fixture
def aplay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Puts a command of this name, which does what the test says, before the real aplay."""

    def make(script: str) -> Path:
        folder = tmp_path / "bin"
        folder.mkdir()
        command = folder / "aplay"
        command.write_text(f"#!/bin/sh\n{script}\n")
        command.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        return folder

    return make


def test_a_player_that_never_ends_is_ended(aplay: Callable[[str], Path], tmp_path: Path) -> None:
    aplay("exec sleep 600")
    with pytest.raises(PlaybackFailed, match="did not end in time"):
        Player("aplay", margin_s=0.2).play(bytes(200_000), 0.1)


def test_the_chosen_device_is_used(aplay: Callable[[str], Path], tmp_path: Path) -> None:
    folder = aplay(f'echo "$@" > {tmp_path}/arguments')
    assert folder.exists()
    Player("aplay", "plughw:1,0").play(b"", 1.0)
    said = (tmp_path / "arguments").read_text().strip()
    assert said == "-q -D plughw:1,0 -"


def test_stop_in_the_middle_of_a_call_silences_it_at_once(
    stage: Callable[..., Stage], aplay: Callable[[str], Path], tmp_path: Path
) -> None:
    aplay(f"echo $$ > {tmp_path}/pid\nexec sleep 600")
    one = stage(player="aplay")
    one.call(1, 2)
    deadline = time.monotonic() + WAIT_S
    while not (tmp_path / "pid").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    one.voice.stop()
    assert one.files == ["00000001-A001-w3.wav"]
    assert one.now.state != "playback_failed"


def test_a_full_disk_keeps_no_call_from_being_heard(
    stage: Callable[..., Stage], capture: Path, tmp_path: Path
) -> None:
    (tmp_path / "voice").write_text("a file is in the way")
    one = stage(player="aplay", repeat=1)
    one.call(1)
    one.wait_said(1)
    assert one.now.state == "cannot_write"
    deadline = time.monotonic() + WAIT_S
    while not sound_of(capture):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_without_aplay_the_state_says_so(
    stage: Callable[..., Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    one = stage(player="aplay", engine="pyttsx3")
    one.call(1)
    one.wait_said(1)
    assert one.now.state == "playback_failed"
    assert one.files == ["00000001-A001-w3.wav"]


@pytest.mark.parametrize("why", ["the visitor has come", "it is called anew", "it is called on"])
def test_a_call_that_is_over_while_it_is_said_is_not_repeated(
    stage: Callable[..., Stage], aplay: Callable[[str], Path], why: str
) -> None:
    aplay("exec cat >/dev/null")
    come: set[int] = set()
    one = stage(player="aplay", chime=False, repeat=3, wanted=lambda call: call.seq not in come)
    again = {"it is called anew": {"seq": 2}, "it is called on": {"seq": 2, "window": 4}}.get(why)

    def over(caption: str) -> None:
        if caption and not come:
            come.add(1 if again is None else 0)
            if again is not None:
                one.call(1, **again)

    one.on_caption = over
    one.call(1)
    one.wait_said(1 if again is None else 2)
    first, *rest = (seconds(samples(one.folder / name)) for name in one.files)
    assert first < 4.5
    assert all(whole > 2 * first for whole in rest)


def test_stop_ends_whatever_makes_or_plays_a_sound(
    stage: Callable[..., Stage], aplay: Callable[[str], Path], tmp_path: Path
) -> None:
    espeak = aplay("exec cat >/dev/null") / "espeak-ng"
    espeak.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 600\n")
    espeak.chmod(0o755)
    one = stage(engine="espeak-ng", utterance_timeout_s=60.0)
    one.call(1)
    pid = tmp_path / "pid"
    deadline = time.monotonic() + WAIT_S
    while not (pid.exists() and pid.read_text().strip()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    one.voice.stop()
    assert not psutil.pid_exists(int(pid.read_text()))


def test_an_interrupted_command_fails_and_no_other_is_started() -> None:
    commands, failed = Commands(), []

    def run() -> None:
        try:
            commands.run(["sleep", "600"], 600.0)
        except CommandFailed as error:
            failed.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    commands.interrupt()
    thread.join(WAIT_S)
    assert len(failed) == 1
    with pytest.raises(CommandFailed, match="stopping"):
        commands.run(["true"], 1.0)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["sleep", "600"], "longer than 0.1 s"),
        (["false"], "ended with 1"),
        (["/nonexistent"], "No such file"),
        (["sh", "-c", "echo out of breath >&2; exit 3"], "ended with 3: out of breath"),
    ],
)
def test_a_command_that_fails_says_why(command: list[str], says: str) -> None:
    with pytest.raises(CommandFailed, match=says):
        Commands().run(command, 0.1 if command[0] == "sleep" else WAIT_S)
