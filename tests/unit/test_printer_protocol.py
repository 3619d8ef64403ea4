"""Status bytes, replies, addresses, states: bytes in, meaning out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticket_printer.spool.states import IllegalMove, check_move
from ticket_printer.transport.address import (
    CupsAddress,
    FileAddress,
    SerialAddress,
    TcpAddress,
    UsbAddress,
    parse_address,
)
from ticket_printer.transport.commands import process_id, token_for
from ticket_printer.transport.replies import (
    AutoStatus,
    Cleared,
    Noise,
    Printed,
    RealTime,
    ReplyReader,
    Transmitted,
)
from ticket_printer.transport.status import STATE_WORDS, Status, from_asb


def _asked(printer: int, cause: int, error: int, paper: int) -> Status:
    status = Status().after_printer(printer).after_offline_cause(cause)
    if status.other_error:
        status = status.after_error(error)
    return status.after_paper(paper)


@pytest.mark.parametrize(
    ("replies", "state", "can_print"),
    [
        ((0x12, 0x12, 0x12, 0x12), "ready", True),
        ((0x16, 0x12, 0x12, 0x12), "ready", True),  # the drawer pin is not ours
        ((0x12, 0x12, 0x12, 0x1E), "paper_near_end", True),
        ((0x1A, 0x32, 0x12, 0x72), "paper_out", False),
        ((0x1A, 0x12, 0x12, 0x7E), "paper_out", False),
        ((0x1A, 0x16, 0x12, 0x12), "cover_open", False),
        ((0x1A, 0x36, 0x12, 0x72), "cover_open", False),
        ((0x1A, 0x52, 0x1A, 0x12), "cutter_error", False),
        ((0x1A, 0x52, 0x32, 0x12), "offline", False),
        ((0x1A, 0x12, 0x12, 0x12), "offline", False),
    ],
)
def test_real_time_status(replies: tuple[int, int, int, int], state: str, can_print: bool) -> None:
    status = _asked(*replies)
    assert (status.state, status.can_print) == (state, can_print)


@pytest.mark.parametrize(
    ("block", "state"),
    [
        ("10000000", "ready"),
        ("14000000", "ready"),
        ("10000300", "paper_near_end"),
        ("18000f00", "paper_out"),
        ("38000000", "cover_open"),
        ("18080000", "cutter_error"),
        ("18200000", "offline"),
    ],
)
def test_automatic_status(block: str, state: str) -> None:
    assert from_asb(bytes.fromhex(block)).state == state


def test_every_state_has_words_in_both_languages() -> None:
    assert all(zh and en.isascii() for zh, en in STATE_WORDS.values())
    assert [STATE_WORDS["paper_out"][0][:2], STATE_WORDS["cutter_error"][0][:4]] == [
        "缺纸",
        "切刀故障",
    ]


_STREAM = bytes.fromhex("12 18000f00 37224142434400 00 372500 0c 16 5f310100 ff")
_REPLIES = [
    RealTime(0x12),
    AutoStatus(bytes.fromhex("18000f00")),
    Printed(b"ABCD"),
    Transmitted(0x00),
    Cleared(),
    Transmitted(0x0C),
    RealTime(0x16),
    Noise(bytes.fromhex("5f310100")),
    Noise(b"\xff"),
]


@given(st.lists(st.integers(0, len(_STREAM)), max_size=6))
def test_replies_are_told_apart_however_they_arrive(cuts: list[int]) -> None:
    reader, replies, start = ReplyReader(), [], 0
    for end in [*sorted(cuts), len(_STREAM)]:
        replies += reader.feed(_STREAM[start:end])
        start = max(start, end)
    assert replies == _REPLIES


@given(st.binary(max_size=300))
def test_noise_never_stops_the_reader(noise: bytes) -> None:
    reader = ReplyReader()
    reader.feed(noise)
    reader.feed(b"\x00" * 100)
    assert reader.feed(b"\x37\x22ABCD\x00")[-1] == Printed(b"ABCD")


def test_paper_out_in_order() -> None:
    assert Transmitted(0x0C).paper_out
    assert not Transmitted(0x03).paper_out


def test_process_ids() -> None:
    assert process_id(b"0A9Z") == bytes.fromhex("1d2848060030303041395a")
    assert len({token_for(n) for n in range(5000)}) == 5000
    for bad in (b"abc", b"ab\x1fd", b"abcde"):
        with pytest.raises(ValueError, match="four bytes"):
            process_id(bad)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("tcp://10.0.0.31:9100", TcpAddress("10.0.0.31", 9100)),
        ("tcp://printer.local", TcpAddress("printer.local", 9100)),
        ("tcp://[fe80::1]:9101", TcpAddress("fe80::1", 9101)),
        ("serial:///dev/ttyUSB0", SerialAddress("/dev/ttyUSB0", 9600, "rtscts")),
        (
            "serial:///dev/ttyS0?baud=19200&flow=xonxoff",
            SerialAddress("/dev/ttyS0", 19200, "xonxoff"),
        ),
        ("file:///dev/usb/lp0", FileAddress("/dev/usb/lp0")),
        ("usb://04b8:0E15", UsbAddress(0x04B8, 0x0E15)),
        ("usb://04b8:0e15/J4%2F 1", UsbAddress(0x04B8, 0x0E15, "J4/ 1")),
        ("cups://Receipt_1", CupsAddress("Receipt_1")),
        ("cups://小票", CupsAddress("小票")),
    ],
)
def test_addresses(text: str, address: object) -> None:
    assert parse_address(text) == address


@given(st.builds(UsbAddress, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.text(min_size=0)))
def test_the_name_of_a_usb_printer_leads_to_it(address: UsbAddress) -> None:
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tcp://",
        "tcp://h:99999",
        "tcp://h/x",
        "serial://ttyUSB0",
        "serial:///dev/x?baud=fast",
        "serial:///dev/x?speed=9600",
        "serial:///dev/x?flow=maybe",
        "lpt1",
        "usb://",
        "usb://4b8:e15",
        "usb://04b8:0e15/a/b",
        "usb://04b8:0e15?port=1",
        "cups://",
        "cups://-o",
        "cups://two words",
        "cups://host/queue",
    ],
)
def test_wrong_addresses_are_told_in_both_languages(text: str) -> None:
    with pytest.raises(ValueError, match=r"[\u4e00-\u9fff].* / "):
        parse_address(text)


def test_a_job_that_ended_never_moves_again() -> None:
    for end in ("done", "unknown", "failed", "withdrawn"):
        for state in ("queued", "sending", "held", "done", "unknown"):
            with pytest.raises(IllegalMove):
                check_move("j", end, state)  # type: ignore[arg-type]
    with pytest.raises(IllegalMove):
        check_move("j", "sending", "queued")
    with pytest.raises(IllegalMove):
        check_move("j", "held", "sending")


@pytest.mark.parametrize(
    ("heard", "understood"),
    [
        (b"\x37\x12\x12", [Noise(b"\x37"), RealTime(0x12), RealTime(0x12)]),
        (b"\x377\x2201AB\x00", [Noise(b"\x37"), Printed(b"01AB")]),
        (b"\x5fx\x37\x2201AB\x00", [Noise(b"\x5fx"), Printed(b"01AB")]),
    ],
)
def test_a_stray_byte_that_looks_like_a_block_swallows_no_answer(
    heard: bytes, understood: list[object]
) -> None:
    reader = ReplyReader()
    assert [reply for byte in heard for reply in reader.feed(bytes([byte]))] == understood
