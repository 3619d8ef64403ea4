"""What the file of a strip says: its frames, part by part, and what its panels can do."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from display.led.codec import Acks
from display.led.content import Colour

Charset = Literal["digits", "ascii", "gb2312", "gbk"]
Motion = Literal["still", "scroll"]


class Width(Enum):
    """How a number is written: one byte, or two with the low or the high one first."""

    U8 = "u8"
    U16LE = "u16le"
    U16BE = "u16be"

    @property
    def size(self) -> int:
        """Bytes."""
        return 1 if self is Width.U8 else 2

    @property
    def most(self) -> int:
        """The largest number that can be written."""
        return (1 << 8 * self.size) - 1

    def pack(self, value: int) -> bytes:
        """The bytes of ``value``. Raises ValueError when it is too large or negative."""
        if not 0 <= value <= self.most:
            raise ValueError(f"{value} does not fit into {self.value}")
        return value.to_bytes(self.size, "big" if self is Width.U16BE else "little")

    def unpack(self, data: bytes) -> int:
        """The reverse of :meth:`pack`."""
        return int.from_bytes(data, "big" if self is Width.U16BE else "little")


@dataclass(frozen=True)
class Span:
    """Whole parts of a frame, from the ``first`` to the ``last``; counted from 0, both included."""

    first: int
    last: int

    def __contains__(self, index: int) -> bool:
        return self.first <= index <= self.last


@dataclass(frozen=True)
class Fixed:
    """Always the same bytes."""

    data: bytes


@dataclass(frozen=True)
class Address:
    """The panel's address."""

    width: Width


@dataclass(frozen=True)
class Coded:
    """The bytes that stand for a row, a colour or a way of moving, from the strip's tables."""

    what: Literal["row", "colour", "motion"]


@dataclass(frozen=True)
class Text:
    """What is shown. ``pad_to``: filled up with spaces to that many bytes (0: not at all), before
    the text when ``right``. ``each``: bytes that follow every character."""

    pad_to: int = 0
    right: bool = False
    each: bytes = b""


@dataclass(frozen=True)
class Value:
    """What is shown, as a binary number."""

    width: Width


@dataclass(frozen=True)
class Length:
    """How many bytes the parts in ``span`` have, and ``plus`` more."""

    width: Width
    span: Span
    plus: int = 0


@dataclass(frozen=True)
class Check:
    """A check sum over the parts in ``span``; ``kind`` is a key of checksums.KINDS."""

    kind: str
    span: Span


@dataclass(frozen=True)
class Counter:
    """A number of one byte that grows with each frame."""


@dataclass(frozen=True)
class Level:
    """The brightness, 0 … 15 brought to ``low`` … ``high``, one byte."""

    low: int
    high: int


@dataclass(frozen=True)
class Code:
    """In an answer: one byte that says why the panel refused."""


@dataclass(frozen=True)
class AnyBytes:
    """In an answer: bytes that mean nothing to us."""

    count: int


Part = Fixed | Address | Coded | Text | Value | Length | Check | Counter | Level | Code | AnyBytes
Frame = tuple[Part, ...]


@dataclass(frozen=True)
class Strip:
    """A whole file.

    ``key`` is the protocol's name in settings, ``title`` and ``title_en`` what people call it.
    ``show`` shows one row (panels whose frames name no row have one). ``first`` goes before the
    rows each time, ``clear`` makes the panel dark; both are several frames, either may be empty.
    ``text_bytes``: the longest text that the panel takes. ``never``: bytes that no text may hold.
    Sizes of the panel are its usual ones. ``addresses`` is empty when a line can have one panel
    only.
    """

    key: str
    title: str
    title_en: str
    source: str
    verified: bool
    charset: Charset
    rows: int
    columns: int
    text_bytes: int
    show: Frame
    first: tuple[Frame, ...] = ()
    clear: tuple[Frame, ...] = ()
    brightness: Frame = ()
    ping: Frame = ()
    addresses: range = range(0)
    row_codes: tuple[bytes, ...] = ()
    colours: dict[Colour, bytes] = field(default_factory=dict)
    motions: dict[Motion, bytes] = field(default_factory=dict)
    never: bytes = b""
    baud: int = 9600
    gap_s: float = 0.0
    interval_s: float = 0.0
    acks: Acks = "none"
    ack_timeout_s: float = 0.5
    accepts: tuple[Frame, ...] = ()
    refuses: tuple[Frame, ...] = ()

    @property
    def frames(self) -> tuple[Frame, ...]:
        """Every frame that may be sent."""
        single = tuple(frame for frame in (self.brightness, self.ping) if frame)
        return (self.show, *self.first, *self.clear, *single)

    @property
    def most_rows(self) -> int:
        """How many rows the protocol can address."""
        return max(1, len(self.row_codes))

    def size(self, part: Part) -> int | None:
        """How many bytes ``part`` has; None when that depends on what is shown."""
        match part:
            case Fixed(data):
                return len(data)
            case Address(width) | Value(width) | Length(width):
                return width.size
            case Coded(what):
                return len(self.codes(what)[0])
            case Text(pad_to):
                return pad_to or None
            case Check(kind):
                return 2 if kind.startswith("crc16") else 1
            case AnyBytes(count):
                return count
            case _:
                return 1

    def codes(self, what: Literal["row", "colour", "motion"]) -> tuple[bytes, ...]:
        """The table of a :class:`Coded` part."""
        if what == "row":
            return self.row_codes
        return tuple((self.colours if what == "colour" else self.motions).values())


def uses(frame: Frame, kind: type[Part], what: str | None = None) -> bool:
    """Whether ``frame`` has such a part (of a :class:`Coded` one: for ``what``)."""
    return any(
        isinstance(part, kind) and (what is None or getattr(part, "what", None) == what)
        for part in frame
    )
