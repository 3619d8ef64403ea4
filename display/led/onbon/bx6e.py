"""Codec of the Onbon 仰邦 BX-6E / BX-6Q graphic cards: lamps, never text.

One dynamic area covers the whole panel; it lives in the card's memory, so no flash wears out.
Blinking and long notices are several pages that the card turns by itself. A number goes by run
mode 2 after the area's time-out; what is stored in the card shows again then.
"""

from display.led.codec import Ack, Capabilities, Nack, PictureCapability, Reply
from display.led.content import Content, Page, Picture
from display.led.onbon.bx6e_wire import (
    ADDRESSES,
    DELETE,
    DELETE_ALL,
    DEVICES,
    MOST_PAYLOAD,
    MOST_REPLY,
    NACK,
    PING,
    RUN_EXPIRE,
    RUN_LOOP,
    SHOW,
    Answer,
    Area,
    Sheet,
    parse_answer,
    request,
    show_payload,
    to_bitmap,
)
from display.led.onbon.cards import USUAL, Card
from display.led.onbon.errors import BUSY, error_words
from display.led.onbon.frame import FrameDamaged, cut, unwrap, wrap

# As for the font cards: the vendor's own time-out, and no more than one picture a second.
_ACK_TIMEOUT_S = 2.0
_INTERVAL_S = 1.0
_PAGES = 8
# At 9600 a picture of two colours on 192×64 lamps that blinks is 7 s on its way.
_BAUD = 57600
# Half a second in units of 10 ms.
_HALF_SECOND = 50
_ROOM_FOR_PAGES = 512


class Bx6e:
    """See :class:`display.led.codec.Codec`. Stateless. ``card``: which one hangs on this line."""

    name = "bx6e"
    capabilities = Capabilities(
        shows=PictureCapability(
            pages=_PAGES, most_lamps=(MOST_PAYLOAD - _ROOM_FOR_PAGES) * 8, expires=True
        ),
        addresses=ADDRESSES,
        acks="required",
        interval_s=_INTERVAL_S,
        ack_timeout_s=_ACK_TIMEOUT_S,
        baud=_BAUD,
    )

    def __init__(self, card: Card = USUAL) -> None:
        self._device = DEVICES[card]

    def encode(self, address: int, content: Content) -> tuple[bytes, ...]:
        """Shows the picture instead of whatever was there, in one frame."""
        if not isinstance(content, Picture):
            raise ValueError("graphic cards take pictures only")
        width, height = content.width, content.height
        expires_s = content.expires_s
        sheets = tuple(_sheet(page, width, height) for page in content.pages)
        mode = RUN_LOOP if expires_s is None else RUN_EXPIRE
        return (self.show(address, Area(0, 0, width, height, sheets, 0, mode, expires_s or 0)),)

    def show(self, address: int, area: Area) -> bytes:
        """The frame of one dynamic area. Raises ValueError when it is too large for one."""
        return wrap(request(address, self._device, SHOW, show_payload(area)))

    def clear(self, address: int) -> tuple[bytes, ...]:
        """Deletes every dynamic area: only what is stored in the card itself remains."""
        return (wrap(request(address, self._device, DELETE, DELETE_ALL)),)

    def brightness(self, address: int, level: int) -> tuple[bytes, ...]:  # noqa: ARG002
        """Nothing: how it is set is not known."""
        return ()

    def ping(self, address: int) -> tuple[bytes, ...]:
        """Asks whether the card is there; a card that refuses the question is there too."""
        return (wrap(request(address, self._device, PING)),)

    def decode(self, buffer: bytes) -> tuple[int, Reply | None]:
        """The first reply; everything that is not one is skipped."""
        used = 0
        while True:
            step, raw = cut(buffer[used:], MOST_REPLY)
            used += step
            if raw is None:
                return used, None
            reply = _reply(raw)
            if reply is not None:
                return used, reply


def _sheet(page: Page, width: int, height: int) -> Sheet:
    bitmap = b"".join(to_bitmap(plane, width, height) for plane in page.planes)
    return Sheet(bitmap, page.stay * _HALF_SECOND)


def _reply(raw: bytes) -> Reply | None:
    # An echo of a picture is long and not ours to check.
    if len(raw) > MOST_REPLY:
        return None
    try:
        answer = parse_answer(unwrap(raw))
    except FrameDamaged:
        return None
    return None if answer is None else _understand(answer)


def _understand(answer: Answer) -> Reply:
    if not answer.error and answer.kind != NACK:
        return Ack(answer.address)
    code = answer.error or 0
    zh, en = error_words(code)
    return Nack(answer.address, code, code == BUSY, zh, en)
