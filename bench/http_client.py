"""A load client that costs little: keep-alive connections on one thread, one request each at a
time. The server under test should be what is measured, not this."""

import selectors
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

# Whoever waits longer than this for an answer has found a hang.
PATIENCE_S = 60.0


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """One HTTP request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append("Content-Type: application/json")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Reply:
    """An answer: status, body, and the seconds from sending the request to its last byte."""

    status: int
    body: bytes
    took: float


@dataclass
class _Line:
    sock: socket.socket
    script: Iterator[bytes]
    then: Callable[[Reply], None]
    sent: float = 0.0
    got: bytearray = field(default_factory=bytearray)

    def send_next(self) -> bool:
        """Sends the script's next request; False at its end."""
        data = next(self.script, None)
        if data is None:
            return False
        self.got.clear()
        self.sent = time.perf_counter()
        self.sock.sendall(data)
        return True

    def take(self) -> Reply | None:
        """The answer, once it is whole."""
        chunk = self.sock.recv(65_536)
        if not chunk:
            raise ConnectionError("the server hung up")
        self.got += chunk
        end = self.got.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self.got[:end]).lower()
        length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if len(self.got) < end + 4 + length:
            return None
        body = bytes(self.got[end + 4 :])
        return Reply(int(head[9:12]), body, time.perf_counter() - self.sent)


def run(
    address: tuple[str, int], scripts: list[tuple[Iterator[bytes], Callable[[Reply], None]]]
) -> float:
    """Runs every script of requests at once, each on its own connection; the next request of a
    script is asked for after its answer was handed over. Returns the seconds it took."""
    selector = selectors.DefaultSelector()
    lines = []
    for script, then in scripts:
        sock = socket.create_connection(address)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines.append(_Line(sock, script, then))
        selector.register(sock, selectors.EVENT_READ, lines[-1])
    began = time.perf_counter()
    left = sum(line.send_next() for line in lines)
    while left:
        ready = selector.select(PATIENCE_S)
        if not ready:
            raise TimeoutError("no answer")
        for key, _ in ready:
            reply = key.data.take()
            if reply is not None:
                key.data.then(reply)
                left -= not key.data.send_next()
    took = time.perf_counter() - began
    for line in lines:
        line.sock.close()
    selector.close()
    return took
