"""Finds a panel's answers in what comes from the line."""

from display.led.codec import Ack, Nack, Reply
from display.led.strips.checksums import KINDS
from display.led.strips.model import Address, Check, Code, Fixed, Frame, Span, Strip

# The address of the only panel on a line, where frames have no address.
ONLY = 1


class Answers:
    """The answers of one kind of panel. Every answer has a fixed size."""

    def __init__(self, strip: Strip) -> None:
        self._strip = strip
        # Acceptances first: a refusal may be any code at the place where they have 00.
        self._known = [(frame, True) for frame in strip.accepts]
        self._known += [(frame, False) for frame in strip.refuses]
        sizes = [self._size(frame) for frame, _ in self._known]
        self._most = max(sizes, default=0)

    def first(self, buffer: bytes) -> tuple[int, Reply | None]:
        """The first answer: (bytes to drop, answer or None). What stays undecided is shorter than
        the longest answer."""
        for at in range(len(buffer)):
            for frame, accepts in self._known:
                end = at + self._size(frame)
                reply = self._read(frame, buffer[at:end], accepts) if end <= len(buffer) else None
                if reply is not None:
                    return end, reply
        return max(0, len(buffer) - max(0, self._most - 1)), None

    def _size(self, frame: Frame) -> int:
        return sum(self._strip.size(part) or 0 for part in frame)

    def _read(self, frame: Frame, data: bytes, accepts: bool) -> Reply | None:
        address, code = 0, 0
        pieces = self._cut(frame, data)
        for part, piece in zip(frame, pieces, strict=True):
            match part:
                case Fixed(fixed) if piece != fixed:
                    return None
                case Check(kind, span) if piece != KINDS[kind](_joined(pieces, span)):
                    return None
                case Address(width):
                    address = width.unpack(piece)
                case Code():
                    code = piece[0]
        if accepts:
            return Ack(self._who(frame, address))
        zh, en = f"错误 {code}", f"error {code}"
        return Nack(self._who(frame, address), code, False, zh, en)

    def _who(self, frame: Frame, address: int) -> int:
        """The panel that answers; where answers have no address there is only one panel."""
        return address if any(isinstance(part, Address) for part in frame) else ONLY

    def _cut(self, frame: Frame, data: bytes) -> list[bytes]:
        pieces, at = [], 0
        for part in frame:
            size = self._strip.size(part) or 0
            pieces.append(data[at : at + size])
            at += size
        return pieces


def _joined(pieces: list[bytes], span: Span) -> bytes:
    return b"".join(pieces[span.first : span.last + 1])
