"""A USB bus for pyusb on which virtual printers can be plugged in, unplugged and made to fail."""

import errno
import threading
import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import usb.backend
import usb.core
from PIL import ImageFont

from hallkit.runtime.fonts import face
from ticket_printer.virtual.faults import Faults
from ticket_printer.virtual.machine import Machine
from ticket_printer.virtual.tray import Tray

OUT, IN = 0x01, 0x82
_ENGLISH = 0x0409
_NAMES = {1: "Virtual", 2: "Receipt printer"}
_SERIAL = 3


class UsbPrinter:
    """A printer on the bus. ``interfaces`` are (class, protocol, endpoints) in the order of their
    numbers. What can be set while it runs: ``takes_most`` (after so many bytes it answers every
    write with "not now"), ``says_nothing`` (it answers every read at once, with no byte; counted
    in ``reads``), ``halted`` (these endpoints are stalled until that is acknowledged),
    ``refused`` (this user may not open it), ``usblp`` (the interfaces of the kernel's driver)."""

    def __init__(
        self,
        folder: Path,
        *,
        ids: tuple[int, int] = (0x04B8, 0x0E15),
        serial: str = "",
        interfaces: tuple[tuple[int, int, tuple[int, ...]], ...] = ((7, 2, (OUT, IN)),),
        **faults: Any,
    ) -> None:
        typeface = face()
        self.lock = threading.Lock()
        self.machine = Machine(
            576,
            lambda size: ImageFont.truetype(str(typeface.path), size, index=typeface.index),
            Faults(**faults),
            Tray(folder).drop,
        )
        self.ids = ids
        self.serial = serial
        self.interfaces = interfaces
        self.usblp = {0}
        self.claimed: set[int] = set()
        self.halted: set[int] = set()
        self.refused = self.plugged = self.says_nothing = False
        self.reads = 0
        self.heard = b""
        self.takes_most: int | None = None

    def switch(self, faults: Faults) -> None:
        """Sets the faults."""
        with self.lock:
            self.heard += self.machine.set_faults(faults)

    def text(self, index: int) -> str:
        return self.serial if index == _SERIAL else _NAMES[index]


def _descriptor(**values: Any) -> SimpleNamespace:
    return SimpleNamespace(bLength=9, extra_descriptors=[], **values)


class UsbBus(usb.backend.IBackend):  # type: ignore[misc]
    """The bus; errors are libusb's, with the numbers that Linux gives."""

    def __init__(self) -> None:
        super().__init__()
        self._printers: list[UsbPrinter] = []

    def plug(self, printer: UsbPrinter) -> UsbPrinter:
        """Connects a printer; the kernel's driver takes it at once."""
        printer.plugged, printer.usblp = True, {0}
        self._printers.append(printer)
        return printer

    def unplug(self, printer: UsbPrinter, *, power_lost: bool = False) -> None:
        """Pulls its plug; without power it forgets what it has not printed."""
        with printer.lock:
            self._printers.remove(printer)
            printer.plugged = False
            printer.claimed.clear()
            printer.halted.clear()
            printer.heard = b""
            printer.machine.disconnected(power_lost=power_lost)

    def enumerate_devices(self) -> Iterator[UsbPrinter]:
        return iter(list(self._printers))

    def get_device_descriptor(self, dev: UsbPrinter) -> SimpleNamespace:
        return _descriptor(
            bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
            bMaxPacketSize0=64, idVendor=dev.ids[0], idProduct=dev.ids[1], bcdDevice=0x100,
            iManufacturer=1, iProduct=2, iSerialNumber=_SERIAL if dev.serial else 0,
            bNumConfigurations=1, bus=1, address=1 + id(dev) % 100, port_number=1,
            port_numbers=(1,), speed=3,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev: UsbPrinter, config: int) -> SimpleNamespace:
        if config:
            raise IndexError(config)
        return _descriptor(
            bDescriptorType=2, wTotalLength=32, bNumInterfaces=len(dev.interfaces),
            bConfigurationValue=1, iConfiguration=0, bmAttributes=0xC0, bMaxPower=1,
        )  # fmt: skip

    def get_interface_descriptor(
        self, dev: UsbPrinter, intf: int, alt: int, config: int
    ) -> SimpleNamespace:
        if alt or config or intf >= len(dev.interfaces):
            raise IndexError(intf)
        kind, protocol, endpoints = dev.interfaces[intf]
        return _descriptor(
            bDescriptorType=4, bInterfaceNumber=intf, bAlternateSetting=0,
            bNumEndpoints=len(endpoints), bInterfaceClass=kind, bInterfaceSubClass=1,
            bInterfaceProtocol=protocol, iInterface=0,
        )  # fmt: skip

    def get_endpoint_descriptor(
        self, dev: UsbPrinter, ep: int, intf: int, alt: int, config: int
    ) -> SimpleNamespace:
        return _descriptor(
            bDescriptorType=5, bEndpointAddress=dev.interfaces[intf][2][ep], bmAttributes=2,
            wMaxPacketSize=64, bInterval=0, bRefresh=0, bSynchAddress=0,
        )  # fmt: skip

    def open_device(self, dev: UsbPrinter) -> UsbPrinter:
        if dev.refused:
            raise usb.core.USBError("Access denied (insufficient permissions)", -3, errno.EACCES)
        _there(dev)
        return dev

    def close_device(self, dev_handle: UsbPrinter) -> None:
        dev_handle.claimed.clear()

    def get_configuration(self, dev_handle: UsbPrinter) -> int:
        _there(dev_handle)
        return 1

    def claim_interface(self, dev_handle: UsbPrinter, intf: int) -> None:
        _there(dev_handle)
        if intf in dev_handle.usblp | dev_handle.claimed:
            raise usb.core.USBError("Resource busy", -6, errno.EBUSY)
        dev_handle.claimed.add(intf)

    def release_interface(self, dev_handle: UsbPrinter, intf: int) -> None:
        _there(dev_handle)
        dev_handle.claimed.discard(intf)

    def is_kernel_driver_active(self, dev_handle: UsbPrinter, intf: int) -> bool:
        _there(dev_handle)
        return intf in dev_handle.usblp

    def detach_kernel_driver(self, dev_handle: UsbPrinter, intf: int) -> None:
        dev_handle.usblp.discard(intf)

    def attach_kernel_driver(self, dev_handle: UsbPrinter, intf: int) -> None:
        _there(dev_handle)
        dev_handle.usblp.add(intf)

    def clear_halt(self, dev_handle: UsbPrinter, ep: int) -> None:
        _there(dev_handle)
        dev_handle.halted.discard(ep)

    def ctrl_transfer(
        self,
        dev_handle: UsbPrinter,
        bmRequestType: int,  # noqa: N803 - the names are pyusb's
        bRequest: int,  # noqa: N803
        wValue: int,  # noqa: N803
        wIndex: int,  # noqa: N803
        data: Any,
        timeout: int,
    ) -> int:
        _there(dev_handle)
        if (bmRequestType, bRequest, wValue >> 8) != (0x80, 6, 3):
            raise usb.core.USBError("Pipe error", -9, errno.EPIPE)
        index = wValue & 0xFF
        body = (
            dev_handle.text(index).encode("utf-16-le") if index else _ENGLISH.to_bytes(2, "little")
        )
        return _fill(data, bytes([len(body) + 2, 3]) + body)

    def bulk_write(
        self, dev_handle: UsbPrinter, ep: int, intf: int, data: Any, timeout: int
    ) -> int:
        self._may_move(dev_handle, ep, intf)
        with dev_handle.lock:
            _there(dev_handle)
            room = dev_handle.machine.room
            if dev_handle.takes_most is not None:
                room = min(room, dev_handle.takes_most)
            taken = bytes(data)[:room]
            if dev_handle.takes_most is not None:
                dev_handle.takes_most -= len(taken)
            dev_handle.heard += dev_handle.machine.receive(taken)
        if taken:
            return len(taken)
        return _in_vain(dev_handle, timeout)

    def bulk_read(self, dev_handle: UsbPrinter, ep: int, intf: int, buff: Any, timeout: int) -> int:
        self._may_move(dev_handle, ep, intf)
        dev_handle.reads += 1
        deadline = time.monotonic() + timeout / 1000
        while True:
            with dev_handle.lock:
                _there(dev_handle)
                if dev_handle.heard:
                    heard, dev_handle.heard = dev_handle.heard, b""
                    return _fill(buff, heard)
                if dev_handle.says_nothing:
                    return 0
            if time.monotonic() >= deadline:
                return _in_vain(dev_handle, 0)
            time.sleep(0.002)

    def _may_move(self, printer: UsbPrinter, ep: int, intf: int) -> None:
        _there(printer)
        assert intf in printer.claimed
        if ep in printer.halted:
            raise usb.core.USBError("Pipe error", -9, errno.EPIPE)


def _there(printer: UsbPrinter) -> None:
    if not printer.plugged:
        raise usb.core.USBError("No such device (it may have been disconnected)", -4, errno.ENODEV)


def _in_vain(printer: UsbPrinter, timeout_ms: int) -> int:
    time.sleep(timeout_ms / 1000)
    _there(printer)
    raise usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)


def _fill(buffer: Any, data: bytes) -> int:
    assert len(data) <= len(buffer)
    buffer[: len(data)] = array("B", data)
    return len(data)
