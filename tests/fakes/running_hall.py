"""The whole server on a free port of the loopback address: real HTTP, real SQLite, a sample hall,
and a clock that only the test moves."""

import json
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import urllib3

from hall_server.api.parts import Parts
from hall_server.domain.hall import Hall
from hall_server.factory import Limits, build_parts, create_app
from hall_server.hallfile.build import build_hall
from hall_server.hallfile.schema import HallFile
from hall_server.http.server import HttpServer
from hall_server.service.install import install_hall
from hall_server.service.views import Urls
from hall_server.store.store import SqlStore
from hall_server.store.transaction import SqlTransaction
from hallkit.link.sse import parse
from hallkit.link.stream import Stream
from hallkit.runtime.clock import Clock, ManualClock
from hallkit.runtime.paths import config_dir
from tests.support.staff import member

# A Monday morning within the opening hours of every sample hall.
MORNING = "2026-11-23T09:00:00+08:00"
PIN = "902571"
# The machine may be busy with other tests.
PATIENCE_S = 60.0
Tables = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers, the body as text and, if it is JSON, as ``json``."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The error's code, after checking that it has a sentence in each language."""
        error = self.json["error"]
        assert set(error) == {"code", "message", "message_en", "details"}, error
        assert any("\u4e00" <= c <= "\u9fff" for c in error["message"]), error
        assert error["message_en"][:1].isascii(), error
        return str(error["code"])

    def ok(self, status: int = 200) -> Any:
        """The JSON of an answer that should have this status."""
        assert self.status == status, f"{self.status} {self.text}"
        return self.json

    def refused(self, status: int, code: str) -> "Answer":
        """Checks a refusal."""
        assert (self.status, self.code) == (status, code), f"{self.status} {self.text}"
        return self


@dataclass
class Client:
    """Somebody who asks, with the headers that say who; finds the server after a restart too."""

    hall: "RunningHall"
    headers: dict[str, str] = field(default_factory=dict)
    device_id: str = ""
    pool: urllib3.PoolManager = field(
        repr=False,
        default_factory=lambda: urllib3.PoolManager(
            retries=False, timeout=PATIENCE_S, maxsize=8, block=False
        ),
    )

    def send(
        self, method: str, path: str, body: Any = None, raw: bytes | None = None, **headers: str
    ) -> Answer:
        """Sends JSON, or ``raw`` bytes as they are. A path without ``/`` is below ``/api/v1/``;
        underscores in header names stand for hyphens."""
        data = raw if raw is not None else (json.dumps(body).encode() if body is not None else None)
        sent = self.headers | {k.replace("_", "-"): v for k, v in headers.items()}
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        url = self.hall.base_url + (path if path.startswith("/") else f"/api/v1/{path}")
        response = self.pool.request(method, url, body=data, headers=sent, redirect=False)
        return Answer(response.status, dict(response.headers), response.data.decode())

    def get(self, path: str, **headers: str) -> Answer:
        """GETs."""
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """POSTs."""
        return self.send("POST", path, {} if body is None else body, **headers)

    def command(self, path: str, /, **fields: Any) -> Answer:
        """POSTs a command with a fresh ``request_id`` (or the one given)."""
        return self.post(path, {"request_id": str(uuid4()), **fields})

    def verb(self, number: int, verb: str, /, **fields: Any) -> Answer:
        """A verb at a window."""
        return self.command(f"windows/{number}/{verb}", **fields)

    def issue(self, service_id: str, /, **fields: Any) -> Any:
        """A ticket that was issued."""
        body = {"service_id": service_id, "channel": "kiosk"} | fields
        return self.command("tickets", **body).ok(201)

    def call_next(self, window: int) -> Any:
        """The ticket called, None when nobody waits."""
        return self.verb(window, "call-next").ok()["ticket"]

    def follow(self, query: str = "", **headers: str) -> "Following":
        """The event stream."""
        sent = self.headers | {k.replace("_", "-"): v for k, v in headers.items()}
        return Following(self.hall.base_url, f"/api/v1/events{query}", sent)


class Following:
    """An open event stream, read by whoever asks for the next event."""

    def __init__(self, base_url: str, path: str, headers: dict[str, str]) -> None:
        self.stream = Stream(base_url, PATIENCE_S)
        try:
            self._events = parse(self.stream.open(path, headers))
        except BaseException:
            self.stream.close()
            raise

    def __enter__(self) -> "Following":
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()

    def raw(self) -> Iterator[str | None]:
        """The ``data`` of each event, None for a comment, until the stream ends."""
        for event in self._events:
            if event is not None:
                assert event.id == str(json.loads(event.data)["seq"])
            yield event.data if event is not None else None

    def take(self, count: int) -> list[dict[str, Any]]:
        """The next events."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            data = next(self.raw(), "end")
            assert data != "end", f"the stream ended after {len(found)} of {count} events"
            if data is not None:
                found.append(json.loads(data))
        return found

    def until(self, kind: str) -> list[dict[str, Any]]:
        """The next events up to the first of this type."""
        found = self.take(1)
        while found[-1]["type"] != kind:
            found += self.take(1)
        return found


def sample_hall(name: str, change: Callable[[Tables], None] | None = None) -> HallFile:
    """A shipped hall file, its tables changed first."""
    tables = tomllib.loads((config_dir() / "halls" / f"{name}.toml").read_text(encoding="utf-8"))
    if change is not None:
        change(tables)
    return HallFile.model_validate(tables)


class RunningHall:
    """A server that runs. ``people`` may log in with ``PIN``: a manager ``m1``, a guide ``g1`` and
    a clerk ``c<n>`` for each window."""

    def __init__(
        self,
        data: Path,
        hall: str | HallFile = "baishui-town",
        *,
        at: str = MORNING,
        always_open: bool = False,
        limits: Limits | None = None,
        clock: Clock | None = None,
        port: int = 0,
    ) -> None:
        self.file = sample_hall(hall) if isinstance(hall, str) else hall
        self.clock = ManualClock(datetime.fromisoformat(at))
        self.data = data
        self.hall: Hall = build_hall(self.file, always_open=always_open)
        self._given_clock = clock
        self._limits = limits or Limits()
        self._port = port
        self.store: SqlStore
        self.parts: Parts
        self.http: HttpServer

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.http.port}"

    def start(self) -> None:
        """Opens the data folder and listens; the first time it makes the hall and its staff."""
        self.store = SqlStore(self.data)
        clock = self._given_clock or self.clock
        fresh = self.store.read(lambda tx: tx.hall_document()) is None
        if fresh:
            install_hall(self.store, self.file, "system", clock.now)
        urls = Urls("http://hall.test")
        self.parts = build_parts(self.store, self.hall, clock, urls, self._limits)
        self.store.publish_to(self.parts.feed.published)
        if fresh:
            self._hire()
        app = create_app(self.parts)
        self.rules = [rule.rule for rule in app.url_map.iter_rules()]
        self.http = HttpServer(app.wsgi_app, "127.0.0.1", self._port, self._limits.streams)
        self.http.start()

    def stop(self) -> None:
        """Stops in the program's order."""
        self.parts.feed.close()
        self.http.stop()
        self.store.close()

    def restart(self) -> None:
        """Stops and starts again with the same data; on another port unless one was given."""
        self.stop()
        self.start()

    def _hire(self) -> None:
        numbers = {1, *(w.number for w in self.hall.windows)}
        clerks = [member(f"c{n}", "窗口员", "clerk", PIN) for n in sorted(numbers)]
        others = [member("m1", "主任", "manager", PIN), member("g1", "导办", "guide", PIN)]

        def hire(tx: SqlTransaction) -> None:
            for one in (*others, *clerks):
                tx.save_staff(one)

        self.store.write(hire)

    def anyone(self) -> Client:
        """Somebody without a log-in."""
        return Client(self)

    def log_in(self, staff_no: str, window: int | None = None) -> Client:
        """A session."""
        body = {"staff_no": staff_no, "pin": PIN, "window": window}
        answer = self.anyone().post("session", body)
        token = answer.ok()["csrf_token"]
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return Client(self, {"Cookie": cookie, "X-CSRF-Token": token})

    def manager(self) -> Client:
        """The manager's session."""
        return self.log_in("m1")

    def clerk(self, window: int, *, opened: bool = True) -> Client:
        """The session of the clerk at this window, which is opened."""
        client = self.log_in(f"c{window}", window)
        if opened:
            client.verb(window, "open").ok()
        return client

    def device(self, kind: str = "kiosk") -> Client:
        """An approved device."""
        device_id, token = self.parts.devices.add(kind, f"{kind} {uuid4().hex[:8]}")
        return Client(self, {"Authorization": f"Bearer {token}"}, device_id)

    def later(self, **by: float) -> None:
        """Moves the clock forward: ``later(minutes=5)``."""
        self.clock.advance(timedelta(**by))

    def at(self, time: str) -> None:
        """Moves the clock to this time, such as ``2026-11-23T17:30:00``, in the hall's zone."""
        self.clock.set(datetime.fromisoformat(time).replace(tzinfo=self.hall.zone))

    def journal(self, kind: str = "") -> list[tuple[str, str, dict[str, Any]]]:
        """The journal's entries as type, actor and body; of one type only when given."""
        entries = self.store.read(lambda tx: tx.entries_after(0, 100_000))
        return [(e.type, e.actor, json.loads(e.body)) for e in entries if e.type.startswith(kind)]


@contextmanager
def running(
    data: Path, hall: str | HallFile = "baishui-town", **more: Any
) -> Iterator[RunningHall]:
    """A server that runs, stopped at the end."""
    found = RunningHall(data, hall, **more)
    found.start()
    try:
        yield found
    finally:
        found.stop()
