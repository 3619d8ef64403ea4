"""What is written about the programs is true: their settings files and their commands."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import Field

from hallkit.runtime.paths import config_dir
from hallkit.runtime.settings import Settings, load
from tests.support.settings_docs import PROGRAMS, keys_of, keys_shown, root_model, shown


def text_of(file: str) -> str:
    return (config_dir() / file).read_text(encoding="utf-8")


@pytest.mark.parametrize(("module", "file"), PROGRAMS.items())
def test_the_shipped_file_is_usable_as_it_is(module: str, file: str) -> None:
    assert load(config_dir() / file, root_model(module))


@pytest.mark.parametrize(("module", "file"), PROGRAMS.items())
def test_every_setting_is_in_the_shipped_file(module: str, file: str) -> None:
    assert keys_of(root_model(module)) - keys_shown(shown(text_of(file))) == set()


@pytest.mark.parametrize(("module", "file"), PROGRAMS.items())
def test_every_setting_in_the_shipped_file_exists_and_its_example_is_valid(
    module: str, file: str
) -> None:
    assert root_model(module).model_validate(shown(text_of(file)))


@pytest.mark.parametrize("file", PROGRAMS.values())
def test_the_shipped_file_explains_itself_in_both_languages(file: str) -> None:
    comments = [line for line in text_of(file).splitlines() if "#" in line]
    assert any("\u4e00" <= char <= "\u9fff" for line in comments for char in line)
    assert any(line.isascii() and len(line) > 20 for line in comments)


class _Door(Settings):
    name: str = ""


class _Example(Settings):
    doors: list[_Door] = []
    colour: str = Field(default="", max_length=5)
    size: int = 1


def test_a_setting_that_is_not_written_down_is_noticed() -> None:
    assert keys_of(_Example) == {"doors", "doors.name", "colour", "size"}
    text = '# colour = "red"  # or blue\n# Nothing = here\n# [[doors]]\n#   name = "x"\n'
    assert keys_shown(shown(text)) == {"colour", "doors", "doors.name"}
    assert keys_of(_Example) - keys_shown(shown(text)) == {"size"}


COMMANDS = {
    "server": "--config --data --host --port --manual-clock --check-config",
    "demo": "--hall --data --host --port --kiosk --hours --manual-clock",
    "kiosk": "--config --server --check-config",
    "display": "--config --server --check-config",
    "display virtual": "--listen --protocol --out",
    "display probe": "--protocol --address",
    "display tv": "--config --server --page --lang --offscreen --check-config",
    "display voice": "check say",
    "display voice say": "--config --kind --collect --out",
    "printer": "--config --server --check-config",
    "printer virtual": "--listen --out --paper --cover --caps near-end epson clone mute",
    "printer probe": "device",
    "printer reprint": "NUMBER --config --url --by --reason --job --printer",
    "printer pdf": "--kind --out --empty --slips receipt agency agency-month summary",
    "admin": "init import-hall export-hall add-staff backup restore verify check-config",
    "admin init": "",
    "admin import-hall": "FILE",
    "admin export-hall": "",
    "admin add-staff": "",
    "admin backup": "FILE",
    "admin restore": "FILE",
    "admin verify": "",
    "admin check-config": "FILE",
}


def hall(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("hall"), *args],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(("command", "words"), COMMANDS.items())
def test_every_command_exists_and_explains_its_options(command: str, words: str) -> None:
    done = hall(*command.split(), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"usage: hall {command}" in done.stdout
    missing = [word for word in words.split() if word not in done.stdout]
    assert missing == []


@pytest.mark.parametrize("program", ["server", "printer", "display", "kiosk"])
def test_a_wrong_file_is_a_clear_error_and_a_good_one_passes(program: str, tmp_path: Path) -> None:
    good = hall(program, "--config", str(config_dir() / f"{program}.toml"), "--check-config")
    assert good.returncode == 0, good.stderr
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("colour_of_the_sky = 'blue'\n")
    done = hall(program, "--config", str(wrong), "--check-config")
    assert done.returncode == 2
    assert "colour_of_the_sky: 未知的设置项" in done.stderr
    assert "Traceback" not in done.stderr
    absent = hall(program, "--config", str(tmp_path / "none.toml"), "--check-config")
    assert absent.returncode == 2
    assert "文件不存在 / there is no such file" in absent.stderr
