"""A strip, number board or customer display as it behaves, from the description of its frames."""

from dataclasses import dataclass, field

from display.led.content import Colour, FontSize
from display.led.strips.build import Filling, build
from display.led.strips.model import Strip
from display.render.characters import columns_of
from display.settings import COLOURS
from display.virtual.card import Look, Manner
from display.virtual.cards.strip_reader import Heard, cut, hear
from display.virtual.draw import Lit, LitDigits, LitText
from display.virtual.settings import VirtualPanelSettings

# The usual font of such strips; ASCII is half as wide.
_SIZE: FontSize = 16
_COLUMN = _SIZE // 2
# Why a busy panel, or one that has no such row, refuses: codes of ours, the makers' are not known.
_BUSY, _NO_ROW = 1, 2


class StripFamily:
    """See :class:`display.virtual.card.Family`."""

    def __init__(self, strip: Strip) -> None:
        self._strip = strip

    def cut(self, buffer: bytes) -> tuple[int, bytes | None]:
        """A frame, or what lies before one and is none."""
        return cut(self._strip, buffer)

    def card(self, settings: VirtualPanelSettings) -> "StripPanel":
        """A panel with nothing on it."""
        rows = min(settings.rows or self._strip.rows, self._strip.most_rows)
        columns = settings.columns or self._strip.columns
        return StripPanel(self._strip, settings.address, rows, columns, COLOURS[settings.colours])


@dataclass
class StripPanel:
    """See :class:`display.virtual.card.Card`. Bytes that are no frame count as damaged ones."""

    strip: Strip
    address: int
    rows: int
    columns: int
    colours: tuple[Colour, ...]
    brightness: int = 15
    frames: int = 0
    crc_errors: int = 0
    nacks: int = 0
    _shown: dict[int, Heard] = field(default_factory=dict)

    def hear(self, frame: bytes, now: float, manner: Manner) -> bytes | None:  # noqa: ARG002
        """Obeys an intact frame for this panel; damaged ones are counted and not answered."""
        heard = hear(self.strip, frame)
        if heard is not None and heard.address not in (None, self.address):
            return None
        if heard is None or not heard.intact or heard.size != len(frame):
            self.crc_errors += 1
            return None
        self.frames += 1
        refusal = _BUSY if manner.busy else self._obey(heard)
        if refusal:
            self.nacks += 1
        return self._answer(refusal, manner)

    def _obey(self, heard: Heard) -> int:
        """Why it was refused, 0 when it was not."""
        if heard.kind in ("first", "clear"):
            self._shown.clear()
        elif heard.kind == "brightness":
            self.brightness = heard.level
        elif heard.kind == "show":
            if heard.row >= self.rows:
                return _NO_ROW
            self._shown[heard.row] = heard
        return 0

    def _answer(self, refusal: int, manner: Manner) -> bytes | None:
        known = self.strip.refuses if refusal else self.strip.accepts
        if not known:
            return None
        address = self.address if manner.posing_as is None else manner.posing_as & 0xFF
        return build(known[0], self.strip, Filling(address, code=refusal))

    def forget_old(self, now: float) -> bool:  # noqa: ARG002
        """Nothing: such panels keep what they show."""
        return False

    @property
    def text(self) -> str:
        """What can be read: of a text that does not run, as much as the panel has columns."""
        return " ".join(text for row in sorted(self._shown) if (text := self._row(row).strip()))

    def _row(self, row: int) -> str:
        heard = self._shown[row]
        text = heard.text
        while heard.motion == "still" and columns_of(text) > self.columns:
            text = text[:-1]
        return text

    @property
    def blinks(self) -> bool:
        """Nothing comes and goes."""
        return False

    @property
    def scrolls(self) -> bool:
        """Whether a text is wider than the panel and runs."""
        return any(
            heard.motion == "scroll" and columns_of(heard.text) > self.columns
            for heard in self._shown.values()
        )

    def look(self) -> Look:
        """Rows of characters in lamps; of number boards, digits of 7 segments."""
        if self.strip.charset == "digits":
            text = self._shown[0].text[-self.columns :] if self._shown else ""
            colour = self._colour(self._shown[0]) if self._shown else self.colours[0]
            digits = LitDigits(text, self.columns, colour)
            return Look(0, 0, (digits,), brightness=self.brightness)
        width, height = self.columns * _COLUMN, self.rows * _SIZE
        lit = tuple(self._lit(row, width) for row in sorted(self._shown))
        return Look(width, height, lit, brightness=self.brightness)

    def _lit(self, row: int, width: int) -> Lit:
        top = row * _SIZE
        colour = self._colour(self._shown[row])
        return LitText(self._row(row), 0, top, _SIZE, colour, (0, top, width, _SIZE))

    def _colour(self, heard: Heard) -> Colour:
        return heard.colour if heard.colour in self.colours else self.colours[0]
