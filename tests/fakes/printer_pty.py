"""A serial line in front of a virtual printer: a pseudo-terminal joined to its TCP port."""

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
    printer = socket.create_connection(address)
    thread = threading.Thread(target=_join, args=(ours, printer, stop_reader), name="serial line")
    thread.start()
    try:
        yield path
    finally:
        os.write(stop, b"x")
        thread.join()
        printer.close()
        for fd in (ours, theirs, stop_reader, stop):
            os.close(fd)


def _join(line: int, printer: socket.socket, stop: int) -> None:
    with contextlib.suppress(OSError):
        while True:
            ready, _, _ = select.select([line, printer, stop], [], [])
            if stop in ready:
                return
            if line in ready:
                printer.sendall(os.read(line, 4096))
            if printer in ready:
                data = printer.recv(4096)
                if not data:
                    return
                os.write(line, data)
