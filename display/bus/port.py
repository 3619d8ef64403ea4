"""The byte pipe to a line of panels: a serial port, a pty or a TCP connection."""

import os

import serial

# A read returns after this long at the latest, so that a worker notices that it is to stop.
READ_TIMEOUT_S = 0.02
# The kernel takes a frame at once unless the other side has stopped reading: an unread pty blocks
# at 18 kB, a TCP peer at its window.
WRITE_TIMEOUT_S = 1.0
_AT_ONCE = 256


class PortError(Exception):
    """The line is not there (any more). The message is for logs and for the device page."""


class Port:
    """An open line. Every method raises PortError when the line has gone."""

    def __init__(self, url: str, baud: int) -> None:
        self._url = url
        try:
            self._serial = serial.serial_for_url(
                url, baudrate=baud, timeout=READ_TIMEOUT_S, write_timeout=WRITE_TIMEOUT_S
            )
        except (OSError, ValueError) as error:
            raise PortError(_reason(error)) from error

    def write(self, data: bytes) -> None:
        """Hands ``data`` to the line."""
        try:
            self._serial.write(data)
        except OSError as error:
            raise PortError(_reason(error)) from error

    def read(self) -> bytes:
        """What has arrived, waiting at most READ_TIMEOUT_S; may be empty."""
        try:
            return bytes(self._serial.read(_AT_ONCE))
        except OSError as error:
            raise PortError(_reason(error)) from error

    def discard_input(self) -> None:
        """Drops what has arrived unasked; notices that the other side has gone."""
        try:
            self._serial.timeout = 0
            while self._serial.read(_AT_ONCE):
                pass
            self._serial.timeout = READ_TIMEOUT_S
        except OSError as error:
            raise PortError(_reason(error)) from error

    def close(self) -> None:
        """Closes the line; harmless when it has gone."""
        try:
            self._serial.close()
        except OSError:
            return


def _reason(error: Exception) -> str:
    number = getattr(error, "errno", None)
    return os.strerror(number) if number else str(error)
