"""What every panel protocol must offer. A codec is pure: it makes and reads bytes only."""

from dataclasses import dataclass
from typing import Literal, Protocol

from display.led.content import Content, FontSize


@dataclass(frozen=True)
class Ack:
    """The panel at ``address`` took the last frame."""

    address: int


@dataclass(frozen=True)
class Nack:
    """The panel at ``address`` refused the last frame. ``busy``: it may take it a second later."""

    address: int
    code: int
    busy: bool
    zh: str
    en: str


Reply = Ack | Nack

# none: the panel never says anything; optional: it may, silence is no fault; required: silence is.
Acks = Literal["none", "optional", "required"]


@dataclass(frozen=True)
class TextCapability:
    """The panel has its own fonts. ``sizes`` from large to small, ``blocks`` at most."""

    charset: str
    sizes: tuple[FontSize, ...]
    blocks: int
    blink: bool
    scroll: bool
    expires: bool


@dataclass(frozen=True)
class PictureCapability:
    """The panel takes lamps. ``pages``: how many it shows in turn by itself; ``most_lamps`` in all
    pages and colours together, rows filled up to 32."""

    pages: int
    most_lamps: int
    expires: bool


@dataclass(frozen=True)
class CharacterCapability:
    """The panel takes characters. ``charset``: ``digits`` (and nothing else), ``ascii``,
    ``gb2312`` or ``gbk``, where a Chinese character takes two columns. ``rows`` and ``columns``
    are those of a panel whose settings do not say other ones; ``most_rows`` and ``most_columns``
    (None: any number) are what the protocol can address. ``showable``: all the characters that
    its digits can make besides the space, None for the whole charset."""

    charset: Literal["digits", "ascii", "gb2312", "gbk"]
    rows: int
    columns: int
    most_rows: int
    scroll: bool
    colours: bool
    most_columns: int | None = None
    showable: str | None = None


Shows = TextCapability | PictureCapability | CharacterCapability


@dataclass(frozen=True)
class Capabilities:
    """What panels of this protocol can do.

    ``acks``: whether they answer; ``interval_s``: the shortest time between two frames to one
    panel; ``ack_timeout_s``: how long an answer may take after the last byte was sent; ``gap_s``:
    how long the line must rest after a frame, besides what RS-485 itself needs; ``brightness``:
    whether it can be set; ``addressed``: false when a line can have one panel only; ``verified``:
    false for protocols that are known from a single source and must be tried on site first;
    ``baud``: the usual speed of a serial line.
    """

    shows: Shows
    addresses: range
    acks: Acks
    interval_s: float
    ack_timeout_s: float
    gap_s: float = 0.0
    brightness: bool = False
    addressed: bool = True
    verified: bool = True
    baud: int = 9600


class Codec(Protocol):
    """Content to bytes, and bytes to replies.

    What is asked of a panel is a tuple of frames, each answered on its own, in this order; none
    when the protocol has no such thing.
    """

    @property
    def name(self) -> str:
        """The protocol's name in settings."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What its panels can do."""
        ...

    def encode(self, address: int, content: Content) -> tuple[bytes, ...]:
        """Shows ``content`` and nothing else. Raises ValueError when the panel cannot."""
        ...

    def clear(self, address: int) -> tuple[bytes, ...]:
        """Shows nothing."""
        ...

    def brightness(self, address: int, level: int) -> tuple[bytes, ...]:
        """Sets the brightness, ``level`` 0 (darkest) to 15."""
        ...

    def ping(self, address: int) -> tuple[bytes, ...]:
        """Asks whether the panel is there and changes nothing."""
        ...

    def decode(self, buffer: bytes) -> tuple[int, Reply | None]:
        """Reads the first reply in ``buffer``: (bytes to drop, reply or None when more must come).

        Never raises; skips garbage, damaged frames and the echo of what was sent.
        """
        ...
