"""A hall whose server is a process that gets killed, and the people who use it meanwhile."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import urllib3

from hallkit.runtime.paths import config_dir
from tests.fakes.running_hall import MORNING, Client, running

PATIENCE_S = 60.0
SERVICES = ("pension-join", "hukou", "farm-subsidy")
WINDOWS = (1, 2, 5)
KIOSKS = 3
_READY = re.compile(r"the hall server is at http://127\.0\.0\.1:(\d+)")
_CONFIG = 'hall_file = "{hall}"\nhost = "127.0.0.1"\nport = 0\nannounce = false\nhours = "always"\n'


class Nursery:
    """Where servers are started; see ``server_nursery``."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.server_nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
        )

    def ask(self, order: dict[str, Any]) -> int:
        """Its answer to an order."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """Ends it and whatever it started."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(PATIENCE_S)
        self._process.stdout.close()


class MortalServer:
    """``hall server`` in a process; started, killed, started again with the same data."""

    def __init__(self, nursery: Nursery, folder: Path, data: Path) -> None:
        self._nursery = nursery
        self.data = data
        self.base_url = "http://127.0.0.1:9"
        self._log = folder / "server.log"
        self._config = folder / "server.toml"
        hall = config_dir() / "halls" / "baishui-town.toml"
        self._config.write_text(_CONFIG.format(hall=hall))
        self._pid = 0

    def begin(self, *, whole: bool = False, **env: str) -> None:
        """Starts it, and does not wait; ``whole``: as a command, imports and all."""
        self._log.unlink(missing_ok=True)
        args = ["--config", str(self._config), "--data", str(self.data), "--manual-clock"]
        order: dict[str, Any] = {
            "args": args,
            "log": str(self._log),
            "env": {"HALL_CLOCK": MORNING, **env},
        }
        order["whole"] = whole
        self._pid = self._nursery.ask(order)

    def ready(self) -> None:
        """Waits until it listens."""
        for _ in range(int(PATIENCE_S * 100)):
            found = _READY.search(self.log())
            if found:
                self.base_url = f"http://127.0.0.1:{found[1]}"
                return
            assert Path(f"/proc/{self._pid}/stat").read_text().split()[2] != "Z", self.log()
            threading.Event().wait(0.01)
        raise AssertionError(self.log())

    def start(self, *, whole: bool = False, **env: str) -> None:
        """Starts it and waits until it listens."""
        self.begin(whole=whole, **env)
        self.ready()

    def log(self) -> str:
        """What it has said since its start."""
        return self._log.read_text() if self._log.exists() else ""

    def kill(self) -> None:
        """``kill -9``."""
        os.kill(self._pid, signal.SIGKILL)
        assert self._nursery.ask({"wait": self._pid}) == -signal.SIGKILL, self.log()

    def cut(self) -> None:
        """The machine loses its power: the server ends with everything it had started."""
        assert self._nursery.ask({"cut": self._pid}) == -signal.SIGKILL, self.log()

    def stop(self) -> None:
        """Asks it to end."""
        os.kill(self._pid, signal.SIGTERM)
        assert self._nursery.ask({"wait": self._pid}) == 0, self.log()


@dataclass
class Sent:
    """A command that somebody sent; without a status it was never answered."""

    request_id: str
    path: str
    body: dict[str, Any]
    status: int = 0
    text: str = ""

    def send(self, who: Client) -> bool:
        """Sends it (again); False when no answer came."""
        try:
            answer = who.post(self.path, {"request_id": self.request_id, **self.body})
        except urllib3.exceptions.HTTPError:
            return False
        self.status, self.text = answer.status, answer.text
        return True


@dataclass
class Person:
    """Somebody at a kiosk or a window: sends one command after the other, and one that was not
    answered again, as the devices do."""

    who: Client
    plan: Callable[[Random], Iterator[tuple[str, dict[str, Any]]]]
    dice: Random
    sent: list[Sent] = field(default_factory=list)

    @property
    def open(self) -> list[Sent]:
        """The command that was not answered yet, if there is one."""
        return [s for s in self.sent[-1:] if s.status == 0]

    def fresh(self) -> str:
        """A request_id that was never used."""
        return str(UUID(int=self.dice.getrandbits(128), version=4))

    def work(self, enough: threading.Event) -> None:
        """Goes on until the server is gone, or it is enough."""
        if not all(s.send(self.who) for s in self.open):
            return
        for path, body in self.plan(self.dice):
            if enough.is_set():
                return
            command = Sent(self.fresh(), path, body)
            self.sent.append(command)
            if not command.send(self.who):
                return


def _visitors(dice: Random) -> Iterator[tuple[str, dict[str, Any]]]:
    while True:
        yield "tickets", {"service_id": dice.choice(SERVICES), "channel": "kiosk"}


def _clerk(window: int) -> Callable[[Random], Iterator[tuple[str, dict[str, Any]]]]:
    ways: list[list[tuple[str, dict[str, Any]]]] = [
        [("call-next", {}), ("start", {}), ("finish", {})],
        [("call-next", {}), ("recall", {}), ("no-show", {})],
        [("call-next", {}), ("start", {}), ("transfer", {"service_id": SERVICES[0]})],
        [("call-next", {}), ("start", {}), ("park", {})],
    ]

    def plan(dice: Random) -> Iterator[tuple[str, dict[str, Any]]]:
        while True:
            for verb, more in dice.choices(ways, [6, 2, 1, 1])[0]:
                yield f"windows/{window}/{verb}", more

    return plan


@dataclass
class MortalHall:
    """The server and its people."""

    server: MortalServer
    people: list[Person]
    boss: Client

    def work_until(self, moment: Callable[[], None]) -> None:
        """Everybody works; ``moment`` runs meanwhile and should end the server, or wait."""
        enough = threading.Event()
        threads = [threading.Thread(target=p.work, args=(enough,)) for p in self.people]
        for thread in threads:
            thread.start()
        try:
            moment()
        finally:
            enough.set()
            for thread in threads:
                thread.join(PATIENCE_S)

    @property
    def sent(self) -> list[Sent]:
        """Every command that was ever sent."""
        return [command for person in self.people for command in person.sent]

    @property
    def done(self) -> list[Sent]:
        """Those that were answered as done."""
        return [command for command in self.sent if 200 <= command.status < 300]

    @property
    def open(self) -> list[Sent]:
        """Those without an answer."""
        return [command for person in self.people for command in person.open]


@contextmanager
def mortal_hall(
    folder: Path, data: Path, seed: int, environment: dict[str, str] | None = None
) -> Iterator[MortalHall]:
    """A hall with data, kiosks and clerks at open windows; its server is not started yet."""
    with running(data, always_open=True) as made:
        kiosks = [made.device() for _ in range(KIOSKS)]
        clerks = {window: made.clerk(window) for window in WINDOWS}
        boss = made.manager()
    nursery = Nursery(environment or {})
    try:
        server = MortalServer(nursery, folder, data)
        plans = [(k, _visitors) for k in kiosks] + [(c, _clerk(w)) for w, c in clerks.items()]
        people = [Person(who, plan, Random(seed + n)) for n, (who, plan) in enumerate(plans)]
        for client in (*kiosks, *clerks.values(), boss):
            client.hall = server  # type: ignore[assignment]
        yield MortalHall(server, people, boss)
    finally:
        nursery.close()
        for client in (*kiosks, *clerks.values(), boss):
            client.pool.clear()
