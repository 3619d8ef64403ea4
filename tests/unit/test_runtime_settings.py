"""Reading a program's file: every error at once, in both languages, with a hint."""

from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field, ValidationError, field_validator

from hallkit.runtime.settings import ConfigError, Settings, did_you_mean, key_path, load


class Panel(Settings):
    name: str = Field(min_length=2)
    window: int = Field(ge=1, le=999)
    protocol: Literal["bx5k", "legacy"] = "bx5k"


class Server(Settings):
    url: str = ""
    timeout_s: float = Field(default=2.0, gt=0, lt=60)


class Program(Settings):
    """A program's file."""

    server: Server = Server()
    panels: list[Panel] = Field(default=[], max_length=3)
    voice: bool = True
    colours: dict[str, str] = {}
    spare: Panel | None = None

    @field_validator("colours")
    @classmethod
    def _known(cls, value: dict[str, str]) -> dict[str, str]:
        if "black" in value:
            raise ValueError("不能用黑色 / black cannot be used")
        return value


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "program.toml"


def problems(file: Path, text: str) -> list[str]:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load(file, Program)
    return [str(problem).removeprefix(f"{file}: ") for problem in error.value.problems]


def test_a_good_file_becomes_a_frozen_object(file: Path) -> None:
    file.write_text('voice = false\n[[panels]]\nname = "一号"\nwindow = 1\n', encoding="utf-8")
    settings = load(file, Program)
    assert settings.panels[0].window == 1
    assert not settings.voice
    with pytest.raises(ValidationError):
        settings.voice = True


def test_an_empty_file_is_all_defaults(file: Path) -> None:
    file.write_text("")
    assert load(file, Program) == Program()


def test_everything_that_is_wrong_is_told_at_once(file: Path) -> None:
    text = """
    voice = "yes!"
    volume = 3
    [server]
    urll = "http://x"
    timeout_s = 100
    [[panels]]
    name = "一号窗口"
    window = 0
    [[panels]]
    protocol = "bx5"
    window = "three"
    name = 7
    """
    found = problems(file, text)
    assert len(found) == 8
    for expected in (
        "voice: 应为 true 或 false / should be true or false",
        "volume: 未知的设置项 / unknown key",
        'server.urll: 未知的设置项，是否应为“url”？ / unknown key, did you mean "url"?',
        "server.timeout_s: 应小于 60.0 / should be less than 60.0",
        "panels[0].window: 不得小于 1 / should be at least 1",
        "panels[1].name: 应为带引号的文字 / should be a text in quotes",
        "panels[1].window: 应为整数 / should be a whole number",
    ):
        assert expected in found
    assert any(p.startswith("panels[1].protocol: 只能是") and '"bx5k"' in p for p in found)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[panels]]\nname='ab'", "panels[0].window: 缺少此项 / is missing"),
        ("[[panels]]\nname='a'\nwindow=1", "至少 2 个字符 / should have at least 2 characters"),
        ("[[panels]]\nname='ab'\nwindow=1000", "不得大于 999 / should be at most 999"),
        ("[[panels]]\nname='ab'\nwindow=1.5", "应为整数 / should be a whole number"),
        ("[server]\ntimeout_s=0", "应大于 0.0 / should be more than 0.0"),
        ("[server]\ntimeout_s='x'", "应为数字 / should be a number"),
        ("panels = 3", "panels: 应为列表 […] / should be a list […]"),
        ("server = 3", "server: 应为表 / should be a table"),
        ("spare = 3", "spare: 应为表 / should be a table"),
        (
            "[spare]\nname='ab'\nwindow=1\nprotocl='x'",
            "是否应为“protocol”？ / unknown key, did you",
        ),
        ("colours = 3", "colours: 应为表 / should be a table"),
        ("colours = {black = 'x'}", "colours: 不能用黑色 / black cannot be used"),
        ("[[panels]]\nname='ab'\nwindow=1\n" * 4, "panels: 最多 3 项 / should have at most 3"),
    ],
)
def test_each_kind_of_error_is_told_in_both_languages(file: Path, text: str, says: str) -> None:
    found = problems(file, text)
    assert len(found) == 1
    assert says in found[0]


@pytest.mark.parametrize("text", ["voice = ", "a = 1\na = 2", "[server\n", "= 3", "x = 1979-99-99"])
def test_a_file_that_is_not_toml_is_one_clear_error(file: Path, text: str) -> None:
    found = problems(file, text)
    assert len(found) == 1
    assert found[0].startswith("不是有效的 TOML")
    assert " / not TOML: " in found[0]
    if "at line" in found[0]:
        assert "行第" in found[0]


def test_a_file_that_cannot_be_read_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="文件不存在 / there is no such file"):
        load(tmp_path / "none.toml", Program)
    with pytest.raises(ConfigError, match="无法读取 / cannot be read"):
        load(tmp_path, Program)
    latin = tmp_path / "latin.toml"
    latin.write_bytes("voice = '中'".encode("gb18030"))
    with pytest.raises(ConfigError, match="请另存为 UTF-8 / not UTF-8"):
        load(latin, Program)


def test_the_error_names_the_file_and_every_problem(file: Path) -> None:
    file.write_text("a = 1\nb = 2\n")
    with pytest.raises(ConfigError) as error:
        load(file, Program)
    assert str(error.value).count(str(file)) == 2


def test_a_hint_is_given_only_when_something_is_close() -> None:
    assert did_you_mean("windo", ["window", "name"])[1] == ', did you mean "window"?'
    assert did_you_mean("xyz", ["window", "name"]) == ("", "")


def test_a_key_is_written_as_in_the_file() -> None:
    assert key_path(("panels", 0, "name")) == "panels[0].name"
    assert key_path(()) == ""
