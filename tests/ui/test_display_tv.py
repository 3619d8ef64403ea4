"""``hall display tv`` with the real Chromium: the board on the whole screen, whatever happens to
the server, to the browser or to the program itself."""

import base64
import contextlib
import io
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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

UNPAIRED = TvSettings()


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


def _words(tv: Tv) -> str:
    screen = tv.screen
    try:
        return str(screen.run("document.body.innerText")) if screen is not None else ""
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
    with _running(hall.url, settings, hang_s=6.0) as tv:
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
        # The page hangs: another browser shows it.
        first = _pid(tv)
        _freeze(runtime)
        wait_for("another browser", lambda: tv.screen and tv.screen.pid != first)
        # Drawn by the page's scripts: it is whole.
        _shows(tv, "现在没有开放的窗口")
        assert tv.part().ok
        # The server goes: the board stays and says so. The browser goes: it comes back, waiting.
        hall.stop()
        _shows(tv, "数据已中断")
        second = _pid(tv)
        os.kill(second, signal.SIGKILL)
        _shows(tv, "正在连接叫号服务器")
        assert _pid(tv) != second
        hall.start()
        _shows(tv, "正在办理")
    assert processes(runtime) == []
    assert list(runtime.iterdir()) == []


class _Interrupted(BaseHTTPRequestHandler):
    """A server that ended once after it had given the page and before it gave its script."""

    scripts = 0

    def do_GET(self) -> None:
        kind, body = "text/html", "<body><script src='/main.js'></script>"
        if self.path == "/api/v1/health":
            kind, body = "application/json", '{"status": "ok"}'
        if self.path == "/main.js":
            _Interrupted.scripts += 1
            kind, body = "text/javascript", "document.body.append('whole')"
        self.send_response(404 if self.path == "/main.js" and self.scripts == 1 else 200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def test_a_page_without_its_scripts_is_opened_again(runtime: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Interrupted) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            with _running(f"http://127.0.0.1:{server.server_port}", UNPAIRED) as tv:
                _shows(tv, "whole")
        finally:
            server.shutdown()
            serving.join()
    assert _Interrupted.scripts > 1


def _freeze(runtime: Path) -> None:
    """Stops the processes that draw pages, as a hanging script or driver would."""
    for process in processes(runtime):
        # Chromium ends processes as it likes.
        with contextlib.suppress(OSError):
            if b"--type=renderer" in Path(f"/proc/{process}/cmdline").read_bytes():
                os.kill(process, signal.SIGSTOP)


def _pid(tv: Tv) -> int:
    screen = wait_for("a browser", lambda: tv.screen)
    return int(screen.pid)


def _picture(tv: Tv) -> str:
    assert tv.screen is not None
    return tv.screen.picture()


def _program(runtime: Path, *more: str, disk: str = "") -> subprocess.Popen[str]:
    hall = str(Path(sys.executable).with_name("hall"))
    tv = [hall, "display", "tv", "--offscreen", "--size", "800x480", *more]
    return subprocess.Popen(
        ["/bin/sh", "-c", f'{disk} exec "$@"', "sh", *tv],
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
    program = _program(runtime, "--server", hall.url, disk="ulimit -S -f 0;")
    # Nothing can be written: it is tried again, and nothing is left lying about.
    _logged(program, "it is started again: [Errno")
    assert list(runtime.iterdir()) == []
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(program.pid, resource.RLIMIT_FSIZE, unlimited)
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


def test_sigterm_ends_it_while_the_browser_still_starts(runtime: Path, tmp_path: Path) -> None:
    """A Pi that is switched off just then must not wait for a browser that never comes."""
    browser, settings = tmp_path / "browser", tmp_path / "tv.toml"
    browser.write_text("#!/bin/sh\necho started >&2\nexec sleep 600\n")
    browser.chmod(0o700)
    settings.write_text(f'browser = "{browser}"\n[server]\ntoken_file = ""\n')
    program = _program(runtime, "--config", str(settings), "--server", "http://127.0.0.1:9")
    wait_for("the browser", lambda: any("started" in p.read_text() for p in _logs(runtime)))
    program.terminate()
    assert program.wait(60) == 0
    assert processes(runtime) == []
    assert list(runtime.iterdir()) == []
    assert program.stderr is not None
    program.stderr.close()


def _logs(runtime: Path) -> list[Path]:
    return list(runtime.glob("*/chromium.log"))


def test_a_browser_that_does_not_start_is_tried_again(runtime: Path) -> None:
    folder = runtime / "own"
    folder.mkdir()
    going_on = threading.Event()
    with pytest.raises(ToolsError, match="does not start"):
        Screen(lambda _profile: ["/nonexistent/chromium"], folder, going_on)
    screen = Screen(lambda _profile: ["/bin/true"], folder, going_on)
    with pytest.raises(ToolsError):
        screen.open()
    screen.end()


def test_a_talkative_browser_does_not_fill_the_memory(runtime: Path) -> None:
    folder, stopping = runtime / "own", threading.Event()
    folder.mkdir()
    # Talks, and a little more once it is asked something.
    talks = "head -c 1200000 /dev/zero >&2; head -c 1 <&3 >/dev/null; echo more >&2; exec sleep 60"
    screen = Screen(lambda _profile: ["/bin/sh", "-c", talks], folder, stopping)
    log = folder / "chromium.log"
    wait_for("much talk", lambda: log.stat().st_size == 1_200_000)
    screen.trim_log()
    stopping.set()
    with pytest.raises(ToolsError):
        screen.open()
    wait_for("more of it", lambda: log.read_bytes() == b"more\n")
    screen.end()
