"""The command lines: what they print, what they refuse, how they end."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hallkit.runtime.paths import config_dir
from hallkit.runtime.ports import free_port
from hallkit.runtime.settings import load
from tests.fakes.printer_rig import papers, program, settings, slip, until, virtual_printer
from ticket_printer.cli import main
from ticket_printer.settings import PrinterProgramSettings
from ticket_printer.spool.store import Spool
from ticket_printer.transport.commands import AUTO_STATUS_ON, INITIALISE

_HALL = "import sys; from hallkit.runtime.cli import main; sys.exit(main(sys.argv[1:]))"


@contextmanager
def _virtual(out: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    command = [sys.executable, "-c", _HALL, "printer", "virtual", "--out", str(out)]
    with subprocess.Popen(
        [*command, "--listen", "127.0.0.1:0", *more], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("listening on 127.0.0.1:"), line
            yield process, int(line.rsplit(":", 1)[1])
        finally:
            process.kill()


def test_the_virtual_printer_as_a_command_with_its_control_file(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with _virtual(out) as (process, port), program(settings(tmp_path / "data", port)) as intake:
        intake.submit("t-1")
        intake.wait_state("t-1", "done")
        (out / "control.json").write_text('{"paper": "out"}')
        intake.wait_printer("paper_out")
        (out / "control.json").write_text("{broken")
        (out / "control.json").write_text('{"paper": "no such"}')
        intake.submit("t-2")
        (out / "control.json").unlink()
        intake.wait_state("t-2", "done")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert [png.name for png in papers(out)] == ["0001.png", "0002.png"]
    assert not list(out.glob(".*.part"))


def test_numbering_goes_on_after_a_restart(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for name in ("0001.png", "0002.png"):
        with _virtual(out) as (_, port), socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(b"\x1b@hello\n\x1dV\x01")
            until(lambda name=name: (out / name).exists(), name)  # type: ignore[misc]
    assert (out / "0002.txt").read_text() == "hello\n"


def test_the_virtual_printer_refuses_a_bad_address_and_a_taken_port(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["virtual", "--out", str(tmp_path), "--listen", "9100"])
    assert refused.value.code == 2
    assert "should be host:port" in capsys.readouterr().err
    with socket.create_server(("127.0.0.1", 0)) as busy:
        address = f"127.0.0.1:{busy.getsockname()[1]}"
        assert main(["virtual", "--out", str(tmp_path), "--listen", address]) == 1
    assert "无法启动" in capsys.readouterr().err


def test_real_time_commands_inside_a_picture_are_obeyed_as_real_printers_do(
    tmp_path: Path,
) -> None:
    with (
        virtual_printer(tmp_path / "out") as printer,
        socket.create_connection(printer.address) as line,
    ):
        line.settimeout(30)
        line.sendall(INITIALISE + b"\x1dv0\x00\x08\x00\x02\x00" + b"\x10\x04\x01" + b"\x00" * 13)
        assert line.recv(16) == b"\x12"
        line.sendall(AUTO_STATUS_ON)
        assert line.recv(16) == b"\x10\x00\x00\x00"


@pytest.mark.parametrize(
    ("caps", "expected"),
    [("epson", 'caps = "epson"'), ("clone", 'caps = "clone"'), ("mute", "没有应答")],
)
def test_probe_says_in_words_what_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caps: str, expected: str
) -> None:
    with virtual_printer(tmp_path / "out", caps=caps) as printer:
        status = main(["probe", f"tcp://127.0.0.1:{printer.address[1]}"])
    assert expected in capsys.readouterr().out
    assert status == (1 if caps == "mute" else 0)
    assert papers(tmp_path / "out") == []


def test_probe_stores_its_findings_for_the_printer_at_that_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with virtual_printer(tmp_path / "out", caps="clone") as printer:
        device = f"tcp://127.0.0.1:{printer.address[1]}"
        config = tmp_path / "printer.toml"
        config.write_text(
            f'data_dir = "{tmp_path / "data"}"\n[[printers]]\nname = "P"\ntransport = "{device}"\n'
        )
        assert main(["probe", device, "--store", str(config)]) == 0
    assert "已保存 / stored: P = clone" in capsys.readouterr().out
    spool = Spool(tmp_path / "data")
    assert spool.capabilities("P", device) == "clone"
    assert spool.capabilities("P", "tcp://10.0.0.9:9100") is None
    spool.close()


def test_probe_of_nothing_and_of_nonsense(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", f"tcp://127.0.0.1:{free_port()}"]) == 1
    assert "连接不上（地址通，但端口没有打开）" in capsys.readouterr().err
    assert main(["probe", "com1"]) == 2
    capsys.readouterr()
    for device in ("file:///nowhere/lp0", "serial:///nowhere/ttyUSB0", "usb://04b8:0e15"):
        assert main(["probe", device]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert "连接不上（没有这个设备" in line


def test_preview_draws_a_slip(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slip_file, png = tmp_path / "slip.json", tmp_path / "ticket.png"
    slip_file.write_text(slip().model_dump_json())
    assert main(["preview", str(slip_file), "--out", str(png)]) == 0
    assert png.read_bytes().startswith(b"\x89PNG")
    slip_file.write_text(json.dumps({"number": "?"}))
    assert main(["preview", str(slip_file), "--out", str(png)]) == 2
    assert "hall_name: 缺少此项" in capsys.readouterr().err


def test_the_shipped_settings_are_correct_and_name_every_key(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shipped = config_dir() / "printer.toml"
    assert main(["--config", str(shipped), "--check-config"]) == 0
    assert load(shipped, PrinterProgramSettings).printers[0].caps == "auto"
    text = shipped.read_text()
    names = {"server", "intake", "printers"} | set(PrinterProgramSettings.model_fields)
    for model in ("printers", "intake", "server"):
        annotation = PrinterProgramSettings.model_fields[model].annotation
        inner = [annotation, *getattr(annotation, "__args__", ())]
        names |= {name for one in inner for name in getattr(one, "model_fields", {})}
    missing = {name for name in names if name not in text}
    assert not missing


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("data_dir = ", "不是有效的 TOML"),
        ('data_dir = "x"\n[[printers]]\nname = "P"\ntransport = "usb"', "tcp://主机:9100"),
        ('data_dir = "x"\nprinters = []', "printers: 至少 1 项"),
        (
            'data_dir = "x"\n[intake]\nhost = "0.0.0.0"\n[[printers]]\nname = "P"\n'
            'transport = "tcp://a"',
            "只能是本机地址",
        ),
        ('data_dir = "x"\n[[printer]]\nname = "P"', "是否应为“printers”"),
        (
            'data_dir = "x"\ndesk_printer = "Q"\n[[printers]]\nname = "P"\ntransport = "tcp://a"',
            "desk_printer“Q”不在 printers 中",
        ),
        (
            'data_dir = "x"\n[[printers]]\nname = "P"\ntransport = "serial:///dev/tty?baud=9601"',
            "不支持的波特率 9601",
        ),
    ],
)
def test_wrong_settings_are_told_and_end_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    config = tmp_path / "printer.toml"
    config.write_text(text)
    assert main(["--config", str(config)]) == 2
    assert words in capsys.readouterr().err
