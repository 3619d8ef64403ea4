"""The whole hall on one machine: how fast from a tap to paper and from a call to a panel, how
much memory and processor time.

    python bench/whole_hall.py [--calls 200] [--taps 40] [--idle 60] [--hall FILE]

Every program runs as in ``hall demo``. Relays stand before the virtual printer and the virtual
panels and note when bytes pass.
"""

import argparse
import contextlib
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import tomli_w
import urllib3

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.machine import machine, summary
from bench.wire_tap import WireTap
from hall_server.demo.children import Children
from hall_server.demo.plan import (
    Plan,
    Printer,
    commands,
    panels_for,
    staff_for,
    virtual_panels_config,
)
from hall_server.demo.prepare import prepare
from hall_server.demo.ready import wait_until_ready
from hall_server.hallfile.loader import load_hall_file
from hallkit.runtime.paths import config_dir
from hallkit.runtime.ports import free_port
from tests.e2e.demo_hall import KioskScreen

PIN = "112233"
# A panel takes one frame a second.
PANEL_REST_S = 1.1


class Bench:
    """A running hall with relays on its wires."""

    def __init__(self, hall_file: Path, data: Path) -> None:
        hall = load_hall_file(hall_file)
        pins = {"clerk": PIN, "guide": PIN, "manager": PIN}
        plan = Plan(
            data=data,
            host="127.0.0.1",
            port=free_port(),
            hours="always",
            kiosk="offscreen",
            manual_clock=False,
            printers=(Printer("kiosk-1", free_port(), 80, data / "paper"),),
            panels=panels_for(hall, data),
            intake_port=free_port(),
            remote_port=free_port(),
            staff=staff_for(hall, pins),
        )
        self.plan = prepare(plan, hall)
        self.paper = WireTap(plan.printers[0].port, port := free_port())
        self.panels = self._tap_panels()
        self.children = Children(data / "logs")
        moved = replace(plan.printers[0], port=port)
        for name, arguments in commands(replace(self.plan, printers=(moved,))):
            self.children.start(name, arguments)
        assert wait_until_ready(self.plan, self.children, lambda: False)
        self.pool = urllib3.PoolManager(retries=False)

    def _tap_panels(self) -> dict[int, WireTap]:
        """Relays for the panels that have a connection of their own; the virtual ones move."""
        taps = {}
        moved = []
        for panel in self.plan.panels:
            if panel.port.startswith("socket://"):
                target = free_port()
                taps[panel.window] = WireTap(int(panel.port.rsplit(":", 1)[1]), target)
                moved.append(replace(panel, port=f"socket://127.0.0.1:{target}"))
            else:
                moved.append(panel)
        config = virtual_panels_config(replace(self.plan, panels=tuple(moved)))
        (self.plan.data / "config" / "virtual-panels.toml").write_text(tomli_w.dumps(config))
        return taps

    def call(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        answer = self.pool.request(
            method,
            f"{self.plan.base_url}/api/v1{path}",
            body=json.dumps(body) if body is not None else None,
            headers=headers | {"Content-Type": "application/json"},
        )
        assert answer.status < 300, answer.data
        return json.loads(answer.data)

    def log_in(self) -> dict[str, str]:
        """A manager's headers; a manager may act at every window."""
        answer = self.pool.request(
            "POST",
            f"{self.plan.base_url}/api/v1/session",
            body=json.dumps({"staff_no": "9001", "pin": PIN}),
            headers={"Content-Type": "application/json"},
        )
        cookie = answer.headers["Set-Cookie"].split(";")[0]
        return {"Cookie": cookie, "X-CSRF-Token": json.loads(answer.data)["csrf_token"]}


def _command(**more: Any) -> dict[str, Any]:
    return {"request_id": str(uuid.uuid4()), **more}


def calls(bench: Bench, count: int) -> list[float]:
    """Milliseconds from sending call-next to the first byte of that call's frame at the panel."""
    staff = bench.log_in()
    windows = sorted(bench.panels)
    services = {
        number: bench.call("GET", f"/windows/{number}", None, staff)["services_now"][0]
        for number in windows
    }
    for number in windows:
        bench.call("POST", f"/windows/{number}/open", _command(), staff)
    rested = dict.fromkeys(windows, time.monotonic() + PANEL_REST_S)
    took = []
    for turn in range(count):
        window = windows[turn % len(windows)]
        body = _command(service_id=services[window], channel="desk")
        number = bench.call("POST", "/tickets", body, staff)["number"]
        time.sleep(max(0.0, rested[window] - time.monotonic()))
        start = time.monotonic()
        called = bench.call("POST", f"/windows/{window}/call-next", _command(), staff)
        assert called["ticket"]["number"] == number
        at = bench.panels[window].first_after(start, number.encode(), 10)
        took.append((at - start) * 1000)
        for verb in ("start", "finish"):
            bench.call("POST", f"/windows/{window}/{verb}", _command(), staff)
        rested[window] = time.monotonic() + 2 * PANEL_REST_S
    return took


def taps(bench: Bench, hall: Path, count: int) -> list[float]:
    """Milliseconds from the touch on 确认取号 to the first byte of the ticket at the printer."""
    kiosk = KioskScreen(bench.pool, f"http://127.0.0.1:{bench.plan.remote_port}")
    file = load_hall_file(hall)
    category = file.categories[0]
    took = []
    for _ in range(count):
        kiosk.wait_screen("home")
        kiosk.touch("取")
        kiosk.wait_screen("category")
        kiosk.touch(category.name)
        kiosk.wait_screen("service")
        kiosk.touch(category.services[0].name)
        kiosk.wait_screen("confirm")
        place = kiosk.find("确认取号")
        time.sleep(0.5)
        start = time.monotonic()
        kiosk.tap(place)
        at = bench.paper.first_after(start, b"\x1b@", 10)
        took.append((at - start) * 1000)
        kiosk.wait_screen("issued")
        kiosk.touch("完成")
    return took


def _programs() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def idle(seconds: float) -> dict[str, float]:
    """Percent of one core that each program uses while nothing happens."""
    programs = {p: sum(p.cpu_times()[:2]) for p in _programs()}
    time.sleep(seconds)
    return {
        f"{_name(p)} ({p.pid})": 100 * (sum(p.cpu_times()[:2]) - before) / seconds
        for p, before in programs.items()
    }


def _name(process: psutil.Process) -> str:
    return " ".join(a for a in process.cmdline()[3:6] if not a.startswith(("/", "-")))


def memory_with_streams(bench: Bench, streams: int) -> tuple[float, float]:
    """The server's RSS in MB before and with this many open event streams."""
    server = next(p for p in _programs() if _name(p).startswith("server"))
    before = server.memory_info().rss / 1e6
    token = bench.plan.tokens["display"]
    opened = []
    for _ in range(streams):
        link = socket.create_connection(("127.0.0.1", bench.plan.port))
        link.sendall(
            b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n"
            b"Authorization: Bearer " + token.encode() + b"\r\n\r\n"
        )
        assert b"200" in link.recv(4096)
        opened.append(link)
    time.sleep(11)
    after = server.memory_info().rss / 1e6
    for link in opened:
        link.close()
    return before, after


def server_start(data: Path, port: int) -> float:
    """Seconds from starting ``hall server`` to its first answer."""
    command = [sys.executable, "-m", "hallkit.runtime.cli", "server", "--data", str(data)]
    command += ["--config", str(config_dir() / "server.toml")]
    command += ["--host", "127.0.0.1", "--port", str(port), "--no-announce"]
    start = time.monotonic()
    process = subprocess.Popen(
        command,
        stderr=subprocess.DEVNULL,
    )
    try:
        with urllib3.PoolManager(retries=False, timeout=1.0) as pool:
            while True:
                with contextlib.suppress(urllib3.exceptions.HTTPError):
                    url = f"http://127.0.0.1:{port}/api/v1/health"
                    if pool.request("GET", url).status == 200:
                        return time.monotonic() - start
                time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--taps", type=int, default=40)
    parser.add_argument("--idle", type=float, default=60)
    parser.add_argument("--hall", type=Path, default=config_dir() / "halls" / "baishui-town.toml")
    args = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        first = server_start(data / "start", free_port())
        again = sorted(server_start(data / "start", free_port()) for _ in range(5))
        print(f"server start to first answer: new data {first:.2f} s, then {again[2]:.2f} s")
        begin = time.monotonic()
        bench = Bench(args.hall, data / "demo")
        try:
            print(f"whole hall ready: {time.monotonic() - begin:.1f} s")
            print("call-next -> panel:", summary(calls(bench, args.calls)))
            print("tap -> printer:    ", summary(taps(bench, args.hall, args.taps)))
            time.sleep(5)
            shares = idle(args.idle)
            for name, share in shares.items():
                print(f"  idle {share:5.2f} %  {name}")
            print(f"idle, all programs: {sum(shares.values()):.2f} % of one core")
            for process in _programs():
                print(f"  RSS {process.memory_info().rss / 1e6:5.0f} MB  {_name(process)}")
            before, after = memory_with_streams(bench, 50)
            print(f"server RSS: {before:.0f} MB, with 50 more event streams {after:.0f} MB")
        finally:
            bench.children.stop()


if __name__ == "__main__":
    main()
