"""How one HTTP connection is read: bounded in size and time, and refused in our own words.

cheroot gives a new connection to a worker at once and lets each read take its time-out, so that a
browser's spare connection, or a client that sends a byte now and then, keeps a worker. Here a
connection waits in the selector until it says something, and a request must be complete in time.
"""

import contextlib
import errno
import io
import socket
import time
from typing import Any

from cheroot.makefile import MakeFile, StreamReader
from cheroot.server import HTTPConnection, HTTPRequest
from cheroot.wsgi import Gateway_10

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


class TimedSocketIO(socket.SocketIO):
    """Reads until ``deadline`` (monotonic seconds), however many reads that takes."""

    def __init__(self, sock: socket.socket, each_s: float) -> None:
        super().__init__(sock, "rb")
        self._timed = sock
        self._each_s = each_s
        self.deadline = time.monotonic() + REQUEST_WITHIN_S

    def readinto(self, buffer: Any) -> int | None:
        """Raises TimeoutError when the time is over."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._timed.settimeout(min(left, self._each_s))
        try:
            return super().readinto(buffer)
        finally:
            self._timed.settimeout(self._each_s)


class _Reader(StreamReader):
    def __init__(self, raw: TimedSocketIO) -> None:
        # Past StreamReader, which would make a raw reader of its own.
        super(StreamReader, self).__init__(raw, io.DEFAULT_BUFFER_SIZE)
        self.bytes_read = 0


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
    """A connection with a deadline for each request."""

    RequestHandlerClass = Request

    def __init__(self, server: Any, sock: socket.socket, _makefile: object = None) -> None:
        super().__init__(server, sock, _make_nothing)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, PEER_DEAD_MS)
        self._input = TimedSocketIO(sock, server.timeout)
        self.rfile = _Reader(self._input)
        self.wfile = MakeFile(sock, "wb", self.wbufsize)
        self.refused = False
        server.opened(self)

    def communicate(self) -> bool:
        """Reads a request and answers it; whether the connection stays open."""
        self._input.deadline = time.monotonic() + REQUEST_WITHIN_S
        return bool(super().communicate())

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
        return environ
