"""The HTTP server: cheroot's thread pool, sized for event streams and stopped in good time."""

import contextlib
import ctypes
import errno
import logging
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

from cheroot.connections import ConnectionManager
from cheroot.server import HTTPServer as CherootServer

from hall_server.http.connection import MOST_BODY_BYTES, MOST_HEADER_BYTES, Connection, Gateway
from hall_server.http.handover import Handover
from hallkit.runtime.http_stop import stop_http

_log = logging.getLogger(__name__)

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

# Each stream keeps a thread; these answer everything else.
THREADS_FOR_REQUESTS = 16
# One read or write: a peer on a LAN that needs longer is gone. An idle kept connection as well.
TIMEOUT_S = 10
# What streams and commands under way get to end by themselves, less than systemd's patience.
STOP_WITHIN_S = 5
# A silent connection costs only memory, but a process has 1,024 file descriptors.
MOST_CONNECTIONS = 400
_KEPT_ALIVE = 128
_BACKLOG = 128
_LOOK_EVERY_S = 0.5
# malloc.h
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_LARGE_BYTES = 256 * 1024

_WHY = {
    errno.EADDRINUSE: ("端口已被其他程序占用", "another program uses this port"),
    errno.EACCES: ("没有使用该端口的权限", "this port may not be used by an ordinary user"),
    errno.EADDRNOTAVAIL: ("本机没有这个地址", "this machine does not have this address"),
}


class CannotListen(Exception):
    """The address cannot be used; the message says why, in both languages."""


def _keep_memory_small() -> None:
    """Tells glibc's malloc (others have no need) to share two arenas among 80 threads that take
    turns, and to give large pieces back: checking a pin takes 19 MiB for 30 ms, which it would
    otherwise keep for good."""
    with contextlib.suppress(AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_ARENA_MAX, 2)
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _LARGE_BYTES)


def free_port(host: str) -> int:
    """A port of ``host`` that nothing uses now. Raises CannotListen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError as error:
            raise CannotListen(f"{host}: {_why(error)}") from None
        return int(probe.getsockname()[1])


def _why(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "地址无法解析 / this address is not known"
    zh, en = _WHY.get(error.errno or 0, ("无法监听", f"cannot listen: {error}"))
    return f"{zh} / {en}"


class HttpServer:
    """Serves a WSGI application on ``host``:``port`` (0: any free port).

    Has ``max_streams`` + 16 threads; the application refuses further streams itself. ``stopping``
    is set when the server begins to stop: streams look at it and end.
    """

    def __init__(
        self,
        app: Application,
        host: str,
        port: int,
        max_streams: int,
        stopping: threading.Event | None = None,
    ) -> None:
        self.stopping = stopping if stopping is not None else threading.Event()
        self._address = f"{host}:{port}"
        self._server = _Server((host, port), app, max_streams + THREADS_FOR_REQUESTS)
        self._thread = threading.Thread(target=self._server.serve, name="http", daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on, once started."""
        return int(self._server.bind_addr[1])

    def start(self) -> None:
        """Listens, and returns. Raises CannotListen."""
        _keep_memory_small()
        try:
            self._server.prepare()
        except OSError as error:
            raise CannotListen(f"{self._address}: {_why(self._server.trouble or error)}") from None
        self._thread.start()

    def stop(self) -> None:
        """Stops accepting, lets requests and streams end (5 s at most), then cuts them off."""
        self.stopping.set()
        if self._thread.ident is None:
            return
        cutter = threading.Timer(STOP_WITHIN_S, self._server.cut_off)
        cutter.start()
        try:
            stop_http(self._server)
            self._thread.join()
        finally:
            cutter.cancel()
            cutter.join()


class _Server(CherootServer):
    ConnectionClass = Connection
    max_request_body_size = MOST_BODY_BYTES
    max_request_header_size = MOST_HEADER_BYTES
    request_queue_size = _BACKLOG
    timeout = TIMEOUT_S
    shutdown_timeout = STOP_WITHIN_S
    expiration_interval = _LOOK_EVERY_S
    keep_alive_conn_limit = _KEPT_ALIVE
    software = "yichuang"
    _connections: ConnectionManager

    def __init__(self, address: tuple[str, int], app: Application, threads: int) -> None:
        super().__init__(address, Gateway, threads, threads, server_name="yichuang")
        self.wsgi_app = app
        handed = Handover()
        self.requests._queue, self.requests.get = handed, handed.get
        self._lock = threading.Lock()
        self._open: set[Connection] = set()
        self.trouble: OSError | None = None

    def bind(self, family: int, type: int, proto: int = 0) -> Any:
        """Binds, keeping the reason when that fails: cheroot reports it as text only."""
        try:
            return super().bind(family, type, proto)
        except OSError as error:
            self.trouble = error
            raise

    @staticmethod
    def bind_socket(socket_: socket.socket, bind_addr: Any) -> socket.socket:
        """Binds, and leaves no socket open when that fails."""
        try:
            socket_.bind(bind_addr)
        except OSError:
            socket_.close()
            raise
        return socket_

    def opened(self, connection: Connection) -> None:
        """Counts a new connection."""
        with self._lock:
            self._open.add(connection)

    def closed(self, connection: Connection) -> None:
        """Forgets a connection."""
        with self._lock:
            self._open.discard(connection)

    def process_conn(self, conn: Connection) -> None:
        """Hands a connection that has something to say to a worker."""
        if conn.last_used is not None:
            if self.ready:
                super().process_conn(conn)
            else:
                # The workers have left, or are about to.
                conn.close()
            return
        with self._lock:
            many = len(self._open) > MOST_CONNECTIONS
        if many:
            conn.close()
        else:
            self._connections.put(conn)

    def put_conn(self, conn: Connection) -> None:
        """Takes back a connection that a worker is through with."""
        if conn.waiting is not None:
            conn.go_on()
        else:
            super().put_conn(conn)

    def cut_off(self) -> None:
        """Ends every connection, whatever it is doing."""
        with self._lock:
            left = list(self._open)
        for connection in left:
            with contextlib.suppress(OSError):
                connection.socket.shutdown(socket.SHUT_RDWR)

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        """Logs what cheroot has to say; a client that hung up is not worth more than DEBUG."""
        _log.log(level if level > logging.INFO else logging.DEBUG, "%s", msg, exc_info=traceback)
