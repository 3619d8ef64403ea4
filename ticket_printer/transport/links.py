"""Open lines to printers: bytes out, bytes in, each with a time-out.

LineError
├── PrinterAway  the line could not be opened: switched off, unplugged, wrong address
└── LineLost     an open line broke: nobody knows how much the printer has received
"""

import os
import select
import socket
import tempfile
from functools import cache
from typing import Any, Protocol

from hallkit.runtime.paths import cache_dir
from ticket_printer.transport.address import Address, FileAddress, SerialAddress, TcpAddress

# A printer in the same hall answers a connection in milliseconds; 2 s means that it is off.
CONNECT_TIMEOUT_S = 2.0
# After the last byte of a one-way ticket: a printer that closes its side has taken everything.
FAREWELL_S = 2.0
# Seconds between two keep-alive probes; three unanswered ones end the connection.
_KEEP_ALIVE_S = 8
# One read; the longest answer of a printer is 7 bytes.
_READ_BYTES = 256


class LineError(Exception):
    """Something is wrong with the line; see the module's tree."""


class PrinterAway(LineError):
    """The line could not be opened."""


class LineLost(LineError):
    """The open line broke."""


class Link(Protocol):
    """An open line. Every method raises LineLost."""

    keep_open: bool

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
    # What an empty read means: the other side closed, or nothing to say (usblp does that).
    empty_is_end = True

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def exchange(self, data: bytes, timeout_s: float) -> tuple[int, bytes]:
        try:
            readable, writable, _ = select.select(
                [self._fd], [self._fd] if data else [], [], timeout_s
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
        except OSError as error:
            raise PrinterAway(f"{address.host}:{address.port}: {error}") from error
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
            raise PrinterAway(f"{address.path}: {error}") from error
        super().__init__(self._port.fileno())

    def close(self) -> None:
        self._printer.device = None
        self._port.close()


class FileLink(_FdLink):
    """A device file. python-escpos' File cannot read, so it is opened here."""

    keep_open = True
    empty_is_end = False

    def __init__(self, address: FileAddress) -> None:
        try:
            fd = os.open(address.path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError as error:
            raise PrinterAway(f"{address.path}: {error.strerror}") from error
        super().__init__(fd)

    def close(self) -> None:
        os.close(self._fd)


@cache
def escpos_printer(name: str) -> Any:
    """python-escpos' printer class of this name.

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
    """Opens the line. Raises PrinterAway."""
    if isinstance(address, TcpAddress):
        return TcpLink(address)
    if isinstance(address, SerialAddress):
        return SerialLink(address)
    return FileLink(address)
