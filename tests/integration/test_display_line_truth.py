"""What a line says of its panels is true, whatever comes late, breaks or ends in between."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from display.bus.delivery import Delivery
from display.bus.line import Line, LinePlan
from display.led.codec import Codec, Reply
from display.led.content import Characters
from display.led.crc import crc16_modbus
from display.protocols import Catalogue
from display.strips import shipped_folder
from tests.fakes.display_hall import eventually

HEAD, TAIL = 6, 2
OLM = shipped_folder() / "olm.toml"


def ack(address: int) -> bytes:
    body = bytes([address]) + bytes.fromhex("64 FF FF 62 01 00")
    return body + crc16_modbus(body).to_bytes(2, "little")


class Peer:
    """OLM strips behind a TCP port that do as ``on_frame(frame)`` says: the bytes of an answer."""

    def __init__(self, on_frame: Callable[[bytes], bytes]) -> None:
        self.frames: list[bytes] = []
        self._on_frame = on_frame
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def send(self, data: bytes) -> None:
        assert self._connection is not None
        self._connection.sendall(data)

    def heard(self, text: str) -> int:
        return sum(text.encode("gb2312") in frame for frame in self.frames)

    def _run(self) -> None:
        while True:
            try:
                self._connection, _ = self._listener.accept()
            except OSError:
                return
            with self._connection:
                self._serve(self._connection)

    def _serve(self, connection: socket.socket) -> None:
        buffer = b""
        while data := connection.recv(4096):
            buffer += data
            while len(buffer) > HEAD and len(buffer) >= (size := HEAD + buffer[5] + TAIL):
                frame, buffer = buffer[:size], buffer[size:]
                self.frames.append(frame)
                if answer := self._on_frame(frame):
                    connection.sendall(answer)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@pytest.fixture
def peer_of() -> Iterator[Callable[[Callable[[bytes], bytes]], Peer]]:
    peers: list[Peer] = []

    def make(on_frame: Callable[[bytes], bytes]) -> Peer:
        peers.append(Peer(on_frame))
        return peers[-1]

    yield make
    for peer in peers:
        peer.close()


def text(words: str, *more: str) -> Characters:
    return Characters((words, *more), columns=8)


def of(line: Line, address: int) -> Delivery:
    return next(d for d in line.deliveries() if d.address == address)


def line_to(peer: Peer, codec: Codec, *addresses: int) -> Line:
    return Line(LinePlan("test", peer.url, 9600, addresses), codec, lambda: None)


def patient(folder: Path) -> Codec:
    """OLM strips that may take their time to answer."""
    slow = OLM.read_text("utf-8").replace("wait_s = 0.5", "wait_s = 4.0")
    (folder / "patient.toml").write_text(slow, "utf-8")
    return Catalogue(str(folder)).codec("patient")


def test_the_late_answer_to_an_old_call_is_none_to_the_next(
    tmp_path: Path, peer_of: Callable[[Callable[[bytes], bytes]], Peer]
) -> None:
    seen_next = threading.Event()

    def on_frame(frame: bytes) -> bytes:
        if b"A002" in frame:
            seen_next.set()
        return ack(frame[0]) if frame[0] == 2 else b""

    peer = peer_of(on_frame)
    line = line_to(peer, patient(tmp_path), 1, 2)
    line.start()
    try:
        line.show(1, text("A001"))
        eventually(lambda: peer.heard("A001"), "the first call is sent")
        line.show(2, text("B001"))
        eventually(lambda: of(line, 1).zh, "given up while the neighbour has news")
        line.show(1, text("A002"))
        seen_next.wait(1.0)
        peer.send(ack(1))
        assert seen_next.wait(60)
        line.show(2, text("B002"))
        eventually(lambda: of(line, 1).state in ("failed", "acked"), "judged")
        assert of(line, 1).state == "failed"
    finally:
        line.stop()


def test_what_did_not_answer_is_told_the_end_all_the_same(
    peer_of: Callable[[Callable[[bytes], bytes]], Peer],
) -> None:
    peer = peer_of(lambda _frame: b"")
    line = line_to(peer, Catalogue().codec("olm"), 1)
    line.start()
    line.show(1, text("A001", "go"))
    eventually(lambda: of(line, 1).state == "failed", "nobody answers")
    line.show(1, text("bye", "all"))
    line.settle(0.0)
    line.stop()
    eventually(lambda: peer.heard("bye") and peer.heard("all"), "both rows of the last words")


class Stumbling:
    """A codec that fails once, after the frame was sent."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self.stumbled = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._codec, name)

    def decode(self, buffer: bytes) -> tuple[int, Reply | None]:
        if buffer and not self.stumbled:
            self.stumbled = True
            raise ArithmeticError("a fault of ours")
        return self._codec.decode(buffer)


def test_after_a_fault_of_the_program_everything_is_sent_again(
    peer_of: Callable[[Callable[[bytes], bytes]], Peer],
) -> None:
    peer = peer_of(lambda frame: ack(frame[0]))
    codec = Stumbling(Catalogue().codec("olm"))
    line = line_to(peer, codec, 1)  # type: ignore[arg-type]
    line.start()
    try:
        line.show(1, text("A001"))
        eventually(lambda: of(line, 1).state == "acked", "sent again")
        assert codec.stumbled and peer.heard("A001") == 2
    finally:
        line.stop()


def test_a_half_told_panel_is_told_all_of_the_newest(
    peer_of: Callable[[Callable[[bytes], bytes]], Peer],
) -> None:
    def on_frame(frame: bytes) -> bytes:
        if b"A001" in frame:
            line.show(1, text("A002", "there"), urgent=True)
        # Of the first call only the first row arrives.
        return b"" if b"here" in frame and b"there" not in frame else ack(frame[0])

    peer = peer_of(on_frame)
    line = line_to(peer, Catalogue().codec("olm"), 1)
    line.start()
    try:
        line.show(1, text("A001", "here"))
        eventually(lambda: of(line, 1).state == "acked", "acknowledged")
        assert of(line, 1).shown == "A002 there"
        assert [peer.heard(words) for words in ("A001", "A002", "there")] == [1, 1, 1]
    finally:
        line.stop()


def test_an_answer_may_begin_as_the_frame_does(
    tmp_path: Path, peer_of: Callable[[Callable[[bytes], bytes]], Peer]
) -> None:
    short = re.sub(
        r"ok = .*\nrefused = .*", 'ok = [["address", "64 FF FF 62"]]', OLM.read_text("utf-8")
    )
    (tmp_path / "short.toml").write_text(short, "utf-8")
    peer = peer_of(lambda frame: frame[:5])
    line = line_to(peer, Catalogue(str(tmp_path)).codec("short"), 1)
    line.start()
    try:
        line.show(1, text("A001"))
        eventually(lambda: of(line, 1).state == "acked", "acknowledged")
    finally:
        line.stop()


def test_brightness_that_is_refused_is_not_asked_for_without_end(
    tmp_path: Path, peer_of: Callable[[Callable[[bytes], bytes]], Peer]
) -> None:
    dimmed = OLM.read_text("utf-8").replace(
        "[answer]",
        'brightness = ["address", "64 FF FF 63 01", "level 0..15", "crc16-modbus-le of before"]\n\n'
        "[answer]",
    )
    (tmp_path / "dimmed.toml").write_text(dimmed, "utf-8")
    levels: list[bytes] = []

    def on_frame(frame: bytes) -> bytes:
        if frame[4] != 0x63:
            return ack(frame[0])
        levels.append(frame)
        body = frame[:4] + bytes.fromhex("62 01 07")
        return body + crc16_modbus(body).to_bytes(2, "little")

    peer = peer_of(on_frame)
    plan = LinePlan("test", peer.url, 9600, (1,))
    codec = Catalogue(str(tmp_path)).codec("dimmed")
    line = Line(plan, codec, lambda: None, level=lambda: 5)
    line.start()
    try:
        line.show(1, text("A001"))
        eventually(lambda: levels, "dimmed")
        for number in range(2, 6):
            line.show(1, text(f"A00{number}"))
            eventually(lambda n=number: of(line, 1).shown == f"A00{n}", "acknowledged")
        assert len(levels) == 1 and of(line, 1).state == "acked"
    finally:
        line.stop()
