"""A load client that costs little: keep-alive connections on one thread, one request each at a
time. The server under test should be what is measured, not this."""

import heapq
import random
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

    def greet(self) -> None:
        """Asks for something of no weight, and waits for it."""
        self.sock.sendall(request("GET", "/api/v1/health", {}))
        while self.take() is None:
            pass

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


Script = tuple[Iterator[bytes], Callable[[Reply], None]]


def run(address: tuple[str, int], scripts: list[Script], pause_s: float = 0) -> float:
    """Runs every script of requests at once, each on its own connection, which is open and known
    to the server before the time begins; the next request of a
    script is asked for after its answer was handed over, and ``pause_s`` (at random up to twice
    as long). Returns the seconds it took."""
    selector = selectors.DefaultSelector()
    lines = [_Line(_connect(address), script, then) for script, then in scripts]
    for line in lines:
        line.greet()
        selector.register(line.sock, selectors.EVENT_READ, line)
    began = time.perf_counter()
    # When each resting line goes on; all but the first requests come after an answer.
    resting = [(began + _rest(pause_s), index) for index in range(len(lines))]
    heapq.heapify(resting)
    open_lines = len(lines)
    index_of = {id(line): index for index, line in enumerate(lines)}
    while open_lines:
        while resting and resting[0][0] <= time.perf_counter():
            open_lines -= not lines[heapq.heappop(resting)[1]].send_next()
        wait = resting[0][0] - time.perf_counter() if resting else PATIENCE_S
        if not open_lines:
            break
        ready = selector.select(max(0.0, wait))
        if not ready and not resting:
            raise TimeoutError("no answer")
        for key, _ in ready:
            reply = key.data.take()
            if reply is not None:
                key.data.then(reply)
                at = time.perf_counter() + _rest(pause_s)
                heapq.heappush(resting, (at, index_of[id(key.data)]))
    took = time.perf_counter() - began
    for line in lines:
        line.sock.close()
    selector.close()
    return took


def _rest(pause_s: float) -> float:
    return 2 * pause_s * random.random()


def _connect(address: tuple[str, int]) -> socket.socket:
    sock = socket.create_connection(address)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock
