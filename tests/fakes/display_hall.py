"""Puts virtual panels, a fake hall and the real display program's parts together for tests."""

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from display.announcer import Announcer
from display.follow import HallFollow
from display.panels import Panels
from display.settings import DisplaySettings
from display.virtual.server import VirtualPanels
from display.virtual.settings import VirtualSettings
from display.voice.phrases import Announcement
from hallkit.link.client import ApiClient
from hallkit.runtime.clock import SystemClock

# Generous: the machine that runs the tests may be busy with anything.
PATIENCE_S = 60.0


def eventually(condition: Callable[[], Any], what: str) -> Any:
    """Waits until ``condition`` is true and returns its value."""
    deadline = time.monotonic() + PATIENCE_S
    while not (value := condition()):
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.01)
    return value


def facts(folder: Path) -> dict[str, Any]:
    """``panel.json`` of a virtual panel, empty while there is none."""
    try:
        loaded: dict[str, Any] = json.loads((folder / "panel.json").read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return loaded


def shows(folder: Path, text: str) -> dict[str, Any]:
    """Waits until the panel shows exactly ``text``."""
    eventually(lambda: facts(folder).get("text") == text, f"{text!r}; it shows {facts(folder)}")
    return facts(folder)


def virtual(*lines: dict[str, Any], strips_dir: str = "") -> VirtualPanels:
    """Started virtual panels."""
    settings = {"strips_dir": strips_dir, "lines": list(lines)}
    panels = VirtualPanels(VirtualSettings.model_validate(settings))
    panels.start()
    return panels


def port_of(address: str) -> str:
    """What ``listening on`` says, as a port for the display program."""
    kind, _, rest = address.partition(":")
    return f"socket://{rest}" if kind == "tcp" else os.path.realpath(rest)


class Display:
    """The display program without its process: panels and announcements of a hall."""

    def __init__(
        self, url: str, lines: list[dict[str, Any]], strips_dir: str = "", **panels: Any
    ) -> None:
        self.said: list[Announcement] = []
        self.changes = 0
        self._lock = threading.Lock()
        settings = DisplaySettings.model_validate(
            {"strips_dir": strips_dir, "lines": lines, "panels": panels}
        )
        self.client = ApiClient(url)
        self.panels = Panels(settings, self._changed, SystemClock())
        self.follow = HallFollow(
            self.client,
            self.panels.show,
            Announcer(self.said.append, SystemClock()),
            settings.panels.lost_after_s,
            SystemClock(),
        )

    def __enter__(self) -> "Display":
        self.panels.start()
        self.follow.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.follow.stop()
        self.panels.stop()
        self.client.close()

    def _changed(self) -> None:
        with self._lock:
            self.changes += 1

    def part(self, name: str) -> Any:
        """The named part's state."""
        return next(p for p in self.panels.parts() if p.name == name)
