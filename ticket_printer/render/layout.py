"""PURE: what a slip looks like, block by block from top to bottom, as a hall writes it in
``config/slips/*.toml``.

Sizes and gaps are dots of 80 mm paper (8 dots = 1 mm); on 58 mm paper they are smaller. In texts
``{name}`` stands for a word of the slip, see :mod:`ticket_printer.render.words`; ``*…*`` in a title
is set larger. A block with an empty word in it is left off the paper.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from PIL import Image
from pydantic import AfterValidator, Field

from hallkit.runtime.settings import Settings
from hallkit.wire.slips import SlipKind

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
# Below this a thermal head closes the counters of an ideograph.
LEAST_SIZE = 24
_NARROW = 0.8


def _braces(text: str) -> str:
    if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
        raise ValueError(
            "花括号只能这样用：{service} / braces should enclose one name, such as {service}"
        )
    return text


Template = Annotated[str, Field(min_length=1, max_length=400), AfterValidator(_braces)]
Size = Annotated[int, Field(ge=LEAST_SIZE, le=300)]


class Block(Settings):
    """One part of a slip; ``gap`` dots are left free above it."""

    gap: int = Field(default=8, ge=0, le=200)

    def gap_on(self, paper_mm: int) -> int:
        """The gap on this paper, in dots."""
        return self.gap if paper_mm == 80 else round(self.gap * _NARROW)


class Sized(Block):
    """A block with a size of its own; ``size_58`` is the one on 58 mm paper."""

    size: Size = 30
    size_58: Size | None = None

    def size_on(self, paper_mm: int) -> int:
        """The size on this paper, in dots."""
        if paper_mm == 80:
            return self.size
        return self.size_58 or max(LEAST_SIZE, round(self.size * _NARROW))


class Title(Sized):
    """Centred text."""

    block: Literal["title"] = "title"
    text: Template
    bold: bool = True


class Text(Sized):
    """Left-aligned text."""

    block: Literal["text"] = "text"
    text: Template
    bold: bool = False


class Labelled(Sized):
    """``label``: text, its further lines below its first."""

    block: Literal["field"] = "field"
    label: Annotated[str, Field(min_length=1, max_length=20)]
    text: Template


class Labelleds(Sized):
    """A list of the slip, each entry as a field."""

    block: Literal["fields"] = "fields"
    items: str


class Number(Sized):
    """One line as large as fits."""

    block: Literal["number"] = "number"
    text: Template
    size: Size = 216


class Frame(Sized):
    """Centred text in an outlined box."""

    block: Literal["frame"] = "frame"
    text: Template
    size: Size = 36


class Tags(Sized):
    """The slip's tags, white on black."""

    block: Literal["tags"] = "tags"
    size: Size = 34


class Listing(Sized):
    """A list of the slip, an entry a line; ``first`` is where numbers begin."""

    block: Literal["list"] = "list"
    items: str
    heading: str = Field(default="", max_length=60)
    marker: Literal["box", "number", "dot", "none"] = "none"
    first: int = Field(default=1, ge=0, le=99)


class Table(Sized):
    """A list of the slip as names at the left and values at the right."""

    block: Literal["table"] = "table"
    items: str


class Code(Sized):
    """A QR code ``size`` dots wide with a caption. On 80 mm paper ``notes`` stand at its left,
    on 58 mm below it, and alone when there is no address."""

    block: Literal["qr"] = "qr"
    text: Template
    caption: str = Field(default="", max_length=20)
    notes: list[Template] = Field(default=[], max_length=6)
    notes_size: Size = 27
    size: Size = 200


class Sign(Sized):
    """Lines to sign on, each behind its label."""

    block: Literal["sign"] = "sign"
    labels: list[Annotated[str, Field(min_length=1, max_length=12)]] = Field(
        min_length=1, max_length=4
    )


class Rule(Block):
    """A line across."""

    block: Literal["rule"] = "rule"
    thickness: int = Field(default=4, ge=1, le=16)


class Dashes(Block):
    """A dashed line across."""

    block: Literal["dashes"] = "dashes"


class Logo(Block):
    """A PNG, ``height`` dots high, black and white; left out in text mode."""

    block: Literal["logo"] = "logo"
    file: str = Field(min_length=1, max_length=100)
    height: int = Field(default=96, ge=16, le=400)


AnyBlock = (
    Title
    | Text
    | Labelled
    | Labelleds
    | Number
    | Frame
    | Tags
    | Listing
    | Table
    | Code
    | Sign
    | Rule
    | Dashes
    | Logo
)
BLOCKS: dict[str, type[AnyBlock]] = {
    "title": Title,
    "text": Text,
    "field": Labelled,
    "fields": Labelleds,
    "number": Number,
    "frame": Frame,
    "tags": Tags,
    "list": Listing,
    "table": Table,
    "qr": Code,
    "sign": Sign,
    "rule": Rule,
    "dashes": Dashes,
    "logo": Logo,
}


@dataclass(frozen=True)
class Layout:
    """The layout of one kind of slip. ``defaults`` are words for what a slip leaves empty;
    ``logos`` the pictures that its blocks name."""

    kind: SlipKind
    blocks: tuple[AnyBlock, ...]
    defaults: Mapping[str, str] = field(default_factory=dict)
    logos: Mapping[str, Image.Image] = field(default_factory=dict)


Layouts = Mapping[SlipKind, Layout]


def templates_of(block: AnyBlock) -> list[tuple[str, str]]:
    """The texts of a block with placeholders, as (key, text)."""
    found = [("text", block.text)] if hasattr(block, "text") else []
    return found + [("notes", note) for note in (block.notes if isinstance(block, Code) else [])]
