"""The display program's file, and the mistakes that people make in it."""

import tomllib
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from display.settings import DisplaySettings
from hallkit.link.server import ServerSettings
from hallkit.runtime.paths import config_dir
from hallkit.runtime.settings import ConfigError, load

PANEL = "[[lines.panels]]\nwindow = 1\naddress = 1\n"
LINE = '[[lines]]\nname = "a"\nport = "/dev/ttyUSB0"\n'


def problems(tmp_path: Path, text: str) -> str:
    path = tmp_path / "display.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as error:
        load(path, DisplaySettings)
    return str(error.value)


def test_the_shipped_file_is_correct_and_complete() -> None:
    path = config_dir() / "display.toml"
    settings = load(path, DisplaySettings)
    assert settings.server.token_file, "without one it could not be paired"
    assert settings.model_copy(update={"server": ServerSettings()}) == DisplaySettings()
    text = path.read_text("utf-8")
    uncommented = text.replace("# [[lines]]", "[[lines]]").split("[[lines]]")[1].split("[voice]")[0]
    example = "[[lines]]" + "\n".join(
        line.removeprefix("#").strip() for line in uncommented.splitlines()
    )
    line = DisplaySettings.model_validate(tomllib.loads(example)).lines[0]
    assert [p.window for p in line.panels] == [1, 2]
    named = {key for table in (settings, line, line.panels[0]) for key in type(table).model_fields}
    named |= set(type(settings.voice).model_fields) | set(type(settings.panels).model_fields)
    assert not [key for key in named if key not in text]


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = problems(
        tmp_path,
        '[[lines]]\nname = ""\nport = "COM3"\nbaud = 1234\nprotocoll = "bx5k"\n'
        '[[lines.panels]]\nwindow = 0\nwidth = 100\ncolours = "blue"\n',
    )
    for key in ("name", "port", "baud", "protocoll", "window", "width", "colours"):
        assert f".{key}:" in text
    assert 'did you mean "protocol"' in text
    assert "socket://主机:端口" in text


DIM = '[[panels.brightness]]\nfrom = "{}"\nto = "{}"\nlevel = 4\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (LINE + PANEL + PANEL, "线路“a”上地址重复：1"),
        (LINE + PANEL + LINE.replace('"a"', '"b"') + PANEL, "端口重复：/dev/ttyUSB0"),
        (LINE + PANEL + LINE.replace("USB0", "USB1") + PANEL, "线路名重复：a"),
        (LINE, "lines[0].panels"),
        (LINE.replace("/dev/ttyUSB0", "socket://h:65536") + PANEL, "lines[0].port: 应为串口路径"),
        (LINE + 'protocol = "sunpn"\n' + PANEL + "rows = 2\n", "协议 sunpn 的屏最多 1 行"),
        ("[panels]\nrefresh_s = 60\nexpire_s = 60\n", "两倍"),
        ("[voice]\nvolum = 3\n", 'did you mean "volume"'),
        (DIM.format("22:00", "06:00") + DIM.format("05:30", "07:00"), "亮度时段重叠：05:30"),
        (DIM.format("6:00", "07:00"), "应为时间"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, words: str) -> None:
    assert words in problems(tmp_path, text)


@pytest.mark.parametrize(
    "port", ["/dev/ttyUSB0", "/run/a b/tty", "socket://10.0.0.5:5005", "rfc2217://host:7000"]
)
def test_ports(port: str) -> None:
    line: dict[str, Any] = {"name": "a", "port": port, "panels": [{"window": 1}]}
    assert DisplaySettings.model_validate({"lines": [line]}).lines[0].port == port


@pytest.mark.parametrize(
    ("at", "level"), [("21:59", 15), ("22:00", 4), ("23:59", 4), ("05:59", 4), ("06:00", 15)]
)
def test_brightness_by_the_time_of_day_also_over_midnight(at: str, level: int) -> None:
    settings = DisplaySettings.model_validate(tomllib.loads(DIM.format("22:00", "06:00")))
    assert settings.panels.level_at(time.fromisoformat(at)) == level


def test_without_hours_the_brightness_is_left_alone() -> None:
    assert DisplaySettings().panels.level_at(time(12)) is None
