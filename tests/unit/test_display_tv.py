"""How the full-screen mode is started: its browser, its screen, its flags, its words."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pydantic import ValidationError

from display.tv import waiting
from display.tv.chromium import (
    NoScreen,
    command,
    find_browser,
    off_screen,
    on_screen,
    platform_of,
)
from display.tv.profile import own_folder
from display.tv.settings import TvSettings
from display.tv.watch import ServerWatch
from hallkit.runtime.ports import free_port
from tests.support.waiting import wait_for


def test_wayland_is_taken_before_x11_and_neither_is_an_error() -> None:
    assert platform_of({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}) == "wayland"
    assert platform_of({"DISPLAY": ":0"}) == "x11"
    with pytest.raises(NoScreen, match="没有图形界面"):
        platform_of({"WAYLAND_DISPLAY": ""})


def test_no_chromium_is_an_error_that_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoScreen, match="apt install chromium"):
        find_browser("")
    with pytest.raises(NoScreen, match="/opt/none"):
        find_browser("/opt/none")
    program = tmp_path / "chromium-browser"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    assert find_browser("") == str(program)


def test_the_browser_asks_nothing_and_fills_the_screen(tmp_path: Path) -> None:
    made = command("/usr/bin/chromium", tmp_path, "file:///w.html", on_screen("wayland"))
    assert made[0] == "/usr/bin/chromium"
    assert made[-1] == "file:///w.html"
    assert {
        "--kiosk",
        "--ozone-platform=wayland",
        "--noerrdialogs",
        "--no-first-run",
        "--hide-crash-restore-bubble",
        "--remote-debugging-pipe",
        f"--user-data-dir={tmp_path}",
    } <= set(made)
    assert not any("remote-debugging-port" in flag for flag in made)
    assert "--screen-info={800x480}" in off_screen(800, 480)
    assert "--disable-dev-shm-usage" not in command("c", tmp_path, "", [], memory=tmp_path)
    assert "--disable-dev-shm-usage" in command("c", tmp_path, "", [], memory=tmp_path / "none")


def test_the_address_stays_while_another_is_looked_for() -> None:
    """Or the last board would be taken from the screen in an outage."""
    nobody = f"http://127.0.0.1:{free_port()}"
    known: list[str] = []

    def find(_stopping: threading.Event) -> str | None:
        known.append(watch.url)
        return None if watch.url else nobody

    watch = ServerWatch("", find, search_again_s=0.0)
    watch.start()
    wait_for("another search", lambda: len(known) > 1)
    watch.stop()
    assert known[:2] == ["", nobody]
    assert watch.url == nobody


@pytest.mark.parametrize("page", ["boards", "panel/0", "panel/x", "../clerk", "panel/1000"])
def test_only_pages_without_people_can_be_shown(page: str) -> None:
    with pytest.raises(ValidationError):
        TvSettings(page=page)


def test_words_are_text_for_the_page(tmp_path: Path) -> None:
    assert waiting.write(tmp_path).startswith("file://")
    assert waiting.tried("a'b\"</script>\n").count("\n") == 0
    assert json.dumps("配对码 123456 Pairing code") in waiting.code("123456")
    assert waiting.code("").endswith('("")')


def test_what_a_killed_run_left_is_cleared_away_and_a_running_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    left = tmp_path / "yichuang-tv-left"
    left.mkdir()
    (left / "lock").touch()
    (left / "profile").mkdir()
    other = tmp_path / "yichuang-tv-not-ours"
    other.mkdir()
    stray = subprocess.Popen([sys.executable, "-c", "input()", f"{left}/x"], stdin=subprocess.PIPE)
    # Its words stand in /proc a moment after it has begun.
    words = Path(f"/proc/{stray.pid}/cmdline")
    wait_for("the stray's words", lambda: str(left).encode() in words.read_bytes())
    with own_folder() as first, own_folder() as second:
        assert stray.wait(30) != 0
        assert not left.exists()
        assert other.exists()
        assert first.exists()
        assert second != first
        assert (first.stat().st_mode & 0o777) == 0o700
    assert not first.exists()
    assert not second.exists()
    assert stray.stdin is not None
    stray.stdin.close()


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ([], 1, "没有图形界面"),
        (["--server", "ftp://x"], 2, "不是服务器地址"),
    ],
)
def test_what_cannot_work_ends_with_one_clear_line(
    arguments: list[str], status: int, words: str
) -> None:
    hall = Path(sys.executable).with_name("hall")
    done = subprocess.run(
        [hall, "display", "tv", *arguments],
        env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == status
    assert words in done.stderr
    assert "Traceback" not in done.stderr
