"""`hall display`, `hall display virtual` and `hall display probe` as programs."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.display_hall import PATIENCE_S, eventually, facts, port_of, shows
from tests.fakes.hall_server_fake import FakeHall, call_event, small_hall, window

HALL = [sys.executable, "-c", "from hallkit.runtime.cli import main; raise SystemExit(main())"]


@contextmanager
def running(*args: str, log: Path) -> Iterator["subprocess.Popen[str]"]:
    """A program of the hall, ended by SIGTERM; it must end cleanly."""
    with log.open("w") as errors:
        child = subprocess.Popen(
            [*HALL, "display", *args], stdout=subprocess.PIPE, stderr=errors, text=True
        )
        assert child.stdout is not None
        try:
            yield child
            child.send_signal(signal.SIGTERM)
            assert child.wait(PATIENCE_S) == 0, log.read_text()
        finally:
            child.kill()
            child.wait()
            child.stdout.close()
    assert "Traceback" not in log.read_text()


def listening(child: "subprocess.Popen[str]", count: int = 1) -> list[str]:
    assert child.stdout is not None
    lines = [child.stdout.readline().strip() for _ in range(count)]
    assert all(line.startswith("listening on ") for line in lines), lines
    return [line.removeprefix("listening on ") for line in lines]


def run(*args: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*HALL, "display", *args], capture_output=True, text=True, timeout=PATIENCE_S
    )


def test_from_a_call_to_panel_voice_and_device_page(tmp_path: Path) -> None:
    out, voice = tmp_path / "panels", tmp_path / "voice"
    config = tmp_path / "display.toml"
    with (
        FakeHall(small_hall(window(3), window(4))) as hall,
        running(
            "virtual", "--listen", "tcp:0", "--listen", f"pty:{tmp_path}/tty", "--out", str(out),
            "--address", "1", "--size", "192x32", log=tmp_path / "virtual.log",
        ) as panels,
    ):  # fmt: skip
        tcp, pty = listening(panels, 2)
        config.write_text(
            f'[server]\ndevice_id = "d1"\n[[lines]]\nname = "net"\nport = "{port_of(tcp)}"\n'
            f"[[lines.panels]]\nwindow = 3\nwidth = 192\n"
            f'[[lines]]\nname = "wire"\nport = "{tmp_path}/tty"\nbaud = 57600\n'
            f"[[lines.panels]]\nwindow = 4\nwidth = 192\n"
            f'[voice]\nout_dir = "{voice}"\nplayer = "none"\n',
            "utf-8",
        )
        assert pty == f"pty:{tmp_path}/tty"
        with running("--config", str(config), "--server", hall.url, log=tmp_path / "display.log"):
            hall.wait_for(lambda: hall.streams == 1)
            hall.push(call_event(1, "A012", window(3)))
            hall.push(call_event(2, "B007", window(4)))
            shows(out / "1-1", "A012 请到3号窗口")
            shows(out / "2-1", "B007 请到4号窗口")
            eventually(lambda: len(list(voice.glob("*.wav"))) == 2, "both calls are spoken")
            eventually(lambda: told(hall, "panel 3", "A012"), "the server knows what is shown")
            assert told(hall, "line net", "正常") and told(hall, "line wire", "正常")
        assert facts(out / "1-1")["text"] == "热情为您服务"


def told(hall: FakeHall, part: str, words: str) -> bool:
    return any(
        device == "d1" and any(p.name == part and words in p.text for p in status.parts)
        for device, status in hall.statuses
    )


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--config", "/nowhere.toml"], "文件不存在"),
        (["--config", "{shipped}", "--server", "ftp://x"], "不是服务器地址"),
        (["virtual", "--listen", "udp:1", "--out", "{tmp}"], "tcp:端口"),
        (["virtual", "--listen", "tcp:0"], "--out"),
        (["virtual", "--listen", "tcp:0", "--out", "/proc/x"], "无法写入"),
        (["virtual", "--out", "/tmp"], "--config"),
        (["probe", "COM3"], "DEVICE"),
        (["probe", "/dev/ttyX", "--address", "0"], "--address"),
    ],
)
def test_wrong_arguments(args: list[str], words: str, tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "config" / "display.toml"
    done = run(*(a.format(tmp=tmp_path, shipped=shipped) for a in args))
    assert done.returncode in (1, 2)
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_help_explains() -> None:
    for args in (["--help"], ["virtual", "--help"], ["probe", "--help"]):
        done = run(*args)
        assert done.returncode == 0 and "屏" in done.stdout


def test_a_busy_port_is_told(tmp_path: Path) -> None:
    with running(
        "virtual", "--listen", "tcp:0", "--out", str(tmp_path / "a"), log=tmp_path / "log"
    ) as first:
        (address,) = listening(first)
        done = run("virtual", "--listen", address, "--out", str(tmp_path / "b"))
        assert done.returncode == 1
        assert "无法打开" in done.stderr and "in use" in done.stderr


PROBES = [
    ("none", "有屏，应答正常", 0),
    ("echo", "线路有回显", 0),
    ("dead", "无应答", 1),
    ("busy", "控制卡忙", 0),
    ("garbage", "字节无法识别", 1),
    ("wrong-address", "应答来自地址 6", 1),
]


@pytest.mark.parametrize(("fault", "words", "status"), PROBES)
def test_probe_says_what_is_there(fault: str, words: str, status: int, tmp_path: Path) -> None:
    with running(
        "virtual", "--listen", "tcp:0", "--out", str(tmp_path / "p"), "--address", "5",
        "--fault", fault, log=tmp_path / "log",
    ) as panels:  # fmt: skip
        (address,) = listening(panels)
        done = run("probe", port_of(address), "--protocol", "bx5k", "--address", "5")
        assert words in done.stdout
        assert done.returncode == status


def test_probe_of_a_range_on_a_wire(tmp_path: Path) -> None:
    with running(
        "virtual", "--listen", f"pty:{tmp_path}/tty", "--out", str(tmp_path / "p"),
        "--address", "1", "--address", "2", log=tmp_path / "log",
    ) as panels:  # fmt: skip
        listening(panels)
        done = run("probe", f"{tmp_path}/tty", "--protocol", "bx5k", "--address", "1-2")
        assert done.returncode == 0
        assert done.stdout.count("a panel answers") == 2
        assert facts(tmp_path / "p" / "1-1")["text"] == ""


def test_probe_of_nothing(tmp_path: Path) -> None:
    done = run("probe", f"{tmp_path}/tty")
    assert done.returncode == 1 and "无法打开" in done.stderr


def test_a_call_that_is_over_before_its_turn_is_not_spoken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice, tools = tmp_path / "voice", tmp_path / "tools"
    tools.mkdir()
    # A loudspeaker that is busy with the first call for as long as the test wants.
    (tools / "aplay").write_text(f"#!/bin/sh\nwhile [ ! -e {tmp_path}/go ]; do sleep 0.05; done\n")
    (tools / "aplay").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    config = tmp_path / "display.toml"
    config.write_text(
        f'[server]\ndevice_id = "d1"\n[voice]\nout_dir = "{voice}"\nplayer = "aplay"\n', "utf-8"
    )
    with (
        FakeHall(small_hall(window(3), window(4), window(5))) as hall,
        running("--config", str(config), "--server", hall.url, log=tmp_path / "display.log"),
    ):
        hall.wait_for(lambda: hall.streams == 1)
        hall.push(call_event(1, "A012", window(3)))
        eventually(lambda: list(voice.glob("*A012*.wav")), "the first call plays")
        hall.push(call_event(2, "B007", window(4)))
        hall.push(call_event(3, "B007", window(4), "ticket.no_show"))
        hall.push(call_event(4, "C001", window(5)))
        eventually(lambda: told(hall, "voice", "等待播报 2 条"), "two calls wait")
        (tmp_path / "go").touch()
        eventually(lambda: list(voice.glob("*C001*.wav")), "the last call is spoken")
    assert not list(voice.glob("*B007*.wav"))
