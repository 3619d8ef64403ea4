"""The speaker with the real engine: a checked file for every call, in order, one at a time."""

import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from display.voice import speaker, synthesis
from display.voice.sound import seconds
from hallkit.wire.board import Notice
from tests.fakes.voice_stage import WAIT_S, Stage, check_call, samples, stages


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    with stages(tmp_path / "voice") as make:
        yield make


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, Any]]:
    """The settings of an engine that fails in one way."""
    monkeypatch.setenv("VOICE_FAKE_LOG", str(tmp_path / "engine.log"))

    def make(mode: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "tests.fakes.voice_engine_fake", mode]
        return {"engine_command": command}

    return make


def test_a_call_becomes_one_file_and_a_caption(stage: Callable[..., Stage]) -> None:
    one = stage()
    one.call(12, window_kind="comprehensive")
    one.wait_said(1)
    assert one.captions == ["请A零一二号到三号综合窗口办理", ""]
    assert one.files == ["00000012-A012-w3.wav"]
    check_call(one.folder / one.files[0])
    assert one.now.state == "files_only"
    assert "speaking" in one.states


@pytest.mark.parametrize(
    "call",
    [
        {"ticket": "A012", "window": 21, "window_kind": "comprehensive"},
        {"ticket": "W777", "window": 177, "window_kind": "elder"},
        {"ticket": "A1000", "window": 21, "window_kind": "certificate"},
        {"ticket": "A1", "window": 1, "window_kind": "guide"},
    ],
)
def test_the_longest_and_the_shortest_call_last_2_to_10_seconds(
    stage: Callable[..., Stage], call: dict[str, Any]
) -> None:
    one = stage()
    one.call(1, **call)
    one.wait_said(1)
    check_call(one.folder / one.files[0])


def test_chime_and_repeats_are_as_set(stage: Callable[..., Stage]) -> None:
    plain, full = stage(chime=False, repeat=1, engine="espeak-ng"), stage(engine="espeak-ng")
    plain.call(1)
    plain.wait_said(1)
    short = seconds(samples(plain.folder / "00000001-A001-w3.wav"))
    full.call(2)
    full.wait_said(1)
    long = seconds(samples(full.folder / "00000002-A002-w3.wav"))
    assert long > 2 * short + 1.0


def test_said_three_times_it_may_last_15_seconds(stage: Callable[..., Stage]) -> None:
    one = stage(repeat=3)
    one.call(1, ticket="A012", window=21, window_kind="comprehensive")
    one.wait_said(1)
    assert 11.0 < seconds(samples(one.folder / one.files[0])) <= 15.0


def test_many_calls_keep_their_order(stage: Callable[..., Stage]) -> None:
    one = stage()
    one.call(*range(1, 13))
    one.wait_said(12)
    said = [caption for caption in one.captions if caption]
    tens = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"]
    assert said == [f"请A零{tens[n // 10]}{tens[n % 10]}号到三号窗口办理" for n in range(1, 13)]
    assert len(one.files) == 12
    for name in one.files:
        check_call(one.folder / name)
    assert any("等待播报" in text for text in one.texts)
    assert not any("late" in state for state in one.states)


def test_a_recall_after_the_call_is_another_file(stage: Callable[..., Stage]) -> None:
    one = stage(engine="espeak-ng")
    one.call(1, seq=0)
    one.wait_said(1)
    one.call(1, seq=0)
    one.wait_said(2)
    assert len(one.files) == 2
    assert all(name.endswith("-A001-w3.wav") for name in one.files)


def test_only_the_newest_files_are_kept(stage: Callable[..., Stage]) -> None:
    one = stage(keep=2, engine="espeak-ng")
    one.call(1, 2, 3, 4)
    one.wait_said(4)
    assert one.files == ["00000003-A003-w3.wav", "00000004-A004-w3.wav"]


def test_an_engine_killed_between_and_during_calls_is_replaced(
    stage: Callable[..., Stage],
) -> None:
    one = stage()
    one.call(1)
    one.wait_said(1)
    first = one.voice.engine_pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    one.call(2, 3)
    one.wait_said(3)
    assert [name[:8] for name in one.files] == ["00000001", "00000002", "00000003"]
    for name in one.files:
        check_call(one.folder / name)
    deadline = time.monotonic() + WAIT_S
    count = 3
    while one.voice.engine_pid in (None, first):
        assert time.monotonic() < deadline
        count += 1
        one.call(count)
        one.wait_said(count)
    one.call(count + 1)
    one.wait_said(count + 1)
    assert "备用" not in one.now.text


def test_an_engine_killed_in_every_call_loses_no_call(stage: Callable[..., Stage]) -> None:
    one = stage()
    killed = []

    def kill(text: str) -> None:
        pid = one.voice.engine_pid
        if text and pid is not None:
            killed.append(pid)
            os.kill(pid, signal.SIGKILL)

    one.on_caption = kill
    one.call(*range(1, 7))
    one.wait_said(6)
    assert killed
    assert len(one.files) == 6
    for name in one.files:
        check_call(one.folder / name)


def test_a_frozen_engine_is_ended_in_time(stage: Callable[..., Stage]) -> None:
    one = stage(utterance_timeout_s=1.0)
    one.call(1)
    one.wait_said(1)
    pid = one.voice.engine_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    one.call(2)
    # On a busy machine the stand-in may be late too: the call is then said a little later.
    one.wait(
        lambda: one.folder.exists() and "00000002-A002-w3.wav" in one.files and not one.captions[-1]
    )
    check_call(one.folder / "00000002-A002-w3.wav")
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize(
    "mode",
    ["hang", "die", "silent", "cut", "no_file", "not_wav", "garbage", "endless", "refuse"],
)
def test_whatever_the_engine_does_the_call_is_spoken(
    stage: Callable[..., Stage], broken: Callable[[str], dict[str, Any]], mode: str
) -> None:
    one = stage(**broken(mode), utterance_timeout_s=1.0)
    one.call(1)
    # On a busy machine the stand-in may be late too: the call is then said a little later.
    one.wait(
        lambda: one.folder.exists() and "00000001-A001-w3.wav" in one.files and not one.captions[-1]
    )
    check_call(one.folder / "00000001-A001-w3.wav")
    assert "备用语音引擎" in one.now.text
    assert one.voice.engine_pid is None


def test_an_engine_that_never_starts_is_left_alone_for_a_while(
    stage: Callable[..., Stage], broken: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    one = stage(**broken("never_ready"))
    one.call(*range(1, 6))
    one.wait_said(5)
    assert len(one.files) == 5
    starts = (tmp_path / "engine.log").read_text().splitlines().count("start")
    assert 1 <= starts < 5


def test_an_engine_that_does_not_exist_is_replaced_by_the_stand_in(
    stage: Callable[..., Stage],
) -> None:
    one = stage(engine_command=["/nonexistent/engine"])
    one.call(1)
    one.wait_said(1)
    check_call(one.folder / "00000001-A001-w3.wav")


@pytest.fixture
def mute(
    stage: Callable[..., Stage],
    broken: Callable[[str], dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., tuple[Stage, Callable[[], None]]]:
    """A speaker without any engine, and what gives it espeak-ng."""
    found = os.environ["PATH"]
    monkeypatch.setenv("PATH", str(tmp_path))

    def make(**more: Any) -> tuple[Stage, Callable[[], None]]:
        return stage(**broken("refuse"), **more), lambda: monkeypatch.setenv("PATH", found)

    return make


def test_calls_wait_for_an_engine_in_order_and_the_state_says_so(
    mute: Callable[..., tuple[Stage, Callable[[], None]]],
) -> None:
    one, repair = mute()
    one.call(1)
    one.wait_said(2)
    assert (one.now.state, one.now.ok) == ("engine_failed", False)
    assert not one.folder.exists()
    one.call(2)
    repair()
    one.wait(lambda: one.folder.exists() and len(one.files) == 2)
    one.wait(lambda: one.captions[-2:] == ["请A零零二号到三号窗口办理", ""])
    assert one.files == ["00000001-A001-w3.wav", "00000002-A002-w3.wav"]
    one.wait(lambda: one.now.state == "files_only")


def test_a_call_that_nothing_can_say_is_given_up_and_counted(
    mute: Callable[..., tuple[Stage, Callable[[], None]]], caplog: pytest.LogCaptureFixture
) -> None:
    one, repair = mute(give_up_s=0.0)
    one.call(1)
    one.wait(lambda: bool(one.texts) and "未播报 1 条" in one.texts[-1])
    assert "not spoken: 请A零零一号到三号窗口办理" in caplog.text
    repair()
    one.call(2)
    one.wait(lambda: one.folder.exists() and one.files == ["00000002-A002-w3.wav"])
    one.wait(lambda: one.now.state == "lost")


def test_a_folder_that_cannot_be_made_is_told_and_survived(
    stage: Callable[..., Stage], tmp_path: Path
) -> None:
    (tmp_path / "voice").write_text("a file is in the way")
    one = stage(engine="espeak-ng")
    one.call(1)
    one.wait_said(1)
    assert one.now.state == "cannot_write"
    (tmp_path / "voice").unlink()
    one.call(2)
    one.wait_said(2)
    assert one.files == ["00000002-A002-w3.wav"]
    assert one.now.state == "files_only"


def test_a_call_that_is_no_longer_wanted_is_not_spoken(stage: Callable[..., Stage]) -> None:
    one = stage(engine="espeak-ng", wanted=lambda call: call.ticket != "A002")
    one.call(1, 2, 3)
    one.wait_said(2)
    assert one.files == ["00000001-A001-w3.wav", "00000003-A003-w3.wav"]


def test_a_ticket_cannot_name_a_file_elsewhere(stage: Callable[..., Stage]) -> None:
    one = stage(engine="espeak-ng")
    one.call(1, ticket="../x/A1")
    one.wait_said(1)
    assert one.files == ["00000001-xA1-w3.wav"]


def test_switched_off_it_says_and_writes_nothing(tmp_path: Path) -> None:
    one = Stage(tmp_path / "voice", enabled=False)
    one.voice.start()
    one.call(1)
    assert one.now.state == "off"
    one.voice.stop()
    assert not one.folder.exists()


def test_stop_ends_a_hanging_engine_at_once_and_leaves_no_process(
    stage: Callable[..., Stage], broken: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    one = stage(**broken("hang"), utterance_timeout_s=60.0)
    one.call(1, 2)
    log = tmp_path / "engine.log"
    deadline = time.monotonic() + WAIT_S
    while not (log.exists() and "qing3" in log.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    pid = one.voice.engine_pid
    assert pid is not None
    one.voice.stop()
    assert not psutil.pid_exists(pid)
    assert not list(one.folder.iterdir()) if one.folder.exists() else True


def test_without_a_folder_files_go_to_a_temporary_one(stage: Callable[..., Stage]) -> None:
    one = stage(out_dir="", engine="espeak-ng")
    folder = one.voice.speakers[0].files.folder
    assert folder is not None
    one.call(1)
    one.wait_said(1)
    assert [p.name for p in folder.iterdir()] == ["00000001-A001-w3.wav"]
    one.voice.stop()
    assert not folder.exists()


def test_a_full_temporary_folder_delays_calls_and_loses_none(
    stage: Callable[..., Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = stage(engine="espeak-ng")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    one.call(1)
    one.wait(lambda: one.now.state == "engine_failed")
    monkeypatch.setattr(tempfile, "tempdir", None)
    one.wait(lambda: one.now.state == "files_only")
    assert one.files == ["00000001-A001-w3.wav"]


def test_calls_do_not_wait_for_a_notice_that_cannot_be_said(
    mute: Callable[..., tuple[Stage, Callable[[], None]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaker, "_RETRY_FIRST_S", 600.0)
    monkeypatch.setattr(speaker, "_RETRY_MOST_S", 600.0)
    one, repair = mute()
    posted = Notice(id="n", text="请安静", places=["voice"], posted_at=datetime.now(UTC))
    one.voice.notices([posted], live=True)
    one.wait_said(1)
    repair()
    one.call(1)
    one.wait_said(3)
    assert [c for c in one.captions if c] == ["请安静", "请A零零一号到三号窗口办理", "请安静"]


def test_what_was_lost_long_ago_is_not_counted_again(
    mute: Callable[..., tuple[Stage, Callable[[], None]]],
) -> None:
    one, _ = mute(give_up_s=0.0)
    one.call(1)
    one.wait(lambda: "未播报 1 条" in one.texts[-1])
    one.voice.speakers[0]._counted_at -= speaker.SHOWN_S + 1
    assert "未播报" not in one.now.text
    known = len(one.texts)
    one.call(2)
    one.wait(lambda: any("未播报" in text for text in one.texts[known:]))
    assert "未播报 1 条" in one.texts[-1]


def test_an_engine_that_hangs_as_it_starts_keeps_a_call_no_longer_than_another(
    broken: Callable[[str], dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthesis, "START_TIMEOUT_S", 600.0)
    child = synthesis.EngineChild(broken("asleep")["engine_command"])
    failed: list[str] = []

    def speak() -> None:
        try:
            child.speak("ling2", 180, tmp_path / "x.wav", 0.5, "zh")
        except synthesis.SynthesisFailed as error:
            failed.append(str(error))

    thread = threading.Thread(target=speak)
    thread.start()
    thread.join(30.0)
    child.interrupt()
    thread.join(WAIT_S)
    assert failed == ["the speech engine: no answer in time"]
