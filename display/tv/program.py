"""The full-screen mode put together: the server looked for, the browser kept going, the TV told of
on the device page."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from display.tv import waiting
from display.tv.devtools import Refused, ToolsError
from display.tv.profile import own_folder
from display.tv.screen import HANG_S, Screen
from display.tv.settings import TvSettings
from display.tv.watch import ServerWatch
from hallkit.link.backoff import Backoff
from hallkit.link.member import DeviceLink
from hallkit.runtime.service import Service
from hallkit.wire.device import PartStatus

_log = logging.getLogger(__name__)

# How often the page is looked at: it goes over to the board that soon after the server answers.
LOOK_S = 1.0
# A browser that ran for this long did well: after its end the next one is started at once.
STEADY_S = 120.0
_MOST_PAUSE_S = 60.0
# Between two pages the browser may refuse to be asked; for longer, the page is lost.
_MOST_REFUSALS = 10

Command = Callable[[Path, str], list[str]]


class Tv:
    """Keeps the page on the screen until ``stopping``: on its thread, ``run()``.

    ``command(profile, first)`` starts the browser with the page ``first``.
    """

    def __init__(
        self, settings: TvSettings, watch: ServerWatch, command: Command,
        stopping: threading.Event, changed: Callable[[], None] = lambda: None,
        hang_s: float = HANG_S,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._watch = watch
        self._command = command
        self._stopping = stopping
        self._tell = changed
        self._hang_s = hang_s
        self._showing = False
        self._failures = 0
        self.code = ""
        self.screen: Screen | None = None

    def run(self) -> None:
        """Starts the browser, and again whenever it ends or hangs."""
        backoff = Backoff(first_s=1.0, most_s=_MOST_PAUSE_S)
        while not self._stopping.is_set():
            started = time.monotonic()
            try:
                with own_folder() as folder:
                    self._one_browser(folder, waiting.write(folder))
            except (ToolsError, OSError) as error:
                if not self._stopping.is_set():
                    _log.warning("the browser ended or hangs, it is started again: %s", error)
                    self._failures += 1
            self._show(False)
            if time.monotonic() - started > STEADY_S:
                backoff.reset()
            self._stopping.wait(backoff.next_s())

    def part(self) -> PartStatus:
        """How the screen is, for the device page."""
        if self._showing:
            return PartStatus(
                name="screen", state="ready", text="屏幕正常", text_en="screen: ready", ok=True
            )
        zh = "浏览器没有运行，正在重新启动" if self._failures else "正在启动浏览器"
        en = "browser is being started again" if self._failures else "browser is being started"
        return PartStatus(
            name="screen", state="down", text=f"屏幕：{zh}", text_en=f"screen: {en}", ok=False
        )

    def _one_browser(self, folder: Path, first: str) -> None:
        screen = Screen(
            lambda profile: self._command(profile, first), folder, self._stopping, self._hang_s
        )
        try:
            screen.open()
            self.screen = screen
            _log.info("the browser shows a page")
            self._show(True)
            refusals = 0
            while not self._stopping.is_set():
                try:
                    self._look(screen, first)
                    refusals = 0
                except Refused:
                    refusals += 1
                    if refusals > _MOST_REFUSALS:
                        raise
                self._stopping.wait(LOOK_S)
        finally:
            self.screen = None
            screen.end()

    def _look(self, screen: Screen, first: str) -> None:
        """One look at the page. Once it is the server's it stays, whatever becomes of the server:
        it says itself that its data are old, and catches up by itself."""
        target = self._target()
        where = screen.where(target)
        if self._watch.answering and where != "target":
            _log.info("showing %s", target)
            screen.go(target)
        elif not self._watch.answering and where == "elsewhere":
            screen.go(first)
        elif where == "waiting":
            screen.run(waiting.tried(self._watch.words))
        screen.run(waiting.code(self.code))
        screen.trim_log()

    def _target(self) -> str:
        url = self._watch.url
        return f"{url}/{self._settings.page}?lang={self._settings.language}" if url else ""

    def _show(self, showing: bool) -> None:
        if showing != self._showing:
            self._showing = showing
            self._tell()


class Membership:
    """The TV as a device of the hall, once there is a server to belong to."""

    def __init__(self, settings: TvSettings, watch: ServerWatch) -> None:
        self._settings = settings
        self._watch = watch
        self._link: DeviceLink | None = None
        self._url = ""

    def keep(self, tv: Tv) -> None:
        """Belongs to the server that is there now; called again and again from one thread."""
        url = self._watch.url
        if not self._settings.server.token_file or not url or url == self._url:
            return
        self.stop()

        def coded(code: str) -> None:
            tv.code = code

        self._url = url
        self._link = DeviceLink(
            self._settings.server, "board", self._settings.name, url, lambda: [tv.part()],
            lambda _client, _ending: lambda: None, coded,
        )  # fmt: skip
        self._link.start()

    def changed(self) -> None:
        """Has the server told at once."""
        if self._link is not None:
            self._link.changed()

    def stop(self) -> None:
        """Ends the link."""
        if self._link is not None:
            self._link.stop()
            self._link = None


def run(settings: TvSettings, url: str, command: Command) -> int:
    """Runs until SIGTERM or SIGINT; returns the exit status, 1 when the browser cannot be kept."""
    service = Service()
    service.catch_signals()
    watch = ServerWatch(url or settings.server.url)
    member = Membership(settings, watch)
    tv = Tv(settings, watch, command, service.stopping, member.changed)
    keeper = threading.Thread(target=tv.run, name="browser")
    watch.start()
    service.add("server watch", watch.stop)
    service.add("link to the server", member.stop)
    keeper.start()
    service.add("browser", keeper.join)
    service.ready()
    while not service.stopping.wait(LOOK_S):
        member.keep(tv)
        service.alive()
        if not keeper.is_alive():
            service.close()
            return 1
    service.close()
    return 0
