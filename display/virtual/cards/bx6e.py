"""A BX-6E / BX-6Q card as it behaves: checks requests strictly, keeps dynamic areas, answers."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from display.led.content import Colour
from display.led.onbon.bx6e_wire import (
    ACK,
    BROADCAST,
    DELETE,
    MODE_STATIC,
    MOST_FRAME,
    NACK,
    PING,
    RUN_EXPIRE,
    RUN_LOOP,
    SHOW,
    WILDCARD,
    Area,
    Request,
    WireError,
    from_bitmap,
    parse_delete,
    parse_request,
    parse_show,
    reply,
)
from display.led.onbon.errors import BUSY
from display.led.onbon.frame import FrameDamaged, cut, unwrap, wrap
from display.settings import COLOURS
from display.virtual.card import Look, Manner, Refused
from display.virtual.cards.onbon import drop_old, readable
from display.virtual.draw import LitLamps
from display.virtual.settings import VirtualPanelSettings

_NO_GROUP, _NO_COMMAND, _NO_MEMORY, _DAMAGED = 1, 2, 4, 5
_GROUPS = frozenset([0xA1, 0xA2, 0xA3, 0xA7])
_AREAS_6E = 4
_AREAS_6Q = 32
_FAMILY_6Q = 0x66
_HEADER = 16
_SHORTEST_STAY = 1
# A number that comes and goes does so within a second; a notice's pages can be read.
_BLINK_STAY = 100
_PLANES = (Colour.RED, Colour.GREEN)


@dataclass
class _Shown:
    area: Area
    until: float | None


class Bx6eFamily:
    """See :class:`display.virtual.card.Family`."""

    def cut(self, buffer: bytes) -> tuple[int, bytes | None]:
        """The inside of the first frame, still escaped."""
        return cut(buffer, MOST_FRAME)

    def card(self, settings: VirtualPanelSettings) -> "Bx6ePanel":
        """A card with nothing on it."""
        colours = COLOURS[settings.colours]
        return Bx6ePanel(settings.address, settings.width, settings.height, colours)


@dataclass
class Bx6ePanel:
    """See :class:`display.virtual.card.Card`. It is whichever card the requests are meant for."""

    address: int
    width: int
    height: int
    colours: tuple[Colour, ...]
    frames: int = 0
    crc_errors: int = 0
    nacks: int = 0
    _areas: dict[int, _Shown] = field(default_factory=dict)

    def hear(self, frame: bytes, now: float, manner: Manner) -> bytes | None:
        """Obeys the inside of a frame; refuses a damaged one that seems to be for it."""
        try:
            request = parse_request(unwrap(frame))
        except FrameDamaged:
            return self._damaged(frame)
        except WireError:
            return None
        if request.address not in (self.address, BROADCAST, WILDCARD):
            return None
        self.frames += 1
        error = self._handle(request, now, busy=manner.busy)
        if request.address == BROADCAST:
            return None
        name = self.address if request.address != WILDCARD else WILDCARD
        return self._answer(manner.posing_as or name, request.device, error)

    def _damaged(self, frame: bytes) -> bytes | None:
        content = readable(frame, _HEADER)
        if content is not None and int.from_bytes(content[:2], "little") != self.address:
            return None
        self.crc_errors += 1
        if content is None:
            return None
        self.nacks += 1
        return self._answer(self.address, int.from_bytes(content[6:8], "little"), _DAMAGED)

    def _answer(self, name: int, device: int, error: int) -> bytes:
        return wrap(reply(name, device, NACK if error else ACK, error))

    def _handle(self, request: Request, now: float, *, busy: bool) -> int:
        try:
            if busy:
                raise Refused(BUSY)
            self._obey(request, now)
        except Refused as refused:
            self.nacks += 1
            return refused.code
        return 0

    def forget_old(self, now: float) -> bool:
        """Drops areas whose time is over; whether there were any."""
        return drop_old(self._areas, now)

    @property
    def text(self) -> str:
        """Nothing: it knows lamps only."""
        return ""

    @property
    def blinks(self) -> bool:
        """Whether pages alternate as fast as an emphasised number's."""
        return any(
            len(shown.area.sheets) > 1 and all(s.stay <= _BLINK_STAY for s in shown.area.sheets)
            for shown in self._areas.values()
        )

    @property
    def scrolls(self) -> bool:
        """Nothing runs: long texts are pages."""
        return False

    def look(self) -> Look:
        """What is lit on the first page of each area."""
        lit = (one for n in sorted(self._areas) for one in self._lit(self._areas[n].area))
        return Look(self.width, self.height, tuple(lit))

    def _lit(self, area: Area) -> Iterator[LitLamps]:
        bitmap = area.sheets[0].bitmap
        planes = _PLANES if len(self.colours) > 1 else self.colours
        size = len(bitmap) // len(planes)
        for at, colour in enumerate(planes):
            plane = from_bitmap(bitmap[at * size : (at + 1) * size], area.width, area.height)
            yield LitLamps(area.x, area.y, area.width, area.height, plane, colour)

    def _obey(self, request: Request, now: float) -> None:
        kind, payload = request.kind, request.payload
        if kind == SHOW:
            self._show(payload, now, _most_areas(request.device))
        elif kind == DELETE:
            self._delete(payload)
        elif kind != PING or payload:
            raise Refused(_NO_COMMAND if request.group in _GROUPS else _NO_GROUP)

    def _show(self, payload: bytes, now: float, most_areas: int) -> None:
        try:
            area = parse_show(payload, min(2, len(self.colours)))
        except WireError:
            raise Refused(_NO_MEMORY) from None
        inside = area.x + area.width <= self.width and area.y + area.height <= self.height
        possible = area.number < most_areas and area.run_mode in (RUN_LOOP, RUN_EXPIRE)
        pages = all(s.mode == MODE_STATIC and s.stay >= _SHORTEST_STAY for s in area.sheets)
        if not (inside and area.width and area.height and possible and pages):
            raise Refused(_NO_MEMORY)
        until = now + area.timeout_s if area.run_mode == RUN_EXPIRE else None
        self._areas[area.number] = _Shown(area, until)

    def _delete(self, payload: bytes) -> None:
        try:
            ids = parse_delete(payload)
        except WireError:
            raise Refused(_NO_MEMORY) from None
        for number in list(self._areas) if ids is None else ids:
            self._areas.pop(number, None)


def _most_areas(device: int) -> int:
    return _AREAS_6Q if device & 0xFF == _FAMILY_6Q else _AREAS_6E
