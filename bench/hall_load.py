"""The server under load over HTTP, ``synchronous=FULL``: ``python bench/hall_load.py``.

Prints an empty authenticated POST, tickets issued and calls per second (16 clients each) and their
ratio to the empty POST in the same run; call-next at 60 windows with 60 clerks at work; call to
event at a listening display; the same with an SD card's fsync; memory; and, with ``--history N``,
the median with N stored tickets beside that of 100.
"""

import argparse
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import psutil
import urllib3

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.http_client import Reply, request, run
from bench.load_hall import CLERKS, PIN, SERVICES, Prepared, prepare, start_server
from bench.machine import machine, summary
from hallkit.link.sse import parse
from hallkit.link.stream import Stream
from hallkit.wire.ids import new_id

CLIENTS = 16
# Requests of each client in one round, in bursts of as many as there are windows: a window calls
# once. All three rates are measured in such bursts, since each begins and ends with fewer clients.
EACH = 100
# The commands of a week in a busy hall.
ANSWERS = 40_000
API = "/api/v1"


class Load:
    """A running server and who asks it."""

    def __init__(self, prepared: Prepared, address: tuple[str, int]) -> None:
        self.address = address
        self.kiosk = {"Authorization": f"Bearer {prepared.tokens['kiosk']}"}
        self.display = {"Authorization": f"Bearer {prepared.tokens['display']}"}
        self.device_id = prepared.device_ids["kiosk"]
        self.staff: list[dict[str, str]] = []

    def log_in(self) -> None:
        """Every clerk."""
        with urllib3.PoolManager(retries=False) as pool:
            for number in range(CLERKS):
                body = {"staff_no": f"{9001 + number}", "pin": PIN}
                url = f"http://{self.address[0]}:{self.address[1]}{API}/session"
                answer = pool.request("POST", url, json=body)
                cookie = answer.headers["Set-Cookie"].split(";", 1)[0]
                self.staff.append({"Cookie": cookie, "X-CSRF-Token": answer.json()["csrf_token"]})

    def command(self, path: str, headers: dict[str, str], **fields: object) -> bytes:
        """A command with a fresh ``request_id``."""
        body = json.dumps({"request_id": new_id(), **fields}).encode()
        return request("POST", f"{API}{path}", headers, body)

    def heartbeats(self, count: int) -> Iterator[bytes]:
        """The empty authenticated POST: a heartbeat that says nothing new."""
        body = b'{"version": "1", "parts": []}'
        for _ in range(count):
            yield request("POST", f"{API}/devices/{self.device_id}/status", self.kiosk, body)

    def issues(self, count: int, seed: int) -> Iterator[bytes]:
        """Numbers for services in turn."""
        chance = random.Random(seed)
        for _ in range(count):
            service = f"s{chance.randrange(SERVICES)}"
            yield self.command("/tickets", self.kiosk, service_id=service, channel="kiosk")

    def verbs(self, client: int, verb: str, windows: list[int]) -> Iterator[bytes]:
        """One verb at each of these windows."""
        for window in windows:
            yield self.command(f"/windows/{window}/{verb}", self.staff[client % CLERKS])


def noted(took: list[float]) -> Callable[[Reply], None]:
    """Notes how long each answer took, in milliseconds, after checking that it is one."""

    def then(reply: Reply) -> None:
        assert reply.status in (200, 201), (reply.status, reply.body[:300])
        took.append(reply.took * 1000)

    return then


class Rate:
    """Requests per second of one kind, over several measurements."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._took: list[float] = []
        self._seconds = 0.0

    def measure(self, load: Load, scripts: list[Iterator[bytes]]) -> None:
        """Runs the scripts together."""
        self._seconds += run(load.address, [(script, noted(self._took)) for script in scripts])

    def tell(self) -> float:
        """Prints and returns requests per second."""
        rate = len(self._took) / self._seconds
        print(f"{self._name:<40}{rate:>8.0f}/s   {summary(self._took)}", flush=True)
        return rate


def at_all(load: Load, verb: str, windows: list[int]) -> list[Iterator[bytes]]:
    """The verb at every window, shared among the clients."""
    return [load.verbs(i, verb, windows[i::CLIENTS]) for i in range(CLIENTS)]


def quietly(load: Load, scripts: list[Iterator[bytes]]) -> None:
    """Runs the scripts without a word."""
    run(load.address, [(script, noted([])) for script in scripts])


def throughput(load: Load, windows: list[int], rounds: int) -> None:
    """The three rates with 16 clients, in turn, so that all see the same machine."""
    rates: dict[str, list[float]] = {"empty POST": [], "issue": [], "call-next": []}
    each = max(1, len(windows) // CLIENTS)
    for turn in range(rounds):
        now = {name: Rate(name) for name in rates}
        for burst in range(EACH * CLIENTS // len(windows)):
            seeds = [(turn * EACH + burst) * CLIENTS + client for client in range(CLIENTS)]
            now["empty POST"].measure(load, [load.heartbeats(each) for _ in range(CLIENTS)])
            now["issue"].measure(load, [load.issues(each, seed) for seed in seeds])
            now["call-next"].measure(load, at_all(load, "call-next", windows))
            for verb in ("start", "finish"):
                quietly(load, at_all(load, verb, windows))
        for name, rate in now.items():
            rates[name].append(rate.tell())
    median = {name: statistics.median(found) for name, found in rates.items()}
    for name in ("issue", "call-next"):
        print(f"{name}: {median[name]:.0f}/s, {median[name] / median['empty POST']:.2f} of empty")


class Clerk:
    """Who calls, starts and finishes again and again, and hands out the next number before."""

    def __init__(self, load: Load, index: int, window: int, until: float) -> None:
        self._load = load
        self._index = index
        self._window = window
        self._until = until
        self._calling = False
        self.took: list[float] = []

    def script(self) -> Iterator[bytes]:
        """The requests."""
        load, staff = self._load, self._load.staff[self._index % CLERKS]
        while time.monotonic() < self._until:
            service = f"s{self._index % SERVICES}"
            yield load.command("/tickets", load.kiosk, service_id=service, channel="kiosk")
            for verb in ("call-next", "start", "finish"):
                self._calling = verb == "call-next"
                yield load.command(f"/windows/{self._window}/{verb}", staff)
            self._calling = False

    def then(self, reply: Reply) -> None:
        """Notes how long a call took."""
        assert reply.status in (200, 201), reply.body[:300]
        if self._calling:
            self.took.append(reply.took * 1000)


def at_work(load: Load, windows: list[int], seconds: float, *, pause_s: float) -> None:
    """A clerk at each window, with a pause after every request."""
    until = time.monotonic() + seconds
    clerks = [Clerk(load, i, window, until) for i, window in enumerate(windows)]
    run(load.address, [(clerk.script(), clerk.then) for clerk in clerks], pause_s=pause_s)
    took = [t for clerk in clerks for t in clerk.took]
    pace = f"{len(windows)} windows, a request every {pause_s:.1f} s" if pause_s else "flat out"
    print(f"{'call-next, ' + pace:<51}{summary(took)}", flush=True)


def to_display(load: Load, window: int, count: int) -> None:
    """Milliseconds from sending call-next to the event at a listening display."""
    base = f"http://{load.address[0]}:{load.address[1]}"
    heard: dict[str, float] = {}
    stream = Stream(base, 30.0)
    lines = stream.open(f"{API}/events?topics=calls", load.display)

    def listen() -> None:
        for event in parse(lines):
            if event is not None and '"ticket.called"' in event.data:
                heard[json.loads(event.data)["ticket"]["number"]] = time.perf_counter()
            if len(heard) == count:
                return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    sent: list[float] = []
    numbers: list[str] = []

    def script() -> Iterator[bytes]:
        for _ in range(count):
            yield load.command("/tickets", load.kiosk, service_id="s0", channel="kiosk")
            sent.append(time.perf_counter())
            yield load.command(f"/windows/{window}/call-next", load.staff[0])
            yield load.command(f"/windows/{window}/start", load.staff[0])
            yield load.command(f"/windows/{window}/finish", load.staff[0])

    def then(reply: Reply) -> None:
        answer = json.loads(reply.body)
        assert reply.status in (200, 201), answer
        if answer.get("why"):
            numbers.append(answer["ticket"]["number"])

    run(load.address, [(script(), then)])
    listener.join(30.0)
    took = [(heard[n] - at) * 1000 for n, at in zip(numbers, sent, strict=True)]
    stream.close()
    print(f"{'call to event at a display':<40}{'':>11}{summary(took)}", flush=True)


def old_ticket(index: int, start: int) -> dict[str, object]:
    """The ``index``-th ticket of a past that began at ``start``."""
    day, number = divmod(index, 1200)
    at = start + day * 86_400_000 + number * 20_000
    return {
        "id": f"{index:036d}",
        "day": (date(2020, 1, 1) + timedelta(days=day)).isoformat(),
        "series": "ABCDEF"[number % 6],
        "sequence": number // 6 + 1,
        "service_id": f"s{number % SERVICES}",
        "priority": "ordinary",
        "state": "done",
        "channel": "kiosk",
        "token": f"{index:016d}",
        "base": at,
        "issued": at,
        "window": 1,
        "called": at + 60_000,
        "first_called": at + 60_000,
        "started": at + 70_000,
        "ended": at + 600_000,
        "passes": 0,
        "held_until": 0,
        "offline": 0,
        "later": "",
    }


def fill_history(data: Path, tickets: int) -> None:
    """Tickets of past days with a journal entry each, and the answers that a week leaves."""
    with closing(sqlite3.connect(data / "hall.db")) as db:
        db.execute("PRAGMA synchronous=OFF")
        body = "x" * 900
        columns = [row[1] for row in db.execute("PRAGMA table_info(ticket)")]
        last = db.execute("SELECT coalesce(max(seq), 0) FROM journal").fetchone()[0]
        start = int(time.time() * 1000) - 900 * 86_400_000

        def rows() -> Iterator[tuple[object, ...]]:
            for i in range(tickets):
                values = old_ticket(i, start)
                yield tuple(values.get(column) for column in columns)

        marks = ",".join("?" * len(columns))
        db.executemany(f"INSERT INTO ticket VALUES ({marks})", rows())
        db.executemany(
            "INSERT INTO journal VALUES (?,?,?,?,?,?,?,?)",
            (
                (
                    last + 1 + i,
                    start,
                    "2020-01-01",
                    "ticket.finished",
                    "bench",
                    "",
                    body,
                    f"{i:064d}",
                )
                for i in range(tickets)
            ),
        )
        answer = (int(time.time() * 1000), "bench", "x" * 200, "x" * 900)
        db.executemany(
            "INSERT INTO command (request_id, at, actor, command, answer) VALUES (?,?,?,?,?)",
            ((new_id(), *answer) for _ in range(min(tickets, ANSWERS))),
        )
        db.commit()
    # What the kernel still has to write of it would slow down what is measured.
    os.sync()


def _memory(pid: int) -> str:
    tree = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return ", ".join(f"{p.memory_info().rss / 1e6:.0f} MB" for p in tree)


def session(args: argparse.Namespace, name: str, *, history: int, slow_ms: int) -> None:
    """One server from start to stop."""
    with tempfile.TemporaryDirectory(dir=args.dir) as folder:
        prepared = prepare(Path(folder), windows=args.windows)
        if history:
            fill_history(Path(folder), history)
        environment = dict(os.environ)
        if slow_ms:
            shim = Path(folder) / "slow.so"
            source = Path(__file__).with_name("slow_fsync.c")
            subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, source, "-ldl"], check=True)
            environment |= {"LD_PRELOAD": str(shim), "SLOW_FSYNC_MS": str(slow_ms)}
        process, address = start_server(Path(folder), environment)
        try:
            print(f"== {name}", flush=True)
            load = Load(prepared, address)
            load.log_in()
            windows = list(range(1, args.windows + 1))
            quietly(load, at_all(load, "open", windows))
            quietly(load, [load.issues(40, i) for i in range(CLIENTS)])
            throughput(load, windows, args.rounds)
            if not slow_ms:
                quietly(load, at_all(load, "close", windows[60:]))
                at_work(load, windows[:60], 8, pause_s=0.5)
                at_work(load, windows[:60], 4, pause_s=0)
                to_display(load, 1, 200)
            print("memory:", _memory(process.pid))
        finally:
            process.terminate()
            process.wait()


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--windows", type=int, default=160)
    parser.add_argument("--history", type=int, default=0)
    parser.add_argument("--slow", type=int, default=0, metavar="MS")
    parser.add_argument("--dir", type=Path, default=None, help="where the data is kept")
    args = parser.parse_args()
    print(machine())
    session(args, "100 tickets stored", history=100, slow_ms=0)
    if args.history:
        session(args, f"{args.history} tickets stored", history=args.history, slow_ms=0)
    if args.slow:
        session(args, f"an fsync takes {args.slow} ms", history=100, slow_ms=args.slow)
    return 0


if __name__ == "__main__":
    sys.exit(main())
