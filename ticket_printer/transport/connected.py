"""What is connected to this machine that a printer may be: USB, device files, serial ports, CUPS.

Only looks: nothing is claimed, nothing is sent. Network printers cannot be seen this way.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ticket_printer.transport.address import UsbAddress
from ticket_printer.transport.cups_link import queue_state, queues
from ticket_printer.transport.links import PrinterAway
from ticket_printer.transport.usb_link import is_printer, serial_of, text_of, usb_devices

Words = tuple[str, str]

_NO_PERMISSION = ("没有权限，见 config/udev", "no permission, see config/udev")
_SAME = (
    "与上面的 USB 可能是同一台，任选一种写法",
    "perhaps the same printer as under USB: use either",
)
_BAUD = (
    "波特率以打印机自检页为准",
    "the baud rate is on the printer's self-test page",
)
_QUEUE_WORKS = ("可用，计为只写", "works; counts as write-only")


@dataclass(frozen=True)
class Place:
    """An ``address`` for the settings, the device's own ``name``, and ``words`` about it."""

    address: str
    name: str
    words: Words = ("", "")


@dataclass(frozen=True)
class Group:
    """The places of one kind; ``missing`` says why it could not be looked at."""

    title: Words
    places: list[Place] = field(default_factory=list)
    missing: Words = ("", "")


def connected(
    backend: Any = None,
    dev: Path = Path("/dev"),
    sysfs: Path = Path("/sys"),
    ports: Callable[[], Iterable[Any]] | None = None,
) -> list[Group]:
    """Everything that may be a printer, by kind. ``backend`` is pyusb's (None: libusb), ``ports``
    pyserial's list of ports."""
    return [
        _group(("USB", "USB"), lambda: _usb(backend)),
        _group(("设备文件", "device files"), lambda: _device_files(dev, sysfs)),
        _group(("串口", "serial ports"), lambda: _serial(ports)),
        _group(("CUPS 队列", "CUPS queues"), _cups),
    ]


def _group(title: Words, look: Callable[[], Iterator[Place]]) -> Group:
    try:
        return Group(title, list(look()))
    except PrinterAway as error:
        return Group(title, missing=(error.zh, str(error)))


def _usb(backend: Any) -> Iterator[Place]:
    import usb.util

    found = [device for device in usb_devices(backend) if is_printer(device)]
    kinds = [(device.idVendor, device.idProduct) for device in found]
    for device, kind in zip(found, kinds, strict=True):
        name, serial, words = _usb_texts(device)
        usb.util.dispose_resources(device)
        # The serial number only where it is needed: a replaced printer then needs no new setting.
        needed = serial if kinds.count(kind) > 1 else ""
        yield Place(str(UsbAddress(*kind, needed)), name, words)


def _usb_texts(device: Any) -> tuple[str, str, Words]:
    import usb.core

    try:
        texts = [text_of(device, one) for one in (device.iManufacturer, device.iProduct)]
        return " ".join(text for text in texts if text), serial_of(device), ("", "")
    except usb.core.USBError:
        return "", "", _NO_PERMISSION


def _device_files(dev: Path, sysfs: Path) -> Iterator[Place]:
    for path in sorted((dev / "usb").glob("lp*")):
        device = (sysfs / "class/usbmisc" / path.name / "device").resolve().parent
        texts = [_line(device / "manufacturer"), _line(device / "product")]
        words = _SAME if os.access(path, os.W_OK) else _NO_PERMISSION
        yield Place(f"file://{path}", " ".join(text for text in texts if text), words)


def _line(path: Path) -> str:
    with suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace").strip()
    return ""


def _serial(ports: Callable[[], Iterable[Any]] | None) -> Iterator[Place]:
    if ports is None:
        from serial.tools.list_ports import comports

        ports = comports
    for port in sorted(ports(), key=lambda one: str(one.device)):
        name = "" if port.description in (None, "n/a") else str(port.description)
        yield Place(f"serial://{port.device}?baud=9600", name, _BAUD)


def _cups() -> Iterator[Place]:
    for queue, device in sorted(queues().items()):
        wrong = queue_state(queue)
        words = (f"不可用：{wrong}", f"does not work: {wrong}") if wrong else _QUEUE_WORKS
        yield Place(f"cups://{quote(queue)}", f"→ {device}", words)
