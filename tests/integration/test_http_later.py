"""Answers that are put off: no thread waits for them, and whoever has one sends it."""

import gc
import logging
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any

import pytest
from werkzeug.wrappers import Response

from hall_server.http import connection
from hall_server.http.later import LATER, Ready
from hall_server.http.server import THREADS_FOR_REQUESTS, HttpServer
from tests.support.waiting import wait_for

PATIENCE_S = 60
# More than the kernel takes for a client that does not read.
LONG_BYTES = 8_000_000
HELLO = b"POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
LAST = b"POST /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
NOW = b"GET /now HTTP/1.1\r\nHost: h\r\n\r\n"
LONG = b"POST /long HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"


class _Broken(Response):
    def get_data(self, as_text: bool = False) -> Any:
        raise RuntimeError("broken")


class _App:
    """Puts off every answer but that of ``/now`` and ``/full``, until ``answer``."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, Callable[[Ready], None]]] = []
        self.changed = threading.Condition()
        self.server = HttpServer(self, "127.0.0.1", 0, max_streams=1)

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/now":
            return Response("now")(environ, start)
        if path == "/full":
            return Response("x" * LONG_BYTES)(environ, start)
        app = self

        class PutOff:
            def start(self, ready: Callable[[Ready], None]) -> None:
                if path == "/broken":
                    ready(_Broken())
                    return
                with app.changed:
                    app.waiting.append((path, ready))
                    app.changed.notify_all()

        environ[LATER](PutOff())
        return ()

    def answer(self, count: int) -> None:
        """Waits for so many, and answers them, in this thread."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.waiting) >= count, PATIENCE_S)
            waiting, self.waiting = self.waiting[:count], self.waiting[count:]
        for path, ready in waiting:
            ready(Response("x" * LONG_BYTES if path == "/long" else "hello"))

    def open(self, raw: bytes) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self.server.port), PATIENCE_S)
        sock.sendall(raw)
        return sock


@pytest.fixture
def app() -> Iterator[_App]:
    made = _App()
    made.server.start()
    yield made
    made.server.stop()


def _read(sock: socket.socket, end: bytes) -> bytes:
    raw = b""
    while not raw.endswith(end):
        chunk = sock.recv(65_536)
        assert chunk, raw
        raw += chunk
    return raw


def test_more_requests_can_wait_than_there_are_threads(app: _App) -> None:
    many = 3 * THREADS_FOR_REQUESTS
    clients = [app.open(HELLO) for _ in range(many)]
    with closing(app.open(NOW)) as other:
        assert _read(other, b"now").startswith(b"HTTP/1.1 200")
    app.answer(many)
    for client in clients:
        assert _read(client, b"\r\n\r\nhello").startswith(b"HTTP/1.1 200")
        client.close()


def test_a_connection_serves_on_after_an_answer_that_was_put_off(app: _App) -> None:
    with closing(app.open(HELLO)) as client:
        for _ in range(3):
            app.answer(1)
            assert b"Content-Length: 5\r\n" in _read(client, b"hello")
            client.sendall(HELLO)
        app.answer(1)
        _read(client, b"hello")
        client.sendall(NOW)
        _read(client, b"now")


def test_requests_sent_ahead_are_answered_in_turn(app: _App) -> None:
    with closing(app.open(HELLO + NOW + HELLO)) as client:
        app.answer(1)
        app.answer(1)
        raw = b""
        while raw.count(b"HTTP/1.1 200") < 3 or not raw.endswith(b"hello"):
            raw += client.recv(65_536)
    assert raw.index(b"hello") < raw.index(b"now") < raw.rindex(b"hello")


def test_who_asks_to_close_is_closed_after_the_answer(app: _App) -> None:
    with closing(app.open(LAST)) as client:
        app.answer(1)
        assert b"Connection: close" in _read(client, b"hello")
        assert client.recv(1) == b""


def test_a_client_of_http_1_0_is_told_that_it_is_closed(app: _App) -> None:
    with closing(app.open(HELLO.replace(b"HTTP/1.1", b"HTTP/1.0"))) as client:
        app.answer(1)
        raw = _read(client, b"hello")
        assert raw.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"\r\nConnection: close\r\n" in raw
        assert client.recv(1) == b""


def test_a_client_that_left_costs_nothing(app: _App) -> None:
    gone = app.open(HELLO)
    gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    gone.close()
    app.answer(1)
    with closing(app.open(HELLO)) as client:
        app.answer(1)
        _read(client, b"hello")


def test_an_answer_that_cannot_be_made_ends_the_connection(
    app: _App, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(app.open(HELLO)) as client:
        with app.changed:
            assert app.changed.wait_for(lambda: app.waiting, PATIENCE_S)
        ((_, ready),) = app.waiting
        app.waiting.clear()
        ready(_Broken())
        assert client.recv(1) == b""
    assert "RuntimeError: broken" in caplog.text


def test_an_answer_that_fails_in_a_worker_costs_its_connection_only(app: _App) -> None:
    with closing(app.open(HELLO.replace(b"/hello", b"/broken"))) as client:
        assert client.recv(1) == b""
    with closing(app.open(NOW)) as client:
        _read(client, b"now")


def test_whoever_answers_does_not_wait_for_a_slow_reader(app: _App) -> None:
    with closing(app.open(LONG)) as slow, closing(app.open(HELLO)) as quick:
        app.answer(2)
        _read(quick, b"hello")
        raw = b""
        while len(raw.partition(b"\r\n\r\n")[2]) < LONG_BYTES:
            chunk = slow.recv(1_000_000)
            assert chunk
            raw += chunk
        slow.sendall(NOW)
        _read(slow, b"now")


def _given_up(app: _App) -> bool:
    """Whether the server has no connection any more."""
    return not app.server._server._open


def test_a_reader_that_takes_nothing_is_given_up(
    app: _App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connection.Connection, "GIVES_UP_S", 0.3)
    with closing(app.open(LONG)) as stuck:
        app.answer(1)
        taken = 0
        wait_for("it to be given up", lambda: _given_up(app))
        while chunk := stuck.recv(1_000_000):
            taken += len(chunk)
        assert taken < LONG_BYTES
    with closing(app.open(NOW)) as client:
        _read(client, b"now")
    assert [r.message for r in caplog.records if r.levelno > logging.INFO] == []


def test_a_reader_that_takes_nothing_keeps_a_worker_once(
    app: _App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection.Connection, "GIVES_UP_S", 0.3)
    given_up: list[float] = []
    wait = connection._Waits.up_to

    def up_to(self: connection._Waits, seconds: float) -> None:
        try:
            wait(self, seconds)
        except TimeoutError:
            given_up.append(seconds)
            raise

    monkeypatch.setattr(connection._Waits, "up_to", up_to)
    with closing(app.open(LONG.replace(b"/long", b"/full"))):
        wait_for("it to be given up", lambda: given_up and _given_up(app))
    assert given_up == [0.3]


def test_what_was_put_off_is_answered_also_after_the_stop(app: _App) -> None:
    with closing(app.open(HELLO)) as client:
        with app.changed:
            assert app.changed.wait_for(lambda: app.waiting, PATIENCE_S)
        app.server.stop()
        app.answer(1)
        _read(client, b"hello")
        assert client.recv(1) == b""


def test_who_does_not_take_an_answer_after_the_stop_is_closed(app: _App) -> None:
    with closing(app.open(LONG)) as client:
        with app.changed:
            assert app.changed.wait_for(lambda: app.waiting, PATIENCE_S)
        app.server.stop()
        app.answer(1)
        taken = 0
        while chunk := client.recv(1_000_000):
            taken += len(chunk)
        assert taken < LONG_BYTES


def _requests_of(app: _App) -> list[connection.Gateway]:
    found = [thing for thing in gc.get_objects() if type(thing) is connection.Gateway]
    return [request for request in found if request.req.server is app.server._server]


def test_a_request_leaves_nothing_to_the_garbage_collector(app: _App) -> None:
    gc.collect()
    gc.disable()
    try:
        with closing(app.open(HELLO)) as client:
            app.answer(1)
            _read(client, b"hello")
            client.sendall(NOW)
            _read(client, b"now")
            wait_for("no request", lambda: not _requests_of(app))
    finally:
        gc.enable()
