"""Codec of the Onbon 仰邦 BX-5K / BX-6K font cards (text by character codes).

Everything is shown in dynamic areas, which live in the controller's memory: no flash wears out.
Never sent: ``A1 00`` (erases the fonts) and ``A2 01`` (wipes the data files).
"""

from dataclasses import replace

from display.led.codec import Ack, Capabilities, Nack, Reply, TextCapability
from display.led.content import Block, Content, Screen, text_width
from display.led.onbon.bx5k_text import encode_plain, encode_text
from display.led.onbon.bx5k_wire import (
    ACK,
    ADDRESSES,
    ALIGN_CENTRE,
    BRIGHTNESS,
    HOST,
    MANY_LINES,
    MODE_LEFT,
    MODE_STATIC,
    NACK,
    NEWLINE_AUTO,
    NEWLINE_MANUAL,
    ONE_LINE,
    PING,
    RUN_EXPIRE,
    RUN_LOOP,
    SHOW,
    Answer,
    Area,
    Update,
    WireError,
    parse_answer,
    request,
    update_payload,
)
from display.led.onbon.errors import BUSY, error_words
from display.led.onbon.frame import FrameDamaged, cut, unwrap, wrap

# The vendor's own time-out of a serial request.
_ACK_TIMEOUT_S = 2.0
# "Refresh rate of a dynamic area: not below 1 s".
_INTERVAL_S = 1.0
# 5K: 8 areas of 512 bytes each (6K: 5 areas of 1024): what both can do.
_BLOCKS = 5
_BLOCK_BYTES = 512
_HALF_SECOND = 1
_FIVE_SECONDS = 10
_SCROLL_SPEED = 4


class Bx5k:
    """See :class:`display.led.codec.Codec`. Stateless."""

    name = "bx5k"
    capabilities = Capabilities(
        shows=TextCapability(
            charset="gb2312",
            sizes=(32, 24, 16),
            blocks=_BLOCKS,
            blink=True,
            scroll=True,
            expires=True,
        ),
        addresses=ADDRESSES,
        acks="required",
        interval_s=_INTERVAL_S,
        ack_timeout_s=_ACK_TIMEOUT_S,
        brightness=True,
    )

    def encode(self, address: int, content: Content) -> tuple[bytes, ...]:
        """Deletes every area and shows the screen's blocks, in one frame."""
        if not isinstance(content, Screen):
            raise ValueError("font cards take text only")
        blocks = _stacked(content.blocks)
        if not blocks:
            return self.clear(address)
        if len(blocks) > _BLOCKS:
            raise ValueError(f"more than {_BLOCKS} blocks")
        areas = tuple(_area(n, block, content.expires_s) for n, block in enumerate(blocks))
        return (self.show(address, Update(delete_all=True, delete=(), areas=areas)),)

    def show(self, address: int, update: Update) -> bytes:
        """The frame of an update of dynamic areas."""
        return wrap(request(address, SHOW, update_payload(update)))

    def clear(self, address: int) -> tuple[bytes, ...]:
        """Deletes every dynamic area: only what is stored in the panel itself remains."""
        return (self.show(address, Update(delete_all=True, delete=(), areas=())),)

    def brightness(self, address: int, level: int) -> tuple[bytes, ...]:
        """Sets a fixed brightness, 0 to 15."""
        if not 0 <= level <= 15:
            raise ValueError("brightness is 0 to 15")
        return (wrap(request(address, BRIGHTNESS, bytes([1, level]))),)

    def ping(self, address: int) -> tuple[bytes, ...]:
        """Asks whether the controller is there."""
        return (wrap(request(address, PING)),)

    def decode(self, buffer: bytes) -> tuple[int, Reply | None]:
        """The first reply; everything that is not one is skipped."""
        used = 0
        while True:
            step, raw = cut(buffer[used:])
            used += step
            if raw is None:
                return used, None
            reply = _reply(raw)
            if reply is not None:
                return used, reply


def _reply(raw: bytes) -> Reply | None:
    try:
        answer = parse_answer(unwrap(raw))
    except (FrameDamaged, WireError):
        return None
    return _understand(answer) if answer.host == HOST else None


def _understand(answer: Answer) -> Reply | None:
    if answer.kind == ACK:
        return Ack(answer.address)
    if answer.kind != NACK:
        return None
    code = answer.error
    zh, en = error_words(code)
    return Nack(answer.address, code, code == BUSY, zh, en)


def _stacked(blocks: tuple[Block, ...]) -> list[Block]:
    """Lines that stand on each other as one block: an area costs 40 ms at 9600 baud."""
    joined: list[Block] = []
    for block in blocks:
        above = joined[-1] if joined else block
        below = replace(above, text=block.text, y=above.y + above.height, height=block.height)
        if joined and below == block and not (block.blink or block.scroll):
            text = f"{above.text}\n{block.text}"
            joined[-1] = replace(above, text=text, height=above.height + block.height)
        else:
            joined.append(block)
    return joined


def _room_for(block: Block) -> str:
    """The text; of one that runs as much as an area holds, with a sign that there was more."""
    text = block.text
    if block.scroll and len(encode_text(text, block.size, block.colour)) > _BLOCK_BYTES:
        while len(encode_text(f"{text}…", block.size, block.colour)) > _BLOCK_BYTES:
            text = text[:-1]
        return f"{text}…"
    return text


def _area(number: int, block: Block, expires_s: int | None) -> Area:
    width = block.width
    x = block.x
    text = encode_text(_room_for(block), block.size, block.colour)
    if block.blink:
        # A second page of spaces: the card turns pages by itself, every half second. The area
        # must be as narrow as the text, or a space would join the text's own line.
        width = -(-text_width(block.text, block.size) // 8) * 8
        x += (block.width - width) // 16 * 8
        text += encode_plain(" " * (width * 2 // block.size))
    if len(text) > _BLOCK_BYTES:
        raise ValueError(f"a text of more than {_BLOCK_BYTES} bytes")
    return Area(
        x=x,
        y=block.y,
        width=width,
        height=block.height,
        text=text,
        number=number,
        run_mode=RUN_LOOP if expires_s is None else RUN_EXPIRE,
        timeout_s=expires_s or 0,
        align=ALIGN_CENTRE,
        lines=MANY_LINES if block.blink or "\n" in block.text else ONE_LINE,
        newline=NEWLINE_AUTO if block.blink else NEWLINE_MANUAL,
        mode=MODE_LEFT if block.scroll else MODE_STATIC,
        speed=_SCROLL_SPEED if block.scroll else 0,
        stay=_HALF_SECOND if block.blink else _FIVE_SECONDS,
    )
