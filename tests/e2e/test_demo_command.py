"""``hall demo``: starts whole, ends whole, says clearly why it cannot start."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from hallkit.runtime.paths import config_dir
from tests.e2e.demo_hall import DemoHall, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
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
    names = {" ".join(p.cmdline()[3:5]) for p in family}
    assert {"server --config", "printer --config", "display --config", "kiosk --config"} <= names
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
        for process in hall.family():
            if process.cmdline()[3:5] == [part, "--config"]:
                process.kill()
        wait_for(f"word of the {part}", partial(_told, hall, f"{part} 已退出（-9）"))
    assert "按 Ctrl-C 后重新启动，数据会保留" in hall.output()
    assert hall.stop(signal.SIGINT) == 0


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
