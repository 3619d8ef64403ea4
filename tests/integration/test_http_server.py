"""The HTTP server on real sockets: limits, time-outs, streams, stopping."""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from hall_server.http import connection
from hall_server.http import server as http_server
from hall_server.http.server import THREADS_FOR_REQUESTS, CannotListen, HttpServer

PATIENCE_S = 60
STREAMS = 4


class _App:
    """Echoes bodies; ``/stream`` pings until the server stops; ``/flood`` never
    ends; ``/held`` waits to be let go."""

    def __init__(self) -> None:
        self.server: HttpServer | None = None
        self.streams = 0
        self.changed = threading.Condition()
        self.let_go = threading.Event()
        self.seen: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.seen.append(environ)
        if environ["PATH_INFO"] == "/stream":
            start("200 OK", [("Content-Type", "text/event-stream")])
            return self._stream()
        if environ["PATH_INFO"] == "/flood":
            start("200 OK", [("Content-Type", "text/plain")])
            return self._flood()
        if environ["PATH_INFO"] == "/held":
            self._count(1)
            assert self.let_go.wait(PATIENCE_S)
        body = environ["wsgi.input"].read()
        start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
        return [body]

    def _stream(self) -> Iterator[bytes]:
        assert self.server is not None
        self._count(1)
        try:
            yield b": ping\n\n"
            while not self.server.stopping.wait(0.2):
                yield b": ping\n\n"
        finally:
            self._count(-1)

    def _flood(self) -> Iterator[bytes]:
        self._count(1)
        try:
            while True:
                yield b"x" * 1_000_000
        finally:
            self._count(-1)

    def _count(self, by: int) -> None:
        with self.changed:
            self.streams += by
            self.changed.notify_all()

    def wait_for(self, streams: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.streams == streams, PATIENCE_S)


@pytest.fixture
def app() -> Iterator[_App]:
    made = _App()
    made.server = HttpServer(made, "127.0.0.1", 0, STREAMS)
    made.server.start()
    yield made
    made.let_go.set()
    made.server.stop()


def _port(app: _App) -> int:
    assert app.server is not None
    return app.server.port


def _send(app: _App, raw: bytes) -> tuple[int, dict[str, str], bytes]:
    """Sends raw bytes on a connection of its own and reads the answer to its end."""
    with closing(socket.create_connection(("127.0.0.1", _port(app)), PATIENCE_S)) as sock:
        sock.sendall(raw)
        answer = http.client.HTTPResponse(sock)
        answer.begin()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()


def _open(app: _App, raw: bytes) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", _port(app)), PATIENCE_S)
    sock.sendall(raw)
    return sock


def test_an_answer_names_no_version(app: _App) -> None:
    status, headers, body = _send(
        app, b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
    )
    assert (status, body) == (200, b"hello")
    assert headers["server"] == "yichuang"
    assert not any(c.isdigit() for c in app.seen[0]["SERVER_SOFTWARE"])


def test_one_connection_serves_many_requests(app: _App) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", _port(app), PATIENCE_S)) as client:
        for number in range(20):
            client.request("POST", "/", str(number))
            assert client.getresponse().read() == str(number).encode()


def _answer(stream: socket.socket) -> bytes:
    """An echo of five bytes, read until it is whole."""
    raw = b""
    while not raw.endswith(b"\r\n\r\nhello"):
        chunk = stream.recv(65_536)
        assert chunk
        raw += chunk
    return raw


def test_an_answer_is_one_packet(app: _App) -> None:
    with closing(_open(app, _post("5", b"hello"))) as client:
        assert client.recv(65_536).endswith(b"\r\n\r\nhello")


def test_requests_sent_without_waiting_are_answered_in_turn(app: _App) -> None:
    with closing(_open(app, _post("5", b"hello") * 3)) as client:
        raw = b""
        while raw.count(b"\r\n\r\nhello") < 3:
            raw += client.recv(65_536)
    assert raw.count(b"HTTP/1.1 200") == 3


def test_a_request_that_comes_byte_by_byte_is_answered(app: _App) -> None:
    with closing(_open(app, b"")) as client:
        for byte in _post("5", b"hello"):
            client.sendall(bytes([byte]))
        assert b" 200 " in _answer(client)


def test_a_long_answer_waits_for_a_slow_reader(app: _App) -> None:
    body = b"x" * 60_000
    assert app.server is not None
    # Both ends hold little, so that most of an answer has to wait.
    app.server._server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    with closing(socket.socket()) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.connect(("127.0.0.1", _port(app)))
        for _ in range(20):
            client.sendall(_post(str(len(body)), body))
            raw = b""
            while len(raw.partition(b"\r\n\r\n")[2]) < len(body):
                raw += client.recv(2_000)
            assert raw.endswith(body)


def test_a_reader_that_takes_nothing_is_given_up(
    app: _App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection.Connection, "GIVES_UP_S", 0.3)
    with closing(_open(app, b"GET /flood HTTP/1.1\r\nHost: hall\r\n\r\n")):
        app.wait_for(streams=1)
        app.wait_for(streams=0)


def _post(length: str, body: bytes = b"") -> bytes:
    return f"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n".encode() + body


_BAD = {
    "no http": (b"hello\r\n\r\n", 400, "bad_request"),
    "tls": (b"\x16\x03\x01\x02\x00\x01\x00\n\r\n\r\n", 400, "bad_request"),
    "bad address": (b"GET //[ HTTP/1.1\r\nHost: h\r\n\r\n", 400, "bad_request"),
    "no header": (b"GET / HTTP/1.1\r\nnonsense\r\n\r\n", 400, "bad_request"),
    "orphan line": (b"GET / HTTP/1.1\r\n more\r\n\r\n", 400, "bad_request"),
    "negative": (_post("-1"), 400, "bad_request"),
    "underscore": (_post("1_0", b"x" * 10), 400, "bad_request"),
    "words": (_post("many"), 400, "bad_request"),
    "chunked": (
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        411,
        "length_required",
    ),
    "announced too long": (_post("65537"), 413, "too_large"),
    "sent too long": (_post("900000", b"x" * 900_000), 413, "too_large"),
    "long header": (
        b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        413,
        "too_large",
    ),
    "many headers": (b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 5_000 + b"\r\n", 413, "too_large"),
    "long address": (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n", 414, "address_too_long"),
    "http 3": (b"GET / HTTP/3.0\r\n\r\n", 505, "http_version"),
}


@pytest.mark.parametrize("name", _BAD)
def test_what_is_no_request_is_refused_in_both_languages(app: _App, name: str) -> None:
    raw, status, code = _BAD[name]
    found, headers, body = _send(app, raw)
    error = json.loads(body)["error"]
    assert (found, error["code"]) == (status, code)
    assert error["message"] and error["message_en"] and error["details"] == []
    assert headers["content-type"] == "application/json"
    assert app.seen == []
    assert _send(app, _post("2", b"ok"))[2] == b"ok"


def test_the_longest_body_is_taken(app: _App) -> None:
    body = b"x" * connection.MOST_BODY_BYTES
    assert _send(app, _post(str(len(body)), body))[2] == body


def test_silent_and_half_sent_connections_keep_nobody_waiting(app: _App) -> None:
    with ExitStack() as stack:
        for _ in range(3 * (STREAMS + THREADS_FOR_REQUESTS)):
            stack.enter_context(closing(_open(app, b"")))
        for _ in range(3):
            stack.enter_context(closing(_open(app, b"GET / HT")))
        assert _send(app, _post("2", b"ok"))[2] == b"ok"


def test_a_request_that_never_ends_is_given_up(app: _App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "REQUEST_WITHIN_S", 0.3)
    for begun in (b"GET / HT", _post("10", b"four")):
        status, _, body = _send(app, begun)
        assert (status, json.loads(body)["error"]["code"]) == (408, "request_timeout")
    assert app.seen == []


def test_a_client_that_hangs_up_halfway_changes_nothing(
    app: _App, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(_open(app, _post("10", b"four"))) as sock:
        sock.shutdown(socket.SHUT_WR)
        assert sock.recv(4096) == b""
    assert app.seen == []
    assert _send(app, _post("2", b"ok"))[2] == b"ok"
    assert caplog.text == ""


def test_streams_leave_room_for_requests(app: _App) -> None:
    with ExitStack() as stack:
        for _ in range(STREAMS):
            stack.enter_context(closing(_open(app, b"GET /stream HTTP/1.1\r\nHost: h\r\n\r\n")))
        app.wait_for(STREAMS)
        held = [
            stack.enter_context(closing(_open(app, b"GET /held HTTP/1.1\r\nHost: h\r\n\r\n")))
            for _ in range(THREADS_FOR_REQUESTS - 1)
        ]
        app.wait_for(STREAMS + len(held))
        assert _send(app, _post("2", b"ok"))[2] == b"ok"
        app.let_go.set()


def test_a_stream_whose_reader_left_ends(app: _App) -> None:
    with closing(_open(app, b"GET /stream HTTP/1.1\r\nHost: h\r\n\r\n")):
        app.wait_for(1)
    app.wait_for(0)


def test_stopping_ends_the_streams_and_finishes_what_was_begun(app: _App) -> None:
    assert app.server is not None
    with (
        closing(_open(app, b"GET /stream HTTP/1.1\r\nHost: h\r\n\r\n")) as stream,
        closing(_open(app, b"POST /held HTTP/1.1\r\nContent-Length: 2\r\n\r\nok")) as held,
    ):
        app.wait_for(2)
        stopper = threading.Thread(target=app.server.stop)
        stopper.start()
        assert app.server.stopping.wait(PATIENCE_S)
        app.let_go.set()
        stopper.join(PATIENCE_S)
        assert not stopper.is_alive()
        received = b""
        while data := stream.recv(4096):
            received += data
        assert received.endswith(b"\r\n0\r\n\r\n")  # the stream's proper end
        answer = http.client.HTTPResponse(held)
        answer.begin()
        assert answer.read() == b"ok"
    with pytest.raises(ConnectionRefusedError):
        _open(app, b"")


def test_a_stream_that_does_not_end_by_itself_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "STOP_WITHIN_S", 0.5)

    def deaf(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [])
        return _for_ever()

    server = HttpServer(deaf, "127.0.0.1", 0, 1)
    server.start()
    with closing(socket.create_connection(("127.0.0.1", server.port), PATIENCE_S)) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert sock.recv(100)
        server.stop()


def _for_ever() -> Iterator[bytes]:
    while True:
        threading.Event().wait(0.05)
        yield b"x"


def test_a_port_in_use_is_a_clear_error(app: _App) -> None:
    second = HttpServer(app, "127.0.0.1", _port(app), 1)
    with pytest.raises(
        CannotListen, match=r"端口已被其他程序占用 / another program uses this port"
    ):
        second.start()
    second.stop()
    assert _send(app, _post("2", b"ok"))[2] == b"ok"


@pytest.mark.parametrize(
    ("host", "words"),
    [("192.0.2.77", "本机没有这个地址"), ("no-such-host.invalid", "地址无法解析")],
)
def test_an_address_of_somebody_else_is_a_clear_error(app: _App, host: str, words: str) -> None:
    with pytest.raises(CannotListen, match=words):
        HttpServer(app, host, 0, 1).start()


def test_a_server_that_nobody_uses_stops_without_being_touched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_server._Server, "expiration_interval", 3_600.0)
    made = HttpServer(_App(), "127.0.0.1", 0, 1)
    made.start()
    stopper = threading.Thread(target=made.stop, daemon=True)
    stopper.start()
    stopper.join(PATIENCE_S)
    assert not stopper.is_alive()


def test_a_server_that_never_started_stops() -> None:
    HttpServer(_App(), "127.0.0.1", 0, 1).stop()
