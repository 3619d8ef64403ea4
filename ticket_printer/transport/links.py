"""Open lines to printers: bytes out, bytes in, each with a time-out.

LineError     what happened, and ``zh``: what to do about it, for people (may be empty)
├── PrinterAway  the line could not be opened: switched off, unplugged, wrong address
└── LineLost     an open line broke: nobody knows how much the printer has received
"""

import errno
import os
import select
import socket
import tempfile
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from hallkit.runtime.paths import cache_dir
from ticket_printer.transport.address import (
    Address,
    CupsAddress,
    FileAddress,
    SerialAddress,
    TcpAddress,
    UsbAddress,
)

# A printer in the same hall answers a connection in milliseconds; 2 s means that it is off.
CONNECT_TIMEOUT_S = 2.0
# After the last byte of a one-way ticket: a printer that closes its side has taken everything.
FAREWELL_S = 2.0
# The last block to a device file waits in the kernel (at most 8 kB) and is thrown away on closing;
# a printer that does not take it in this time has stopped.
LAST_BLOCK_S = 10.0
# A USB printer may say "nothing" over and over; asked this rarely, it costs no processor time.
NOTHING_SAID_S = 0.01
# What a printer said to whoever had the line before arrives within this after the opening.
OLD_ANSWERS_S = 0.03
# … and is not endless: what goes on talking after so many reads is no printer.
MOST_OLD_ANSWERS = 16
# Seconds between two keep-alive probes; three unanswered ones end the connection.
_KEEP_ALIVE_S = 8
# Held while python-escpos is imported.
_importing = threading.Lock()
# One read; the longest answer of a printer is 7 bytes.
_READ_BYTES = 256


class LineError(Exception):
    """Something is wrong with the line; see the module's tree."""

    def __init__(self, message: str, zh: str = "") -> None:
        super().__init__(message)
        self.zh = zh


class PrinterAway(LineError):
    """The line could not be opened."""


class LineLost(LineError):
    """The open line broke."""


class Link(Protocol):
    """An open line. Every method raises LineLost. ``one_way``: nothing can ever be heard on it."""

    keep_open: bool
    one_way: bool

    def exchange(self, data: bytes, timeout_s: float) -> tuple[int, bytes]:
        """Waits until the line takes some of ``data`` or the printer says something, at most
        ``timeout_s``; returns how many bytes were taken and what was said."""
        ...

    def finish(self) -> None:
        """Waits until what was sent has left this machine, as far as that can be known."""
        ...

    def close(self) -> None:
        """Closes the line."""
        ...


class _FdLink:
    """A line that is a non-blocking file descriptor."""

    keep_open = False
    one_way = False
    # What an empty read means: the other side closed, or nothing to say (usblp does that).
    empty_is_end = True

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def exchange(self, data: bytes, timeout_s: float) -> tuple[int, bytes]:
        ours = [self._fd]
        try:
            readable, writable, _ = select.select(
                [] if self.one_way else ours, ours if data else [], [], timeout_s
            )
            heard = self._read() if readable else b""
        except (OSError, ValueError) as error:
            raise LineLost(str(error)) from error
        try:
            return self._write(data) if writable else 0, heard
        except OSError as error:
            # What a printer said before it hung up still counts; the next call finds it gone.
            if heard:
                return 0, heard
            raise LineLost(str(error)) from error

    def finish(self) -> None:
        """Nothing to wait for: the device takes bytes as it prints."""

    def _read(self) -> bytes:
        try:
            heard = os.read(self._fd, _READ_BYTES)
        except BlockingIOError:
            return b""
        if not heard and self.empty_is_end:
            raise LineLost("the printer closed the line")
        return heard

    def _write(self, data: bytes) -> int:
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0


class TcpLink(_FdLink):
    """A network printer: python-escpos' Network on a socket of ours, because its own open()
    leaks the socket when nobody listens and logs every connection at INFO."""

    def __init__(self, address: TcpAddress) -> None:
        self._printer: Any = escpos_printer("Network")(
            address.host, address.port, timeout=CONNECT_TIMEOUT_S
        )
        where = (self._printer.host, self._printer.port)
        try:
            self._socket = socket.create_connection(where, timeout=self._printer.timeout)
        except (OSError, UnicodeError) as error:
            where_to = f"{address.host}:{address.port}"
            raise PrinterAway(f"{where_to}: {error}", _why_no_connection(error)) from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _keep_alive(self._socket)
        self._socket.setblocking(False)
        self._printer.device = self._socket
        super().__init__(self._socket.fileno())

    def finish(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_WR)
            self._socket.settimeout(FAREWELL_S)
            while self._socket.recv(_READ_BYTES):
                pass
        except TimeoutError:
            return
        except OSError as error:
            raise LineLost(str(error)) from error

    def close(self) -> None:
        self._printer.device = None
        self._socket.close()


def _keep_alive(sock: socket.socket) -> None:
    """A printer that holds a ticket may be silent for an hour; one without power is noticed
    within half a minute."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _KEEP_ALIVE_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _KEEP_ALIVE_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)


class SerialLink(_FdLink):
    """A printer on a serial line, opened by python-escpos and pyserial; kept open, because
    opening moves the modem lines and some printers then start anew."""

    keep_open = True

    def __init__(self, address: SerialAddress) -> None:
        self._printer: Any = escpos_printer("Serial")(
            address.path,
            address.baud,
            timeout=0,
            xonxoff=address.flow == "xonxoff",
            dsrdtr=False,
        )
        try:
            self._printer.open()
            self._port = self._printer.device
            self._port.rtscts = address.flow == "rtscts"
        except Exception as error:
            # python-escpos hides pyserial's own error, which has the number, behind one of its own.
            code = getattr(error.__context__, "errno", None)
            what = os.strerror(code) if code else str(error)
            raise PrinterAway(f"{address.path}: {what}", why_zh(code)) from error
        super().__init__(self._port.fileno())

    def close(self) -> None:
        self._printer.device = None
        self._port.close()


class FileLink(_FdLink):
    """A device file, read and written; one that can only be written still prints. python-escpos'
    File cannot read, so it is opened here.

    Source: Linux, drivers/usb/class/usblp.c (what a non-blocking write leaves behind, when a read
    is refused).
    """

    keep_open = True
    empty_is_end = False

    def __init__(self, address: FileAddress, last_block_s: float = LAST_BLOCK_S) -> None:
        self._last_block_s = last_block_s
        try:
            if Path(address.path).is_file():
                raise PrinterAway(f"{address.path}: not a device", "这是普通文件，不是设备")
            super().__init__(self._open(address.path))
        except OSError as error:
            raise PrinterAway(f"{address.path}: {error.strerror}", why_zh(error.errno)) from error
        self._forget_old_answers()

    def _open(self, path: str) -> int:
        flags = os.O_NONBLOCK | os.O_NOCTTY
        try:
            return os.open(path, os.O_RDWR | flags)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS, errno.EINVAL):
                raise
        self.one_way = True
        return os.open(path, os.O_WRONLY | flags)

    def _forget_old_answers(self) -> None:
        try:
            for _ in range(MOST_OLD_ANSWERS):
                if not self.exchange(b"", OLD_ANSWERS_S)[1]:
                    return
        except LineLost as error:
            self.close()
            raise PrinterAway(str(error)) from error

    def _read(self) -> bytes:
        try:
            heard = super()._read()
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.EBADF):
                raise
            # A printer, or a driver, that cannot be read.
            self.one_way = True
            return b""
        if not heard:
            time.sleep(NOTHING_SAID_S)
        return heard

    def finish(self) -> None:
        try:
            _, taken, _ = select.select([], [self._fd], [], self._last_block_s)
        except OSError as error:
            raise LineLost(str(error)) from error
        if not taken:
            raise LineLost("the printer takes no more data")

    def close(self) -> None:
        os.close(self._fd)


def why_zh(code: int | None) -> str:
    """What an error of the system means for a device, in Chinese; empty when it says nothing."""
    return {
        errno.EACCES: "没有权限：运行用户要在 lp 组里（USB 另需安装 udev 规则）",
        errno.EBUSY: "正被另一个程序使用",
        errno.ENOENT: "没有这个设备：没接好，或名称变了",
        errno.ENODEV: "没有这个设备：没接好，或名称变了",
        errno.ECONNREFUSED: "地址通，但端口没有打开",
        errno.EHOSTUNREACH: "网络不通",
        errno.ENETUNREACH: "网络不通",
    }.get(code or 0, "")


def _why_no_connection(error: OSError | UnicodeError) -> str:
    if isinstance(error, TimeoutError):
        return "没有应答：没开机、网线没接好，或地址不对"
    if isinstance(error, socket.gaierror | UnicodeError):
        return "找不到这个主机名：请检查地址"
    return why_zh(error.errno)


def escpos_printer(name: str) -> Any:
    """python-escpos' printer class of this name. Thread-safe."""
    with _importing:
        return _escpos_printer(name)


@cache
def _escpos_printer(name: str) -> Any:
    """Under ``_importing``: what it does to the temporary directory is the whole process's.

    Its import reads a database of printers, which is cached in our cache folder (when that can be
    written), and makes an empty folder in the temporary directory each time, which is swept away
    here.
    """
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="hall-printer-") as scratch:
        os.environ.setdefault("ESCPOS_CAPABILITIES_PICKLE_DIR", _cache_folder() or scratch)
        tempfile.tempdir = scratch
        try:
            from escpos import printer
        finally:
            tempfile.tempdir = before
    return getattr(printer, name)


def _cache_folder() -> str | None:
    try:
        folder = cache_dir() / "escpos"
        folder.mkdir(exist_ok=True)
    except OSError:
        return None
    return str(folder) if os.access(folder, os.W_OK) else None


def open_link(address: Address) -> Link:
    """Opens the line. Raises PrinterAway. USB and CUPS are loaded only where they are used."""
    if isinstance(address, TcpAddress):
        return TcpLink(address)
    if isinstance(address, SerialAddress):
        return SerialLink(address)
    if isinstance(address, UsbAddress):
        from ticket_printer.transport.usb_link import UsbLink

        return UsbLink(address)
    if isinstance(address, CupsAddress):
        from ticket_printer.transport.cups_link import CupsLink

        return CupsLink(address)
    return FileLink(address)
