"""What every panel protocol must offer. A codec is pure: it makes and reads bytes only."""

from dataclasses import dataclass
from typing import Protocol

from display.led.content import FontSize, Screen


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


@dataclass(frozen=True)
class TextCapability:
    """The panel has its own fonts. ``sizes`` from large to small, ``blocks`` at most."""

    charset: str
    sizes: tuple[FontSize, ...]
    blocks: int
    block_bytes: int
    blink: bool
    scroll: bool
    expires: bool


@dataclass(frozen=True)
class Capabilities:
    """What panels of this protocol can do.

    ``acks``: whether they answer; ``interval_s``: the shortest time between two frames to one
    panel; ``ack_timeout_s``: how long an answer may take after the last byte was sent.
    """

    text: TextCapability
    addresses: range
    acks: bool
    interval_s: float
    ack_timeout_s: float


class Codec(Protocol):
    """Screen to bytes, and bytes to replies."""

    @property
    def name(self) -> str:
        """The protocol's name in settings."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What its panels can do."""
        ...

    def encode(self, address: int, screen: Screen) -> bytes:
        """A frame that shows ``screen`` and nothing else. Raises ValueError when it cannot."""
        ...

    def clear(self, address: int) -> bytes:
        """A frame that shows nothing."""
        ...

    def brightness(self, address: int, level: int) -> bytes:
        """A frame that sets the brightness, ``level`` 0 (darkest) to 15."""
        ...

    def ping(self, address: int) -> bytes:
        """A frame that asks whether the panel is there and changes nothing."""
        ...

    def decode(self, buffer: bytes) -> tuple[int, Reply | None]:
        """Reads the first reply in ``buffer``: (bytes to drop, reply or None when more must come).

        Never raises; skips garbage, damaged frames and the echo of what was sent.
        """
        ...
