"""Device files: read and written, or written only; what is connected."""

import fcntl
import os
import sys
import tempfile
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.fakes.printer_pty import serial_line
from tests.fakes.printer_rig import papers, program, settings, until, virtual_printer
from tests.fakes.printer_usb import UsbBus, UsbPrinter
from ticket_printer.cli import main
from ticket_printer.transport.address import FileAddress
from ticket_printer.transport.connected import Group, Place, connected
from ticket_printer.transport.links import FileLink, LineLost, PrinterAway
from ticket_printer.transport.session import Session
from ticket_printer.transport.status import ASK_PRINTER

_NOBODY = 65534


@contextmanager
def _ordinary_user() -> Iterator[None]:
    """Permissions count here, also where the tests run as root."""
    if os.geteuid():
        yield
        return
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def node() -> Iterator[Path]:
    """A pipe in the place of a device that may be written and not be read."""
    with tempfile.TemporaryDirectory(prefix="lp-") as folder:
        path = Path(folder) / "lp0"
        os.mkfifo(path)
        Path(folder).chmod(0o755)
        path.chmod(0o222)
        yield path


@contextmanager
def _reader(node: Path) -> Iterator[int]:
    fd = os.open(node, os.O_RDONLY | os.O_NONBLOCK)
    try:
        yield fd
    finally:
        os.close(fd)


def _opened(node: Path, last_block_s: float = 1.0) -> FileLink:
    with _ordinary_user():
        return FileLink(FileAddress(str(node)), last_block_s)


@pytest.fixture
def readable(node: Path) -> Iterator[int]:
    node.chmod(0o666)
    with _reader(node) as fd:
        node.chmod(0o222)
        yield fd


def test_a_node_that_can_only_be_written_still_prints(node: Path, readable: int) -> None:
    link = _opened(node)
    assert link.one_way
    assert link.exchange(b"ticket", 1.0) == (6, b"")
    assert link.exchange(b"", 0.01) == (0, b"")
    link.finish()
    assert os.read(readable, 100) == b"ticket"
    link.close()


def test_a_device_that_takes_no_more_has_not_printed(node: Path, readable: int) -> None:
    link = _opened(node, last_block_s=0.1)
    while link.exchange(bytes(65536), 0.05)[0]:
        pass
    with pytest.raises(LineLost, match="takes no more"):
        link.finish()
    link.close()


def test_a_node_that_may_not_be_used_is_told(node: Path) -> None:
    node.chmod(0)
    with pytest.raises(PrinterAway) as refused:
        _opened(node)
    assert "没有权限" in refused.value.zh


def test_a_file_left_in_the_place_of_a_device_is_no_printer(tmp_path: Path) -> None:
    """Whoever prints to /dev/usb/lp0 as root while it is unplugged makes a file there."""
    (tmp_path / "lp0").write_text("ticket")
    with pytest.raises(PrinterAway) as refused:
        FileLink(FileAddress(str(tmp_path / "lp0")))
    assert "不是设备" in refused.value.zh
    assert (tmp_path / "lp0").read_text() == "ticket"


def _unread(line: int) -> int:
    """How many bytes have come that nobody has read."""
    return int.from_bytes(fcntl.ioctl(line, termios.FIONREAD, bytes(4)), sys.byteorder)


def test_what_was_said_before_the_opening_is_not_taken_for_an_answer(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "out", paper="out") as printer,
        serial_line(printer.address) as path,
    ):
        before = os.open(path, os.O_RDWR | os.O_NOCTTY)
        os.write(before, b"\x10\x04\x04" * 5)
        until(lambda: _unread(before) == 5, "five answers")
        os.close(before)
        link = FileLink(FileAddress(path))
        assert Session(link).ask(ASK_PRINTER) == 0x1A
        link.close()


def test_a_write_only_device_file_prints_when_it_is_registered_so(tmp_path: Path) -> None:
    with (
        virtual_printer(tmp_path / "out", caps="mute") as printer,
        serial_line(printer.address) as path,
        program(
            settings(
                tmp_path / "data",
                0,
                printer={"transport": f"file://{path}", "caps": "write-only"},
            )
        ) as intake,
    ):
        intake.submit("t-1")
        intake.wait_state("t-1", "done")
        # This printer confirms nothing: the job is done before the paper is out.
        until(lambda: len(papers(tmp_path / "out")) == 1, "the ticket on paper")


def test_probe_reads_a_device_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (
        virtual_printer(tmp_path / "out", caps="clone") as printer,
        serial_line(printer.address) as path,
    ):
        assert main(["probe", f"file://{path}"]) == 0
    assert 'caps = "clone"' in capsys.readouterr().out


def test_probe_says_that_a_node_can_only_be_written(
    node: Path, readable: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with _ordinary_user():
        assert main(["probe", f"file://{node}"]) == 1
    assert "只能写" in capsys.readouterr().out


@pytest.fixture
def machine(tmp_path: Path) -> tuple[Path, Path]:
    """The /dev and /sys of a machine with one printer on the kernel's driver."""
    dev, sysfs = tmp_path / "dev", tmp_path / "sys"
    device = sysfs / "devices/usb1/1-1"
    (device / "1-1:1.0").mkdir(parents=True)
    (device / "manufacturer").write_text("EPSON\n")
    (device / "product").write_text("TM-T20II\n")
    entry = sysfs / "class/usbmisc/lp0"
    entry.mkdir(parents=True)
    (entry / "device").symlink_to(device / "1-1:1.0")
    (dev / "usb").mkdir(parents=True)
    (dev / "usb/lp0").touch()
    return dev, sysfs


def test_everything_connected_is_listed(tmp_path: Path, machine: tuple[Path, Path]) -> None:
    bus = UsbBus()
    bus.plug(UsbPrinter(tmp_path / "1", serial="L1"))
    bus.plug(UsbPrinter(tmp_path / "2", serial="L 2"))
    bus.plug(UsbPrinter(tmp_path / "3", ids=(0x0483, 0x5743), serial="X")).refused = True
    bus.plug(UsbPrinter(tmp_path / "4", ids=(0x046D, 1), interfaces=((3, 0, (0x81,)),)))
    ports = [
        SimpleNamespace(device="/dev/ttyUSB0", description="FT232R USB UART"),
        SimpleNamespace(device="/dev/ttyS0", description="n/a"),
    ]
    usb, files, serial, _ = connected(bus, *machine, lambda: ports)
    assert [(place.address, place.name) for place in usb.places] == [
        ("usb://04b8:0e15/L1", "Virtual Receipt printer"),
        ("usb://04b8:0e15/L%202", "Virtual Receipt printer"),
        ("usb://0483:5743", ""),
    ]
    assert "没有权限" in usb.places[2].words[0]
    assert [(place.address, place.name) for place in files.places] == [
        (f"file://{machine[0]}/usb/lp0", "EPSON TM-T20II")
    ]
    assert [(place.address, place.name) for place in serial.places] == [
        ("serial:///dev/ttyS0?baud=9600", ""),
        ("serial:///dev/ttyUSB0?baud=9600", "FT232R USB UART"),
    ]


def test_one_of_a_kind_is_named_without_its_serial_number(tmp_path: Path) -> None:
    bus = UsbBus()
    bus.plug(UsbPrinter(tmp_path / "1", serial="L1"))
    usb = connected(bus, tmp_path, tmp_path, list)[0]
    assert usb == Group(("USB", "USB"), [Place("usb://04b8:0e15", "Virtual Receipt printer")])


def test_a_machine_without_cups_lists_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    groups = connected(UsbBus(), tmp_path, tmp_path, list)
    assert [group.places for group in groups] == [[], [], [], []]
    assert groups[3].missing[0] == "没有安装 cups-client"
    main(["probe"])
    assert "网口打印机不在此列" in capsys.readouterr().out
