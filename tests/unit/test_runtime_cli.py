"""The console script: finds the programs, lists them, and says what is wrong."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from hallkit.runtime import cli
from hallkit.runtime.version import product_version

PROGRAMS = {"server", "admin", "demo", "printer", "display", "kiosk"}


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    status = cli.main(args)
    out, err = capsys.readouterr()
    return status, out, err


def test_help_lists_every_program_with_a_line_about_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for args in ((), ("--help",), ("-h",), ("help",)):
        status, out, err = run(capsys, *args)
        assert (status, err) == (0, "")
        lines = {line.split()[0]: line for line in out.splitlines() if line.startswith("  ")}
        assert set(lines) == PROGRAMS
        for name, line in lines.items():
            assert len(line.split(maxsplit=1)[1]) > 15, name
            assert "not installed" not in line, name


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version") == (0, f"{product_version()}\n", "")
    assert run(capsys, "-V")[0] == 0


def test_an_unknown_command_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "sevrer")
    assert (status, out) == (2, "")
    assert "没有命令 sevrer" in err
    assert all(name in err for name in PROGRAMS)
    assert len(err.splitlines()) == 1


def test_the_registered_programs_are_these() -> None:
    assert {entry.name for entry in entry_points(group=cli.GROUP)} == PROGRAMS


@pytest.fixture
def extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three more programs, installed as another distribution would be."""
    (tmp_path / "extra_programs.py").write_text(
        "from hallkit.runtime.settings import ConfigError, Problem\n"
        "def good(argv):\n    '''Says how many.'''\n    return len(argv)\n"
        "def bad(argv):\n    raise ConfigError([Problem('x.toml', 'a', '坏', 'bad')])\n"
        "def cut(argv):\n    raise KeyboardInterrupt\n"
    )
    info = tmp_path / "extra-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: extra\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[yichuang.commands]\n"
        "good = extra_programs:good\nbad = extra_programs:bad\ncut = extra_programs:cut\n"
        "absent = no_such_module:main\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("extra")
def test_a_program_gets_its_arguments_and_its_status_is_the_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(capsys, "good", "a", "b", "c")[0] == 3
    assert "Says how many." in run(capsys)[1]


@pytest.mark.usefixtures("extra")
def test_a_program_whose_extra_is_not_installed_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, _, err = run(capsys, "absent")
    assert status == 1
    assert "no_such_module is missing" in err
    listed = [line.split(maxsplit=1) for line in run(capsys)[1].splitlines()]
    assert ["absent", "(not installed here: no_such_module)"] in listed


@pytest.mark.usefixtures("extra")
def test_a_setting_error_is_two_languages_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, "bad")
    assert (status, err) == (2, "x.toml: a: 坏 / bad\n")


@pytest.mark.usefixtures("extra")
def test_ctrl_c_is_status_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "cut")[0] == 130


def test_importing_the_commands_loads_no_heavy_library() -> None:
    code = (
        "import sys\n"
        "from importlib.metadata import entry_points\n"
        "[e.load() for e in entry_points(group='yichuang.commands')]\n"
        "heavy = {'kivy', 'escpos', 'PIL', 'pyttsx3', 'flask', 'sqlalchemy', 'serial', 'cheroot'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_the_console_script_is_installed() -> None:
    script = Path(sys.executable).with_name("hall")
    done = subprocess.run([script, "nothing"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "no command nothing" in done.stderr
