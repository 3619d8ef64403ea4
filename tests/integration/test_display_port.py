"""The byte pipe to a line, on a real pty."""

import os
import threading
import tty

from display.bus.port import Port

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
