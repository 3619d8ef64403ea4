"""The kiosk's small parts: fitting text, the bridge, PNG files, the font file, settings."""

import io
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTCollection, TTFont
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hallkit.link.server import ServerSettings
from hallkit.runtime.fonts import face
from hallkit.runtime.paths import config_dir
from hallkit.runtime.settings import ConfigError, load
from kiosk import cli
from kiosk.bridge import Bridge, Errand
from kiosk.environment import touch_provider
from kiosk.flow.inputs import Tick
from kiosk.fontfile import font_file
from kiosk.remote.png import png_of
from kiosk.screens.fitting import LINE_EM, set_text, width_em, wrap
from kiosk.settings import KioskSettings, split_listen

# ---- text


def test_lines_break_as_chinese_is_set() -> None:
    assert wrap("建设工程规划许可证核发（含变更、延期、补证）", 12.5) == [
        "建设工程规划许可证核发",
        "（含变更、延期、补证）",
    ]
    assert wrap("Minimum living allowance", 9) == ["Minimum living", "allowance"]
    assert wrap("办理A012号", 4) == ["办理", "A012号"]
    assert wrap("", 5) == [""]


@given(
    text=st.text(alphabet="甲乙丙，。（）《》、abc XYZ012-", max_size=60),
    width=st.floats(2.5, 30),
)
def test_no_line_is_too_long_and_nothing_is_lost(text: str, width: float) -> None:
    lines = wrap(text, width)
    assert all(width_em(line) <= width or len(line) <= 1 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_lines_are_of_about_equal_length() -> None:
    name = "白水县城关街道便民服务中心"
    assert set_text(name, 552, 160, 54, 26, 2) == (52, ["白水县城关街道", "便民服务中心"])
    assert set_text("叫号服务器没有回应，请到导办台取号", 800, 300, 54, 26, 3)[1] == [
        "叫号服务器没有回应，",
        "请到导办台取号",
    ]
    assert set_text("Household registration", 300, 200, 42, 26, 2)[1] == [
        "Household",
        "registration",
    ]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("居住情况证明", ["居住情况", "证明"]),
        ("人民调解申请", ["人民调解", "申请"]),
        ("信访接待登记", ["信访接待", "登记"]),
        ("政府信息公开申请", ["政府信息", "公开申请"]),
        ("领取不动产权证", ["领取", "不动产权证"]),
    ],
)
def test_no_line_of_a_card_ends_inside_a_word(name: str, lines: list[str]) -> None:
    for width in (280, 320, 360):
        found = set_text(name, width, 300, 66, 26, 3)[1]
        assert found == lines or len(found) == 1, width


@given(
    text=st.text(alphabet="甲乙丙，。（）abc ", min_size=1, max_size=80),
    width=st.floats(60, 900),
    height=st.floats(40, 400),
)
def test_what_is_set_fits_the_box(text: str, width: float, height: float) -> None:
    size, lines = set_text(text, width, height, 60, 26, 3)
    assert 26 <= size <= 60
    assert len(lines) <= 3
    assert len(lines) * size * LINE_EM <= height or len(lines) == 1
    assert all(width_em(line) * size <= width + 0.01 or len(line) <= 2 for line in lines)


def test_what_cannot_fit_is_cut_visibly() -> None:
    _, lines = set_text("人力资源和社会保障（含工伤认定、劳动仲裁）", 200, 40, 40, 26, 1)
    assert len(lines) == 1
    assert lines[0].endswith("…")


# ---- bridge


def test_everything_posted_is_drained_in_order_even_before_the_screen_is_there() -> None:
    bridge = Bridge()
    bridge.post(Tick())
    woken: list[int] = []
    bridge.attach(lambda: woken.append(1))
    assert woken == [1]
    bridge.post(Tick())
    assert woken == [1, 1]
    assert bridge.drain() == [Tick(), Tick()]
    assert bridge.drain() == []


def test_an_errand_runs_on_the_screens_thread() -> None:
    bridge = Bridge()
    came = threading.Event()
    bridge.attach(came.set)
    came.clear()
    answers: list[int] = []

    def run(future: "Future[int]") -> None:
        future.set_result(threading.get_ident())

    asking = threading.Thread(target=lambda: answers.append(bridge.ask(run)))
    asking.start()
    assert came.wait(30)
    (errand,) = bridge.drain()
    assert isinstance(errand, Errand)
    errand.run(errand.future)
    asking.join(30)
    assert answers == [threading.get_ident()]


def test_a_closed_screen_answers_at_once() -> None:
    bridge = Bridge()
    bridge.close()
    with pytest.raises(TimeoutError):
        bridge.ask(lambda future: future.set_result(1))


# ---- picture


def test_a_png_holds_the_rows_from_the_top() -> None:
    bottom, top = bytes([255, 0, 0] * 2), bytes([0, 0, 255] * 2)
    image = Image.open(io.BytesIO(png_of(2, 2, bottom + top)))
    assert image.size == (2, 2)
    assert image.getpixel((0, 0)) == (0, 0, 255)
    assert image.getpixel((1, 1)) == (255, 0, 0)


# ---- font


def _outline(font: Any, char: str) -> list[Any]:
    pen = RecordingPen()
    font.getGlyphSet()[font.getBestCmap()[ord(char)]].draw(pen)
    return pen.value


def test_the_font_file_has_the_simplified_forms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALL_CACHE_DIR", str(tmp_path))
    path = font_file("regular")
    assert path.parent == tmp_path
    assert font_file("regular") == path
    assert list(tmp_path.iterdir()) == [path]
    source = face("regular")
    with TTCollection(source.path, lazy=True) as fonts, TTFont(path, lazy=True) as own:
        assert own["name"].getDebugName(1) == "Noto Sans CJK SC"
        for char in "门直窗骨":
            assert _outline(own, char) == _outline(fonts[source.index], char)
        assert _outline(own, "骨") != _outline(fonts[0], "骨")


# ---- settings


def write(folder: Path, text: str) -> Path:
    path = folder / "kiosk.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_file_is_the_default_and_can_be_paired() -> None:
    shipped = load(config_dir() / "kiosk.toml", KioskSettings)
    assert shipped.server.token_file
    assert shipped.model_copy(update={"server": ServerSettings()}) == KioskSettings()


def test_every_setting_is_in_the_shipped_file() -> None:
    text = (config_dir() / "kiosk.toml").read_text(encoding="utf-8")
    for name, field in KioskSettings.model_fields.items():
        inner = getattr(field.annotation, "model_fields", None)
        for key in inner or [name]:
            assert f"\n{key} = " in text, key


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'languag = "zh"\nhome_after_s = 0\n[screen]\ntouch = "both"\n'
        '[printer]\nurl = "http://printer:99999"\n[remote]\nlisten = "0.0.0.0:9190"\n',
    )
    with pytest.raises(ConfigError) as error:
        load(path, KioskSettings)
    assert {p.key for p in error.value.problems} == {
        "languag",
        "home_after_s",
        "screen.touch",
        "printer.url",
        "remote.listen",
    }
    assert 'did you mean "language"' in str(error.value)


@pytest.mark.parametrize(
    "listen", ["0.0.0.0:80", "10.0.0.1:80", "kiosk:80", "127.0.0.1", "127.0.0.1:99999"]
)
def test_the_remote_hand_listens_on_this_machine_only(listen: str) -> None:
    with pytest.raises(ValueError, match=" / "):
        split_listen(listen)


def test_listening_addresses() -> None:
    assert split_listen("127.0.0.1:9190") == ("127.0.0.1", 9190)
    assert split_listen("localhost:9190") == ("localhost", 9190)


def test_touches_come_from_exactly_one_place() -> None:
    assert touch_provider("auto", "x11") == "mouse,disable_multitouch"
    assert touch_provider("auto", "kmsdrm") == "probesysfs,provider=mtdev"
    assert touch_provider("window", "kmsdrm") == "mouse,disable_multitouch"
    assert touch_provider("/dev/input/event3", "kmsdrm") == "mtdev,/dev/input/event3"


def test_check_config(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = write(tmp_path, 'name = "一号取号机"\n')
    assert cli.main(["--config", str(good), "--check-config"]) == 0
    bad = write(tmp_path, "home_after_s = 'soon'\n")
    assert cli.main(["--config", str(bad)]) == 2
    assert "home_after_s" in capsys.readouterr().err
    assert cli.main(["--config", str(tmp_path / "none.toml")]) == 2


@pytest.mark.parametrize("size", ["1080", "10x10", "1080x", "abcxdef"])
def test_a_size_that_is_none(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--config", "x", "--size", size])
    assert ended.value.code == 2
    assert "1080x1920" in capsys.readouterr().err
