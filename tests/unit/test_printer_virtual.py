"""The virtual printer's decoder and paper, without a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFont

from hallkit.runtime.fonts import face
from ticket_printer.virtual.decoder import RealTimeScanner, take
from ticket_printer.virtual.faults import Faults
from ticket_printer.virtual.machine import Machine

_FACE = face()
_TICKET = (
    b"\x1b@\x1c&\x1ba\x01\x1d!\x11" + "便民服务中心㐂".encode("gb18030") + b"\n\x1d!\x00\x1ba\x00"
    b"\x1bE\x01A012\x1bE\x00 ok\n"
    b"\x1dv0\x00\x02\x00\x03\x00\xff\x00\x1b\x40\x0a\x0a"
    b"\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C\x04\x1d(k\x03\x001E1\x1d(k\x0b\x001P0http://a\x1d(k\x03\x001Q0"
    b"\x1bd\x02\x1dV\x42\x00"
)  # fmt: skip


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FACE.path), size, index=_FACE.index)


def _machine(**faults: object) -> tuple[Machine, list[tuple[Image.Image, list[str]]]]:
    tickets: list[tuple[Image.Image, list[str]]] = []
    machine = Machine(
        576, _font, Faults.model_validate(faults), lambda png, lines: tickets.append((png, lines))
    )
    return machine, tickets


@given(st.lists(st.integers(0, len(_TICKET)), max_size=8))
def test_the_ticket_is_the_same_however_it_arrives(cuts: list[int]) -> None:
    machine, tickets = _machine()
    start = 0
    for end in [*sorted(cuts), len(_TICKET)]:
        machine.receive(_TICKET[start:end])
        start = max(start, end)
    ((picture, lines),) = tickets
    assert lines == ["便民服务中心㐂", "A012 ok", "[RASTER 576x3]", "[QR] http://a"]
    assert picture.width == 576


@given(st.binary(max_size=500))
def test_any_bytes_are_survived(data: bytes) -> None:
    machine, _ = _machine(rows_left=10_000)
    machine.receive(data)
    machine.disconnected()
    machine.receive(b"\x1b@ok\n\x1dV\x00")


@given(st.binary(max_size=200))
def test_the_decoder_always_moves_on(data: bytes) -> None:
    while data:
        used, command = take(data)
        if command is None:
            assert used == 0
            return
        assert used > 0
        data = data[used:]


def test_answers_of_a_whole_printer_and_of_poorer_ones() -> None:
    ask = b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04"
    in_order = b"\x1d(H\x06\x0000ABCD\x1dr\x01"
    answers = {}
    for caps in ("epson", "clone", "status-only", "mute"):
        machine, _ = _machine(caps=caps)
        answers[caps] = machine.receive(ask + in_order).hex()
    assert answers == {
        "epson": "12121212" + "37224142434400" + "00",
        "clone": "12121212" + "00",
        "status-only": "12121212",
        "mute": "",
    }


def test_without_paper_status_is_answered_and_the_rest_waits() -> None:
    machine, tickets = _machine(paper="out")
    assert machine.receive(b"\x1b@x\n\x1dV\x01\x1d(H\x06\x0000ABCD\x10\x04\x04") == b"\x7e"
    assert tickets == []
    assert machine.set_faults(Faults()) == b"\x37\x22ABCD\x00"
    assert len(tickets) == 1


def test_clearing_the_buffers_forgets_what_waits() -> None:
    machine, tickets = _machine(cover="open")
    clear = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
    assert machine.receive(b"\x1b@x\n\x1dV\x01" + clear) == b"\x37\x25\x00"
    machine.set_faults(Faults())
    machine.receive(b"y\n\x1dV\x01")
    assert [lines for _, lines in tickets] == [["y"]]


def test_a_line_lost_in_a_picture_leaves_the_rows_that_arrived() -> None:
    machine, tickets = _machine()
    machine.receive(b"\x1dv0\x00\x02\x00\x64\x00" + b"\xff" * 20)
    machine.disconnected()
    machine.receive(b"\x1b@next\n\x1dV\x01")
    assert tickets[0][1] == ["[RASTER 576x10]", "next"]


def test_real_time_commands_are_found_across_pieces() -> None:
    scanner = RealTimeScanner()
    assert scanner.feed(b"abc\x10") == []
    assert scanner.feed(b"\x04") == []
    assert scanner.feed(b"\x02\x10\x10\x05\x01\x10\x99") == [b"\x10\x04\x02", b"\x10\x05\x01"]
    assert scanner.feed(b"\x10\x14\x08\x01\x03\x14\x01\x06\x02") == []
    assert scanner.feed(b"\x08") == [b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"]


_JOB = b"\x1b@A012\n\x1dv0\x00\x02\x00\x03\x00" + b"\xff" * 6 + b"\x1dV\x01\x1d(H\x06\x0000ABCD"


@pytest.mark.parametrize("at", range(0, len(_JOB), 3))
def test_power_goes_at_any_byte_and_what_was_printed_stays(at: int) -> None:
    machine, tickets = _machine(then={"at": at, "power": "off"})
    assert machine.receive(b"\x10\x04\x01" + _JOB[:9]) in (b"\x12", b"")
    assert machine.receive(_JOB[9:]) == b""
    assert machine.faults.power == "off"
    machine.disconnected(power_lost=True)
    machine.set_faults(Faults())
    machine.receive(b"\x1b@\x1dV\x01")
    printed = [line for _, lines in tickets for line in lines]
    rows = (min(at, 21) - 15) // 2
    assert printed[:1] == (["A012"] if at >= 7 else [])
    assert printed[1:] == ([f"[RASTER 576x{rows}]"] if rows > 0 else [])


@pytest.mark.parametrize(("at", "papers"), [("raster", 0), ("cut", 1), ("confirm", 1)])
def test_power_goes_at_a_phase_of_a_ticket(at: str, papers: int) -> None:
    machine, tickets = _machine(then={"at": at, "power": "off"})
    assert machine.receive(_JOB) == b""
    assert len(tickets) == papers


def test_a_printer_hangs_up_instead_of_reporting_a_ticket() -> None:
    machine, tickets = _machine(then={"at": "confirm", "hang_up": True})
    assert (machine.receive(_JOB), machine.hangs_up, len(tickets)) == (b"", True, 1)
    machine.disconnected()
    assert machine.receive(_JOB) == b"\x37\x22ABCD\x00"
    assert not machine.hangs_up


def test_a_printer_on_a_network_hangs_up_after_each_ticket_and_says_so_before() -> None:
    machine, _ = _machine(caps="lan-close")
    assert machine.receive(b"\x1d(H\x06\x0000PROB") == b"\x37\x22PROB\x00"
    assert not machine.hangs_up
    assert machine.receive(_JOB) == b"\x37\x22ABCD\x00"
    assert machine.hangs_up


def test_half_a_picture_swallows_the_next_ticket_of_a_printer_that_keeps_it() -> None:
    machine, tickets = _machine(keeps_half=True)
    machine.receive(b"\x1b@\x1dv0\x00\x02\x00\x10\x00" + b"\xff" * 8)
    machine.disconnected()
    machine.receive(b"\x1b@A012\n\x1dV\x01" + b"\x00" * 24 + b"\x1dV\x01")
    assert [lines for _, lines in tickets] == [["[RASTER 576x16]"]]


def test_without_power_the_line_that_was_begun_is_forgotten() -> None:
    machine, tickets = _machine()
    machine.receive(b"\x1b@\x1dB\x01A012\nA0")
    machine.disconnected(power_lost=True)
    machine.receive(b"13\n\x1dV\x00")
    ((_, lines),) = tickets
    assert lines == ["A012", "13"]
