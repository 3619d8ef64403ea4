"""Strips described in files: bytes of all that ship, answers, and text that stays text."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display.board.sign import Sign, SignKind
from display.led.codec import Ack, CharacterCapability, Nack
from display.led.content import Characters, Colour, Screen
from display.led.strips.codec import StripCodec
from display.led.strips.model import Strip
from display.render.shape import DoesNotFit, PanelShape
from display.render.sign import blank, render
from display.strips import shipped_strips
from display.virtual.cards.strip import StripFamily, StripPanel
from display.virtual.line import Channel, Panel
from display.virtual.settings import VirtualPanelSettings

DATA = Path(__file__).parents[1] / "data" / "strip_vectors.json"
VECTORS: list[dict[str, Any]] = json.loads(DATA.read_text("utf-8"))
STRIPS = shipped_strips()
KINDS: tuple[SignKind, ...] = (
    "idle", "notice", "closing", "paused", "closed", "called", "serving", "lost",
)  # fmt: skip
CHECKED = [name for name in STRIPS if name not in ("cd5220", "qsystem")]


def address_of(strip: Strip) -> int:
    return 7 if 7 in strip.addresses else 1


def panel(strip: Strip, rows: int | None = None, columns: int | None = None) -> Panel:
    settings = VirtualPanelSettings(
        out_dir="unused", address=address_of(strip), rows=rows, columns=columns
    )
    return Panel(settings, StripFamily(strip))


def give(one: Panel, data: bytes) -> list[bytes]:
    """What the panel answers."""
    channel = Channel(StripFamily(one.card.strip), [one], lambda _: None)  # type: ignore[attr-defined]
    return [sending.data for sending in channel.receive(data)]


def counts(one: Panel) -> tuple[int, int, int]:
    return one.card.frames, one.card.crc_errors, one.card.nacks


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["strip"])
def test_frames_byte_for_byte(vector: dict[str, Any]) -> None:
    codec = StripCodec(STRIPS[vector["strip"]])
    colour = Colour(vector["colour"]) if vector["colour"] else None
    content = Characters(tuple(vector["rows"]), colour, vector["scroll"])
    made = [frame.hex(" ") for frame in codec.encode(vector["address"], content)]
    assert made == vector["frames"]


def test_every_shipped_strip_has_a_vector() -> None:
    assert {vector["strip"] for vector in VECTORS} == set(STRIPS)


def test_only_strips_with_a_makers_or_several_sources_count_as_verified() -> None:
    assert {n for n, strip in STRIPS.items() if strip.verified} == {"olm", "sunpn", "cd5220"}


def test_the_vendors_answer() -> None:
    codec = StripCodec(STRIPS["olm"])
    answer = bytes.fromhex("00 64 FF FF 62 01 00 97 6A")
    assert codec.decode(answer) == (9, Ack(0))
    assert codec.decode(b"\x11\x22" + answer + b"\x33") == (11, Ack(0))
    assert codec.decode(answer[:-1] + b"\x6b")[1] is None


def test_a_refusal_says_who_and_why() -> None:
    one = panel(STRIPS["olm"], rows=1)
    codec = StripCodec(STRIPS["olm"])
    frames = codec.encode(7, Characters(("A012", "B")))
    first, second = [give(one, frame)[0] for frame in frames]
    assert codec.decode(first) == (9, Ack(7))
    assert codec.decode(second) == (9, Nack(7, 2, False, "错误 2", "error 2"))


def test_the_makers_two_ways_of_answering_are_both_understood() -> None:
    codec = StripCodec(STRIPS["sunpn"])
    assert codec.decode(bytes.fromhex("2A 00 78 03 01 A6 0A")) == (7, Ack(1))
    assert codec.decode(bytes.fromhex("3A 01 3B 0A")) == (4, Ack(1))


@given(st.data())
def test_arbitrary_input_neither_raises_nor_piles_up(data: st.DataObject) -> None:
    codec = StripCodec(STRIPS[data.draw(st.sampled_from(["olm", "sunpn", "cd5220"]))])
    echo = codec.encode(1, Characters(("12",)))[-1]
    answer = bytes.fromhex("07 64 FF FF 62 01 00")
    pieces = st.sampled_from([echo, echo[:5], answer, answer[3:]]) | st.binary(max_size=40)
    buffer = b""
    for piece in data.draw(st.lists(pieces, max_size=12)):
        buffer += piece
        for _ in range(len(buffer) + 1):
            used, reply = codec.decode(buffer)
            assert 0 <= used <= len(buffer) and (reply is None or used > 0)
            buffer = buffer[used:]
            if reply is None:
                break
        assert len(buffer) < 9


@given(st.binary(max_size=60), st.integers(1, 8))
def test_an_answer_is_found_after_anything_and_in_pieces(noise: bytes, step: int) -> None:
    codec = StripCodec(STRIPS["olm"])
    answer = give(panel(STRIPS["olm"]), codec.encode(7, Characters(("A012",)))[0])[0]
    stream, buffer, replies = noise + answer, b"", []
    for at in range(0, len(stream), step):
        buffer += stream[at : at + step]
        used, reply = codec.decode(buffer)
        buffer = buffer[used:]
        replies += [reply] if reply else []
    assert replies[-1:] == [Ack(7)]


TEXTS = st.text(
    st.characters(codec="utf-8") | st.sampled_from("\x00\x01\x07\x0a\x0d\x1b\x7f\xffAé处宝＼\\ 号"),
    max_size=30,
)


@given(st.sampled_from(sorted(STRIPS)), TEXTS, TEXTS, st.booleans())
def test_no_text_of_a_person_becomes_a_command(
    name: str, upper: str, lower: str, scroll: bool
) -> None:
    strip = STRIPS[name]
    if strip.charset == "digits":
        return
    codec, rows = StripCodec(strip), (upper, lower)[: strip.most_rows]
    try:
        frames = codec.encode(address_of(strip), Characters(rows, scroll=scroll))
    except ValueError as error:
        assert "bytes" in str(error) and not scroll
        return
    one = panel(strip, rows=len(rows), columns=64)
    give(one, b"".join(frames))
    assert counts(one) == (len(frames), 0, 0)
    assert all(c.isprintable() for c in one.card.text)


@pytest.mark.parametrize("name", sorted(STRIPS))
@pytest.mark.parametrize("ticket", ["A012", "A1000", "B7", "VIP1001", "321"])
def test_a_number_is_whole_or_the_panel_says_that_it_cannot(name: str, ticket: str) -> None:
    strip = STRIPS[name]
    codec = StripCodec(strip)
    for kind in ("called", "serving"):
        for columns in (3, 4, 8, 16, 64):
            shape = PanelShape(columns=columns)
            try:
                content = render(Sign(3, kind, ticket), shape, codec.capabilities)
            except DoesNotFit:
                assert strip.charset == "digits" or len(ticket) > columns
                continue
            one = panel(strip, columns=columns)
            give(one, b"".join(codec.encode(address_of(strip), content)))
            assert one.card.text.split()[0] == ticket


@pytest.mark.parametrize("name", sorted(STRIPS))
@pytest.mark.parametrize("columns", [4, 8, 20])
def test_every_sign_reaches_the_panel(name: str, columns: int) -> None:
    strip = STRIPS[name]
    codec = StripCodec(strip)
    shape = PanelShape(columns=columns, drop_letters=True)
    one = panel(strip, columns=columns)
    sent = 0
    for kind in KINDS:
        ticket = "A012" if kind in ("called", "serving") else None
        note = "17:30" if kind == "closing" else "今天下午系统升级，暂停办理→明天再来"
        content = render(Sign(3, kind, ticket, note), shape, codec.capabilities)
        frames = codec.encode(address_of(strip), content)
        sent += len(frames)
        give(one, b"".join(frames))
        assert counts(one) == (sent, 0, 0), kind
        if not one.card.scrolls and strip.charset != "digits":
            assert one.card.text == content.words.strip(), kind
    assert isinstance(codec.capabilities.shows, CharacterCapability)
    give(one, b"".join(codec.encode(address_of(strip), blank(shape, codec.capabilities))))
    assert one.card.text == ("0" if strip.charset == "digits" else "")


@pytest.mark.parametrize(
    ("kind", "columns", "expected"),
    [("idle", 12, "热情为您服务"), ("idle", 8, "您好"), ("lost", 4, "您好"), ("paused", 6, "暂停"),
     ("closed", 4, "关闭"), ("closing", 8, "即将下班")],
)  # fmt: skip
def test_words_without_room_are_short_ones_not_cut_ones(
    kind: SignKind, columns: int, expected: str
) -> None:
    can = StripCodec(STRIPS["plain485-a"]).capabilities
    assert render(Sign(3, kind, note="17:30"), PanelShape(columns=columns), can).words == expected


def test_digits_only_need_leave_to_drop_letters() -> None:
    codec = StripCodec(STRIPS["sunpn"])
    with pytest.raises(DoesNotFit, match="cannot show A012"):
        render(Sign(3, "called", "A012"), PanelShape(), codec.capabilities)
    shape = PanelShape(drop_letters=True)
    content = render(Sign(3, "called", "A012"), shape, codec.capabilities)
    assert content.words == "012"
    assert codec.encode(1, content) == (bytes.fromhex("3A 00 0C 00 01 47 0A"),)
    with pytest.raises(DoesNotFit):
        render(Sign(3, "called", "A1000"), shape, codec.capabilities)
    with pytest.raises(ValueError, match="digits"):
        codec.encode(1, Characters(("A12",)))


def test_a_row_that_says_nothing_any_more_is_wiped() -> None:
    codec = StripCodec(STRIPS["olm"])
    shape = PanelShape(rows=2, columns=10)
    one = panel(STRIPS["olm"], rows=2, columns=10)
    for kind, expected in (("called", "A012 请到3号"), ("paused", "暂停服务")):
        sign = Sign(3, kind, "A012" if kind == "called" else None)
        give(one, b"".join(codec.encode(7, render(sign, shape, codec.capabilities))))
        assert one.card.text == expected


@pytest.mark.parametrize("name", CHECKED)
def test_a_damaged_frame_is_noticed_wherever_the_damage_is(name: str) -> None:
    strip = STRIPS[name]
    codec = StripCodec(strip)
    frame = codec.encode(address_of(strip), Characters(("123",)))[0]
    for at in range(len(frame)):
        for flip in (0x01, 0x80):
            one = panel(strip, columns=16)
            broken = frame[:at] + bytes([frame[at] ^ flip]) + frame[at + 1 :]
            channel = Channel(StripFamily(strip), [one], lambda _: None)
            channel.receive(broken)
            assert one.card.frames == 0 and one.card.text == "", (at, flip)
            # It finds its feet again: the longest text that a wrong length can pretend to passes.
            for _ in range(300 // len(frame)):
                if not one.card.text:
                    channel.receive(frame)
            assert one.card.text == "123", (at, flip)


def test_a_frame_for_another_panel_concerns_nobody_else() -> None:
    one = panel(STRIPS["olm"])
    assert give(one, StripCodec(STRIPS["olm"]).encode(8, Characters(("A012",)))[0]) == []
    assert counts(one) == (0, 0, 0)


def test_frames_in_small_pieces_after_noise() -> None:
    strip = STRIPS["olm"]
    one = panel(strip, columns=16)
    channel = Channel(StripFamily(strip), [one], lambda _: None)
    frame = StripCodec(strip).encode(7, Characters(("A012 请到3号",)))[0]
    for byte in b"\xff\x13\x37" + frame:
        channel.receive(bytes([byte]))
    assert one.card.text == "A012 请到3号"
    assert one.card.frames == 1 and one.card.crc_errors >= 1


def test_what_a_strip_cannot_show_is_refused() -> None:
    codec = StripCodec(STRIPS["olm"])
    with pytest.raises(ValueError, match="characters"):
        codec.encode(1, Screen(()))
    with pytest.raises(ValueError, match="rows"):
        codec.encode(1, Characters(("", "", "")))
    with pytest.raises(ValueError, match="bytes"):
        codec.encode(1, Characters(("办" * 101,)))
    with pytest.raises(ValueError, match="does not fit"):
        codec.encode(256, Characters(("A",)))
    assert codec.brightness(1, 8) == codec.ping(1) == ()
    with pytest.raises(ValueError, match="0 to 15"):
        codec.brightness(1, 16)


def test_a_running_text_is_cut_between_characters() -> None:
    strip = STRIPS["olm"]
    one = panel(strip)
    (frame,) = StripCodec(strip).encode(7, Characters(("办a" * 90,), scroll=True))
    give(one, frame)
    assert one.card.scrolls
    assert one.card.text == "办a" * 66 + "办"


def test_colours_and_numbers_of_frames() -> None:
    one = panel(STRIPS["sunpn"])
    for colour in Colour:
        give(one, StripCodec(STRIPS["sunpn"]).encode(1, Characters(("5",), colour))[0])
        (lit,) = one.card.look().lit
        assert lit.colour is colour
    codec = StripCodec(STRIPS["plain485-c"])
    numbers = [codec.encode(1, Characters(("A",)))[0][3] for _ in range(258)]
    assert numbers == [n % 256 for n in range(258)]


def test_a_busy_panel_and_one_with_another_name() -> None:
    strip = STRIPS["olm"]
    one, codec = panel(strip), StripCodec(strip)
    frame = codec.encode(7, Characters(("A012",)))[0]
    one.fault = "busy"
    assert isinstance(codec.decode(give(one, frame)[0])[1], Nack)
    assert one.card.text == "" and one.card.nacks == 1
    one.fault = "wrong-address"
    assert codec.decode(give(one, frame)[0])[1] == Ack(8)
    one.fault = "echo"
    (heard,) = give(one, frame)
    assert heard.startswith(frame) and codec.decode(heard)[1] == Ack(7)
    one.fault = "garbage"
    assert codec.decode(give(one, frame)[0])[1] is None
    assert isinstance(one.card, StripPanel)
