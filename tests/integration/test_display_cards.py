"""From a call to the lamps and digits of graphic cards and Modbus panels, on real TCP and ptys."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from display.board.sign import Sign
from display.led.content import Colour, Picture
from display.led.onbon.bx6e import Bx6e
from display.probe.cli import main as probe
from display.render.shape import PanelShape
from display.render.sign import render
from display.settings import DisplaySettings
from display.virtual.draw import DOT, lamps
from display.virtual.faults import FILE_NAME
from display.virtual.server import VirtualPanels
from tests.fakes.display_hall import Display, eventually, facts, port_of, shows, virtual
from tests.fakes.hall_server_fake import FakeHall, call_event, small_hall, window

FRAME = 14
DUAL = (Colour.RED, Colour.GREEN, Colour.YELLOW)


@pytest.fixture(params=["tcp", "pty"])
def listen(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return "tcp:0" if request.param == "tcp" else f"pty:{tmp_path}/tty-panel"


def v_line(listen: str, protocol: str, folder: Path, **more: Any) -> dict[str, Any]:
    return {
        "listen": listen,
        "protocol": protocol,
        "panels": [{"address": 5, "out_dir": str(folder)} | more],
    }


def on_line(panels: VirtualPanels, protocol: str, **more: Any) -> list[dict[str, Any]]:
    card = {"card": more.pop("card")} if "card" in more else {}
    panel = {"window": 3, "address": 5} | more
    port = port_of(panels.addresses[0])
    return [{"name": "test", "port": port, "protocol": protocol, "panels": [panel]} | card]


def lights(panels: VirtualPanels, sign: Sign, width: int, height: int) -> Picture:
    """Waits until the first panel's lamps show the sign exactly."""
    shape = PanelShape(width, height, DUAL)
    content = render(sign, shape, Bx6e.capabilities, 60)
    assert isinstance(content, Picture)
    red, green = content.pages[0].planes
    both = bytes(r & g for r, g in zip(red, green, strict=True))

    def seen() -> bool:
        planes = lamps(width, height, panels.panels[0].card.look().lit)
        lit = {c: p.point(lambda v: v, "1").tobytes() for c, p in planes.items()}
        return lit[Colour.YELLOW] == both and lit[Colour.GREEN] == bytes(
            g & ~b for g, b in zip(green, both, strict=True)
        )

    eventually(seen, f"{sign} on the lamps")
    return content


def lit_in(picture: Path, x: int, y: int) -> bool:
    with Image.open(picture) as image:
        pixel = image.getpixel((FRAME + x * DOT + DOT // 2, FRAME + y * DOT + DOT // 2))
    assert isinstance(pixel, tuple)
    return max(pixel) > 150


def test_a_call_lights_the_lamps_of_a_graphic_card(listen: str, tmp_path: Path) -> None:
    folder = tmp_path / "w3"
    size = {"width": 192, "height": 64, "colours": "red-green"}
    panels = virtual(v_line(listen, "bx6e", folder, **size))
    try:
        with (
            FakeHall(small_hall(window(3))) as hall,
            Display(hall.url, on_line(panels, "bx6e", card="6q2", **size)) as display,
        ):
            lights(panels, Sign(3, "idle"), 192, 64)
            hall.wait_for(lambda: hall.streams == 1)
            hall.push(call_event(1, "A1000", window(3)))
            content = lights(panels, Sign(3, "called", "A1000"), 192, 64)
            eventually(lambda: facts(folder).get("blinking"), "it comes and goes")
            eventually(lambda: "A1000" in display.part("panel 3").text, "acknowledged")
            red = Image.frombytes("1", (192, 64), content.pages[0].planes[0])
            spots = [(x, y) for x in range(0, 192, 13) for y in range(0, 30, 5)]
            picture = folder / "panel.png"
            assert all(lit_in(picture, *at) == bool(red.getpixel(at)) for at in spots)
            hall.push(call_event(2, "A1000", window(3), "ticket.started"))
            lights(panels, Sign(3, "serving", "A1000"), 192, 64)
            seen = facts(folder)
            assert seen["crc_errors"] == seen["nacks"] == 0
    finally:
        panels.stop()


@pytest.mark.parametrize(
    ("protocol", "kind"), [("modbus-rtu", "pty"), ("modbus-rtu", "tcp"), ("modbus-tcp", "tcp")]
)
def test_a_call_lights_the_digits(protocol: str, kind: str, tmp_path: Path) -> None:
    listen = "tcp:0" if kind == "tcp" else f"pty:{tmp_path}/tty-panel"
    folder = tmp_path / "w3"
    panels = virtual(v_line(listen, protocol, folder, columns=5))
    try:
        with (
            FakeHall(small_hall(window(3, "paused"))) as hall,
            Display(hall.url, on_line(panels, protocol, columns=5)) as display,
        ):
            shows(folder, "----")
            hall.wait_for(lambda: hall.streams == 1)
            hall.push(call_event(1, "A1000", window(3)))
            shows(folder, "A1000")
            eventually(lambda: display.part("panel 3").state == "acked", "acknowledged")
            hall.push(call_event(2, "A1000", window(3), "ticket.finished"))
            shows(folder, "")
            seen = facts(folder)
            assert seen["crc_errors"] == seen["nacks"] == 0
            with Image.open(folder / "panel.png") as picture:
                assert picture.width > 5 * 100
    finally:
        panels.stop()


@pytest.mark.parametrize(
    ("protocol", "fault", "words"),
    [
        ("bx6e", "busy", "控制卡忙"),
        ("modbus-rtu", "garbage", "无应答"),
        ("modbus-tcp", "half", "无应答"),
    ],
)
def test_a_misbehaving_panel_is_named_and_recovers_on_an_echoing_line(
    protocol: str, fault: str, words: str, tmp_path: Path
) -> None:
    folder = tmp_path / "w3"
    panels = virtual(v_line("tcp:0", protocol, folder, colours="red"))
    (folder / FILE_NAME).write_text(fault)
    try:
        with (
            FakeHall(small_hall(window(3))) as hall,
            Display(hall.url, on_line(panels, protocol)) as display,
        ):
            eventually(lambda: display.part("panel 3").state == "failed", fault)
            assert words in display.part("panel 3").text
            (folder / FILE_NAME).write_text("echo")
            eventually(lambda: display.part("panel 3").state == "acked", "recovered")
    finally:
        panels.stop()


@pytest.mark.parametrize(
    ("protocol", "kind"), [("bx6e", "tcp"), ("modbus-rtu", "pty"), ("modbus-tcp", "tcp")]
)
def test_the_probe_says_what_is_there(
    protocol: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listen = "tcp:0" if kind == "tcp" else f"pty:{tmp_path}/tty-panel"
    folder = tmp_path / "w3"
    panels = virtual(v_line(listen, protocol, folder))
    asked = [port_of(panels.addresses[0]), "--protocol", protocol]
    try:
        assert probe([*asked, "--address", "5", "--baud", "9600"]) == 0
        assert "有屏，应答正常" in capsys.readouterr().out
        (folder / FILE_NAME).write_text("wrong-address")
        assert probe([*asked, "--address", "5", "--baud", "9600"]) == 1
        assert "应答来自地址 6" in capsys.readouterr().out
        (folder / FILE_NAME).write_text("busy")
        assert probe([*asked, "--address", "5", "--baud", "9600"]) == 0
        assert "有屏，但拒绝" in capsys.readouterr().out
    finally:
        panels.stop()


def test_the_probe_finds_out_the_protocol(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    panels = virtual(
        {
            "listen": "tcp:0",
            "protocol": "bx6e",
            "panels": [{"out_dir": str(tmp_path / "p"), "address": 3}],
        }
    )
    try:
        assert probe([port_of(panels.addresses[0]), "--address", "3"]) == 0
    finally:
        panels.stop()
    said = capsys.readouterr().out
    assert "有屏应答：协议 bx6e，地址 3" in said
    settings = tomllib.loads(said[said.index("[[lines]]") :])
    assert DisplaySettings.model_validate(settings).lines[0].panels[0].address == 3


def test_without_a_chinese_font_a_graphic_card_is_told_of_and_the_program_goes_on(
    tmp_path: Path,
) -> None:
    """In a mount name space of its own, where the fonts' folder is empty."""
    script = f"""
mount -t tmpfs none /usr/share/fonts
exec {sys.executable} - <<'END'
from display.panels import Panels
from display.settings import DisplaySettings
from hallkit.runtime.clock import SystemClock
line = {{"name": "n", "port": "/nowhere", "protocol": "bx6e", "panels": [{{"window": 1}}]}}
panels = Panels(DisplaySettings.model_validate({{"lines": [line]}}), lambda: None, SystemClock())
panels.start()
print(panels.parts()[1].text)
panels.stop()
END
"""
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", script],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if "unshare" in done.stderr:
        pytest.skip("no name spaces on this machine")
    assert "fonts-noto-cjk" in done.stdout, done.stderr
