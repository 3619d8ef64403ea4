"""One run of the browser: its processes, and the one page that it shows."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from display.tv.devtools import DevTools, Gone, Silent, ToolsError
from display.tv.profile import end_processes

# A Raspberry Pi that has just been switched on reads 300 MB from its SD card first.
START_S = 90.0
# A page of ours answers in milliseconds; one that is silent for this long hangs.
HANG_S = 30.0
# A browser that was asked to end gets this long.
END_S = 5.0
_LOOK_S = 0.1
# What the browser says lies in memory: a faulty graphics driver may say something at every picture.
_MOST_LOG = 1_000_000
_FOR_LOG = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Descriptors 3 and 4 belong to Chromium's pipes: ours must be others.
_ABOVE = 10

Where = Literal["target", "waiting", "elsewhere"]

# A server that ends between a page and its scripts leaves a page that never moves.
_INCOMPLETE = """addEventListener('error', (event) => {
  if (['SCRIPT', 'LINK'].includes(event.target.tagName)) window.tvIncomplete = true;
}, true)"""
_WHERE = """(target => {
  if (window.tvIncomplete) return 'elsewhere';
  if (target && location.href === new URL(target).href) return 'target';
  return location.protocol === 'file:' ? 'waiting' : 'elsewhere';
})"""


def _high(fd: int) -> int:
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _ABOVE)
    os.close(fd)
    return moved


class Screen:
    """Starts the browser with ``command(profile)``; ``end()`` must be called. Each method but
    ``end`` raises ToolsError when the browser ended, hangs or refuses.

    ``folder`` is where its profile is made, ``hang_s`` when a silent page counts as hanging. Once
    ``stopping`` is set nothing is waited for any more.
    """

    def __init__(
        self, command: Callable[[Path], list[str]], folder: Path, stopping: threading.Event,
        hang_s: float = HANG_S,
    ) -> None:  # fmt: skip
        self._folder = folder
        self._profile = folder / "profile"
        self._log = folder / "chromium.log"
        self._stopping = stopping
        self._hang_s = hang_s
        shutil.rmtree(self._profile, ignore_errors=True)
        self._profile.mkdir(mode=0o700)
        down, up = os.pipe(), os.pipe()
        # Chromium reads from ``down`` and writes to ``up``.
        theirs = _high(down[0]), _high(up[1])
        ours = _high(up[0]), _high(down[1])
        try:
            self.pid = _spawn(command(self._profile), self._log, theirs)
        except OSError as error:
            for fd in ours:
                os.close(fd)
            raise Gone(f"the browser does not start: {error}") from error
        finally:
            for fd in theirs:
                os.close(fd)
        self._tools = DevTools(*ours, stopping)
        self._session = ""

    def open(self) -> None:
        """Waits for the page."""
        until = time.monotonic() + START_S
        while True:
            found = self._tools.call("Target.getTargets", {}, START_S)["targetInfos"]
            pages = [target["targetId"] for target in found if target["type"] == "page"]
            if pages:
                break
            if time.monotonic() > until or self._stopping.wait(_LOOK_S):
                raise Silent("the browser opened no page")
        how = {"targetId": pages[0], "flatten": True}
        self._session = self._tools.call("Target.attachToTarget", how, START_S)["sessionId"]
        self._call("Page.enable", {})
        self._call("Page.addScriptToEvaluateOnNewDocument", {"source": _INCOMPLETE})

    def where(self, target: str) -> Where:
        """Whether the page is ``target`` (an address, or empty), the waiting page or another, which
        is also what a page without its scripts is."""
        where: Where = self.run(f"{_WHERE}({json.dumps(target)})")
        return where

    def go(self, address: str) -> None:
        """Opens another page; whether it comes is seen by ``where``."""
        with contextlib.suppress(Silent):
            # A server that takes the connection and says nothing is no fault of the browser.
            self._call("Page.navigate", {"url": address})

    def run(self, script: str) -> Any:
        """The value of a script in the page."""
        got = self._call("Runtime.evaluate", {"expression": script, "returnByValue": True})
        return got["result"].get("value")

    def picture(self) -> str:
        """What is on the screen: a PNG in base64."""
        return str(self._call("Page.captureScreenshot", {})["data"])

    def trim_log(self) -> None:
        """Forgets what the browser said when that has become much."""
        if self._log.stat().st_size > _MOST_LOG:
            os.truncate(self._log, 0)

    def end(self) -> None:
        """Ends the browser and all its processes."""
        # One that never came so far as to show a page is not asked.
        patience_s = END_S if self._session else 0.0
        with contextlib.suppress(ToolsError):
            self._tools.call("Browser.close", {}, patience_s, ending=True)
        until = time.monotonic() + patience_s
        while not _reaped(self.pid, os.WNOHANG):
            if time.monotonic() > until:
                with contextlib.suppress(OSError):
                    os.killpg(self.pid, signal.SIGKILL)
                _reaped(self.pid, 0)
                break
            time.sleep(_LOOK_S)
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        end_processes(self._folder)
        self._tools.close()

    def _call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        return self._tools.call(method, params, self._hang_s, self._session)


def _spawn(command: list[str], log: Path, pipes: tuple[int, int]) -> int:
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, str(log), _FOR_LOG, 0o600),
        (os.POSIX_SPAWN_DUP2, pipes[0], 3),
        (os.POSIX_SPAWN_DUP2, pipes[1], 4),
    ]
    # A session of its own: Ctrl-C reaches this program only, which then ends the browser.
    return os.posix_spawn(command[0], command, os.environ, file_actions=actions, setsid=True)


def _reaped(pid: int, options: int) -> bool:
    try:
        return os.waitpid(pid, options)[0] == pid
    except ChildProcessError:
        return True
