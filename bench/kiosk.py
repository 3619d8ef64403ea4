"""The kiosk alone: from a touch on 确认取号 to the server and the printer program; memory; idling.

    python bench/kiosk.py [--tickets 40] [--idle 30] [--size 1080x1920]

The touch is the remote hand's, handled when it comes; it rests up to 50 ms on the button, which is
in the figures. A finger on glass waits for the next frame, up to 1/maxfps of a second more. Server
and printer program are small fakes, so that this is the kiosk's own share.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.machine import machine, summary
from tests.fakes.kiosk_fakes import FakePrinter, Kiosk, TicketHall, running_kiosk


def take_number(kiosk: Kiosk) -> float:
    """Takes one number; returns when the finger came down on 确认取号, in monotonic s."""
    for widget in ("take", "category:civil", "service:dibao"):
        kiosk.touch(widget)
    confirm = next(w for w in kiosk.look()["widgets"] if w["id"] == "confirm")
    touched_at = time.monotonic()
    kiosk.touch_at(confirm["x"], confirm["y"])
    kiosk.wait("issued", lambda seen: "已打印，请取票" in seen["texts"])
    kiosk.touch("done")
    kiosk.wait("home")
    return touched_at


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tickets", type=int, default=40)
    parser.add_argument("--idle", type=float, default=30.0)
    parser.add_argument("--size", default="1080x1920")
    args = parser.parse_args()
    printer = FakePrinter()
    printer.start()
    started = time.monotonic()
    with (
        TicketHall() as hall,
        tempfile.TemporaryDirectory() as folder,
        running_kiosk(Path(folder), hall.url, printer.url, size=args.size) as kiosk,
    ):
        kiosk.wait("home")
        first = time.monotonic() - started
        process = psutil.Process(kiosk.process.pid)
        touches = [take_number(kiosk) for _ in range(args.tickets)]
        rss = process.memory_info().rss / 2**20
        before = process.cpu_times()
        time.sleep(args.idle)
        after = process.cpu_times()
        asked, printed = hall.received_at, printer.received_at
    printer.stop()
    busy = after.user + after.system - before.user - before.system
    server = [(a - t) * 1000 for a, t in zip(asked, touches, strict=True)]
    paper = [(a - t) * 1000 for a, t in zip(printed, touches, strict=True)]
    print(machine())
    print(f"start to the first page         {first:.1f} s")
    print(f"touch to POST /tickets         {summary(server)}")
    print(f"touch to POST /jobs (printer)  {summary(paper)}")
    print(f"RSS after {args.tickets} tickets at {args.size}: {rss:.0f} MB")
    print(f"idle processor time             {100 * busy / args.idle:.1f} %")


if __name__ == "__main__":
    main()
