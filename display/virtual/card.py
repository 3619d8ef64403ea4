"""What every kind of virtual panel offers to the line that it hangs on."""

from dataclasses import dataclass
from typing import Protocol

from display.virtual.draw import Lit
from display.virtual.settings import VirtualPanelSettings


@dataclass(frozen=True)
class Manner:
    """How a panel is to misbehave: refuse everything as ``busy``, or answer as if its address were
    ``posing_as``."""

    busy: bool = False
    posing_as: int | None = None


@dataclass(frozen=True)
class Look:
    """Everything that a picture depends on: what is lit, on a panel of this size in lamps."""

    width: int
    height: int
    lit: tuple[Lit, ...]
    on: bool = True
    brightness: int = 15


class Refused(Exception):
    """What a panel answers with an error ``code``."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Card(Protocol):
    """The controller of one panel: checks strictly what it hears, keeps it, answers.

    ``frames`` counts intact frames for this panel, ``crc_errors`` damaged ones, ``nacks`` refusals.
    ``now`` is any monotonic number of seconds.
    """

    address: int
    frames: int
    crc_errors: int
    nacks: int

    def hear(self, frame: bytes, now: float, manner: Manner) -> bytes | None:
        """Takes what its family's ``cut`` found, for whichever panel it is meant; returns the
        bytes of an answer, None when there is none."""
        ...

    def forget_old(self, now: float) -> bool:
        """Drops what is over by now; whether anything changed."""
        ...

    def look(self) -> Look:
        """What it looks like."""
        ...

    @property
    def text(self) -> str:
        """Everything it says, as far as it knows words."""
        ...

    @property
    def blinks(self) -> bool:
        """Whether something comes and goes."""
        ...

    @property
    def scrolls(self) -> bool:
        """Whether a text runs."""
        ...


class Family(Protocol):
    """The panels of one protocol."""

    def cut(self, buffer: bytes) -> tuple[int, bytes | None]:
        """The first frame in what was heard: (bytes that are done with, the frame or None)."""
        ...

    def card(self, settings: VirtualPanelSettings) -> Card:
        """A new controller."""
        ...
