"""One HTTP answer that is read as it comes, and can be cut off from another thread."""

import contextlib
import http.client
import socket
import threading
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from hallkit.link.client import CONNECT_TIMEOUT_S

# The server sends at least a ping every 5 s; three missed ones mean that it is gone.
SILENCE_S = 15.0
_CHUNK = 65_536
# Enough of a refusal to say why.
_MOST_REASON = 2_000


class GoneTooFar(ValueError):
    """What came after the last event known is no longer kept by the server."""


class Stream:
    """A GET of a ``text/event-stream``. Used from one thread, but for :meth:`cut`.

    A stream without a byte for ``silence_s`` seconds is lost.
    """

    def __init__(self, base_url: str, silence_s: float = SILENCE_S) -> None:
        self._silence_s = silence_s
        parts = urlsplit(base_url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._connection = kind(parts.hostname or "", parts.port, timeout=CONNECT_TIMEOUT_S)
        self._prefix = parts.path.rstrip("/")
        self._response: http.client.HTTPResponse | None = None
        # http.client lets go of the socket once an answer says "Connection: close".
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._cut = False

    def open(self, path: str, headers: Mapping[str, str]) -> Iterator[bytes]:
        """The chunks of the answer, as they come.

        Raises OSError (TimeoutError when the server is silent for too long), HTTPException,
        GoneTooFar, or ValueError when the answer is not an event stream.
        """
        self._connection.connect()
        with self._lock:
            self._socket = self._connection.sock
            if self._cut:
                raise ConnectionAbortedError("cut off")
        self._socket.settimeout(self._silence_s)
        self._connection.request("GET", self._prefix + path, headers=dict(headers))
        self._response = response = self._connection.getresponse()
        if response.status != 200:
            reason = response.read(_MOST_REASON).decode("utf-8", "replace")
            if response.status == http.client.GONE:
                raise GoneTooFar(reason)
            raise ValueError(f"HTTP {response.status} {reason}".strip())
        form = response.headers.get_content_type()
        if form != "text/event-stream":
            raise ValueError(f"not an event stream but {form}")
        return self._chunks(response)

    def _chunks(self, response: http.client.HTTPResponse) -> Iterator[bytes]:
        # A server that goes down in the middle of an answer has closed the stream, no more.
        with contextlib.suppress(http.client.IncompleteRead):
            while chunk := response.read1(_CHUNK):
                yield chunk

    def cut(self) -> None:
        """Makes what waits in :meth:`open` or for a chunk end at once; any thread."""
        with self._lock:
            self._cut = True
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Closes the connection."""
        with self._lock:
            self._socket = None
            if self._response is not None:
                self._response.close()
            self._connection.close()
