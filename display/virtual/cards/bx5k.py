"""A BX-5K card as it behaves: checks requests strictly, keeps dynamic areas, answers."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from display.led.content import Colour, text_width
from display.led.onbon.bx5k_text import Run, TextRefused, decode_text
from display.led.onbon.bx5k_wire import (
    ACK,
    BRIGHTNESS,
    BROADCAST,
    CLEAR,
    MODE_LEFT,
    MODE_STATIC,
    NACK,
    NEWLINE_AUTO,
    PING,
    RUN_EXPIRE,
    SHOW,
    SWITCH,
    WILDCARD,
    Area,
    Request,
    Update,
    WireError,
    parse_request,
    parse_update,
    reply,
)
from display.led.onbon.errors import BUSY
from display.led.onbon.frame import FrameDamaged, cut, unwrap, wrap
from display.settings import COLOURS
from display.virtual.card import Look, Manner, Refused
from display.virtual.cards.onbon import drop_old, readable
from display.virtual.draw import LitText
from display.virtual.settings import VirtualPanelSettings

_MOST_AREAS = 8
_MOST_TEXT = 512
# Of the ways to move those that the vendor's page names without doubt; its slowest speed.
_MODES = (MODE_STATIC, MODE_LEFT)
_SLOWEST = 0x18
_NO_GROUP, _NO_COMMAND, _NO_MEMORY, _DAMAGED = 1, 2, 4, 5
# The vendor's own examples of answers have nine start bytes.
_EXTRA_START = b"\xa5"
_HEADER = 15
_GROUPS = frozenset([0xA1, 0xA2, 0xA3])


@dataclass
class _Shown:
    area: Area
    runs: list[Run]
    until: float | None

    @property
    def lines(self) -> list[str]:
        """The text's lines as they were sent."""
        return "".join(run.text for run in self.runs).split("\n")

    @property
    def pages(self) -> list[str]:
        """The text as the card turns its pages: one line each when it breaks lines itself."""
        text = "".join(run.text for run in self.runs)
        if self.area.newline != NEWLINE_AUTO or not self.runs:
            return [text]
        size = self.runs[0].size
        pages, line = [], ""
        for character in text:
            if text_width(line + character, size) > self.area.width:
                pages.append(line)
                line = ""
            line += character
        return [*pages, line] if line else pages


def _lines(shown: _Shown) -> list[list[Run]]:
    """The runs of each line; of a text that the card breaks into pages itself, the first page."""
    left = len(shown.pages[0]) if shown.area.newline == NEWLINE_AUTO and shown.runs else None
    lines: list[list[Run]] = [[]]
    for run in shown.runs:
        if run.text == "\n":
            lines.append([])
            continue
        text = run.text if left is None else run.text[:left]
        left = None if left is None else left - len(text)
        lines[-1].append(replace(run, text=text))
    return lines


def _aligned(align: int, free: int) -> int:
    return {0b01: free, 0b10: free // 2}.get(align & 0b11, 0)


class Bx5kFamily:
    """See :class:`display.virtual.card.Family`."""

    def cut(self, buffer: bytes) -> tuple[int, bytes | None]:
        """The inside of the first frame, still escaped."""
        return cut(buffer)

    def card(self, settings: VirtualPanelSettings) -> "Bx5kPanel":
        """A card with nothing on it."""
        colours = COLOURS[settings.colours]
        return Bx5kPanel(settings.address, settings.width, settings.height, colours)


@dataclass
class Bx5kPanel:
    """See :class:`display.virtual.card.Card`."""

    address: int
    width: int
    height: int
    colours: tuple[Colour, ...]
    on: bool = True
    brightness: int = 15
    frames: int = 0
    crc_errors: int = 0
    nacks: int = 0
    busy: bool = False
    _areas: dict[int, _Shown] = field(default_factory=dict)

    def hear(self, frame: bytes, now: float, manner: Manner) -> bytes | None:
        """Obeys the inside of a frame; refuses a damaged one that seems to be for it."""
        try:
            request = parse_request(unwrap(frame))
        except FrameDamaged:
            return self._damaged(frame)
        except WireError:
            return None
        if not self.is_for_me(request.address):
            return None
        self.busy = manner.busy
        answer = self.handle(request, now)
        if answer is None:
            return None
        if manner.posing_as is not None:
            answer = answer[:2] + manner.posing_as.to_bytes(2, "little") + answer[4:]
        return _EXTRA_START + wrap(answer)

    def _damaged(self, frame: bytes) -> bytes | None:
        content = readable(frame, _HEADER)
        if content is not None and int.from_bytes(content[:2], "little") != self.address:
            return None
        self.crc_errors += 1
        if content is None:
            return None
        self.nacks += 1
        return _EXTRA_START + wrap(reply(self.address, NACK, _DAMAGED))

    def handle(self, request: Request, now: float) -> bytes | None:
        """Obeys an intact request; returns the reply's content, None when none is wanted.

        The caller has made sure that the request is for this panel.
        """
        self.frames += 1
        try:
            if self.busy:
                raise Refused(BUSY)
            self._obey(request, now)
        except (Refused, TextRefused) as refused:
            self.nacks += 1
            answer = reply(self._name(request), NACK, refused.code)
        else:
            answer = reply(self._name(request), ACK)
        wanted = request.reply_wanted and request.address != BROADCAST
        return answer if wanted else None

    def is_for_me(self, address: int) -> bool:
        """Whether a request to ``address`` concerns this panel."""
        return address in (self.address, BROADCAST, WILDCARD)

    def forget_old(self, now: float) -> bool:
        """Deletes areas whose time is over; whether there were any."""
        return drop_old(self._areas, now)

    @property
    def text(self) -> str:
        """Everything it shows."""
        texts = (line.strip() for n in sorted(self._areas) for line in self._areas[n].lines)
        return " ".join(text for text in texts if text)

    @property
    def blinks(self) -> bool:
        """Whether a text alternates with an empty page."""
        return any(not page.strip() for shown in self._areas.values() for page in shown.pages)

    @property
    def scrolls(self) -> bool:
        """Whether a text runs."""
        return any(shown.area.mode == MODE_LEFT for shown in self._areas.values())

    def look(self) -> Look:
        """What is lit on the first page of each area."""
        lit = (text for n in sorted(self._areas) for text in self._lit_area(self._areas[n]))
        return Look(self.width, self.height, tuple(lit), self.on, self.brightness)

    def _lit_area(self, shown: _Shown) -> Iterator[LitText]:
        area = shown.area
        lines = _lines(shown)
        down = sum(line[0].size for line in lines if line)
        y = area.y + _aligned(area.align >> 2, area.height - down)
        for line in lines:
            yield from self._lit_line(area, line, y)
            y += line[0].size if line else 0

    def _lit_line(self, area: Area, line: list[Run], y: int) -> Iterator[LitText]:
        free = area.width - sum(text_width(run.text, run.size) for run in line)
        runs_over = area.mode == MODE_LEFT and free < 0
        x = area.x if runs_over else area.x + _aligned(area.align, free)
        for run in line:
            colour = run.colour if len(self.colours) > 1 else self.colours[0]
            clip = (area.x, area.y, area.width, area.height)
            if run.text:
                yield LitText(run.text, x, y, run.size, colour, clip)
            x += text_width(run.text, run.size)

    def _name(self, request: Request) -> int:
        return WILDCARD if request.address == WILDCARD else self.address

    def _obey(self, request: Request, now: float) -> None:
        kind, payload = request.kind, request.payload
        if kind == SHOW:
            self._show(payload, now)
        elif kind == CLEAR and not payload:
            self._areas.clear()
        elif kind == BRIGHTNESS and len(payload) == 2 and payload[0] == 1 and payload[1] <= 15:
            self.brightness = payload[1]
        elif kind == SWITCH and payload in (b"\x01", b"\x02"):
            self.on = payload == b"\x01"
        elif kind != PING or payload:
            raise Refused(_NO_COMMAND if request.group in _GROUPS else _NO_GROUP)

    def _show(self, payload: bytes, now: float) -> None:
        try:
            update = parse_update(payload)
        except WireError:
            raise Refused(_NO_MEMORY) from None
        shown = {area.number: self._check(area, now) for area in update.areas}
        kept = self._kept(update)
        if len(kept | shown) > _MOST_AREAS:
            raise Refused(_NO_MEMORY)
        self._areas = kept | shown

    def _kept(self, update: Update) -> dict[int, _Shown]:
        if update.delete_all:
            return {}
        return {n: shown for n, shown in self._areas.items() if n not in update.delete}

    def _check(self, area: Area, now: float) -> _Shown:
        inside = area.x + area.width <= self.width and area.y + area.height <= self.height
        possible = area.number < _MOST_AREAS and area.run_mode <= RUN_EXPIRE
        moves = area.mode in _MODES and area.speed <= _SLOWEST and area.lines in (1, 2)
        if not (inside and possible and moves) or not (area.width and area.height and area.text):
            raise Refused(_NO_MEMORY)
        if len(area.text) > _MOST_TEXT:
            raise Refused(_NO_MEMORY)
        until = now + area.timeout_s if area.run_mode == RUN_EXPIRE else None
        return _Shown(area, decode_text(area.text), until)
