"""The BX-5K codec against frames of the vendor's documents and programs, byte for byte."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display.led.codec import Ack, Nack
from display.led.content import Block, Colour, Screen
from display.led.crc import crc16_arc
from display.led.onbon.bx5k import Bx5k
from display.led.onbon.bx5k_text import TextRefused, decode_text, encode_plain, encode_text
from display.led.onbon.bx5k_wire import (
    ACK,
    CLEAR,
    MANY_LINES,
    NACK,
    NEWLINE_AUTO,
    STATUS,
    Area,
    Update,
    WireError,
    parse_request,
    parse_update,
    reply,
    request,
)
from display.led.onbon.frame import MOST_BYTES, FrameDamaged, cut, escape, unescape, unwrap, wrap

_FILE = Path(__file__).parents[1] / "data" / "bx5k_vectors.json"
VECTORS = {v["desc"]: bytes.fromhex(v["hex"]) for v in json.loads(_FILE.read_text("utf-8"))}
BX = Bx5k()


def text_area(text: str, **values: int | bool) -> Area:
    given_values = {"x": 0, "y": 0, "width": 128, "height": 32} | values
    return Area(text=text.encode("gb2312"), **given_values)  # type: ignore[arg-type]


def one(area: Area) -> Update:
    return Update(delete_all=False, delete=(), areas=(area,))


def test_crc_check_value() -> None:
    assert crc16_arc(b"123456789") == 0xBB3D


def test_text_as_in_the_vendors_example() -> None:
    area = text_area("欢迎光临", in_pixels=True, timeout_s=10, lines=MANY_LINES, speed=2)
    assert BX.show(0xFFFE, one(area)) == VECTORS["欢迎光临 to 0xFFFE"]


def test_text_and_address_that_need_escapes() -> None:
    assert BX.show(0x5A, one(text_area("办事处宝", height=16))) == VECTORS["办事处宝 to 0x5A"]


def test_ping_status_and_clear() -> None:
    assert BX.ping(1) == (VECTORS["ping"],)
    assert wrap(request(1, STATUS)) == VECTORS["status"]
    assert wrap(request(1, CLEAR)) == VECTORS["clear"]


def test_answers_with_nine_starts() -> None:
    assert BX.decode(VECTORS["ACK"]) == (len(VECTORS["ACK"]), Ack(0xFFFE))
    used, nack = BX.decode(VECTORS["NACK 5"])
    assert used == len(VECTORS["NACK 5"])
    assert isinstance(nack, Nack) and nack.code == 5 and not nack.busy
    assert nack.zh == "校验错误"


@pytest.mark.parametrize("name", VECTORS)
def test_each_vector_is_an_intact_frame(name: str) -> None:
    used, raw = cut(VECTORS[name])
    assert used == len(VECTORS[name]) and raw is not None
    assert wrap(unwrap(raw)).lstrip(b"\xa5") == VECTORS[name].lstrip(b"\xa5")


def test_decode_survives_splits_echo_and_garbage() -> None:
    (echo,) = BX.encode(7, Screen((Block("A012", 0, 0, 64, 32, 32, None),)))
    ack, busy = wrap(reply(7, ACK)), wrap(reply(7, NACK, 3))
    stream = b"\x00\xff5A" + echo + b"\xa5\xa5garbage" + ack[:-3] + ack + b"\x5a\x5a" + busy
    replies, buffer = [], b""
    for byte in stream:
        buffer += bytes([byte])
        used, found = BX.decode(buffer)
        buffer = buffer[used:]
        if found is not None:
            replies.append(found)
    assert [type(r) for r in replies] == [Ack, Nack]
    assert replies[0].address == 7
    assert isinstance(replies[1], Nack) and replies[1].busy
    assert not buffer


def test_a_damaged_answer_is_not_an_answer() -> None:
    frame = bytearray(wrap(reply(7, ACK)))
    frame[12] ^= 1
    assert BX.decode(bytes(frame)) == (len(frame), None)


def test_an_answer_to_another_host_is_not_ours() -> None:
    content = bytearray(reply(7, ACK))
    content[0:2] = b"\x01\x80"
    assert BX.decode(wrap(bytes(content)))[1] is None


@given(st.binary(max_size=200))
def test_escape_round_trip(data: bytes) -> None:
    escaped = escape(data)
    assert b"\xa5" not in escaped and b"\x5a" not in escaped
    assert unescape(escaped) == data


@given(st.lists(st.binary(max_size=60), max_size=30))
def test_decode_never_fails_and_never_hoards(pieces: list[bytes]) -> None:
    buffer = b""
    for piece in pieces:
        buffer += piece
        used, _ = BX.decode(buffer)
        assert 0 <= used <= len(buffer)
        buffer = buffer[used:]
    assert BX.decode(wrap(reply(3, ACK)) if not buffer else buffer + wrap(reply(3, ACK)))[1] == Ack(
        3
    )


_NOISE = st.sampled_from([0xA5, 0x5A, 0xA6, 0x5B, 0x00, 0x01, 0x02, 0xA0, 0x80])


@given(st.lists(_NOISE, max_size=400).map(bytes), st.integers(0, 40))
def test_an_answer_after_any_noise_is_found(noise: bytes, split: int) -> None:
    stream = noise + wrap(reply(3, ACK))
    buffer, found = b"", None
    for part in (stream[:split], stream[split:]):
        buffer += part
        while found is None:
            used, found = BX.decode(buffer)
            buffer = buffer[used:]
            if not used:
                break
    assert found == Ack(3)


def test_an_endless_frame_is_dropped() -> None:
    used, raw = cut(b"\xa5" + b"\x01" * (MOST_BYTES + 1))
    assert raw is None and used == MOST_BYTES + 2


@pytest.mark.parametrize("bad", [b"\xa6\x03", b"\x5b", b"\xa6"])
def test_a_bad_escape_is_damage(bad: bytes) -> None:
    with pytest.raises(FrameDamaged):
        unescape(b"ok" + bad)


def test_a_users_backslash_starts_no_control() -> None:
    assert encode_plain("\\C1危险") == "＼C1危险".encode("gb2312")
    assert b"\\" not in encode_plain("\\FO002\\n")


def test_characters_that_the_panel_lacks() -> None:
    assert encode_plain("𠮷😀€A") == "？？？A".encode("gb2312")
    assert encode_plain("一\r\n二") == "一  二".encode("gb2312")


@given(st.text(max_size=60))
def test_any_text_is_shown_or_replaced(text: str) -> None:
    runs = decode_text(encode_text(text, 24, Colour.GREEN))
    shown = "".join(run.text for run in runs)
    assert len(shown) == len(text)
    assert all(run.size == 24 and run.colour is Colour.GREEN for run in runs)


@pytest.mark.parametrize(
    ("data", "code"),
    [(rb"\FO007A", 12), (rb"\FO000A\FO001B", 4), (rb"\C9A", 4), (rb"\XA", 4), (b"\xff\xff", 4)],
)
def test_text_that_a_panel_refuses(data: bytes, code: int) -> None:
    with pytest.raises(TextRefused) as refused:
        decode_text(data)
    assert refused.value.code == code


def parsed(frame: bytes) -> Update:
    _, raw = cut(frame)
    assert raw is not None
    return parse_update(parse_request(unwrap(raw)).payload)


def test_a_screen_replaces_everything_and_expires() -> None:
    blocks = (
        Block("A012", 0, 0, 64, 32, 32, Colour.YELLOW, blink=True),
        Block("3号窗口", 72, 16, 56, 16, 16, Colour.GREEN),
    )
    update = parsed(*BX.encode(9, Screen(blocks, expires_s=120)))
    assert update.delete_all
    number, where = update.areas
    assert (number.x, number.width, number.run_mode, number.timeout_s) == (0, 64, 2, 120)
    assert (number.newline, number.stay, number.lines) == (NEWLINE_AUTO, 1, MANY_LINES)
    assert decode_text(number.text)[0].text == "A012    "
    assert (where.x, where.y, where.width, where.height) == (72, 16, 56, 16)
    assert where.text == rb"\FO000\FE000\C2" + "3号窗口".encode("gb2312")


def test_an_empty_screen_clears() -> None:
    update = parsed(*BX.encode(9, Screen(())))
    assert update.delete_all and not update.areas


@pytest.mark.parametrize(
    "screen",
    [
        Screen((Block("A", 4, 0, 64, 32, 32, None),)),
        Screen((Block("长" * 300, 0, 0, 64, 32, 32, None),)),
        Screen(tuple(Block("A", 0, 0, 64, 32, 32, None) for _ in range(6))),
    ],
)
def test_what_the_card_cannot_do_is_refused_here(screen: Screen) -> None:
    with pytest.raises(ValueError):
        BX.encode(1, screen)


def test_of_a_running_text_as_much_as_an_area_holds_is_sent() -> None:
    # Ten notices of sixty characters may be in force at once.
    notices = "　　".join("请勿离开" * 15 for _ in range(10))
    (area,) = parsed(
        *BX.encode(9, Screen((Block(notices, 0, 0, 64, 32, 32, None, scroll=True),)))
    ).areas
    (run,) = decode_text(area.text)
    assert run.text.endswith("…") and notices.startswith(run.text[:-1])
    assert 510 <= len(area.text) <= 512


def test_brightness() -> None:
    _, raw = cut(*BX.brightness(1, 15))
    assert raw is not None
    assert parse_request(unwrap(raw)).payload == bytes([1, 15])
    with pytest.raises(ValueError):
        BX.brightness(1, 16)


@given(st.binary(max_size=120))
def test_requests_are_parsed_or_refused(data: bytes) -> None:
    for parse in (parse_request, parse_update):
        with contextlib.suppress(WireError):
            parse(data)
