"""The byte pipe to a line, on a real pty and a real connection."""

import os
import socket
import threading
import tty
from pathlib import Path

import pytest

from display.bus.port import UNCONFIRMED_MS, Port, PortError

# More than a pty holds, taken at a pace that needs longer than a write may: slow, but not gone.
FRAME = bytes(range(256)) * 1000
PACE_S = 0.02
PIECE = 4096


def test_a_long_frame_on_a_slow_line_is_not_a_line_that_has_gone() -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    taken = bytearray()
    stop = threading.Event()

    def take_slowly() -> None:
        while len(taken) < len(FRAME) and not stop.wait(PACE_S):
            taken.extend(os.read(master, PIECE))

    reader = threading.Thread(target=take_slowly)
    port = Port(os.ttyname(slave), 57600)
    reader.start()
    try:
        port.write(FRAME)
        reader.join(30)
        assert bytes(taken) == FRAME
    finally:
        stop.set()
        reader.join()
        port.close()
        os.close(slave)
        os.close(master)


def test_two_programs_cannot_share_a_line() -> None:
    master, slave = os.openpty()
    port = Port(os.ttyname(slave), 9600)
    try:
        with pytest.raises(PortError, match="另一个程序正在使用"):
            Port(os.ttyname(slave), 9600)
    finally:
        port.close()
    Port(os.ttyname(slave), 9600).close()
    os.close(slave)
    os.close(master)


def test_a_network_that_is_cut_is_given_up_before_old_calls_pile_up() -> None:
    def sockets() -> set[int]:
        links = Path("/proc/self/fd").iterdir()
        return {int(link.name) for link in links if "socket" in str(link.resolve())}

    with socket.create_server(("127.0.0.1", 0)) as listener:
        before = sockets()
        port = Port(f"socket://127.0.0.1:{listener.getsockname()[1]}", 9600)
        (fd,) = sockets() - before
        try:
            with socket.socket(fileno=os.dup(fd)) as connection:
                option = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
            assert option == UNCONFIRMED_MS
        finally:
            port.close()
