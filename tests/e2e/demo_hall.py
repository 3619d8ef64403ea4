"""The whole hall as a user starts it: ``hall demo`` in a process of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import urllib3

from tests.support.waiting import wait_for

# A loaded two-core machine starts seven programs in this time with much to spare.
READY_WITHIN_S = 90.0
STOP_WITHIN_S = 60.0


class DemoHall:
    """A running demo; ``facts`` is its ``demo.json``."""

    def __init__(self, hall: Path, data: Path, *arguments: str) -> None:
        self.data = data
        self._log = data.parent / f"{data.name}.log"
        command = [sys.executable, "-m", "hallkit.runtime.cli", "demo", "--hall", str(hall)]
        command += ["--data", str(data), "--port", "0", "--kiosk", "offscreen", *arguments]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        self.http = urllib3.PoolManager(retries=False, timeout=10.0)
        self.facts: dict[str, Any] = {}

    def wait_ready(self) -> None:
        """Waits for ``demo.json``."""
        path = self.data / "demo.json"

        def look() -> bool:
            assert self.process.poll() is None, self.output()
            return path.exists()

        wait_for("the demo", look, READY_WITHIN_S)
        self.facts = json.loads(path.read_text(encoding="utf-8"))

    def output(self) -> str:
        """What it printed."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def family(self) -> list[psutil.Process]:
        """The demo's process and every process that it started."""
        head = psutil.Process(self.process.pid)
        return [head, *head.children(recursive=True)]

    def programs(self, name: str) -> list[psutil.Process]:
        """The processes of ``hall <name> --config …``."""
        found = []
        for process in self.family():
            # One that has just ended is in the list for a moment.
            with contextlib.suppress(psutil.NoSuchProcess):
                if process.cmdline()[3:5] == [name, "--config"]:
                    found.append(process)
        return found

    def stop(self, with_signal: int = signal.SIGINT) -> int:
        """Ends it as Ctrl-C does; returns its exit status."""
        if self.process.poll() is None:
            os.kill(self.process.pid, with_signal)
        status = self.process.wait(STOP_WITHIN_S)
        self.http.clear()
        return status

    @property
    def base_url(self) -> str:
        """Where the server is."""
        return str(self.facts["base_url"])

    def staff(self, role: str, window: int | None = None) -> dict[str, Any]:
        """A log-in of this role (and window)."""
        return next(
            s for s in self.facts["staff"] if s["role"] == role and window in (None, s["window"])
        )

    def panel(self, window: int) -> dict[str, Any]:
        """The facts of a window's virtual panel."""
        return dict(json.loads((self.panel_dir(window) / "panel.json").read_text()))

    def panel_dir(self, window: int) -> Path:
        """Where a window's virtual panel draws."""
        return Path(next(p["out_dir"] for p in self.facts["panels"] if p["window"] == window))

    def tickets_on_paper(self, printer: str) -> list[Path]:
        """The pictures that a virtual printer has cut, in order."""
        out = Path(next(p["out_dir"] for p in self.facts["printers"] if p["name"] == printer))
        return sorted(out.glob("[0-9]*.png"))

    def voice_of(self, number: str, window: int) -> Path | None:
        """The spoken call of a number to a window."""
        found = sorted(Path(self.facts["voice_dir"]).glob(f"*-{number}-w{window}.wav"))
        return found[-1] if found else None


class KioskScreen:
    """The kiosk's touch screen, seen and touched from outside."""

    def __init__(self, http: urllib3.PoolManager, remote_url: str) -> None:
        self._http = http
        self._url = remote_url

    def look(self) -> dict[str, Any]:
        """The screen's name, its words and what can be touched."""
        return dict(json.loads(self._http.request("GET", self._url + "/widgets.json").data))

    def picture(self) -> bytes:
        """The screen as PNG."""
        return bytes(self._http.request("GET", self._url + "/screen.png").data)

    def wait_screen(self, name: str) -> dict[str, Any]:
        """Waits until this screen is shown."""
        return wait_for(
            f"the kiosk's screen {name}",
            lambda: seen if (seen := self.look())["screen"] == name else None,
        )

    def find(self, words: str) -> dict[str, Any]:
        """Where the first thing with these words on it is, once there is one."""
        return wait_for(
            f"“{words}” on the kiosk",
            lambda: next((w for w in self.look()["widgets"] if words in w["text"]), None),
        )

    def tap(self, place: dict[str, Any]) -> None:
        """Touches the middle of something that was found."""
        answer = self._http.request(
            "POST",
            self._url + "/tap",
            body=json.dumps({"x": place["x"], "y": place["y"]}),
            headers={"Content-Type": "application/json"},
        )
        assert answer.status < 300, answer.data

    def touch(self, words: str) -> None:
        """Touches the first thing with these words on it."""
        self.tap(self.find(words))

    def take_number(self, category: str, service: str) -> str:
        """From the home screen to a number; waits until the kiosk is home again."""
        self.wait_screen("home")
        self.touch("取")
        self.wait_screen("category")
        self.touch(category)
        self.wait_screen("service")
        self.touch(service)
        self.wait_screen("confirm")
        self.touch("确认取号")
        self.wait_screen("issued")
        number = wait_for("the number", lambda: self.look()["ticket"])
        self.wait_screen("home")
        return str(number)
