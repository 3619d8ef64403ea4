"""A TCP server that answers HTTP requests with exactly the bytes the test says, or hangs, or cuts.

And :class:`PairingHall`, which lets devices in as a hall server does.
"""

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

WAIT_S = 60.0


@dataclass(frozen=True)
class Request:
    """What a device sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


@dataclass
class Turn:
    """One request and how to answer it; ``stopped`` is set when the server ends."""

    request: Request
    connection: socket.socket
    stopped: threading.Event
    # The server closes the connection after the turn unless this is set.
    keep: bool = field(default=False)

    def send(self, data: bytes) -> None:
        """Sends bytes; nothing happens when the device has gone."""
        with contextlib.suppress(OSError):
            self.connection.sendall(data)

    def reply(self, status: int, body: bytes, kind: str = "application/json") -> None:
        """A whole answer."""
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.send(head.encode() + body)

    def reply_json(self, status: int, body: object) -> None:
        """A whole JSON answer."""
        self.reply(status, json.dumps(body).encode())

    def refuse(self, status: int, code: str) -> None:
        """An error as the hall server words it."""
        self.reply_json(
            status, {"error": {"code": code, "message": "不行", "message_en": "no", "details": []}}
        )

    def open_stream(self, *more: str) -> None:
        """The head of an event stream that ends when the connection does."""
        lines = ["HTTP/1.1 200 OK", "Content-Type: text/event-stream", *more, "", ""]
        self.send("\r\n".join(lines).encode())


Script = Callable[[Turn], None]


class RawServer:
    """Runs ``script`` for every request, each connection in a thread. A context manager."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[Request] = []
        self.changed = threading.Condition()
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> "RawServer":
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def wait_requests(self, count: int) -> None:
        """Waits until ``count`` requests came."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.requests) >= count, WAIT_S)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, name="raw server")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            stream = connection.makefile("rb")
            with stream:
                while (request := _read(stream)) is not None:
                    turn = Turn(request, connection, self._stopped)
                    with self.changed:
                        self.requests.append(request)
                        self.changed.notify_all()
                    self.script(turn)
                    if not turn.keep:
                        connection.shutdown(socket.SHUT_RDWR)
                        return


def _read(stream: Any) -> Request | None:
    first = stream.readline().decode("latin-1").split()
    if len(first) < 2:
        return None
    headers: dict[str, str] = {}
    while (line := stream.readline().decode("latin-1").strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", "0")))
    return Request(first[0], first[1], headers, body)


class PairingHall(RawServer):
    """``decision`` is what a manager did: pending, approved, revoked or forgotten. The secret
    derives from the request id, as the real server's does."""

    def __init__(self) -> None:
        super().__init__(self._turn)
        self.decision = "pending"
        self.away = False
        self.tokens: list[str] = []
        self.asked: list[dict[str, Any]] = []

    def _turn(self, turn: Turn) -> None:
        turn.keep = True
        if self.away:
            turn.reply(502, b"<html>bad gateway</html>", "text/html")
        elif turn.request.path == "/api/v1/devices/pair":
            body = turn.request.json()
            self.asked.append(body)
            turn.reply_json(
                201,
                {
                    "device_id": f"dev-{body['request_id']}",
                    "code": body["request_id"][:4],
                    "state": "pending" if self.decision == "forgotten" else self.decision,
                    "secret": f"secret-{body['request_id']}",
                },
            )
        elif turn.request.path.endswith("/token"):
            self._token(turn)
        else:
            turn.refuse(404, "not_found")

    def _token(self, turn: Turn) -> None:
        device = turn.request.path.split("/")[-2].removeprefix("dev-")
        known = any(body["request_id"] == device for body in self.asked)
        right = turn.request.headers.get("authorization") == f"Bearer secret-{device}"
        if not known or not right or self.decision == "forgotten":
            turn.refuse(404, "unknown_device")
        elif self.decision == "revoked":
            turn.refuse(403, "device_revoked")
        elif self.decision == "pending":
            turn.refuse(409, "not_approved")
        else:
            self.tokens.append(f"token-{len(self.tokens) + 1}")
            turn.reply_json(200, {"token": self.tokens[-1]})
