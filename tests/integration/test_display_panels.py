"""From a call to the lamps: the real program's parts on real TCP and ptys."""

import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from display.announcer import Announcer
from display.follow import HallFollow
from display.glyphs import rasterize
from display.virtual.cards.bx5k import Bx5kFamily
from display.virtual.draw import DOT
from display.virtual.faults import FILE_NAME
from display.virtual.server import VirtualPanels
from hallkit.link.client import ApiClient
from hallkit.runtime.clock import SystemClock
from hallkit.runtime.ports import free_port
from tests.fakes.display_hall import Display, eventually, facts, port_of, shows, virtual
from tests.fakes.hall_server_fake import (
    Answer,
    FakeHall,
    call_event,
    empty_board,
    small_hall,
    window,
)

IDLE = "热情为您服务"
FRAME = 14


def v_line(listen: str, *panels: tuple[int, Path], **more: Any) -> dict[str, Any]:
    entries = [{"address": a, "out_dir": str(folder)} | more for a, folder in panels]
    return {"listen": listen, "panels": entries}


def line(name: str, port: str, *windows: tuple[int, int], **more: Any) -> dict[str, Any]:
    entries = [{"window": w, "address": a, "colours": "red-green"} | more for w, a in windows]
    return {"name": name, "port": port, "panels": entries}


def on_line(panels: VirtualPanels, *windows: tuple[int, int]) -> list[dict[str, Any]]:
    return [line("test", port_of(panels.addresses[0]), *windows)]


def lit(picture: Path, x: int, y: int) -> bool:
    with Image.open(picture) as image:
        pixel = image.getpixel((FRAME + x * DOT + DOT // 2, FRAME + y * DOT + DOT // 2))
    assert isinstance(pixel, tuple)
    return max(pixel) > 150


@pytest.fixture(params=["tcp", "pty"])
def listen(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"tcp:{free_port()}" if request.param == "tcp" else f"pty:{tmp_path}/tty-panel"


def test_a_call_lights_the_number(listen: str, tmp_path: Path) -> None:
    folder = tmp_path / "w3"
    panels = virtual(v_line(listen, (5, folder)))
    try:
        with (
            FakeHall(small_hall(window(3))) as hall,
            Display(hall.url, on_line(panels, (3, 5))) as display,
        ):
            shows(folder, IDLE)
            hall.wait_for(lambda: hall.streams == 1)
            hall.push(call_event(1, "A012", window(3)))
            seen = shows(folder, "A012 请到 3号窗口")
            assert seen["blinking"] and seen["crc_errors"] == seen["nacks"] == 0
            expected = rasterize("A012", 32)
            spots = [(x, y) for x in range(0, 64, 3) for y in range(0, 32, 3)]
            picture = folder / "panel.png"
            assert all(lit(picture, x, y) == (expected.getpixel((x, y)) == 255) for x, y in spots)
            eventually(lambda: display.part("panel 3").state == "acked", "acknowledged")
            assert "A012" in display.part("panel 3").text
            hall.push(call_event(2, "A012", window(3), "ticket.started"))
            assert not shows(folder, "A012 办理中")["blinking"]
            hall.push(call_event(3, "A012", window(3), "ticket.finished"))
            shows(folder, IDLE)
            assert [a.ticket for a in display.said] == ["A012"]
            assert display.said[0].window == 3
    finally:
        panels.stop()


def test_window_states(tmp_path: Path) -> None:
    folder = tmp_path / "w1"
    panels = virtual(v_line("tcp:0", (1, folder)))
    try:
        with (
            FakeHall(small_hall(window(1, "closed"))) as hall,
            Display(hall.url, on_line(panels, (1, 1))),
        ):
            shows(folder, "窗口关闭")
            hall.wait_for(lambda: hall.streams == 1)
            opened = call_event(1, "A001", window(1), "window.opened", ticket=None)
            hall.push(opened)
            shows(folder, IDLE)
            hall.wait_for(lambda: hall.streams == 1)
            hall.push(call_event(2, "A001", window(1, "paused"), "window.paused", ticket=None))
            shows(folder, "暂停服务")
    finally:
        panels.stop()


def test_a_long_number_is_whole(tmp_path: Path) -> None:
    folder = tmp_path / "w12"
    panels = virtual(v_line("tcp:0", (1, folder), width=64, height=16))
    try:
        lines = [line("t", port_of(panels.addresses[0]), (12, 1), width=64, height=16)]
        with FakeHall(small_hall(window(12))) as hall, Display(hall.url, lines):
            shows(folder, IDLE)
            hall.wait_for(lambda: hall.streams == 1)
            hall.push(call_event(1, "A1000", window(12)))
            shows(folder, "A1000")
    finally:
        panels.stop()


def test_one_dead_panel_does_not_stop_its_neighbour(tmp_path: Path) -> None:
    dead, alive = tmp_path / "w1", tmp_path / "w2"
    panels = virtual(v_line(f"pty:{tmp_path}/tty", (1, dead), (2, alive)))
    panels.panels[0].fault = "dead"
    try:
        with (
            FakeHall() as hall,
            Display(hall.url, on_line(panels, (1, 1), (2, 2))) as display,
        ):
            shows(alive, IDLE)
            eventually(lambda: display.part("panel 1").state == "failed", "the dead one is known")
            assert "无应答" in display.part("panel 1").text
            hall.push(call_event(1, "A001", window(1)))
            hall.push(call_event(2, "B002", window(2)))
            shows(alive, "B002 请到 2号窗口")
            assert display.part("panel 2").ok
            panels.panels[0].fault = "none"
            shows(dead, "A001 请到 1号窗口")
            eventually(lambda: display.part("panel 1").ok, "alive again")
    finally:
        panels.stop()


def test_unplugged_and_plugged_again(listen: str, tmp_path: Path) -> None:
    folder = tmp_path / "w1"
    entry = v_line(listen, (1, folder))
    panels = virtual(entry)
    port = panels.addresses[0]
    configured = port.removeprefix("pty:") if port.startswith("pty:") else port_of(port)
    try:
        with (
            FakeHall() as hall,
            Display(hall.url, [line("test", configured, (1, 1))]) as display,
        ):
            shows(folder, IDLE)
            panels.stop()
            eventually(lambda: display.part("line test").state == "away", "noticed")
            assert not display.part("panel 1").ok
            hall.push(call_event(1, "A007", window(1)))
            panels = virtual(entry | {"listen": port})
            shows(folder, "A007 请到 1号窗口")
            eventually(lambda: display.part("line test").ok, "line is back")
    finally:
        panels.stop()


@pytest.mark.parametrize(
    ("fault", "words"),
    [("busy", "控制卡忙"), ("garbage", "无应答"), ("half", "无应答"), ("wrong-address", "无应答")],
)
def test_a_misbehaving_panel_is_named_and_recovers(fault: str, words: str, tmp_path: Path) -> None:
    folder = tmp_path / "w1"
    panels = virtual(v_line("tcp:0", (1, folder)))
    (folder / FILE_NAME).write_text(fault)
    try:
        with FakeHall() as hall, Display(hall.url, on_line(panels, (1, 1))) as display:
            eventually(lambda: display.part("panel 1").state == "failed", fault)
            assert words in display.part("panel 1").text
            hall.push(call_event(1, "A009", window(1)))
            (folder / FILE_NAME).unlink()
            shows(folder, "A009 请到 1号窗口")
            eventually(lambda: display.part("panel 1").state == "acked", "recovered")
    finally:
        panels.stop()


@pytest.mark.parametrize("fault", ["echo", "slow"])
def test_an_echoing_or_slow_panel_works(fault: str, tmp_path: Path) -> None:
    folder = tmp_path / "w1"
    panels = virtual(v_line("tcp:0", (1, folder), fault=fault))
    try:
        with FakeHall() as hall, Display(hall.url, on_line(panels, (1, 1))) as display:
            hall.wait_for(lambda: hall.streams == 1)
            hall.push(call_event(1, "A009", window(1)))
            shows(folder, "A009 请到 1号窗口")
            eventually(lambda: "A009" in display.part("panel 1").text, "acknowledged")
            assert facts(folder)["nacks"] == 0
    finally:
        panels.stop()


def test_nobody_there(tmp_path: Path) -> None:
    lines = [line("net", "socket://127.0.0.1:1", (1, 1)), line("usb", f"{tmp_path}/no", (2, 1))]
    with FakeHall() as hall, Display(hall.url, lines) as display:
        eventually(lambda: display.part("line net").state == "away", "refused")
        eventually(lambda: display.part("line usb").state == "away", "no device")
        hall.wait_for(lambda: hall.streams == 1)
        hall.push(call_event(1, "A001", window(1)))
        eventually(lambda: display.said, "the voice goes on")
        assert display.part("panel 1").state == "unknown"


def test_a_silent_connection_is_given_up_with_what_was_sent_into_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        lines = [line("net", f"socket://127.0.0.1:{port}", (1, 1))]
        with FakeHall() as hall, Display(hall.url, lines) as display:
            first, _ = listener.accept()
            eventually(lambda: display.part("panel 1").state == "failed", "no answer")
            second, _ = listener.accept()
            assert display.part("line net").ok
            assert "无应答" in display.part("panel 1").text
            first.close()
            second.close()


def test_latest_wins(tmp_path: Path) -> None:
    folder = tmp_path / "w1"
    panels = virtual(v_line("tcp:0", (1, folder)))
    try:
        with FakeHall() as hall, Display(hall.url, on_line(panels, (1, 1))) as display:
            shows(folder, IDLE)
            eventually(lambda: display.part("panel 1").state == "acked", "acknowledged")
            hall.wait_for(lambda: hall.streams == 1)
            before = facts(folder)["frames"]
            for number in range(1, 31):
                hall.push(call_event(number, f"A{number:03}", window(1)))
            shows(folder, "A030 请到 1号窗口")
            assert facts(folder)["frames"] - before < 10
            assert [a.ticket for a in display.said] == [f"A{n:03}" for n in range(1, 31)]
    finally:
        panels.stop()


def test_server_lost_and_back(tmp_path: Path) -> None:
    folder = tmp_path / "w1"
    panels = virtual(v_line("tcp:0", (1, folder)))
    try:
        with (
            FakeHall() as hall,
            Display(hall.url, on_line(panels, (1, 1)), lost_after_s=1) as display,
        ):
            shows(folder, IDLE)
            hall.wait_for(lambda: hall.streams == 1)
            hall.push(call_event(1, "A001", window(1)))
            shows(folder, "A001 请到 1号窗口")
            hall.stop()
            shows(folder, IDLE)
            called = window(1, ticket="A002", ticket_state="called")
            hall.hall = small_hall(called, window(2))
            hall.board = empty_board(2)
            hall.push(call_event(2, "A002", window(1)))
            hall.start()
            shows(folder, "A002 请到 1号窗口")
            eventually(lambda: len(display.said) == 2, "the missed call is spoken once")
    finally:
        panels.stop()


def test_numbers_are_taken_away_at_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "w1"
    panels = virtual(v_line("tcp:0", (1, folder)))
    try:
        with FakeHall() as hall, Display(hall.url, on_line(panels, (1, 1))):
            shows(folder, IDLE)
            hall.wait_for(lambda: hall.streams == 1)
            hall.push(call_event(1, "A001", window(1)))
            shows(folder, "A001 请到 1号窗口")
        shows(folder, IDLE)
    finally:
        panels.stop()


def test_the_loss_of_the_server_during_a_fetch_does_not_keep_the_processor_busy(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def away(_body: dict[str, Any]) -> Answer:
        return 503, {}

    with FakeHall(small_hall(window(1))) as hall:
        hall.answer("GET", "/board", away)
        with Display(hall.url, []):
            assert hall.wait_for(lambda: "GET /board" in hall.requests)
            hall.stop()
            keeper = next(t for t in threading.enumerate() if t.name == "keeper")
            assert keeper.ident is not None
            clock = time.pthread_getcpuclockid(keeper.ident)
            eventually(lambda: "event stream" in caplog.text, "the loss is noticed")
            before, began = time.clock_gettime(clock), time.monotonic()
            eventually(lambda: time.monotonic() > began + 2, "two seconds go by")
            assert time.clock_gettime(clock) - before < 0.2


def test_a_returning_server_is_told_of_at_once() -> None:
    links: list[int] = []
    with FakeHall(small_hall(window(1))) as hall:
        client = ApiClient(hall.url)
        follow = HallFollow(
            client, lambda _s: None, Announcer(lambda _a: None, SystemClock()), 30.0,
            SystemClock(), lambda: links.append(1),
        )  # fmt: skip
        follow.start()
        eventually(lambda: len(links) == 1, "linked")
        hall.stop()
        hall.start()
        eventually(lambda: len(links) == 2, "linked again")
        follow.stop()
        client.close()


def test_brightness_is_set_and_set_again_when_a_panel_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "w1"
    hours = [("00:00", "12:00"), ("12:00", "00:00")]
    brightness = [{"from": a, "to": b, "level": 5} for a, b in hours]
    listen = f"tcp:{free_port()}"
    panels = virtual(v_line(listen, (1, folder)))
    try:
        with FakeHall() as hall, Display(hall.url, on_line(panels, (1, 1)), brightness=brightness):
            eventually(lambda: facts(folder).get("brightness") == 5, "dimmed")
            panels.stop()
            panels = virtual(v_line(listen, (1, folder)))
            assert panels.panels[0].card.look().brightness == 15
            eventually(lambda: panels.panels[0].card.look().brightness == 5, "dimmed again")
            shows(folder, IDLE)
    finally:
        panels.stop()


def test_a_panel_that_lost_its_power_unnoticed_is_healed_by_the_refresh(tmp_path: Path) -> None:
    folder = tmp_path / "w1"
    panels = virtual(v_line(f"pty:{tmp_path}/tty", (1, folder)))
    hours = [("00:00", "12:00"), ("12:00", "00:00")]
    brightness = [{"from": a, "to": b, "level": 5} for a, b in hours]
    try:
        with (
            FakeHall() as hall,
            Display(
                hall.url, on_line(panels, (1, 1)), refresh_s=5, expire_s=30, brightness=brightness
            ),
        ):
            eventually(lambda: facts(folder).get("brightness") == 5, "dimmed")
            panel = panels.panels[0]
            panel.card = Bx5kFamily().card(panel.settings)
            eventually(lambda: panel.card.text == IDLE, "told again")
            eventually(lambda: panel.card.look().brightness == 5, "dimmed again")
    finally:
        panels.stop()
