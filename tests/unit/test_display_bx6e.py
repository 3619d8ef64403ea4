"""The BX-6E codec against frames of the vendor's own library, and the card that takes them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from display.board.sign import Sign
from display.led.codec import Ack, Nack
from display.led.content import Colour, Page, Picture, Screen
from display.led.onbon.bx6e import Bx6e
from display.led.onbon.bx6e_wire import (
    DEVICES,
    MOST_REPLY,
    NACK,
    SHOW,
    Area,
    Sheet,
    from_bitmap,
    parse_show,
    reply,
    request,
    show_payload,
    to_bitmap,
)
from display.led.onbon.cards import CARDS, Card
from display.led.onbon.frame import cut, unwrap, wrap
from display.render.shape import DoesNotFit, PanelShape
from display.render.sign import blank, render
from display.virtual.card import Manner
from display.virtual.cards.bx6e import Bx6eFamily, Bx6ePanel
from display.virtual.draw import lamps

_FILE = Path(__file__).parents[1] / "data" / "bx6e_vectors.json"
VECTORS = {v["desc"]: bytes.fromhex(v["hex"]) for v in json.loads(_FILE.read_text("utf-8"))}
BX = Bx6e("6e1")
MONO = (Colour.RED,)
DUAL = (Colour.RED, Colour.GREEN, Colour.YELLOW)
GOOD = Manner()
E1 = DEVICES["6e1"]
# 32×16: a diagonal and the right edge.
DIAGONAL = b"".join((0x8000_0000 >> y | 1).to_bytes(4) for y in range(16))


def panel(width: int = 64, height: int = 32, colours: tuple[Colour, ...] = DUAL) -> Bx6ePanel:
    return Bx6ePanel(5, width, height, colours)


def give(card: Bx6ePanel, frame: bytes, now: float = 0.0) -> Ack | Nack | None:
    """What the codec makes of the card's answer."""
    _, raw = Bx6eFamily().cut(frame)
    assert raw is not None
    answer = card.hear(raw, now, GOOD)
    return None if answer is None else BX.decode(answer)[1]


def picture(sign: Sign, width: int, height: int, colours: tuple[Colour, ...] = DUAL) -> Picture:
    made = render(sign, PanelShape(width, height, colours), BX.capabilities, 60)
    assert isinstance(made, Picture)
    return made


def lit(card: Bx6ePanel) -> dict[Colour, bytes]:
    planes = lamps(card.width, card.height, card.look().lit)
    return {colour: plane.point(lambda v: v, "1").tobytes() for colour, plane in planes.items()}


def test_an_update_as_the_vendors_library_sends_it() -> None:
    sheet = Sheet(to_bitmap(DIAGONAL, 32, 16), 400)
    assert BX.show(1, Area(0, 0, 32, 16, (sheet,), timeout_s=60)) == VECTORS["update"]


def test_a_deletion_as_the_vendors_library_sends_it() -> None:
    assert BX.clear(1) == (VECTORS["delete all"],)


@pytest.mark.parametrize("card", CARDS)
def test_each_card_is_called_by_its_type(card: Card) -> None:
    (frame,) = Bx6e(card).ping(1)
    _, raw = cut(frame)
    assert raw is not None
    assert int.from_bytes(unwrap(raw)[6:8], "little") == DEVICES[card]


@given(st.integers(1, 20), st.integers(1, 20), st.data())
def test_bitmaps_round_trip(eights: int, height: int, data: st.DataObject) -> None:
    width = eights * 8
    plane = data.draw(st.binary(min_size=eights * height, max_size=eights * height))
    bitmap = to_bitmap(plane, width, height)
    assert len(bitmap) == -(-width // 32) * 4 * height
    assert from_bitmap(bitmap, width, height) == plane


def test_what_fills_up_a_row_is_dark() -> None:
    assert to_bitmap(b"\xff", 8, 1) == bytes.fromhex("ff ff ff 00")


@pytest.mark.parametrize("colours", [MONO, DUAL])
@pytest.mark.parametrize(("width", "height"), [(64, 32), (128, 32), (192, 64), (96, 16), (80, 24)])
def test_every_sign_reaches_the_lamps(width: int, height: int, colours: tuple[Colour, ...]) -> None:
    signs = [
        Sign(3, "idle"), Sign(3, "lost"), Sign(3, "paused"), Sign(3, "closed"),
        Sign(3, "closing", note="17:30"), Sign(3, "notice", note="请到导办台取号"),
        Sign(3, "called", "A012"), Sign(3, "serving", "A1000"),
    ]  # fmt: skip
    for sign in signs:
        made = picture(sign, width, height, colours)
        card = panel(width, height, colours)
        assert give(card, *BX.encode(5, made)) == Ack(5), sign
        assert card.blinks == (sign.kind == "called")
        assert not card.nacks and not card.crc_errors
        seen, first = lit(card), made.pages[0].planes
        if colours == MONO:
            assert seen[Colour.RED] == first[0]
            continue
        both = bytes(r & g for r, g in zip(*first, strict=True))
        assert seen[Colour.YELLOW] == both
        assert seen[Colour.RED] == bytes(r & ~b for r, b in zip(first[0], both, strict=True))
        assert any(b"".join(seen.values()))


def test_a_number_comes_and_goes_and_the_words_stay() -> None:
    on, off = picture(Sign(3, "called", "A012"), 128, 32, MONO).pages
    assert on.stay == off.stay == 1
    left = [Image.frombytes("1", (128, 32), p.planes[0]).crop((0, 0, 64, 32)) for p in (on, off)]
    right = [Image.frombytes("1", (128, 32), p.planes[0]).crop((64, 0, 128, 32)) for p in (on, off)]
    assert left[0].getbbox() is not None and left[1].getbbox() is None
    assert right[0].tobytes() == right[1].tobytes()


def test_a_number_goes_when_its_time_is_over_and_words_do_not() -> None:
    card = panel()
    give(card, *BX.encode(5, picture(Sign(3, "called", "A012"), 64, 32)), now=100.0)
    assert not card.forget_old(159.0) and card.look().lit
    assert card.forget_old(160.0) and not card.look().lit
    give(card, *BX.encode(5, picture(Sign(3, "idle"), 64, 32)), now=200.0)
    assert not card.forget_old(9999.0)


def test_blank_and_clear_leave_nothing_lit() -> None:
    card = panel()
    for frames in (
        BX.encode(5, blank(PanelShape(64, 32, DUAL), BX.capabilities)),
        BX.clear(5),
    ):
        give(card, *BX.encode(5, picture(Sign(3, "idle"), 64, 32)))
        assert any(b"".join(lit(card).values()))
        assert give(card, *frames) == Ack(5)
        assert not any(b"".join(lit(card).values()))


def test_only_pictures_and_only_what_one_frame_can_carry() -> None:
    with pytest.raises(ValueError):
        BX.encode(1, Screen(()))
    huge = Picture(1024, 256, (Page((bytes(128 * 256),) * 2),) * 2, "")
    with pytest.raises(ValueError, match="more than one frame"):
        BX.encode(1, huge)


def test_the_renderer_keeps_to_what_the_card_can_carry() -> None:
    large = picture(Sign(3, "called", "A012"), 1024, 248)
    assert len(large.pages) == 1, "too large to blink, but shown"
    assert BX.encode(1, large)
    with pytest.raises(DoesNotFit):
        picture(Sign(3, "called", "A012"), 1024, 256)


def test_answers() -> None:
    ack = wrap(reply(7, E1, (0xA0, 0)))
    assert BX.decode(ack) == (len(ack), Ack(7))
    nack = BX.decode(wrap(reply(7, E1, NACK, 3)))[1]
    assert isinstance(nack, Nack) and nack.busy and nack.zh == "控制卡忙"
    unknown = BX.decode(wrap(reply(7, E1, (0xA0, 0), 77)))[1]
    assert isinstance(unknown, Nack) and unknown.code == 77 and "77" in unknown.zh


def test_an_answer_of_another_form_counts_too() -> None:
    short = reply(7, E1, (0xA0, 0))[:16]
    assert BX.decode(wrap(short))[1] == Ack(7)
    other = short[:4] + b"\xf1" + short[5:] + b"whatever else it says"
    assert isinstance(BX.decode(wrap(other))[1], Ack | Nack)


def test_an_echo_is_no_answer_however_long() -> None:
    for content in (picture(Sign(1, "idle"), 64, 16), picture(Sign(1, "called", "A1"), 192, 64)):
        (echo,) = BX.encode(7, content)
        ack = wrap(reply(7, E1, (0xA0, 0)))
        found, buffer = [], b""
        for at in range(0, len(echo + ack), 256):
            buffer += (echo + ack)[at : at + 256]
            used, answer = BX.decode(buffer)
            buffer = buffer[used:]
            found += [answer] if answer else []
        assert found == [Ack(7)]


_NOISE = st.sampled_from([0xA5, 0x5A, 0xA6, 0x5B, 0x00, 0x01, 0x02, 0xA0, 0x80])


@given(st.lists(_NOISE, max_size=400).map(bytes), st.lists(st.binary(max_size=50), max_size=20))
def test_decode_never_fails_never_hoards_and_finds_the_answer(
    noise: bytes, pieces: list[bytes]
) -> None:
    buffer = b""
    for piece in (*pieces, noise, wrap(reply(3, E1, (0xA0, 0)))):
        buffer += piece
        while True:
            used, found = BX.decode(buffer)
            assert 0 <= used <= len(buffer)
            buffer = buffer[used:]
            if found is None:
                break
            last = found
        assert len(buffer) <= MOST_REPLY
    assert last == Ack(3)


@given(st.binary(max_size=200))
def test_any_request_is_answered_or_ignored(data: bytes) -> None:
    card = panel()
    for content in (data, request(5, E1, SHOW, data), request(5, E1, (0xA7, 1), data)):
        _, raw = cut(wrap(content))
        assert raw is not None
        card.hear(raw, 0.0, GOOD)
        card.look()


def area(**changed: int) -> bytes:
    values = {"x": 0, "y": 0, "width": 64, "height": 32} | changed
    stay = values.pop("stay", 50)
    size = -(-values["width"] // 32) * 4 * values["height"] * 2
    return BX.show(5, Area(sheets=(Sheet(bytes(size), stay),), **values))


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (area(width=72), 4),
        (area(y=8), 4),
        (area(width=0), 4),
        (area(number=4), 4),
        (area(run_mode=3), 4),
        (area(stay=0), 4),
        (wrap(request(5, E1, SHOW, b"\x01\x00\x07")), 4),
        (wrap(request(5, E1, (0xA7, 1), b"\x03\x00")), 4),
        (wrap(request(5, E1, (0xA7, 9))), 2),
        (wrap(request(5, E1, (0xB1, 0))), 1),
    ],
)
def test_what_the_card_refuses(frame: bytes, code: int) -> None:
    card = panel()
    give(card, *BX.encode(5, picture(Sign(3, "idle"), 64, 32)))
    before = lit(card)
    answer = give(card, frame)
    assert isinstance(answer, Nack) and answer.code == code
    assert card.nacks == 1 and lit(card) == before


def test_every_reserved_byte_and_length_of_an_area_is_checked() -> None:
    payload = show_payload(Area(0, 0, 32, 16, (Sheet(to_bitmap(DIAGONAL, 32, 16), 50),)))
    assert parse_show(payload, 1).sheets[0].bitmap == to_bitmap(DIAGONAL, 32, 16)
    free = {8, 9, 45, 46, 47, 48, 49}  # time-out; how to clear, speed, stay, repeat
    for at in set(range(len(payload) - 64)) - free:
        damaged = bytearray(payload)
        damaged[at] ^= 0x40
        card = panel(32, 16, MONO)
        answer = give(card, wrap(request(5, E1, SHOW, bytes(damaged))))
        assert isinstance(answer, Nack), at


def test_areas_of_both_kinds_of_card() -> None:
    card = panel()
    for kind, most in (("6e1", 4), ("6q1", 32)):
        frame = Bx6e(kind).show(  # type: ignore[arg-type]
            5, Area(0, 0, 64, 32, (Sheet(bytes(512), 50),), number=most - 1)
        )
        assert give(card, frame) == Ack(5)
    assert give(card, wrap(request(5, E1, (0xA7, 1), b"\x01\x03"))) == Ack(5)
    assert len(card.look().lit) == 2


def test_a_damaged_frame_is_refused_and_others_are_ignored() -> None:
    card = panel()
    (frame,) = BX.encode(5, picture(Sign(3, "idle"), 64, 32))
    damaged = bytearray(frame)
    damaged[60] ^= 1
    answer = give(card, bytes(damaged))
    assert isinstance(answer, Nack) and answer.zh == "校验错误" and card.crc_errors == 1
    assert give(card, *BX.ping(6)) is None
    content = bytearray(request(5, E1, SHOW, b""))
    for at, value in ((4, 0xF1), (5, 1), (6, 0x99), (8, 1), (12, 99), (16, 2)):
        wrong = bytearray(content)
        wrong[at] = value
        assert give(card, wrap(bytes(wrong))) is None
    assert give(card, wrap(request(0xFFFF, E1, (0xA7, 1), b"\xff"))) is None
    assert card.frames == 1


def test_it_misbehaves_on_command() -> None:
    card = panel()
    _, raw = cut(*BX.ping(5))
    assert raw is not None
    busy = BX.decode(card.hear(raw, 0.0, Manner(busy=True)) or b"")[1]
    assert isinstance(busy, Nack) and busy.busy
    assert BX.decode(card.hear(raw, 0.0, Manner(posing_as=6)) or b"")[1] == Ack(6)
