"""cheroot around the intake application."""

import socket
import threading

from cheroot import wsgi

from hallkit.runtime.http_stop import stop_http
from ticket_printer.intake.app import IntakeApp

# A kiosk on this machine sends its request in one piece; a client that stalls is given up.
REQUEST_TIMEOUT_S = 10
# A few kiosks and a clerk's page; each call is short.
_THREADS = 3
# Requests being answered when the program stops are given this long.
_SHUTDOWN_S = 3


class IntakeServer:
    """Listens on a loopback address. Raises OSError when the port is taken."""

    def __init__(self, app: IntakeApp, host: str, port: int) -> None:
        # cheroot leaks its socket when the port is taken, so that is found out before.
        socket.create_server((host, port)).close()
        self._server = wsgi.Server(
            (host, port),
            app,
            numthreads=_THREADS,
            max=_THREADS,
            server_name="hall-printer",
            shutdown_timeout=_SHUTDOWN_S,
            timeout=REQUEST_TIMEOUT_S,
        )
        self._server.max_request_header_size = 16 * 1024
        self._server.prepare()
        self._thread = threading.Thread(target=self._server.serve, name="intake", daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that it listens on."""
        bound: socket.socket = self._server.socket
        host, port = bound.getsockname()[:2]
        return host, port

    def start(self) -> None:
        """Starts answering."""
        self._thread.start()

    def stop(self) -> None:
        """Stops answering and frees the port."""
        stop_http(self._server)
        if self._thread.is_alive():
            self._thread.join()
