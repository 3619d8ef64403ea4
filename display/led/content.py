"""What a panel is to show, before any protocol: blocks of text at places, in pixels."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

FontSize = Literal[16, 24, 32]
SIZES: tuple[FontSize, ...] = (32, 24, 16)


class Colour(Enum):
    """A colour that a panel's lamps can make."""

    RED = "red"
    GREEN = "green"
    YELLOW = "yellow"


@dataclass(frozen=True)
class Block:
    """A line of text, centred in its rectangle.

    ``colour`` None is the panel's only one; ``blink``: emphasised, at most twice a second;
    ``scroll``: runs to the left because it is wider than its place (never a ticket number).
    """

    text: str
    x: int
    y: int
    width: int
    height: int
    size: FontSize
    colour: Colour | None
    blink: bool = False
    scroll: bool = False


@dataclass(frozen=True)
class Screen:
    """Everything a panel shows. ``expires_s``: seconds after which the panel by itself must stop
    showing it unless it is sent again, None for never."""

    blocks: tuple[Block, ...]
    expires_s: int | None = None

    @property
    def text(self) -> str:
        """Its words, for people and logs."""
        return " ".join(block.text for block in self.blocks)


def text_width(text: str, size: int) -> int:
    """Pixels that ``text`` takes in a panel's own font: ASCII half a cell, anything else one."""
    return sum(size // 2 if character.isascii() else size for character in text)
