"""``hall display tv`` with the real Chromium: the board on the whole screen, whatever happens to
the server, to the browser or to the program itself."""

import base64
import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from display.tv.chromium import command, off_screen
from display.tv.devtools import ToolsError
from display.tv.profile import processes
from display.tv.program import Membership, Tv
from display.tv.screen import Screen
from display.tv.settings import TvSettings
from display.tv.watch import ServerWatch
from hallkit.runtime.clock import SystemClock
from tests.support.browser import CHROMIUM
from tests.support.waiting import wait_for
from tests.support.web_hall import WebHall, plain_tables

pytestmark = pytest.mark.ui


def _command(profile: Path, first: str) -> list[str]:
    return command(CHROMIUM, profile, first, off_screen(1280, 720))


@contextmanager
def _running(url: str, settings: TvSettings, hang_s: float = 30.0) -> Iterator[Tv]:
    stopping = threading.Event()
    watch = ServerWatch(url)
    member = Membership(settings, watch)
    tv = Tv(settings, watch, _command, stopping, member.changed, hang_s)
    keeper = threading.Thread(target=tv.run)
    watch.start()
    keeper.start()
    try:
        wait_for("a browser", lambda: tv.screen)
        member.keep(tv)
        yield tv
    finally:
        stopping.set()
        keeper.join()
        member.stop()
        watch.stop()


def _words(tv: Tv, script: str = "document.body.innerText") -> str:
    screen = tv.screen
    try:
        return str(screen.run(script)) if screen is not None else ""
    except ToolsError:
        return ""


def _shows(tv: Tv, words: str) -> None:
    wait_for(f"{words} on the screen", lambda: words in _words(tv), within_s=60)


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(folder))
    return folder


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[WebHall]:
    """A hall whose server is stopped at first; its port is known."""
    made = WebHall(plain_tables(), tmp_path, SystemClock())
    made.start()
    made.stop()
    try:
        yield made
    finally:
        made.stop()


def test_the_board_comes_by_itself_and_comes_back(
    hall: WebHall, runtime: Path, tmp_path: Path
) -> None:
    settings = TvSettings.model_validate({"server": {"token_file": str(tmp_path / "token")}})
    with _running(hall.url, settings) as tv:
        _shows(tv, "正在连接叫号服务器")
        _shows(tv, f"{hall.url} 没有回应")
        hall.start()
        _shows(tv, "正在办理")
        # A manager sees the code on the TV, lets it in, and sees how the screen is.
        _shows(tv, "配对码")
        hall.let_in()
        wait_for("the TV's state", lambda: hall.first_part() == "ready", within_s=60)
        (device,) = hall.ask("GET", "/devices")["devices"]
        assert (device["kind"], device["name"]) == ("board", "大厅电视")
        wait_for("no code any more", lambda: "配对码" not in _words(tv))
        picture = Image.open(io.BytesIO(base64.b64decode(_picture(tv))))
        assert picture.size == (1280, 720)
        # The server goes: the board stays and says so. The browser goes: it comes back, waiting.
        hall.stop()
        _shows(tv, "数据已中断")
        first = _pid(tv)
        os.kill(first, signal.SIGKILL)
        _shows(tv, "正在连接叫号服务器")
        assert _pid(tv) != first
        hall.start()
        _shows(tv, "正在办理")
    assert processes(runtime) == []
    assert list(runtime.iterdir()) == []


def _pid(tv: Tv) -> int:
    screen = wait_for("a browser", lambda: tv.screen)
    return int(screen.pid)


def _picture(tv: Tv) -> str:
    assert tv.screen is not None
    return tv.screen.picture()


def test_a_page_that_hangs_is_started_again(hall: WebHall, runtime: Path) -> None:
    hall.start()
    with _running(hall.url, TvSettings(page="panel/2"), hang_s=4.0) as tv:
        _shows(tv, "窗口关闭")
        first = _pid(tv)
        _words(tv, "setTimeout(() => { for (;;); }, 100)")
        wait_for("another browser", lambda: tv.screen and tv.screen.pid != first, within_s=60)
        _shows(tv, "窗口关闭")
        assert tv.part().ok


def _program(runtime: Path, *more: str) -> subprocess.Popen[str]:
    hall = Path(sys.executable).with_name("hall")
    return subprocess.Popen(
        [hall, "display", "tv", "--offscreen", "--size", "800x480", *more],
        env=os.environ | {"RUNTIME_DIRECTORY": str(runtime)},
        stderr=subprocess.PIPE,
        text=True,
    )


def _logged(program: subprocess.Popen[str], words: str) -> None:
    assert program.stderr is not None
    for line in program.stderr:
        if words in line:
            return
    pytest.fail(f"the program ended without saying: {words}")


def test_a_killed_program_takes_its_browser_along_and_sigterm_leaves_nothing(
    hall: WebHall, runtime: Path
) -> None:
    hall.start()
    program = _program(runtime, "--server", hall.url)
    _logged(program, "showing http")
    assert processes(runtime)
    program.kill()
    program.wait()
    wait_for("no browser any more", lambda: processes(runtime) == [], within_s=60)
    again = _program(runtime, "--server", hall.url, "--page", "panel/1", "--lang", "en")
    _logged(again, f"showing {hall.url}/panel/1?lang=en")
    # What the killed one left is gone.
    assert len(list(runtime.iterdir())) == 1
    again.terminate()
    assert again.wait(60) == 0
    assert processes(runtime) == []
    assert list(runtime.iterdir()) == []
    for one in (program, again):
        assert one.stderr is not None
        one.stderr.close()


def test_a_browser_that_does_not_start_is_tried_again(runtime: Path) -> None:
    folder = runtime / "own"
    folder.mkdir()
    with pytest.raises(ToolsError, match="does not start"):
        Screen(lambda _profile: ["/nonexistent/chromium"], folder)
    screen = Screen(lambda _profile: ["/bin/true"], folder)
    with pytest.raises(ToolsError):
        screen.open()
    screen.end()
