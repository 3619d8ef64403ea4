"""A TCP relay that remembers when what went through it."""

import contextlib
import socket
import threading
import time


class WireTap:
    """Relays connections to ``port`` on the loopback address to ``target``; every chunk towards
    the target is kept with its time (``time.monotonic``)."""

    def __init__(self, port: int, target: int) -> None:
        self.chunks: list[tuple[float, bytes]] = []
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def first_after(self, start: float, mark: bytes, within_s: float) -> float:
        """When the first chunk with ``mark`` in it arrived after ``start``. Raises TimeoutError."""
        deadline = time.monotonic() + within_s
        seen = 0
        while time.monotonic() < deadline:
            chunks = self.chunks
            for at, data in chunks[seen:]:
                if at >= start and mark in data:
                    return at
            seen = max(0, len(chunks) - 1)
            time.sleep(0.0005)
        raise TimeoutError(mark)

    def _accept(self) -> None:
        while True:
            with contextlib.suppress(OSError):
                near, _ = self._listener.accept()
                near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                far = socket.create_connection(("127.0.0.1", self._target))
                far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._relay, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._relay, args=(far, near, False), daemon=True).start()

    def _relay(self, source: socket.socket, sink: socket.socket, keep: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if keep:
                    self.chunks.append((time.monotonic(), data))
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
