"""How one HTTP connection is read: bounded in size and time, and refused in our own words.

cheroot gives a new connection to a worker at once and lets each read take its time-out, so that a
browser's spare connection, or a client that sends a byte now and then, keeps a worker. Here a
connection waits in the selector until it says something, and a request must be complete in time.
"""

import contextlib
import errno
import functools
import io
import logging
import select
import socket
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

from cheroot.server import HTTPConnection, HTTPRequest
from cheroot.wsgi import Gateway_10

from hall_server.http.later import LATER, PutOff, Ready
from hallkit.wire.errors import ErrorBody, ErrorInfo

# The longest command is a work profile of a large hall, some 30 kB.
MOST_BODY_BYTES = 64 * 1024
MOST_HEADER_BYTES = 16_000
# A whole request fits one packet or a few; 15 s lets a bad Wi-Fi repeat itself.
REQUEST_WITHIN_S = 15.0
# Three missed pings of an event stream: the cable is out, or the device has no power.
PEER_DEAD_MS = 20_000
# After a refusal the client may still be sending; closing at once would cut off our answer.
_DRAIN_S, _DRAIN_BYTES = 1.0, 1_000_000

_REFUSALS = {
    "400": ("bad_request", "请求格式不正确", "this is not a proper HTTP request"),
    "408": ("request_timeout", "请求超时", "the request took too long to arrive"),
    "411": ("length_required", "请求须注明长度", "a request with a body needs a Content-Length"),
    "413": ("too_large", "请求内容过大", "the request is too large"),
    "414": ("address_too_long", "请求地址过长", "the address is too long"),
    "503": ("overloaded", "服务繁忙，请稍后再试", "the server is busy; try again shortly"),
    "505": ("http_version", "不支持的 HTTP 版本", "this version of HTTP is not supported"),
}
_FAILED = ("server_error", "服务器内部错误", "something went wrong in the server")


class _Waits:
    """Waits for a socket that never blocks, so that one which is ready costs no waiting: whenever a
    thread waits, another one runs, and it has to wait for that one as well."""

    def __init__(self, sock: socket.socket, event: int) -> None:
        self._poll = select.poll()
        self._poll.register(sock, event)

    def up_to(self, seconds: float) -> None:
        """Raises TimeoutError when the time is over."""
        if seconds <= 0 or not self._poll.poll(seconds * 1000):
            raise TimeoutError("timed out")


class TimedSocketIO(socket.SocketIO):
    """Reads until ``deadline`` (monotonic seconds), however many reads that takes. Counts the bytes
    ``received``."""

    def __init__(self, sock: socket.socket, each_s: float) -> None:
        super().__init__(sock, "rb")
        self._ready = _Waits(sock, select.POLLIN)
        self._receive = sock.recv_into
        self._each_s = each_s
        self.deadline = time.monotonic() + REQUEST_WITHIN_S
        self.received = 0

    def readinto(self, buffer: Any) -> int:
        """Raises TimeoutError when the time is over."""
        while True:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            try:
                count = self._receive(buffer)
            except BlockingIOError:
                self._ready.up_to(min(left, self._each_s))
            else:
                self.received += count
                return count

    def tell(self) -> int:
        """How many bytes were received."""
        return self.received


class _Reader(io.BufferedReader):
    def __init__(self, raw: TimedSocketIO) -> None:
        super().__init__(raw)
        self._timed = raw

    def has_data(self) -> bool:
        """Whether more has arrived than was read."""
        return self._timed.received > self.tell()


class _Writer:
    """Sends; what is held goes out with what follows, as one packet."""

    def __init__(self, sock: socket.socket, gives_up_s: float) -> None:
        self._send = sock.send
        self._ready = _Waits(sock, select.POLLOUT)
        self._gives_up_s = gives_up_s
        self._left: bytes | memoryview = b""

    def hold(self, data: bytes) -> None:
        """Sends it with the next piece."""
        self._left = bytes(self._left) + data if self._left else data

    def write(self, data: bytes) -> int:
        """Sends everything. Raises TimeoutError when the client takes nothing for too long."""
        self.hold(data)
        self.flush()
        return len(data)

    def flush(self) -> None:
        """Sends what is left. Raises TimeoutError."""
        while not self.push():
            self._ready.up_to(self._gives_up_s)

    def push(self) -> bool:
        """Sends what the client takes at once; whether that was everything."""
        while self._left:
            try:
                sent = self._send(self._left)
            except BlockingIOError:
                return False
            self._left = memoryview(self._left)[sent:]
        return True


class _Held:
    """Stands in for the writer while nothing is to be sent yet."""

    def __init__(self, out: _Writer) -> None:
        self.hold: Callable[[bytes], None] = out.hold
        self.write = self.hold


class Request(HTTPRequest):
    """A request whose body is read whole before the application sees it."""

    def read_request_line(self) -> bool:
        """Reads and judges the first line; False when the request was refused."""
        try:
            return bool(super().read_request_line())
        except ValueError:  # an address such as //[
            self.simple_response("400 Bad Request")
            return False

    def read_request_headers(self) -> bool:
        """Reads and judges the headers; False when the request was refused."""
        try:
            fine = bool(super().read_request_headers())
        except UnboundLocalError:  # a first header line that continues nothing
            self.simple_response("400 Bad Request")
            return False
        if not fine:
            return False
        if self.chunked_read:
            self.simple_response("411 Length Required")
            return False
        length = self.inheaders.get(b"Content-Length", b"0")
        if not (length.isascii() and length.isdigit()):
            self.simple_response("400 Bad Request")
            return False
        return True

    def send_headers(self) -> None:
        """Sends the head; with the body when that is known already, as streams are not."""
        out = self.conn.wfile
        if any(key.lower() == b"content-length" for key, _ in self.outheaders):
            self.conn.wfile = _Held(out)
        try:
            super().send_headers()
        finally:
            self.conn.wfile = out

    def respond(self) -> None:
        """Answers, whole."""
        super().respond()
        self.conn.wfile.flush()

    def simple_response(self, status: str, _msg: str = "") -> None:
        """Refuses the request, as JSON, and closes the connection."""
        self.close_connection = True
        self.sent_headers = True
        self.conn.refused = True
        code, zh, en = _REFUSALS.get(str(status)[:3], _FAILED)
        info = ErrorInfo(code=code, message=zh, message_en=en)
        body = ErrorBody(error=info).model_dump_json().encode()
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        with contextlib.suppress(OSError):  # whom it is for may have left
            self.conn.wfile.write(head.encode("ascii") + body)


class Connection(HTTPConnection):
    """A connection with a deadline for each request. A client that takes nothing of an answer for
    ``GIVES_UP_S`` seconds has left."""

    RequestHandlerClass = Request
    GIVES_UP_S = 10.0

    def __init__(self, server: Any, sock: socket.socket, _makefile: object = None) -> None:
        super().__init__(server, sock, _make_nothing)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, PEER_DEAD_MS)
        sock.setblocking(False)
        self._input = TimedSocketIO(sock, server.timeout)
        self.rfile = _Reader(self._input)
        self.wfile = _Writer(sock, self.GIVES_UP_S)
        self.refused = False
        # What answers, while an answer is put off, and what is put off.
        self.waiting: tuple[Gateway, PutOff] | None = None
        self._unsent: Gateway | None = None
        server.opened(self)

    def communicate(self) -> bool:
        """Reads a request and answers it, or puts that off; whether the connection stays open."""
        if self._unsent is not None:
            answered, self._unsent = self._unsent, None
            try:
                self.wfile.flush()
            except OSError:
                return False
            return not answered.req.close_connection
        self._input.deadline = time.monotonic() + REQUEST_WITHIN_S
        return bool(super().communicate()) or self.waiting is not None

    def go_on(self) -> None:
        """Starts what was put off. From here on the connection belongs to whoever answers."""
        assert self.waiting is not None
        gateway, put_off = self.waiting
        put_off.start(lambda response: self._answer(gateway, response))

    def _answer(self, gateway: "Gateway", response: Ready) -> None:
        self.waiting = None
        try:
            gateway.answer(response)
            sent = self.wfile.push()
        except OSError:
            self.close()
            return
        except Exception:  # noqa: BLE001 - in a worker's thread it would end the whole server
            self.server.error_log("an answer could not be made", logging.ERROR, traceback=True)
            self.close()
            return
        if not sent:
            # A worker waits for the client to take the rest.
            self._unsent = gateway
            self.server.process_conn(self)
        elif gateway.req.close_connection:
            self.close()
        else:
            self.server.put_conn(self)

    def close(self) -> None:
        """Closes the connection."""
        try:
            if self.refused:
                self._drain()
            super().close()
        finally:
            self.server.closed(self)

    def _drain(self) -> None:
        until, left = time.monotonic() + _DRAIN_S, _DRAIN_BYTES
        try:
            self.socket.shutdown(socket.SHUT_WR)
            while left > 0 and (wait := until - time.monotonic()) > 0:
                self.socket.settimeout(wait)
                received = len(self.socket.recv(16_384))
                if not received:
                    return
                left -= received
        except OSError:
            return


# Lines of a head that are said once, and here.
_OURS = frozenset({"Content-Length", "Connection"})


@functools.lru_cache(maxsize=1)
def _date(seconds: int) -> str:
    return f"Date: {formatdate(seconds, usegmt=True)}"


def _make_nothing(*_: object) -> None:
    return None


class Gateway(Gateway_10):
    """Hands the application a request whose body is already here."""

    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]  # the stub says None
        """The WSGI environment. Raises TimeoutError when the body does not come in time,
        ConnectionResetError when it never comes whole."""
        environ: dict[str, Any] = super().get_environ()
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = self.req.rfile.read(length) if length else b""
        if len(body) < length:
            raise ConnectionResetError(errno.ECONNRESET, "hung up in the middle of a request")
        environ["wsgi.input"] = io.BytesIO(body)
        environ[LATER] = self._put_off
        return environ

    def respond(self) -> None:
        """Lets the application answer, or put that off."""
        try:
            super().respond()
        finally:
            # It leads back here: with it, every request would be left to the garbage collector.
            del self.env[LATER]

    def _put_off(self, answer: PutOff) -> None:
        self.req.conn.waiting = (self, answer)
        # Otherwise an empty head would be sent now.
        self.req.sent_headers = True

    def answer(self, response: Ready) -> None:
        """Holds an answer that was put off; sending it is left to the connection. The head is
        written out here: whoever answers has the whole hall waiting."""
        request, body = self.req, response.get_data()
        if (
            request.response_protocol != "HTTP/1.1"
            or not request.server.can_add_keepalive_connection
        ):
            request.close_connection = True
        lines = [f"HTTP/1.1 {response.status}"]
        lines += [f"{name}: {value}" for name, value in response.headers if name not in _OURS]
        if request.close_connection:
            lines.append("Connection: close")
        lines.append(f"Content-Length: {len(body)}")
        lines += (_date(int(time.time())), f"Server: {request.server.server_name}", "\r\n")
        request.conn.wfile.hold("\r\n".join(lines).encode("latin-1") + body)
