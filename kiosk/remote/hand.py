"""The remote hand's HTTP endpoint, on the loopback address only.

``GET /screen.png``, ``GET /widgets.json``, ``POST /tap {"x": …, "y": …}`` (pixels, origin top
left). A web page of another origin can neither read nor touch: an ``Origin`` header must name
this very address, and a touch needs ``Content-Type: application/json``.
"""

import json
import logging
import math
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from hallkit.wire.errors import ErrorBody, ErrorInfo
from kiosk.bridge import Bridge
from kiosk.remote import eyes, finger
from kiosk.remote.png import png_of
from kiosk.settings import split_listen

_log = logging.getLogger(__name__)

# A caller on this machine sends its request at once.
REQUEST_TIMEOUT_S = 5.0
_MOST_BYTES = 1_000
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


class Refusal(Exception):
    """The request cannot be carried out."""

    def __init__(self, status: int, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.status = status
        self.body = ErrorBody(error=ErrorInfo(code=code, message=zh, message_en=en))


class RemoteHand:
    """Serves on ``listen`` until stopped. Raises OSError when the port is taken."""

    def __init__(self, listen: str, bridge: Bridge) -> None:
        self._server = _Server(split_listen(listen), bridge)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.2},
            name="remote-hand",
            daemon=True,
        )

    def start(self) -> None:
        """Starts serving."""
        self._thread.start()

    def stop(self) -> None:
        """Stops serving and waits for what is being answered."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], bridge: Bridge) -> None:
        super().__init__(address, _Request)
        self.bridge = bridge
        self._camera = eyes.Camera()
        self._png: tuple[object, bytes] = (None, b"")

    def picture(self) -> bytes:
        """The screen as PNG; packed again only after it was drawn again."""
        shot = self.bridge.ask(self._camera.take)
        if self._png[0] is not shot:
            self._png = (shot, png_of(*shot))
        return self._png[1]

    def handle_error(self, *_: Any) -> None:
        _log.debug("remote hand: a caller hung up", exc_info=True)


class _Request(BaseHTTPRequestHandler):
    timeout = REQUEST_TIMEOUT_S
    server: _Server

    def do_GET(self) -> None:
        self._guarded(self._look)

    def do_POST(self) -> None:
        self._guarded(self._touch)

    def log_message(self, format: str, *args: Any) -> None:
        _log.debug(format, *args)

    def _guarded(self, act: Any) -> None:
        try:
            self._check_caller()
            act()
        except Refusal as no:
            self._send(no.status, "application/json", no.body.model_dump_json().encode())
        except TimeoutError:
            body = ErrorInfo(
                code="screen_busy", message="屏幕没有回应", message_en="the screen does not answer"
            )
            raw = ErrorBody(error=body).model_dump_json().encode()
            self._send(503, "application/json", raw)

    def _check_caller(self) -> None:
        host = self.headers.get("Host", "")
        origin = self.headers.get("Origin")
        local = urlsplit(f"//{host}").hostname in _LOCAL
        if not local or (origin is not None and urlsplit(origin).netloc != host):
            raise Refusal(403, "forbidden", "不允许来自其他网页的请求", "not from another page")

    def _look(self) -> None:
        path = urlsplit(self.path).path
        if path == "/screen.png":
            self._send(200, "image/png", self.server.picture())
        elif path == "/widgets.json":
            self._json(self.server.bridge.ask(eyes.describe))
        else:
            raise Refusal(404, "not_found", "没有这个地址", "no such address")

    def _touch(self) -> None:
        if urlsplit(self.path).path != "/tap":
            raise Refusal(404, "not_found", "没有这个地址", "no such address")
        x, y = self._where()
        self._json(self.server.bridge.ask(partial(finger.tap, x, y)))

    def _where(self) -> tuple[float, float]:
        if self.headers.get_content_type() != "application/json":
            raise Refusal(415, "not_json", "只接受 JSON", "only JSON is accepted")
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            raise Refusal(411, "length_required", "缺少长度", "a length is needed") from None
        if not 0 <= length <= _MOST_BYTES:
            raise Refusal(413, "too_large", "内容过长", "the body is too large")
        try:
            body = json.loads(self.rfile.read(length))
            x, y = body["x"], body["y"]
            if any(isinstance(n, bool) or not isinstance(n, int | float) for n in (x, y)):
                raise TypeError
            if not (math.isfinite(x) and math.isfinite(y)):
                raise TypeError
        except (ValueError, TypeError, KeyError):
            raise Refusal(
                400, "malformed", '应为 {"x": 数字, "y": 数字}', 'should be {"x": …, "y": …}'
            ) from None
        return float(x), float(y)

    def _json(self, answer: dict[str, Any]) -> None:
        self._send(200, "application/json", json.dumps(answer, ensure_ascii=False).encode())

    def _send(self, status: int, kind: str, raw: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(raw)
