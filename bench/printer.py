"""Ticket printer: job accepted → first byte, drawing time, memory and idle processor time.

    python bench/printer.py [--tickets 200] [--idle 30]

Runs ``hall printer`` as a process of its own and prints the figures, each beside what it must not
exceed, with the machine's name. The first byte is taken by a printer of the bench's own, which
notes when the first byte of a ticket (ESC @) arrives.
"""

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import psutil
import urllib3

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.machine import machine, summary
from hallkit.runtime.fonts import face
from hallkit.wire.printing import TicketSlip
from ticket_printer.layouts import load_layouts
from ticket_printer.render.draw import draw_slip
from ticket_printer.render.escpos_raster import raster
from ticket_printer.render.sheet import Typeface
from ticket_printer.virtual.faults import Faults
from ticket_printer.virtual.machine import Machine

_HALL = "import sys; from hallkit.runtime.cli import main; sys.exit(main(sys.argv[1:]))"
SLIP = TicketSlip(
    hall_name="尧禾镇便民服务中心",
    service_name="城乡居民养老保险参保登记",
    number="A012",
    ahead=7,
    p50_min=12,
    p90_min=25,
    wait_at="休息等候区",
    missed_rule="过号后顺延 3 位，请留意叫号；第三次过号，号码作废，请重新取号。",
    issued_at=datetime.now(timezone(timedelta(hours=8))),
    position_url="http://192.168.1.10:8080/t/6fJ2kQw9ZtB4",
)


class TimedPrinter:
    """A printer that answers like a whole one and notes when each ticket's first byte came."""

    def __init__(self) -> None:
        self.first_bytes: list[float] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        typeface = face()
        fonts = Typeface(typeface, typeface)
        self._machine = Machine(576, fonts.font, Faults(), lambda _picture, _lines: None)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            client, _ = self._listener.accept()
            with client:
                while data := client.recv(65536):
                    if data.startswith(b"\x1b@"):
                        self.first_bytes.append(time.perf_counter())
                    client.sendall(self._machine.receive(data) or b"")
            self._machine.disconnected()


@contextmanager
def printer_program(folder: Path, *ports: int) -> Iterator[tuple[psutil.Process, str]]:
    """``hall printer`` with one printer for each port; its process and base URL."""
    printers = "".join(
        f'[[printers]]\nname = "P{i}"\ntransport = "tcp://127.0.0.1:{port}"\ncaps = "epson"\n'
        for i, port in enumerate(ports)
    )
    config = folder / "printer.toml"
    config.write_text(f'data_dir = "{folder / "data"}"\n[intake]\nport = 0\n{printers}')
    command = [sys.executable, "-c", _HALL, "printer", "--config", str(config)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().rsplit(":", 1)[1].strip()
            yield psutil.Process(process.pid), f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def bench_drawing() -> None:
    """Drawing and encoding one ticket."""
    typeface, layouts = Typeface(face(), face("bold")), load_layouts()
    times = []
    for _ in range(60):
        start = time.perf_counter()
        raster(draw_slip(SLIP, 80, typeface, layouts))
        times.append((time.perf_counter() - start) * 1000)
    print(f"ticket drawn and encoded (at most 20 ms): {summary(times)}")


def bench_first_byte(folder: Path, tickets: int) -> None:
    """From the answer 202 to the ticket's first byte at an idle printer, and memory after it."""
    printer = TimedPrinter()
    pool = urllib3.PoolManager()
    slip = json.loads(SLIP.model_dump_json())
    after_202, after_post = [], []
    with printer_program(folder, printer.port) as (process, url):
        time.sleep(3)
        for number in range(tickets):
            body = json.dumps({"job_id": f"bench-{number}", "slip": slip}).encode()
            seen, asked = len(printer.first_bytes), time.perf_counter()
            pool.request(
                "POST", f"{url}/jobs", body=body, headers={"Content-Type": "application/json"}
            )
            accepted = time.perf_counter()
            while len(printer.first_bytes) == seen:
                time.sleep(0.0002)
            after_202.append(max(0.0, printer.first_bytes[seen] - accepted) * 1000)
            after_post.append((printer.first_bytes[seen] - asked) * 1000)
            while pool.request("GET", f"{url}/jobs/bench-{number}").json()["state"] != "done":
                time.sleep(0.01)
        print(f"job accepted → first byte (p99 at most 60 ms): {summary(after_202)}")
        print(f"job sent → first byte: {summary(after_post)}")
        print(f"RSS after {tickets} tickets (at most 60 MB): {_rss_mb(process):.0f} MB")


def bench_idle(folder: Path, seconds: float) -> None:
    """Processor time of the program that polls three idle printers."""
    printers = [TimedPrinter() for _ in range(3)]
    with printer_program(folder, *(printer.port for printer in printers)) as (process, _):
        time.sleep(4)
        before = process.cpu_times()
        time.sleep(seconds)
        after = process.cpu_times()
        used = after.user + after.system - before.user - before.system
        print(
            f"idle with three printers polled (under 0.5 %): {100 * used / seconds:.2f} % of one "
            f"core, RSS {_rss_mb(process):.0f} MB"
        )


def _rss_mb(process: psutil.Process) -> float:
    return float(process.memory_info().rss / 2**20)


def main() -> None:
    """Runs all of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--tickets", type=int, default=200)
    parser.add_argument("--idle", type=float, default=30.0, metavar="SECONDS")
    options = parser.parse_args()
    print(f"machine: {machine()}")
    bench_drawing()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        bench_first_byte(Path(one), options.tickets)
        bench_idle(Path(two), options.idle)


if __name__ == "__main__":
    main()
