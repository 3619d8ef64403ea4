"""One codec for all strips that are described as data."""

import itertools

from display.led.codec import Capabilities, CharacterCapability, Reply
from display.led.content import Characters, Content
from display.led.strips.answers import ONLY, Answers
from display.led.strips.build import Filling, build
from display.led.strips.model import Frame, Strip, Value
from display.led.strips.text import characters


class StripCodec:
    """See :class:`display.led.codec.Codec`. Its only state is the number that some frames carry.

    An empty row is sent as one space, for panels take no empty text; what goes before the rows
    each time (``first``) heals a panel that was switched off. Where rows are empty and the strip
    has frames that make it dark, these are sent instead.
    """

    def __init__(self, strip: Strip) -> None:
        self.strip = strip
        self.name = strip.key
        self.capabilities = _capabilities(strip)
        self._answers = Answers(strip)
        self._sequence = itertools.count()

    def encode(self, address: int, content: Content) -> tuple[bytes, ...]:
        """One frame a row, after those that go before them. Raises ValueError for what the panel
        cannot show whole, unless it may scroll: then a text is cut at what the panel takes."""
        if not isinstance(content, Characters):
            raise ValueError("strips take characters only")
        if len(content.rows) > self.strip.most_rows:
            raise ValueError(f"{len(content.rows)} rows, the protocol has {self.strip.most_rows}")
        if self.strip.clear and not any(row.strip() for row in content.rows):
            return self.clear(address)
        frames = [self._build(frame, address) for frame in self.strip.first]
        for number, row in enumerate(content.rows):
            frames.append(self._row(address, number, row, content))
        return tuple(frames)

    def clear(self, address: int) -> tuple[bytes, ...]:
        """The strip's own frames; where it has none, rows of a space."""
        if self.strip.clear:
            frames = (*self.strip.first, *self.strip.clear)
            return tuple(self._build(frame, address) for frame in frames)
        return self.encode(address, Characters(("",) * self.strip.most_rows))

    def brightness(self, address: int, level: int) -> tuple[bytes, ...]:
        """Nothing when the strip's brightness cannot be set."""
        if not 0 <= level <= 15:
            raise ValueError("brightness is 0 to 15")
        if not self.strip.brightness:
            return ()
        return (self._build(self.strip.brightness, address, level=level),)

    def ping(self, address: int) -> tuple[bytes, ...]:
        """Nothing when the panels cannot be asked."""
        return (self._build(self.strip.ping, address),) if self.strip.ping else ()

    def decode(self, buffer: bytes) -> tuple[int, Reply | None]:
        """The first answer; everything that is not one is skipped."""
        return self._answers.first(buffer)

    def _build(self, frame: Frame, address: int, *, level: int = 15) -> bytes:
        number = next(self._sequence)
        return build(frame, self.strip, Filling(address, level=level, sequence=number))

    def _row(self, address: int, number: int, row: str, content: Characters) -> bytes:
        digits = self.strip.charset == "digits"
        if digits and not (row.isdecimal() and row.isascii()):
            raise ValueError(f"a panel of digits cannot show {row!r}")
        text = row if digits else self._fitting(row, cut=content.scroll) or " "
        filling = Filling(
            address,
            number,
            text,
            content.colour,
            "scroll" if content.scroll else "still",
            sequence=next(self._sequence),
        )
        return build(self.strip.show, self.strip, filling)

    def _fitting(self, text: str, *, cut: bool) -> str:
        """``text``, or with ``cut`` as much of its beginning as the panel takes."""
        room = self.strip.text_bytes
        for count, one in enumerate(characters(text, self.strip)):
            room -= len(one)
            if room < 0:
                if cut:
                    return text[:count]
                raise ValueError(f"a text of more than {self.strip.text_bytes} bytes")
        return text


def _capabilities(strip: Strip) -> Capabilities:
    return Capabilities(
        shows=CharacterCapability(
            charset=strip.charset,
            rows=strip.rows,
            columns=strip.columns,
            most_rows=strip.most_rows,
            most_columns=_most_columns(strip),
            scroll="scroll" in strip.motions,
            colours=len(strip.colours) > 1,
        ),
        addresses=strip.addresses or range(ONLY, ONLY + 1),
        acks=strip.acks,
        interval_s=strip.interval_s,
        ack_timeout_s=strip.ack_timeout_s,
        gap_s=strip.gap_s,
        brightness=bool(strip.brightness),
        addressed=bool(strip.addresses),
        verified=strip.verified,
        baud=strip.baud,
    )


def _most_columns(strip: Strip) -> int:
    """Columns that can always be sent: a binary number of so many digits, or bytes of text."""
    widths = [part.width for part in strip.show if isinstance(part, Value)]
    return len(str(widths[0].most)) - 1 if widths else strip.text_bytes
