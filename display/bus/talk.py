"""Talking on one open line: the rests that RS-485 needs, our own echo, and whose answer it is."""

import time
from collections.abc import Callable

from display.bus.port import Port
from display.led.codec import Codec, Nack, Reply

# RS-485 turnaround: 3.5 characters, and never less than the slow adapters' 5 ms.
_LEAST_GAP_S = 0.005
_GAP_CHARACTERS = 3.5
_BITS = 10


class Echo:
    """Takes away what two-wire adapters repeat of what was sent: nothing, or all of it, first."""

    def __init__(self, sent: bytes) -> None:
        self._left = sent
        self._held = b""

    def without(self, data: bytes) -> bytes:
        """``data`` without the echo. What may still become one is held back."""
        if not self._left:
            return data
        self._held += data
        if self._held.startswith(self._left):
            rest = self._held[len(self._left) :]
        elif self._left.startswith(self._held):
            return b""
        else:
            rest = self._held
        self._left = self._held = b""
        return rest

    def no_more(self) -> bytes:
        """What was held back, now that nothing follows it: half an echo is none, but an answer may
        begin as the frame does."""
        held, self._left, self._held = self._held, b"", b""
        return held


class Talk:
    """``port`` belongs to this from now on, and to one thread. Methods raise PortError.
    ``answer_by``: until when an answer to the last frame may come that nobody waited for."""

    def __init__(self, port: Port, codec: Codec, baud: int) -> None:
        self.port = port
        self._codec = codec
        self._can = codec.capabilities
        self._character_s = _BITS / baud
        self._gap_s = max(_LEAST_GAP_S, _GAP_CHARACTERS * self._character_s, self._can.gap_s)
        self._quiet_at = 0.0
        self.answer_by = 0.0

    def send(
        self, address: int, frames: tuple[bytes, ...], patience_s: Callable[[], float]
    ) -> Reply | None:
        """Sends the frames one after the other; the answer to the last one, or the first that was
        a refusal or is missing though it had to come. ``patience_s()`` is asked again and again
        how long to wait for an answer."""
        reply: Reply | None = None
        for frame in frames:
            self._keep_gap()
            self.port.discard_input()
            self.port.write(frame)
            reply = self._answer(address, frame, patience_s)
            if isinstance(reply, Nack) or (reply is None and self._can.acks == "required"):
                break
        return reply

    def tell(self, frames: tuple[bytes, ...]) -> None:
        """Sends the frames and waits for no answer."""
        for frame in frames:
            self._keep_gap()
            self.port.write(frame)
            self._quiet_at = time.monotonic() + len(frame) * self._character_s

    def _keep_gap(self) -> None:
        rest = self._quiet_at + self._gap_s - time.monotonic()
        if rest > 0:
            time.sleep(rest)

    def _answer(self, address: int, frame: bytes, patience_s: Callable[[], float]) -> Reply | None:
        """Waits for the answer of ``address``; answers of others are late ones and are skipped."""
        sent_at = time.monotonic() + len(frame) * self._character_s
        echo = Echo(frame)
        buffer = b""
        while self._can.acks != "none":
            buffer += echo.without(self.port.read())
            over = time.monotonic() >= sent_at + patience_s()
            if over:
                buffer += echo.no_more()
            reply, buffer = self._first_of(address, buffer)
            if reply is not None:
                self._quiet_at = time.monotonic()
                return reply
            if over:
                break
        self.answer_by = sent_at + self._can.ack_timeout_s
        # The driver has taken the frame at once; on the wire it takes its time.
        self._quiet_at = max(time.monotonic(), sent_at)
        return None

    def _first_of(self, address: int, buffer: bytes) -> tuple[Reply | None, bytes]:
        """The first answer of ``address`` and what is left of ``buffer``."""
        while True:
            used, reply = self._codec.decode(buffer)
            buffer = buffer[used:]
            if reply is None or reply.address == address:
                return reply, buffer
