"""What a panel is to show, before any protocol: text at places, a picture, or rows of characters.

Every kind of content has ``words`` for people and logs, and ``expires_s``: seconds after which the
panel by itself must stop showing it unless it is sent again, None for never.
"""

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
    """For panels with fonts of their own: all text blocks."""

    blocks: tuple[Block, ...]
    expires_s: int | None = None

    @property
    def words(self) -> str:
        """What it says."""
        return " ".join(block.text for block in self.blocks)


@dataclass(frozen=True)
class Page:
    """Lamps to be lit: one plane for panels of one colour, else the red and the green plane.

    A plane is row-major, one bit a lamp, the leftmost in the highest bit, each row filled up to
    whole bytes, 1 = lit. ``stay`` in half seconds, before the next page follows.
    """

    planes: tuple[bytes, ...]
    stay: int = 1


@dataclass(frozen=True)
class Picture:
    """For panels that take lamps only: one page, or several shown in turn. Sizes in lamps."""

    width: int
    height: int
    pages: tuple[Page, ...]
    words: str
    expires_s: int | None = None


@dataclass(frozen=True)
class Characters:
    """For panels with rows of characters. A row is not filled up with spaces; with ``scroll`` it
    may be longer than the panel. ``colour`` None is the panel's only one; ``columns`` are the
    panel's, 0 where nobody said. Such panels keep what they show until they are told otherwise."""

    rows: tuple[str, ...]
    colour: Colour | None = None
    scroll: bool = False
    columns: int = 0
    expires_s: None = None

    @property
    def words(self) -> str:
        """What it says."""
        return " ".join(row for row in self.rows if row)


Content = Screen | Picture | Characters


def text_width(text: str, size: int) -> int:
    """Pixels that ``text`` takes in a panel's own font: ASCII half a cell, anything else one."""
    return sum(size // 2 if character.isascii() else size for character in text)
