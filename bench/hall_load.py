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
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.http_client import Reply, request, run
from bench.load_hall import CLERKS, PIN, SERVICES, Prepared, prepare, start_server
from bench.machine import machine, summary
from hallkit.link.sse import parse
from hallkit.link.stream import Stream

CLIENTS = 16
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
        for number in range(CLERKS):
            body = json.dumps({"staff_no": f"{9001 + number}", "pin": PIN}).encode()
            answers: list[tuple[bytes, bytes]] = []
            self._log_in_once(body, answers)
            head, text = answers[0]
            cookie = head.split(b"set-cookie: ", 1)[1].split(b";", 1)[0].decode()
            token = json.loads(text)["csrf_token"]
            self.staff.append({"Cookie": cookie, "X-CSRF-Token": token})

    def _log_in_once(self, body: bytes, answers: list[tuple[bytes, bytes]]) -> None:
        import socket

        with socket.create_connection(self.address) as sock:
            sock.sendall(request("POST", f"{API}/session", {"Connection": "close"}, body))
            got = b""
            while chunk := sock.recv(65_536):
                got += chunk
        head, _, text = got.partition(b"\r\n\r\n")
        lower = head.split(b"\r\n")
        fixed = b"\r\n".join(
            line.split(b":", 1)[0].lower() + b":" + line.split(b":", 1)[1] if b":" in line else line
            for line in lower
        )
        answers.append((fixed, text))

    def command(self, path: str, headers: dict[str, str], **fields: object) -> bytes:
        """A command with a fresh ``request_id``."""
        body = json.dumps({"request_id": str(uuid4()), **fields}).encode()
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


def _expect(statuses: tuple[int, ...], took: list[float]) -> "object":
    def then(reply: Reply) -> None:
        assert reply.status in statuses, (reply.status, reply.body[:300])
        took.append(reply.took * 1000)

    return then


def measure(load: Load, scripts: list[Iterator[bytes]], name: str) -> float:
    """Runs the scripts together; prints and returns requests per second."""
    took: list[float] = []
    seconds = run(load.address, [(s, _expect((200, 201), took)) for s in scripts])  # type: ignore[misc]
    rate = len(took) / seconds
    print(f"{name:<40}{rate:>8.0f}/s   {summary(took)}", flush=True)
    return rate


def _shares(windows: list[int]) -> list[list[int]]:
    return [windows[i::CLIENTS] for i in range(CLIENTS)]


def _all(load: Load, verb: str, windows: list[int]) -> None:
    took: list[float] = []
    scripts = [
        (load.verbs(i, verb, s), _expect((200,), took)) for i, s in enumerate(_shares(windows))
    ]
    run(load.address, scripts)  # type: ignore[arg-type]


def throughput(load: Load, windows: list[int], rounds: int) -> None:
    """The three rates with 16 clients, each a few times in turn so that all see the same machine."""
    empty, issued, called = [], [], []
    for turn in range(rounds):
        each = 100
        empty.append(measure(load, [load.heartbeats(each) for _ in range(CLIENTS)], "empty POST"))
        scripts = [load.issues(each, turn * 100 + i) for i in range(CLIENTS)]
        issued.append(measure(load, scripts, "issue"))
        scripts = [load.verbs(i, "call-next", s) for i, s in enumerate(_shares(windows))]
        called.append(measure(load, scripts, "call-next"))
        _all(load, "start", windows)
        _all(load, "finish", windows)
    best = max(empty)
    print(
        f"issue / empty POST: {max(issued) / best:.2f}; call / empty POST: {max(called) / best:.2f}"
    )


def at_work(load: Load, windows: list[int], seconds: float) -> None:
    """60 clerks who each call, start, finish and rest a little; numbers are taken meanwhile."""
    took: list[float] = []
    stop = time.monotonic() + seconds

    def clerk(index: int, window: int) -> Iterator[bytes]:
        chance = random.Random(window)
        while time.monotonic() < stop:
            yield load.command(
                "/tickets", load.kiosk, service_id=f"s{index % SERVICES}", channel="kiosk"
            )
            for verb in ("call-next", "start", "finish"):
                yield load.command(f"/windows/{window}/{verb}", load.staff[index % CLERKS])
                time.sleep(0.001 * chance.random())

    def noted(script: Iterator[bytes]) -> Iterator[bytes]:
        for data in script:
            state["call"] = b"/call-next" in data[:60]
            yield data

    state: dict[str, bool] = {}
    _ = noted

    def pair(index: int, window: int) -> tuple[Iterator[bytes], object]:
        last = {"call": False}

        def script() -> Iterator[bytes]:
            for data in clerk(index, window):
                last["call"] = b"/call-next" in data[:60]
                yield data

        def then(reply: Reply) -> None:
            assert reply.status in (200, 201), reply.body[:300]
            if last["call"]:
                took.append(reply.took * 1000)

        return script(), then

    run(load.address, [pair(i, w) for i, w in enumerate(windows)])  # type: ignore[misc]
    print(f"{'call-next, 60 clerks at full speed':<40}{'':>11}{summary(took)}", flush=True)


def to_display(load: Load, window: int, count: int) -> None:
    """Milliseconds from sending call-next to the event at a listening display."""
    base = f"http://{load.address[0]}:{load.address[1]}"
    heard: dict[str, float] = {}
    stream = Stream(base, 30.0)
    lines = stream.open(f"{API}/events?topics=calls", load.display)
    ready = threading.Event()

    def listen() -> None:
        for event in parse(lines):
            ready.set()
            if event is not None and '"ticket.called"' in event.data:
                heard[json.loads(event.data)["ticket"]["number"]] = time.perf_counter()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    took = []
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
    time.sleep(0.5)
    took = [(heard[n] - at) * 1000 for n, at in zip(numbers, sent, strict=True)]
    stream.close()
    print(f"{'call to event at a display':<40}{'':>11}{summary(took)}", flush=True)


def fill_history(data: Path, tickets: int) -> None:
    """Tickets of past days, with their journal entries and answers, as a hall leaves them."""
    with closing(sqlite3.connect(data / "hall.db")) as db:
        db.execute("PRAGMA synchronous=OFF")
        body = "x" * 900
        columns = [row[1] for row in db.execute("PRAGMA table_info(ticket)")]
        last = db.execute("SELECT coalesce(max(seq), 0) FROM journal").fetchone()[0]
        start = int(time.time() * 1000) - 900 * 86_400_000

        def rows() -> Iterator[tuple[object, ...]]:
            for i in range(tickets):
                day, sequence = divmod(i, 1200)
                at = start + day * 86_400_000 + sequence * 20_000
                values = {
                    "id": f"{i:036d}",
                    "day": f"{2000 + day // 365:04d}-{day % 365:03d}"[:10],
                    "series": "ABCDEF"[sequence % 6],
                    "sequence": sequence // 6 + 1,
                    "service_id": f"s{sequence % SERVICES}",
                    "priority": "ordinary",
                    "state": "done",
                    "channel": "kiosk",
                    "token": f"t{i}",
                    "base": at,
                    "issued": at,
                    "window": 1,
                    "called": at + 60_000,
                    "started": at + 70_000,
                    "ended": at + 600_000,
                    "passes": 0,
                    "held_until": 0,
                    "offline": 0,
                    "later": "",
                }
                yield tuple(values.get(c) for c in columns)

        marks = ",".join("?" * len(columns))
        db.executemany(f"INSERT INTO ticket VALUES ({marks})", rows())
        db.executemany(
            "INSERT INTO journal VALUES (?,?,?,?,?,?,?,?)",
            (
                (last + 1 + i, start, "2001-001", "ticket.done", "bench", "", body, f"{i:064d}")
                for i in range(tickets)
            ),
        )
        db.commit()


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
            _all(load, "open", windows)
            measure(load, [load.issues(40, i) for i in range(CLIENTS)], "issue (warm-up)")
            throughput(load, windows, args.rounds)
            if not slow_ms:
                _all(load, "close", windows[60:])
                at_work(load, windows[:60], 5)
                to_display(load, 1, 200)
            print("memory:", _memory(process.pid))
        finally:
            process.terminate()
            process.wait()


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
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
