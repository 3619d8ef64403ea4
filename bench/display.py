"""How fast a call reaches a panel, and what the display program costs.

    python bench/display.py [--calls 300] [--panels 10] [--idle 20]

A fake hall server and panels run here, every other one on a network port and on a serial line (a
pty); ``hall display`` runs as its own process, without voice.
Measured: from handing the event to the server's stream to the first byte of the frame at the
panel; memory (RSS) after the calls; processor time while nothing happens.
"""

import argparse
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tty
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.machine import machine, summary
from display.virtual.families import family
from display.virtual.line import Channel, Panel
from display.virtual.settings import VirtualPanelSettings
from tests.fakes.hall_server_fake import FakeHall, call_event, small_hall, window

# Panels accept one frame a second; a call to the same panel comes a little later than that.
REST_S = 1.3
PATIENCE_S = 30.0


def _channel() -> Channel:
    kind = family("bx5k")
    panel = Panel(VirtualPanelSettings(out_dir="/nowhere", address=1), kind)
    return Channel(kind, [panel], lambda _panel: None)


class Panels:
    """Panels on TCP ports (odd numbers) and ptys (even ones) that acknowledge, and note when a
    frame's first byte arrived."""

    def __init__(self, count: int) -> None:
        self.first_byte: dict[int, float] = {}
        self.arrived = threading.Condition()
        self.ports: list[str] = []
        self._open: list[int] = []
        self._selector = selectors.DefaultSelector()
        for number in range(1, count + 1):
            self.ports.append(self._tcp(number) if number % 2 else self._pty(number))
        self._stopping = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _tcp(self, number: int) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        self._selector.register(
            listener, selectors.EVENT_READ, lambda: self._accept(listener, number)
        )
        return f"socket://127.0.0.1:{listener.getsockname()[1]}"

    def _pty(self, number: int) -> str:
        master, slave = os.openpty()
        tty.setraw(slave)
        self._open += [master, slave]
        self._hear(number, master)
        return os.ttyname(slave)

    def stop(self) -> None:
        self._stopping = True
        self._thread.join()
        for fd in self._open:
            os.close(fd)

    def _run(self) -> None:
        while not self._stopping:
            for key, _ in self._selector.select(0.2):
                key.data()

    def _accept(self, listener: socket.socket, number: int) -> None:
        connection, _ = listener.accept()
        self._hear(number, connection.detach())

    def _hear(self, number: int, fd: int) -> None:
        channel = _channel()
        self._selector.register(fd, selectors.EVENT_READ, lambda: self._serve(fd, number, channel))

    def _serve(self, fd: int, number: int, channel: Channel) -> None:
        now = time.perf_counter()
        data = os.read(fd, 65536)
        if not data:
            self._selector.unregister(fd)
            os.close(fd)
            return
        with self.arrived:
            self.first_byte.setdefault(number, now)
            self.arrived.notify_all()
        for sending in channel.receive(data):
            os.write(fd, sending.data)


def config(ports: list[str]) -> str:
    lines = ["[voice]", "enabled = false"]
    for number, port in enumerate(ports, 1):
        lines += ["[[lines]]", f'name = "n{number}"', f'port = "{port}"']
        lines += ["[[lines.panels]]", f"window = {number}"]
    return "\n".join(lines) + "\n"


def measure(hall: FakeHall, panels: Panels, calls: int) -> dict[str, list[float]]:
    """Seconds from event to first byte, one a call, by transport."""
    count = len(panels.ports)
    taken: dict[str, list[float]] = {"tcp": [], "pty": []}
    for call in range(calls):
        number = call % count + 1
        with panels.arrived:
            panels.first_byte.pop(number, None)
        start = time.perf_counter()
        hall.push(call_event(call + 1, f"A{call % 999 + 1:03}", window(number)))
        with panels.arrived:
            if not panels.arrived.wait_for(lambda n=number: n in panels.first_byte, PATIENCE_S):
                raise SystemExit(f"call {call} never reached its panel")
            taken["tcp" if number % 2 else "pty"].append(panels.first_byte[number] - start)
        time.sleep(max(0.0, REST_S / count - (time.perf_counter() - start)))
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--panels", type=int, default=10)
    parser.add_argument("--idle", type=float, default=20.0, help="seconds")
    args = parser.parse_args()
    panels = Panels(args.panels)
    hall = FakeHall(small_hall(*(window(n) for n in range(1, args.panels + 1))))
    hall.start()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "display.toml"
        path.write_text(config(panels.ports), "utf-8")
        command = "from hallkit.runtime.cli import main; raise SystemExit(main())"
        child = subprocess.Popen(
            [sys.executable, "-c", command, "display", "--config", str(path), "--server", hall.url]
        )
        try:
            hall.wait_for(lambda: hall.streams == 1, PATIENCE_S)
            time.sleep(3 * REST_S)
            taken = measure(hall, panels, args.calls)
            report(taken, psutil.Process(child.pid), args.idle)
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(PATIENCE_S)
            hall.stop()
            panels.stop()


def report(taken: dict[str, list[float]], process: psutil.Process, idle_s: float) -> None:
    """Prints the figures."""
    time.sleep(2 * REST_S)
    before = sum(process.cpu_times()[:2])
    time.sleep(idle_s)
    idle = (sum(process.cpu_times()[:2]) - before) / idle_s * 100
    print(machine())
    print("event to first byte at the panel:")
    for transport, seconds in taken.items():
        print(f"  {transport}: {summary([s * 1e3 for s in seconds])}")
    print(f"memory (RSS): {process.memory_info().rss / 1e6:.0f} MB")
    print(f"processor while idle: {idle:.2f} % of one core")


if __name__ == "__main__":
    main()
