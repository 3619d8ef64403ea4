"""A hall server for device tests: real HTTP and a real event stream, told by the test what to say.

It can go down (connections are cut, the port refuses) and come back on the same port.
"""

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel

from hallkit.runtime.ports import free_port
from hallkit.wire.board import Board, Call
from hallkit.wire.device import DeviceStatus
from hallkit.wire.errors import ErrorBody, ErrorInfo
from hallkit.wire.event import TOPICS, Event
from hallkit.wire.hall import Area, Hall, MissedCallRule, Policy, Window, WindowState
from hallkit.wire.message import Message
from hallkit.wire.ticket import Ticket, TicketState

PING_S = 0.5
Answer = tuple[int, BaseModel | dict[str, Any]]
Handler = Callable[[dict[str, Any]], Answer]


class Nothing(Message):
    """An empty JSON object."""


def window(number: int, state: WindowState = "open", **more: Any) -> Window:
    """A comprehensive window with usual values."""
    values: dict[str, Any] = {
        "id": f"w{number}",
        "number": number,
        "name": f"{number}号综合窗口",
        "area": "main",
        "state": state,
        "kind": "comprehensive",
    }
    return Window.model_validate(values | more)


def ticket(number: str, state: TicketState = "waiting", **more: Any) -> Ticket:
    """A ticket with usual values."""
    values: dict[str, Any] = {
        "id": f"t-{number}",
        "number": number,
        "series": number[0],
        "sequence": int(number[1:]),
        "service_id": "hukou",
        "service_name": "户口办理",
        "priority_class": "ordinary",
        "state": state,
        "issued_at": datetime.now(UTC),
        "position_url": "http://hall.test/t/x",
    }
    return Ticket.model_validate(values | more)


def small_hall(*windows: Window) -> Hall:
    """A hall with these windows (two open ones when none are given)."""
    rule = MissedCallRule(
        policy="requeue_after_k",
        after_k=3,
        minutes=30,
        max_passes=3,
        text="过号后三位重新排队",
        text_en="requeued after three",
    )
    return Hall(
        id="test",
        name="测试便民服务中心",
        areas=[Area(id="main", name="大厅")],
        categories=[],
        windows=list(windows) or [window(1), window(2)],
        priority_classes=[],
        policy=Policy(missed_call=rule, open_now=True),
    )


def empty_board(journal_seq: int = 0, *calls: Call) -> Board:
    """A board on which nothing but ``calls`` happened."""
    return Board(
        business_day="2026-11-23",
        now_serving=list(calls),
        recent_calls=list(calls),
        waiting=[],
        journal_seq=journal_seq,
    )


def call_event(
    seq: int, number: str, at_window: Window, kind: str = "ticket.called", **more: Any
) -> Event:
    """``kind`` at ``at_window``, whose ticket becomes ``number`` as that kind says."""
    state = {
        "ticket.called": "called",
        "ticket.recalled": "called",
        "ticket.started": "serving",
    }.get(kind)
    now = datetime.now(UTC)
    after = at_window.model_copy(
        update={"ticket": number if state else None, "ticket_state": state}
    )
    values: dict[str, Any] = {
        "seq": seq,
        "at": now,
        "type": kind,
        "hall": "test",
        "window": after,
        "ticket": ticket(number, "called", window=at_window.number, called_at=now),
    }
    return Event.model_validate(values | more)


class FakeHall:
    """Set ``hall`` and ``board`` at any time; ``push`` events; read ``statuses``; ``answer`` adds
    endpoints. Use it as a context manager, or ``start`` and ``stop`` it."""

    def __init__(self, hall: Hall | None = None, board: Board | None = None) -> None:
        self.hall = hall or small_hall()
        self.board = board or empty_board()
        self.tickets: dict[str, Ticket] = {}
        self.statuses: list[tuple[str, DeviceStatus]] = []
        self.requests: list[str] = []
        self.changed = threading.Condition()
        self._journal: list[Event] = []
        self._answers: dict[tuple[str, str], Handler] = {}
        self._server: _Server | None = None
        # Its own also while it is down: no other program is given it then.
        self._port = free_port()

    def __enter__(self) -> "FakeHall":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The base URL; the same after the server went down and came back."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def up(self) -> bool:
        """Whether it serves."""
        return self._server is not None

    @property
    def streams(self) -> int:
        """How many event streams are being followed now."""
        return self._server.streams if self._server else 0

    def start(self) -> None:
        """Starts serving, on the port it had before."""
        self._server = _Server(self, self._port)
        self._server.begin()

    def stop(self) -> None:
        """Goes down at once, cutting every connection; harmless when it is down."""
        server, self._server = self._server, None
        if server is not None:
            server.end()

    def push(self, event: Event) -> None:
        """Appends to the journal and sends it to everybody who follows its topics. The address of
        the ticket's page is no event's: ``/tickets/{id}`` has it."""
        if event.ticket is not None:
            self.tickets[event.ticket.id] = event.ticket
            hidden = event.ticket.model_copy(update={"position_url": ""})
            event = event.model_copy(update={"ticket": hidden})
        with self.changed:
            self._journal.append(event)
            self.changed.notify_all()

    def answer(self, method: str, path: str, handler: Handler) -> None:
        """Answers ``method`` ``/api/v1`` + ``path`` by ``handler(JSON body)``."""
        self._answers[(method, path)] = handler

    def wait_for(self, condition: Callable[[], bool], timeout_s: float = 30.0) -> bool:
        """Waits until a request, a status or an event makes ``condition`` true."""
        with self.changed:
            return self.changed.wait_for(condition, timeout_s)

    def since(self, seq: int | None, topics: set[str]) -> list[Event]:
        """The journal after ``seq`` on these topics."""
        return [
            e
            for e in self._journal
            if (seq is None or e.seq > seq) and topics.intersection(TOPICS.get(e.type, ()))
        ]

    @property
    def last_seq(self) -> int:
        """The sequence of the newest event."""
        return self._journal[-1].seq if self._journal else 0

    def respond(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        """The answer to one call."""
        with self.changed:
            self.requests.append(f"{method} {path}")
            self.changed.notify_all()
        custom = self._answers.get((method, path))
        if custom is not None:
            return custom(body)
        if (method, path) == ("GET", "/hall"):
            return 200, self.hall
        if (method, path) == ("GET", "/board"):
            return 200, self.board
        if method == "GET" and path.startswith("/tickets/"):
            found = self.tickets.get(path.removeprefix("/tickets/"))
            if found is not None:
                return 200, found
        if method == "POST" and path.startswith("/devices/") and path.endswith("/status"):
            with self.changed:
                self.statuses.append((path.split("/")[2], DeviceStatus.model_validate(body)))
                self.changed.notify_all()
            return 200, Nothing()
        info = ErrorInfo(code="not_found", message="没有这个地址", message_en="no such address")
        return 404, ErrorBody(error=info)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    allow_reuse_address = True

    def __init__(self, fake: FakeHall, port: int) -> None:
        self.fake = fake
        self.ending = False
        self.streams = 0
        self._sockets: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Connection)
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, name="fake hall"
        )

    def begin(self) -> None:
        self._thread.start()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._sockets.add(request)
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A device that hangs up is not an error of the server."""

    def end(self) -> None:
        self.ending = True
        self.shutdown()
        self._thread.join()
        for one in list(self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        with self.fake.changed:
            self.fake.changed.notify_all()
        self.server_close()


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        """Answers, or streams events."""
        parts = urlsplit(self.path)
        if parts.path == "/api/v1/events":
            self._stream(parse_qs(parts.query))
        else:
            self._reply("GET", parts.path, {})

    def do_POST(self) -> None:
        """Answers a command."""
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._reply("POST", urlsplit(self.path).path, json.loads(raw or b"{}"))

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def _reply(self, method: str, path: str, body: dict[str, Any]) -> None:
        status, message = self.server.fake.respond(method, path.removeprefix("/api/v1"), body)
        text = message.model_dump_json() if isinstance(message, BaseModel) else json.dumps(message)
        raw = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _stream(self, query: dict[str, list[str]]) -> None:
        fake = self.server.fake
        topics = set(query.get("topics", [""])[0].split(","))
        resume = self.headers.get("Last-Event-ID") or query.get("after", [None])[0]
        last = int(resume) if resume is not None else fake.last_seq
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.close_connection = True
        self._chunk(": ping\n\n")
        with fake.changed:
            self.server.streams += 1
            fake.changed.notify_all()
        try:
            while not self.server.ending:
                last = self._send_new(last, topics)
        finally:
            with fake.changed:
                self.server.streams -= 1

    def _send_new(self, last: int, topics: set[str]) -> int:
        fake = self.server.fake
        with fake.changed:
            fake.changed.wait_for(
                lambda: self.server.ending or bool(fake.since(last, topics)), PING_S
            )
            new = fake.since(last, topics)
        if self.server.ending:
            return last
        for event in new:
            self._chunk(f"id: {event.seq}\ndata: {event.model_dump_json()}\n\n")
        if not new:
            self._chunk(": ping\n\n")
        return new[-1].seq if new else last

    def _chunk(self, text: str) -> None:
        raw = text.encode()
        self.wfile.write(f"{len(raw):x}\r\n".encode() + raw + b"\r\n")
        self.wfile.flush()
