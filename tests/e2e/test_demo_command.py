"""``hall demo``: starts whole, ends whole, says clearly why it cannot start."""

import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
import urllib3

from hallkit.runtime.paths import config_dir
from tests.e2e.demo_hall import DemoHall, KioskScreen
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
_CHOICE = ("社保医保", "养老待遇资格认证")
VILLAGE = config_dir() / "halls" / "village-station.toml"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[DemoHall]:
    running = DemoHall(VILLAGE, tmp_path / "demo")
    yield running
    running.stop(signal.SIGKILL)


def _gone(family: list[psutil.Process]) -> bool:
    return not [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def test_ctrl_c_ends_every_program_and_leaves_nothing(hall: DemoHall) -> None:
    hall.wait_ready()
    family = hall.family()
    assert all(hall.programs(name) for name in ("server", "printer", "display", "kiosk"))
    assert hall.stop(signal.SIGINT) == 0
    wait_for("every process to end", lambda: _gone(family))
    assert "已就绪" in hall.output()
    assert "Traceback" not in hall.output()


def test_killed_hard_it_leaves_nothing(hall: DemoHall) -> None:
    hall.wait_ready()
    family = hall.family()
    hall.stop(signal.SIGKILL)
    wait_for("every process to end", lambda: _gone(family))


def _told(hall: DemoHall, words: str) -> bool:
    return words in hall.output()


def test_every_part_that_dies_is_told_with_advice(hall: DemoHall) -> None:
    hall.wait_ready()
    for part in ("printer", "display", "kiosk"):
        for process in hall.programs(part):
            process.kill()
        wait_for(f"word of the {part}", partial(_told, hall, f"{part} 已退出（-9）"))
    assert "按 Ctrl-C 后重新启动，数据会保留" in hall.output()
    assert hall.stop(signal.SIGINT) == 0


def test_a_server_that_dies_is_back_and_meanwhile_the_kiosk_gives_numbers(
    hall: DemoHall,
) -> None:
    hall.wait_ready()
    kiosk = KioskScreen(hall.http, hall.facts["kiosk"]["remote_url"])
    kiosk.take_number(*_CHOICE)
    wait_for("the reserve", lambda: "lease.granted" in _journal(hall))
    [server] = hall.programs("server")
    server.kill()
    wait_for("word of the server", partial(_told, hall, "server 已退出（-9），20 秒后自动重启"))
    number = kiosk.take_number(*_CHOICE)
    wait_for("the server", partial(_told, hall, "server 正在重新启动"))
    wait_for("the number in the queue", lambda: number in _waiting(hall))
    assert hall.stop(signal.SIGINT) == 0


def _log_in(hall: DemoHall) -> dict[str, str]:
    """The headers of the manager's session."""
    who = hall.staff("manager")
    answer = hall.http.request(
        "POST",
        f"{hall.base_url}/api/v1/session",
        json={"staff_no": who["staff_no"], "pin": who["pin"]},
    )
    assert answer.status == 200, answer.data
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    return {"Cookie": cookie, "X-CSRF-Token": answer.json()["csrf_token"]}


def _ask(
    hall: DemoHall, headers: dict[str, str], path: str, body: dict[str, Any] | None = None
) -> Any:
    answer = hall.http.request(
        "PUT" if body else "GET", f"{hall.base_url}/api/v1/{path}", headers=headers, json=body
    )
    assert answer.status == 200, answer.data
    return answer.json()


def _journal(hall: DemoHall) -> str:
    with closing(sqlite3.connect(hall.data / "server" / "hall.db")) as database:
        return str(database.execute("SELECT group_concat(type) FROM journal").fetchone()[0])


def _waiting(hall: DemoHall) -> list[str]:
    token = {"Authorization": f"Bearer {hall.facts['device_tokens']['kiosk']}"}
    with suppress(urllib3.exceptions.HTTPError):  # it may still be starting
        return [t["number"] for t in _ask(hall, token, "tickets?state=waiting")["tickets"]]
    return []


@contextmanager
def _demo_hall(file: Path, data: Path) -> Iterator[DemoHall]:
    # The one before leaves its own, and a reader of this one's must not take that for it.
    (data / "demo.json").unlink(missing_ok=True)
    running = DemoHall(file, data, "--kiosk", "none")
    try:
        running.wait_ready()
        yield running
    finally:
        running.stop(signal.SIGINT)


def test_a_restart_keeps_what_the_manager_changed_and_who_is_logged_in(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    rules = {"rules": [{"services": "*", "weekdays": [1, 2]}]}
    dials = {"classes": [{"id": "green", "head": 77, "rate": 2}]}

    def now(hall: DemoHall, headers: dict[str, str]) -> tuple[Any, Any]:
        [one] = [w for w in _ask(hall, headers, "windows")["windows"] if w["number"] == 1]
        classes = _ask(hall, headers, "priorities")["classes"]
        [green] = [(c["head"], c["rate"]) for c in classes if c["id"] == "green"]
        return one["profile"]["rules"][0]["weekdays"], green

    with _demo_hall(VILLAGE, data) as first:
        manager = _log_in(first)
        before = now(first, manager)
        _ask(first, manager, "windows/1/profile", rules)
        _ask(first, manager, "priorities", dials)
        changed = now(first, manager)
        assert changed == ([1, 2], (77, 2))
    with _demo_hall(VILLAGE, data) as again:
        assert now(again, manager) == changed
    # Another file than the one installed last is put into force.
    other = tmp_path / "other.toml"
    text = VILLAGE.read_text(encoding="utf-8")
    other.write_text(text.replace('name = "', 'name = "新', 1), encoding="utf-8")
    with _demo_hall(other, data) as third:
        assert now(third, manager) == before


def test_the_demo_file_is_readable_by_its_owner_only(hall: DemoHall) -> None:
    hall.wait_ready()
    for secret in (hall.data / "demo.json", *(hall.data / "tokens").iterdir()):
        assert secret.stat().st_mode & 0o077 == 0, secret


def _demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hallkit.runtime.cli", "demo", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_busy_port_is_named_and_nothing_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = _demo("--port", port, "--data", str(tmp_path / "demo"))
    assert done.returncode == 1
    assert port in done.stderr
    assert "无法使用" in done.stderr and "cannot be used" in done.stderr
    assert not (tmp_path / "demo").exists()


def test_a_wrong_hall_file_is_told_with_all_its_errors(tmp_path: Path) -> None:
    wrong = tmp_path / "hall.toml"
    text = VILLAGE.read_text(encoding="utf-8")
    wrong.write_text(text.replace("[hours]", "[hour]"), encoding="utf-8")
    done = _demo("--hall", str(wrong), "--data", str(tmp_path / "demo"))
    assert done.returncode == 2
    assert str(wrong) in done.stderr
    assert "hours" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    done = _demo("--port", "0", "--data", str(file / "demo"))
    assert done.returncode == 1
    assert "无法写入" in done.stderr and "cannot be written" in done.stderr


def test_a_data_folder_in_use_is_told(hall: DemoHall) -> None:
    hall.wait_ready()
    done = _demo("--hall", str(VILLAGE), "--port", "0", "--data", str(hall.data))
    assert done.returncode == 1
    assert "正在被使用" in done.stderr and "is in use" in done.stderr
    assert (hall.data / "demo.json").exists()
