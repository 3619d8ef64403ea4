"""A serial line in front of a virtual printer: a pseudo-terminal joined to its TCP port.

Nobody on a serial line sees that the other side was without power: what is sent meanwhile is lost,
and the line is joined again when the printer is back.
"""

import contextlib
import os
import select
import socket
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def serial_line(address: tuple[str, int]) -> Iterator[str]:
    """The path of a device file behind which the printer at ``address`` is."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    path = os.ttyname(theirs)
    stop_reader, stop = os.pipe()
    thread = threading.Thread(target=_run, args=(ours, address, stop_reader), name="serial line")
    thread.start()
    try:
        yield path
    finally:
        os.write(stop, b"x")
        thread.join()
        for fd in (ours, theirs, stop_reader, stop):
            os.close(fd)


def _run(line: int, address: tuple[str, int], stop: int) -> None:
    while True:
        ready, _, _ = select.select([line, stop], [], [], 0.02)
        if stop in ready:
            return
        try:
            printer = socket.create_connection(address, timeout=1)
        except OSError:
            if line in ready:
                os.read(line, 4096)
            continue
        with printer, contextlib.suppress(OSError):
            if _join(line, printer, stop):
                return


def _join(line: int, printer: socket.socket, stop: int) -> bool:
    """Carries bytes both ways; whether it was told to stop, else the printer hung up."""
    while True:
        ready, _, _ = select.select([line, printer, stop], [], [])
        if stop in ready:
            return True
        if printer in ready:
            data = printer.recv(4096)
            if not data:
                return False
            os.write(line, data)
        if line in ready:
            printer.sendall(os.read(line, 4096))
