"""Modbus numeric panels: frames as maker and pymodbus have them, and the panel that takes them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)

from display.board.sign import Sign, SignKind
from display.led.codec import Ack, CharacterCapability, Nack, Reply
from display.led.content import Characters, Colour, Screen
from display.led.modbus import ADDRESSES, MOST_COLUMNS, SHOWABLE, Modbus, Name
from display.render.shape import DoesNotFit, PanelShape
from display.render.sign import blank, render
from display.settings import DisplaySettings
from display.virtual.card import Manner
from display.virtual.cards.modbus import ModbusFamily, ModbusPanel
from display.virtual.draw import LitDigits, draw
from display.virtual.families import family
from display.virtual.line import Channel, Panel
from display.virtual.segments import SEGMENTS
from display.virtual.settings import VirtualPanelSettings

RTU, TCP = Modbus("modbus-rtu"), Modbus("modbus-tcp")
NAMES: tuple[Name, ...] = ("modbus-rtu", "modbus-tcp")
GOOD = Manner()
# The maker's register list; both frames equal those of pymodbus 3.16.1.
TEXT_A001 = bytes.fromhex("01 10 00 70 00 02 04 41 30 30 31 35 6c")
VALUE_12345 = bytes.fromhex("01 06 00 00 30 39 5d d8")


def rtu(body: bytes) -> bytes:
    return body + FramerRTU.compute_CRC(body).to_bytes(2)


def tcp(body: bytes) -> bytes:
    return b"\x00\x01\x00\x00" + len(body).to_bytes(2) + body


WRITTEN = bytes.fromhex("10 00 70 00 02")


def panel(name: Name = "modbus-rtu", columns: int = 4, address: int = 1) -> ModbusPanel:
    settings = VirtualPanelSettings(out_dir="unused", address=address, columns=columns)
    card = family(name).card(settings)
    assert isinstance(card, ModbusPanel)
    return card


def give(card: ModbusPanel, frame: bytes, name: Name = "modbus-rtu") -> Reply | None:
    used, whole = ModbusFamily(name).cut(frame)
    assert whole == frame and used == len(frame)
    answer = card.hear(whole, 0.0, GOOD)
    return None if answer is None else Modbus(name).decode(answer)[1]


def shown(sign: Sign, **shape: int | bool) -> str:
    content = render(sign, PanelShape(**shape), RTU.capabilities)  # type: ignore[arg-type]
    assert isinstance(content, Characters)
    card = panel(columns=content.columns)
    (frame,) = RTU.encode(1, content)
    assert give(card, frame) == Ack(1) and not card.nacks
    assert card.text == content.words
    return card.text


def test_text_as_the_vector_has_it() -> None:
    assert RTU.encode(1, Characters(("A001",))) == (TEXT_A001,)


def test_a_number_register_as_the_vector_has_it() -> None:
    made = FramerRTU(DecodePDU(is_server=False)).buildFrame(
        WriteSingleRegisterRequest(address=0, registers=[12345], dev_id=1)
    )
    assert made == VALUE_12345
    card = panel(columns=5)
    _, whole = ModbusFamily("modbus-rtu").cut(VALUE_12345)
    assert card.hear(whole or b"", 0.0, GOOD) == VALUE_12345
    assert card.text == "12345"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("columns", [3, 4, 5, 8])
def test_text_stands_at_the_right_end_over_everything(name: Name, columns: int) -> None:
    codec, card = Modbus(name), panel(name, columns)
    for text in ("8" * columns, "B12", "", "OFF"):
        content = Characters((text,), columns=columns)
        assert give(card, *codec.encode(1, content), name=name) == Ack(1)
        assert card.text == text
    assert give(card, *codec.ping(1), name=name) == Ack(1)


def test_cleared_with_spaces() -> None:
    card = panel()
    give(card, TEXT_A001)
    assert give(card, *RTU.clear(1)) == Ack(1) and card.text == ""
    content = blank(PanelShape(columns=6), RTU.capabilities)
    assert RTU.encode(1, content)[0][7:-2] == b"      "


@pytest.mark.parametrize(
    ("sign", "columns", "expected"),
    [
        (Sign(3, "called", "A012"), 4, "A012"),
        (Sign(3, "serving", "A012"), 8, "A012"),
        (Sign(12, "called", "A1000"), 5, "A1000"),
        (Sign(3, "idle"), 4, ""),
        (Sign(3, "lost"), 4, ""),
        (Sign(3, "paused"), 4, "----"),
        (Sign(3, "paused"), 3, "---"),
        (Sign(3, "closed"), 6, "OFF"),
        (Sign(3, "closing", note="17:30"), 8, ""),
        (Sign(3, "notice", note="请到导办台"), 8, ""),
        (Sign(3, "notice", note="110"), 8, "110"),
    ],
)
def test_every_sign_on_seven_segments(sign: Sign, columns: int, expected: str) -> None:
    assert shown(sign, columns=columns) == expected


@pytest.mark.parametrize(
    ("ticket", "columns"), [("A1000", 4), ("K012", 4), ("Z001", 4), ("S12", 4), ("A0123456", 7)]
)
def test_a_number_is_never_cut(ticket: str, columns: int) -> None:
    with pytest.raises(DoesNotFit):
        render(Sign(3, "called", ticket), PanelShape(columns=columns), RTU.capabilities)


@pytest.mark.parametrize(
    ("ticket", "columns", "expected"),
    [("A012", 4, "A012"), ("K012", 4, "012"), ("AK12", 4, "A12"), ("A1000", 4, "1000")],
)
def test_letters_go_only_where_the_settings_say_so(
    ticket: str, columns: int, expected: str
) -> None:
    assert shown(Sign(3, "called", ticket), columns=columns, drop_letters=True) == expected


def test_letters_that_go_do_not_make_room_for_a_number_that_is_too_long() -> None:
    shape = PanelShape(columns=4, drop_letters=True)
    for ticket in ("A10000", "KKKK"):
        with pytest.raises(DoesNotFit):
            render(Sign(3, "called", ticket), shape, RTU.capabilities)


def test_each_character_looks_like_no_other() -> None:
    assert len({SEGMENTS[c] for c in SHOWABLE}) == len(SHOWABLE)


@pytest.mark.parametrize(
    "content", [Characters(("K012",)), Characters(("A1000",)), Characters(("1",), columns=9)]
)
def test_what_the_panel_cannot_show_is_refused_here(content: Characters) -> None:
    with pytest.raises(ValueError):
        RTU.encode(1, content)


def test_only_characters_and_only_units() -> None:
    with pytest.raises(ValueError):
        RTU.encode(1, Screen(()))
    for address in (0, 248):
        with pytest.raises(ValueError):
            RTU.ping(address)


def test_the_echo_of_a_text_can_never_be_its_answer() -> None:
    shows = RTU.capabilities.shows
    assert isinstance(shows, CharacterCapability) and shows.most_columns == MOST_COLUMNS
    for unit in ADDRESSES:
        for count in range(2, MOST_COLUMNS // 2 + 1):
            crc = rtu(bytes([unit, 16, 0, 0x70, 0, count]))[-2:]
            assert crc[0] != 2 * count or chr(crc[1]) not in SHOWABLE + " "


@pytest.mark.parametrize(("codec", "frame"), [(RTU, rtu), (TCP, tcp)])
def test_answers(codec: Modbus, frame: object) -> None:
    assert callable(frame)
    for body, found in (
        (b"\x07" + WRITTEN, Ack(7)),
        (b"\x07\x03\x02\x00\x07", Ack(7)),
        (b"\x07\x83\x01", Ack(7)),
    ):
        assert codec.decode(frame(body)) == (len(frame(body)), found)
    for body, busy, zh in (
        (b"\x07\x90\x06", True, "设备忙"),
        (b"\x07\x83\x06", True, "设备忙"),
        (b"\x07\x90\x02", False, "没有该寄存器，请核对屏的型号"),
        (b"\x07\x90\x63", False, "错误 99"),
    ):
        nack = codec.decode(frame(body))[1]
        assert isinstance(nack, Nack) and (nack.busy, nack.zh) == (busy, zh)


@pytest.mark.parametrize(("codec", "frame"), [(RTU, rtu), (TCP, tcp)])
@pytest.mark.parametrize("unit", [1, 16, 247])
def test_the_answer_is_found_after_an_echo_and_noise(
    codec: Modbus, frame: object, unit: int
) -> None:
    assert callable(frame)
    for sent in (*codec.encode(unit, Characters(("A001",))), *codec.ping(unit)):
        for noise in (b"", b"\x05", b"\x10\x10", b"\xff\x00\x83"):
            for body in (b"\x10\x00\x70\x00\x02", b"\x03\x02\x00\x01", b"\x90\x06"):
                stream, buffer, found = sent + noise + frame(bytes([unit]) + body), b"", []
                for byte in stream:
                    buffer += bytes([byte])
                    used, answer = codec.decode(buffer)
                    buffer = buffer[used:]
                    found += [answer] if answer else []
                assert len(found) == 1 and found[0].address == unit


@given(
    st.sampled_from([RTU, TCP]),
    st.lists(st.one_of(st.binary(max_size=40), st.just(TEXT_A001)), max_size=20),
)
def test_decode_never_fails_and_never_hoards(codec: Modbus, pieces: list[bytes]) -> None:
    buffer = b""
    for piece in pieces:
        buffer += piece
        while True:
            used, found = codec.decode(buffer)
            assert 0 <= used <= len(buffer)
            buffer = buffer[used:]
            if found is None:
                break
        assert len(buffer) < 12


@given(st.sampled_from(NAMES), st.lists(st.binary(max_size=40), max_size=20))
def test_any_noise_is_heard_without_harm(name: Name, pieces: list[bytes]) -> None:
    settings = VirtualPanelSettings(out_dir="unused")
    hung = Panel(settings, family(name))
    channel = Channel(family(name), [hung], lambda _panel: None)
    for piece in pieces:
        channel.receive(piece)
        hung.card.look()


def test_a_damaged_answer_is_not_an_answer() -> None:
    answer = bytearray(rtu(b"\x07" + WRITTEN))
    answer[4] ^= 1
    assert RTU.decode(bytes(answer))[1] is None


def built(pdu: WriteMultipleRegistersRequest | WriteSingleRegisterRequest) -> bytes:
    return rtu(bytes([1, pdu.function_code]) + pdu.encode())


def many(address: int, *registers: int) -> bytes:
    return built(WriteMultipleRegistersRequest(address=address, registers=registers))


def one(address: int, value: int) -> bytes:
    return built(WriteSingleRegisterRequest(address=address, registers=[value]))


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (many(0x71, 0x3030), 2),
        (many(0x70, 0x3030, 0x3030, 0x3030), 2),
        (many(0x70, 0x4B4B), 3),
        (many(0x70, 0x0130), 3),
        (rtu(bytes.fromhex("01 10 00 70 00 02 02 30 30")), 3),
        (one(0x00, 12345), 3),
        (one(0x01, 1), 2),
        (one(0x04, 4), 2),
    ],
)
def test_what_the_panel_refuses(frame: bytes, code: int) -> None:
    card = panel()
    give(card, TEXT_A001)
    _, whole = ModbusFamily("modbus-rtu").cut(frame)
    assert whole == frame
    answer = card.hear(whole, 0.0, GOOD)
    assert answer is not None and answer[2] == code
    assert card.text == "A001" and card.nacks == 1
    card.hear(one(0x04, 0), 0.0, GOOD)
    assert card.text == "0", "a refused number is not kept either"


def test_numbers_and_points() -> None:
    card = panel(columns=5)
    for address, value, text in (
        (0, 7, "7"), (4, 2, "0.07"), (0, 12345, "123.45"), (4, 0, "12345"), (0, 0xFFFF, "-1"),
    ):  # fmt: skip
        card.hear(one(address, value), 0.0, GOOD)
        assert card.text == text
        assert draw(0, 0, card.look().lit).width > 100


@pytest.mark.parametrize(("address", "values"), [(0, [0, None, 1]), (2, [1, 4, 0]), (9, None)])
def test_registers_can_be_read(address: int, values: list[int | None] | None) -> None:
    card = panel()
    for at, value in enumerate(values or [None]):
        pdu = ReadHoldingRegistersRequest(address=address + at, count=1)
        answer = card.hear(rtu(b"\x01\x03" + pdu.encode()), 0.0, GOOD)
        assert answer is not None
        expected = b"\x01\x83\x02" if value is None else b"\x01\x03\x02" + value.to_bytes(2)
        assert answer == rtu(expected)


def test_a_panel_without_that_register_is_there_all_the_same() -> None:
    assert RTU.decode(rtu(b"\x01\x83\x02"))[1] == Ack(1)


def test_damaged_foreign_and_broadcast_frames() -> None:
    card = panel()
    damaged = bytearray(TEXT_A001)
    damaged[8] ^= 1
    assert card.hear(bytes(damaged), 0.0, GOOD) is None
    assert card.crc_errors == 1 and not card.frames and not card.text
    (foreign,) = RTU.encode(2, Characters(("1",)))
    assert card.hear(foreign, 0.0, GOOD) is None and not card.frames
    everybody = rtu(b"\x00" + TEXT_A001[1:-2])
    assert card.hear(everybody, 0.0, GOOD) is None and card.text == "A001"


@pytest.mark.parametrize("name", NAMES)
def test_frames_in_pieces_after_noise(name: Name, tmp_path: Path) -> None:
    kind = family(name)
    hung = [
        Panel(VirtualPanelSettings(out_dir=str(tmp_path / str(a)), address=a), kind) for a in (1, 2)
    ]
    line = Channel(kind, hung, lambda _panel: None)
    codec = Modbus(name)
    (frame,) = codec.encode(2, Characters(("B12",)))
    answers = [s for byte in b"\x01\x77" + frame for s in line.receive(bytes([byte]))]
    assert [codec.decode(s.data)[1] for s in answers] == [Ack(2)]
    assert [p.card.text for p in hung] == ["", "B12"]


@pytest.mark.parametrize("name", NAMES)
def test_it_misbehaves_on_command(name: Name) -> None:
    card, codec = panel(name), Modbus(name)
    (frame,) = codec.encode(1, Characters(("A001",)))
    busy = codec.decode(card.hear(frame, 0.0, Manner(busy=True)) or b"")[1]
    assert isinstance(busy, Nack) and busy.busy and not card.text
    assert codec.decode(card.hear(frame, 0.0, Manner(posing_as=2)) or b"")[1] == Ack(2)


@pytest.mark.parametrize(
    ("panel", "words"),
    [
        ({"window": 1, "address": 248}, "地址是 1–247"),
        ({"window": 1, "columns": 9}, "最多 8 位"),
    ],
)
def test_settings_that_such_panels_cannot_have(panel: dict[str, int], words: str) -> None:
    line = {"name": "a", "port": "/dev/ttyUSB0", "protocol": "modbus-rtu", "panels": [panel]}
    with pytest.raises(ValidationError, match=words):
        DisplaySettings.model_validate({"lines": [line]})


@pytest.mark.parametrize("kind", ["called", "idle"])
def test_the_picture_is_of_digits(kind: SignKind) -> None:
    card = panel()
    if kind == "called":
        give(card, TEXT_A001)
    (lit,) = card.look().lit
    assert lit == LitDigits("A001" if kind == "called" else "", 4, Colour.RED)
    picture = draw(0, 0, [lit])
    dark = draw(0, 0, [LitDigits("", 4, Colour.RED)])
    assert picture.size == dark.size
    assert (picture.tobytes() != dark.tobytes()) == (kind == "called")
