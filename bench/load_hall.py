"""A hall made for measuring: as many windows as asked for, every one taking a third of the
services, with clerks and devices."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import tomli_w
import urllib3

from hall_server.factory import Limits, build_parts
from hall_server.hallfile.build import build_hall
from hall_server.hallfile.loader import load_hall_file
from hall_server.http.server import free_port
from hall_server.service.install import install_hall
from hall_server.service.views import Urls
from hall_server.store.store import SqlStore
from hallkit.runtime.clock import SystemClock

PIN = "112233"
CLERKS, SERVICES, CATEGORIES = 16, 60, 6


@dataclass(frozen=True)
class Prepared:
    """What the devices of a prepared hall know."""

    tokens: dict[str, str]
    device_ids: dict[str, str]


def hall_document(windows: int) -> dict[str, object]:
    """The hall file."""
    return {
        "hall": {"id": "bench", "name": "压力测试大厅", "level": "city", "source": "bench"},
        "areas": [{"id": "a", "name": "办事区"}],
        "categories": [
            {
                "id": f"c{c}",
                "series": "ABCDEF"[c],
                "name": f"类别{c}",
                "services": [
                    {"id": f"s{s}", "name": f"事项{s}", "minutes": 8}
                    for s in range(c, SERVICES, CATEGORIES)
                ],
            }
            for c in range(CATEGORIES)
        ],
        "windows": [
            {
                "number": n,
                "name": "综合窗口",
                "area": "a",
                "rules": [
                    {"services": "*"}
                    if n % 4 == 0
                    else {"services": [f"category:c{(n + i) % CATEGORIES}" for i in range(2)]}
                ],
            }
            for n in range(1, windows + 1)
        ],
        "priority_classes": [
            {"id": "ordinary", "name": "普通号"},
            {"id": "green", "name": "绿色通道", "head": 10, "rate": 3},
        ],
        "hours": {
            "sessions": [{"weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "to": "23:59"}]
        },
    }


def prepare(data: Path, windows: int) -> Prepared:
    """A data folder with the hall, its devices and its clerks (managers, who act anywhere)."""
    file = data / "hall.toml"
    file.write_text(tomli_w.dumps(hall_document(windows)), encoding="utf-8")
    config = {"hall_file": "hall.toml", "data_dir": str(data), "hours": "always", "announce": False}
    (data / "server.toml").write_text(tomli_w.dumps(config), encoding="utf-8")
    hall_file, clock = load_hall_file(file), SystemClock()
    store = SqlStore(data)
    try:
        install_hall(store, hall_file, "bench", clock.now)
        parts = build_parts(store, build_hall(hall_file), clock, Urls("http://hall.test"), Limits())
        for number in range(CLERKS):
            parts.people.add_staff(f"{9001 + number}", f"职员{number}", "manager", PIN, demo=True)
        made = {kind: parts.devices.add(kind, kind) for kind in ("kiosk", "display")}
    finally:
        store.close()
    return Prepared({k: v[1] for k, v in made.items()}, {k: v[0] for k, v in made.items()})


def start_server(
    data: Path, environment: dict[str, str]
) -> tuple["subprocess.Popen[bytes]", tuple[str, int]]:
    """Starts ``hall server`` on the prepared folder; returns once it answers."""
    port = free_port("127.0.0.1")
    command = [sys.executable, "-m", "hallkit.runtime.cli", "server"]
    command += ["--config", str(data / "server.toml"), "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    with urllib3.PoolManager(retries=False, timeout=1.0) as pool:
        for _ in range(600):
            try:
                if pool.request("GET", f"http://127.0.0.1:{port}/api/v1/health").status == 200:
                    return process, ("127.0.0.1", port)
            except urllib3.exceptions.HTTPError:
                time.sleep(0.05)
    process.kill()
    raise TimeoutError("the server did not start")
