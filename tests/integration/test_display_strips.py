"""From a call to strips, number boards and customer displays, over TCP and ptys."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from display.glyphs import rasterize
from display.probe.cli import main as probe
from display.virtual.draw import DOT
from display.virtual.faults import FILE_NAME
from display.virtual.server import VirtualPanels
from tests.fakes.display_hall import Display, eventually, facts, port_of, shows, virtual
from tests.fakes.hall_server_fake import FakeHall, call_event, small_hall, window

FRAME = 14
OURS = """\
title = "本厅条屏"
title_en = "our strip"
source = "随屏说明书 / the sheet that came with it"
verified = false
[panel]
charset = "gbk"
columns = 16
addresses = [1, 99]
[frames]
show = ["AA", "address", "length u8 of text", "text", "sum8 of before"]
ping = ["AA", "address", "sum8 of before"]
[answer]
expected = "always"
ok = [["AA 06", "address"]]
"""


def rig(listen: str, folder: Path, protocol: str, address: int = 1, **more: Any) -> VirtualPanels:
    panel = {"out_dir": str(folder), "address": address, **more}
    own = folder.parent / "strips"
    return virtual(
        {"listen": listen, "protocol": protocol, "panels": [panel]},
        strips_dir=str(own) if own.exists() else "",
    )


def lines(panels: VirtualPanels, protocol: str, address: int = 1, **more: Any) -> Any:
    panel = {"window": 3, "address": address, "colours": "red-green"} | more
    return [
        {
            "name": "t",
            "port": port_of(panels.addresses[0]),
            "protocol": protocol,
            "unverified": True,
            "panels": [panel],
        }
    ]


@pytest.mark.parametrize(
    ("protocol", "listen", "address", "more", "called", "paused", "state"),
    [
        ("olm", "tcp", 0, {"columns": 16}, "A012 请到3号窗口", "暂停服务", "acked"),
        ("olm", "pty", 9, {"rows": 2, "columns": 10}, "A012 请到3号", "暂停服务", "acked"),
        ("cd5220", "pty", 1, {}, "A012 -> WINDOW 3", "PAUSE", "sent"),
        ("sunpn", "tcp", 1, {"drop_letters": True}, "12", "0", "acked"),
        ("qsystem", "tcp", 5, {"columns": 10}, "A012 -> 3", "PAUSE", "sent"),
        ("plain485-a", "pty", 4, {}, "A012 请到3号窗口", "暂停服务", "sent"),
        ("plain485-b", "tcp", 4, {}, "A012 请到3号窗口", "暂停服务", "sent"),
        ("plain485-c", "tcp", 4, {}, "A012 请到3号窗口", "暂停服务", "sent"),
        ("plain485-d", "tcp", 1, {"rows": 2}, "A012 请到3号窗口", "暂停服务", "sent"),
        ("ours", "tcp", 7, {}, "A012 请到3号窗口", "暂停服务", "acked"),
    ],
)
def test_a_call_reaches_the_panel(
    protocol: str,
    listen: str,
    address: int,
    more: dict[str, Any],
    called: str,
    paused: str,
    state: str,
    tmp_path: Path,
) -> None:
    own = tmp_path / "strips"
    own.mkdir()
    (own / "ours.toml").write_text(OURS, "utf-8")
    folder = tmp_path / "w3"
    sizes = {key: value for key, value in more.items() if key in ("rows", "columns")}
    where = "tcp:0" if listen == "tcp" else f"pty:{tmp_path}/tty"
    panels = rig(where, folder, protocol, address, **sizes)
    try:
        with (
            FakeHall(small_hall(window(3))) as hall,
            Display(hall.url, lines(panels, protocol, address, **more), str(own)) as display,
        ):
            hall.wait_for(lambda: hall.streams == 1)
            hall.push(call_event(1, "A012", window(3)))
            seen = shows(folder, called)
            assert seen["crc_errors"] == seen["nacks"] == 0
            eventually(lambda: display.part("panel 3").state == state, "told of")
            assert "012" in display.part("panel 3").text
            said = "尚未在真屏上验证" in display.part("line t").text
            assert said == (protocol not in ("olm", "sunpn", "cd5220"))
            if protocol == "sunpn":
                assert _pixel(folder, 410, 132)[0] > 150, "the 2 has its middle bar"
                assert _pixel(folder, 85, 132)[0] < 60, "before 12 there is nothing"
            else:
                _lit_as(folder, "A012")
            paused_window = window(3, "paused")
            hall.push(call_event(2, "A012", paused_window, "window.paused", ticket=None))
            shows(folder, paused)
    finally:
        panels.stop()


def _pixel(folder: Path, x: int, y: int) -> tuple[int, int, int]:
    with Image.open(folder / "panel.png") as picture:
        return picture.convert("RGB").getpixel((x, y))  # type: ignore[return-value]


def _lit_as(folder: Path, text: str) -> None:
    """Its lamps are those of ``text`` in the upper left corner."""
    glyphs = rasterize(text, 16)
    for x in range(0, glyphs.width, 3):
        for y in range(0, 16, 3):
            at = (FRAME + x * DOT + DOT // 2, FRAME + y * DOT + DOT // 2)
            assert (max(_pixel(folder, *at)) > 150) == (glyphs.getpixel((x, y)) == 255), (x, y)


def test_a_board_of_digits_says_that_it_cannot_show_letters(tmp_path: Path) -> None:
    folder = tmp_path / "w3"
    panels = rig("tcp:0", folder, "sunpn")
    try:
        with (
            FakeHall(small_hall(window(3))) as hall,
            Display(hall.url, lines(panels, "sunpn")) as display,
        ):
            hall.wait_for(lambda: hall.streams == 1)
            hall.push(call_event(1, "A012", window(3)))
            eventually(lambda: "drop_letters" in display.part("panel 3").text, "said so")
            assert not display.part("panel 3").ok
            shows(folder, "0")
    finally:
        panels.stop()


@pytest.mark.parametrize(("fault", "words"), [("busy", "错误 1"), ("half", "无应答")])
def test_a_misbehaving_strip_is_named_and_recovers(fault: str, words: str, tmp_path: Path) -> None:
    folder = tmp_path / "w3"
    panels = rig("tcp:0", folder, "olm", columns=16)
    (folder / FILE_NAME).write_text(fault)
    try:
        with (
            FakeHall(small_hall(window(3))) as hall,
            Display(hall.url, lines(panels, "olm", columns=16)) as display,
        ):
            eventually(lambda: display.part("panel 3").state == "failed", fault)
            assert words in display.part("panel 3").text
            (folder / FILE_NAME).unlink()
            hall.push(call_event(1, "A012", window(3)))
            shows(folder, "A012 请到3号窗口")
            eventually(lambda: display.part("panel 3").ok, "recovered")
    finally:
        panels.stop()


@pytest.mark.parametrize("fault", ["echo", "garbage"])
def test_noise_of_a_panel_that_never_answers_is_no_fault(fault: str, tmp_path: Path) -> None:
    folder = tmp_path / "w3"
    panels = rig("tcp:0", folder, "plain485-a", fault=fault)
    try:
        with (
            FakeHall(small_hall(window(3))) as hall,
            Display(hall.url, lines(panels, "plain485-a")) as display,
        ):
            hall.wait_for(lambda: hall.streams == 1)
            hall.push(call_event(1, "A012", window(3)))
            shows(folder, "A012 请到3号窗口")
            eventually(lambda: display.part("panel 3").state == "sent", "sent")
            assert display.part("panel 3").ok
    finally:
        panels.stop()


def test_the_probe_of_strips(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "strips"
    own.mkdir()
    (own / "ours.toml").write_text(OURS, "utf-8")
    folders = {name: tmp_path / name for name in ("olm", "cd5220", "sunpn", "ours")}
    panels = {name: rig("tcp:0", folder, name) for name, folder in folders.items()}

    def ask(name: str, *more: str) -> tuple[int, str]:
        port = port_of(panels[name].addresses[0])
        status = probe([port, "--protocol", name, "--strips", str(own), *more])
        return status, capsys.readouterr().out

    try:
        status, said = ask("olm")
        assert status == 1 and "只在显示内容时应答；请加 --show 8888，" in said
        status, said = ask("olm", "--show", "A012")
        assert status == 0 and "有屏，应答正常" in said
        shows(folders["olm"], "A012")
        status, said = ask("cd5220")
        assert status == 1 and "从不应答，在这里无法知道有没有屏" in said
        status, said = ask("cd5220", "--show", "A012")
        assert status == 0 and "请看屏上是否出现" in said
        assert "  1B 51 41 41 30 31 32 0D\n" in said
        shows(folders["cd5220"], "A012")
        status, said = ask("sunpn")
        assert status == 1 and "请加 --show 888，" in said
        status, said = ask("ours", "--address", "1-2")
        assert status == 1 and "尚未在真屏上验证" in said
        assert "地址 1：有屏，应答正常" in said and "地址 2：无应答" in said
        assert facts(folders["ours"])["text"] == ""
    finally:
        for one in panels.values():
            one.stop()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--protocol", "olmm"], "did you mean olm?"),
        (["--protocol", "ours"], "本厅自己的条屏请加 --strips"),
        (["--protocol", "olm", "--address", "256"], "--address: 0 … 255"),
        (["--protocol", "bx5k", "--show", "A"], "只用于字符屏"),
        (["--protocol", "sunpn", "--show", "A"], "--show: a panel of digits cannot show 'A'"),
    ],
)
def test_a_probe_that_cannot_be(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        probe(["/dev/null", *arguments])
    assert said in capsys.readouterr().err
