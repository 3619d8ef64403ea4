"""How soon 60 panels on four RS-485 lines are right after a storm of calls.

    python bench/panel_storm.py [--calls 600] [--runs 3]

A fake hall server and virtual panels run here; ``hall display`` runs as its own process, without
voice. The virtual lines answer no sooner than a wire of 9600 baud would let them; what the last
frame and its answer take on the wire is added. All calls come at once, as fast as the server can
tell them: nearly every panel has something new when the last one is told.
"""

import argparse
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.machine import machine
from display.virtual.server import VirtualPanels
from display.virtual.settings import VirtualSettings
from tests.fakes.hall_server_fake import FakeHall, call_event, small_hall, window

LINES, EACH, BAUD = 4, 15, 9600
PATIENCE_S = 60.0
# The frame of a call and its answer, 10 bits a byte.
LAST_ON_WIRE_S = (140 + 31) * 10 / BAUD


def hung(folder: Path) -> VirtualPanels:
    """Four lines of fifteen panels."""
    lines = [
        {
            "listen": f"pty:{folder}/line{at}",
            "baud": BAUD,
            "panels": [
                {"address": a, "out_dir": str(folder / f"{at}-{a}")} for a in range(1, EACH + 1)
            ],
        }
        for at in range(LINES)
    ]
    panels = VirtualPanels(VirtualSettings.model_validate({"lines": lines}))
    panels.start()
    return panels


def config(folder: Path) -> str:
    """The display program's file."""
    text = ["[voice]", "enabled = false"]
    for at in range(LINES):
        text += ["[[lines]]", f'name = "n{at}"', f'port = "{folder}/line{at}"', f"baud = {BAUD}"]
        for address in range(1, EACH + 1):
            number = at * EACH + address
            text += ["[[lines.panels]]", f"window = {number}", f"address = {address}"]
    return "\n".join(text) + "\n"


def storm(hall: FakeHall, panels: VirtualPanels, calls: int, seq: int) -> float:
    """Seconds from the last call until every panel shows its own last one."""
    last: dict[int, str] = {}
    chance = random.Random(seq)
    for call in range(calls):
        number = chance.randint(1, LINES * EACH) if call >= LINES * EACH else call + 1
        ticket = f"A{(seq + call) % 1000:03}"
        last[number] = f"{ticket} 请到 {number}号窗口"
        hall.push(call_event(seq + call, ticket, window(number)))
    over = time.perf_counter()
    while any(p.card.text != last[n] for n, p in enumerate(panels.panels, 1)):
        if time.perf_counter() - over > PATIENCE_S:
            raise SystemExit("the panels never became right")
        time.sleep(0.005)
    return time.perf_counter() - over + LAST_ON_WIRE_S


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=600)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        panels = hung(folder)
        hall = FakeHall(small_hall(*(window(n) for n in range(1, LINES * EACH + 1))))
        hall.start()
        path = folder / "display.toml"
        path.write_text(config(folder), "utf-8")
        command = "from hallkit.runtime.cli import main; raise SystemExit(main())"
        child = subprocess.Popen(
            [sys.executable, "-c", command, "display", "--config", str(path), "--server", hall.url]
        )
        try:
            hall.wait_for(lambda: hall.streams == 1, PATIENCE_S)
            time.sleep(6)
            taken = []
            for run in range(args.runs):
                taken.append(storm(hall, panels, args.calls, run * args.calls + 1))
                time.sleep(3)
            rss = psutil.Process(child.pid).memory_info().rss / 1e6
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(PATIENCE_S)
            hall.stop()
            panels.stop()
    print(machine())
    print(f"{args.calls} calls at once over {LINES * EACH} panels, {LINES} lines of {BAUD} baud:")
    print(
        f"  all right after {statistics.median(taken):.2f} s (worst {max(taken):.2f}),"
        f" wire time included; RSS {rss:.0f} MB"
    )


if __name__ == "__main__":
    main()
