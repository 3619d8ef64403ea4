"""The byte pipe to a line of panels: a serial port, a pty or a TCP connection."""

import errno
import os
import socket

import serial
from serial.rs485 import RS485Settings

# A read returns after this long at the latest, so that a worker notices that it is to stop.
READ_TIMEOUT_S = 0.02
# The kernel takes a frame at once unless the other side has stopped reading: an unread pty blocks
# at 18 kB, a TCP peer at its window.
WRITE_TIMEOUT_S = 1.0
# A network that is cut without notice shows only in that nobody confirms what was sent: the kernel
# alone would go on for a quarter of an hour, and pour old calls over the panel at the end.
UNCONFIRMED_MS = 10_000
# A picture is longer than what the kernel takes at once; a piece of it leaves within half a second
# at 9600 baud.
_PIECE = 512
_MOST = 4096


class PortError(Exception):
    """The line is not there (any more). The message is for logs and for the device page."""


class Port:
    """An open line. ``rs485``: the kernel switches a transceiver on the board between sending and
    hearing (USB adapters do that by themselves). A device that another program has open so is not
    opened. Every method raises PortError when the line has gone."""

    def __init__(self, url: str, baud: int, *, rs485: bool = False) -> None:
        try:
            self._serial = serial.serial_for_url(
                url,
                baudrate=baud,
                timeout=READ_TIMEOUT_S,
                write_timeout=WRITE_TIMEOUT_S,
                exclusive="://" not in url or None,
            )
            if url.startswith("socket://"):
                _give_up_unconfirmed(self._serial.fileno())
            if rs485:
                self._serial.rs485_mode = RS485Settings()
        except (OSError, ValueError) as error:
            raise PortError(_reason(error)) from error

    def write(self, data: bytes) -> None:
        """Hands ``data`` to the line."""
        try:
            for at in range(0, len(data), _PIECE):
                self._serial.write(data[at : at + _PIECE])
        except OSError as error:
            raise PortError(_reason(error)) from error

    def read(self) -> bytes:
        """What has arrived, waiting at most READ_TIMEOUT_S for a first byte; may be empty."""
        try:
            data = bytes(self._serial.read(1))
            return data + self._arrived() if data else data
        except OSError as error:
            raise PortError(_reason(error)) from error

    def discard_input(self) -> None:
        """Drops what has arrived unasked; notices that the other side has gone."""
        try:
            self._arrived()
        except OSError as error:
            raise PortError(_reason(error)) from error

    def _arrived(self) -> bytes:
        # Over a socket, in_waiting says only whether there is anything; a line of noise that
        # never ends is taken in pieces.
        data = b""
        while len(data) < _MOST and (count := self._serial.in_waiting):
            data += self._serial.read(count)
        return data

    def close(self) -> None:
        """Closes the line; harmless when it has gone."""
        try:
            self._serial.close()
        except OSError:
            return


def _give_up_unconfirmed(fd: int) -> None:
    with socket.socket(fileno=os.dup(fd)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNCONFIRMED_MS)


def _reason(error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EWOULDBLOCK:
        return "另一个程序正在使用 (in use by another program)"
    return os.strerror(number) if number else str(error)
