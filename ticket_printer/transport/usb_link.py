"""A printer on USB by libusb: its interface is claimed for this program, the kernel's driver
(usblp) stands aside meanwhile.

Bytes go out on the bulk OUT endpoint; answers come on bulk IN, where there is one. Every transfer
has a time-out, and one that timed out reports the bytes it had moved.

Source: USB Device Class Definition for Printing Devices 1.1 (class 7; protocol 1 one-way, 2 both
ways, 4 IPP over USB, which does not speak ESC/POS).
"""

import errno
import logging
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from ticket_printer.transport.address import UsbAddress
from ticket_printer.transport.links import (
    MOST_OLD_ANSWERS,
    NOTHING_SAID_S,
    OLD_ANSWERS_S,
    LineLost,
    PrinterAway,
    why_zh,
)

# How long one write may wait for the printer before its answers are looked at again.
_WRITE_S = 0.1
# A look for an answer between two writes: libusb knows no shorter time, 0 would be for ever.
_LOOK_S = 0.001
# One packet of the fastest USB 2 line; a read must have room for a whole packet.
_PACKET_BYTES = 512
_PRINTER_CLASS = 0x07
_VENDOR_CLASS = 0xFF
_IPP_PROTOCOL = 4


def usb_devices(backend: Any = None, **match: int) -> list[Any]:
    """The USB devices (pyusb's) that match. Raises PrinterAway: there is no libusb."""
    import usb.core

    # pyusb logs a missing library as an error at every try; here it is told by the exception.
    logging.getLogger("usb").setLevel(logging.CRITICAL)
    try:
        return list(usb.core.find(find_all=True, backend=backend, **match))
    except usb.core.NoBackendError as error:
        raise PrinterAway(
            "libusb is missing: apt install libusb-1.0-0", "没有安装 libusb-1.0-0"
        ) from error


def serial_of(device: Any) -> str:
    """The serial number a device gives, empty when it gives none.

    Raises usb.core.USBError: this user may not ask it.
    """
    return text_of(device, device.iSerialNumber)


def text_of(device: Any, index: int) -> str:
    """One of a device's own texts, empty when it has none. Raises usb.core.USBError: this user may
    not ask it."""
    import usb.core
    import usb.util

    if not index:
        return ""
    try:
        # pyusb's own list of languages is empty for want of permission too.
        languages = usb.util.get_langids(device)
        text = usb.util.get_string(device, index, languages[0]) if languages else ""
    except usb.core.USBError as error:
        if error.errno == errno.EACCES:
            raise
        return ""
    return str(text).strip("\0 ")


def printer_interfaces(configuration: Any) -> list[Any]:
    """The interfaces of a configuration that take ESC/POS, the best first: of the printer class
    before a vendor's own, with answers before without."""
    found = [
        one
        for one in configuration
        if one.bInterfaceClass in (_PRINTER_CLASS, _VENDOR_CLASS)
        and not (one.bInterfaceClass == _PRINTER_CLASS and one.bInterfaceProtocol == _IPP_PROTOCOL)
        and _bulk(one, inwards=False) is not None
    ]
    return sorted(found, key=lambda one: (one.bInterfaceClass, _bulk(one, inwards=True) is None))


def is_printer(device: Any) -> bool:
    """Whether a device says of itself that it is a printer for ESC/POS; asks it nothing."""
    return any(
        one.bInterfaceClass == _PRINTER_CLASS
        for configuration in device
        for one in printer_interfaces(configuration)
    )


def _bulk(interface: Any, *, inwards: bool) -> Any:
    import usb.util

    wanted = usb.util.ENDPOINT_IN if inwards else usb.util.ENDPOINT_OUT
    for endpoint in interface:
        kind = usb.util.endpoint_type(endpoint.bmAttributes)
        way = usb.util.endpoint_direction(endpoint.bEndpointAddress)
        if (kind, way) == (usb.util.ENDPOINT_TYPE_BULK, wanted):
            return endpoint
    return None


class UsbLink:
    """A printer on USB; kept open, so that nobody else takes it. Raises PrinterAway.

    ``backend`` is a usb.backend.IBackend, None for libusb.
    """

    keep_open = True

    def __init__(self, address: UsbAddress, backend: Any = None) -> None:
        import usb.core

        self._detached = False
        self._number = -1
        self._device: Any = None
        try:
            self._device = _the_one(address, backend)
            interface = self._claim()
        except (usb.core.USBError, NotImplementedError) as error:
            self.close()
            code = getattr(error, "errno", None)
            raise PrinterAway(f"{address}: {error}", why_zh(code)) from error
        except PrinterAway:
            self.close()
            raise
        self._out = _bulk(interface, inwards=False)
        self._in = _bulk(interface, inwards=True)
        self.one_way = self._in is None
        self._forget_old_answers()

    def _claim(self) -> Any:
        import usb.core
        import usb.util

        device = self._device
        try:
            configuration = device.get_active_configuration()
        except usb.core.USBError:
            device.set_configuration()
            configuration = device.get_active_configuration()
        found = printer_interfaces(configuration)
        if not found:
            raise PrinterAway(
                "this USB device is not an ESC/POS printer", "这个 USB 设备不是票据打印机"
            )
        interface = found[0]
        number = interface.bInterfaceNumber
        with suppress(NotImplementedError):
            if device.is_kernel_driver_active(number):
                device.detach_kernel_driver(number)
                self._detached = True
        self._number = number
        usb.util.claim_interface(device, number)
        if sum(one.bInterfaceNumber == number for one in configuration) > 1:
            interface.set_altsetting()
        return interface

    def _forget_old_answers(self) -> None:
        try:
            for _ in range(MOST_OLD_ANSWERS):
                if self.one_way or not self._read(OLD_ANSWERS_S):
                    return
        except LineLost as error:
            self.close()
            raise PrinterAway(str(error), error.zh) from error

    def exchange(self, data: bytes, timeout_s: float) -> tuple[int, bytes]:
        """Waits until the line takes some of ``data`` or the printer says something, at most
        ``timeout_s``; returns how many bytes were taken and what was said. Raises LineLost."""
        deadline = time.monotonic() + timeout_s
        while True:
            left = deadline - time.monotonic()
            heard = self._read(_LOOK_S if data else left)
            taken = self._write(data, min(left, _WRITE_S)) if data and not heard else 0
            if heard or taken or time.monotonic() >= deadline:
                return taken, heard
            if not data:
                time.sleep(NOTHING_SAID_S)

    def finish(self) -> None:
        """Nothing to wait for: a write ends when the printer has the bytes."""

    def close(self) -> None:
        """Gives the printer back to the kernel's driver."""
        import usb.core
        import usb.util

        if self._device is None:
            return
        with suppress(usb.core.USBError, NotImplementedError):
            if self._number >= 0:
                usb.util.release_interface(self._device, self._number)
            if self._detached:
                self._device.attach_kernel_driver(self._number)
        usb.util.dispose_resources(self._device)
        self._device = None

    def _read(self, timeout_s: float) -> bytes:
        import usb.core

        if self._in is None:
            time.sleep(max(0.0, timeout_s))
            return b""
        room = max(self._in.wMaxPacketSize, _PACKET_BYTES)
        try:
            return bytes(self._in.read(room, timeout=_milliseconds(timeout_s)))
        except usb.core.USBTimeoutError:
            return b""
        except usb.core.USBError as error:
            if error.errno != errno.EPIPE:
                raise LineLost(str(error), why_zh(error.errno)) from error
        # The printer stopped its answers; they go on when that is acknowledged.
        self._clear_halt(self._in)
        return b""

    def _write(self, data: bytes, timeout_s: float) -> int:
        import usb.core

        try:
            return int(self._out.write(data, timeout=_milliseconds(timeout_s)))
        except usb.core.USBTimeoutError:
            return 0
        except usb.core.USBError as error:
            if error.errno == errno.EPIPE:
                # How much it had taken is not known: this line is lost, the next one works.
                self._clear_halt(self._out)
            raise LineLost(str(error), why_zh(error.errno)) from error

    def _clear_halt(self, endpoint: Any) -> None:
        import usb.core

        try:
            endpoint.clear_halt()
        except usb.core.USBError as error:
            raise LineLost(str(error), why_zh(error.errno)) from error


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _the_one(address: UsbAddress, backend: Any) -> Any:
    import usb.core

    found = usb_devices(backend, idVendor=address.vendor, idProduct=address.product)
    refused: list[usb.core.USBError] = []
    if address.serial:
        found = list(_with_serial(found, address.serial, refused))
    if not found and refused:
        raise refused[0]
    if not found:
        raise PrinterAway(f"{address}: not connected", why_zh(errno.ENODEV))
    if len(found) > 1:
        raise PrinterAway(
            f"{len(found)} printers are {address}: write the serial number, or file:///dev/usb/lp…",
            f"接了 {len(found)} 台同型号的打印机：请写上序列号，或改用 file:///dev/usb/lp…",
        )
    return found[0]


def _with_serial(devices: list[Any], serial: str, refused: list[Any]) -> Iterator[Any]:
    import usb.core

    for device in devices:
        try:
            if serial_of(device) == serial:
                yield device
        except usb.core.USBError as error:
            refused.append(error)
