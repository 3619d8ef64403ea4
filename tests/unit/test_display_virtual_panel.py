"""The virtual card: what it accepts, what it refuses, what it leaves in its folder."""

import json
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from display.glyphs import rasterize
from display.led.content import Block, Colour, Screen
from display.led.onbon.bx5k import Bx5k
from display.led.onbon.bx5k_wire import (
    ACK,
    CLEAR,
    NACK,
    SHOW,
    SWITCH,
    Area,
    Update,
    parse_answer,
    parse_request,
    request,
    update_payload,
)
from display.led.onbon.frame import cut, unwrap, wrap
from display.virtual.cards.bx5k import Bx5kPanel
from display.virtual.draw import DOT, LitText, draw, lamps
from display.virtual.families import family
from display.virtual.line import Channel, Panel
from display.virtual.settings import VirtualPanelSettings
from display.virtual.store import KEPT, Facts, Store

BX = Bx5k()
NUMBER = Screen((Block("A012", 0, 0, 64, 32, 32, Colour.YELLOW, blink=True),), expires_s=60)


def card() -> Bx5kPanel:
    return Bx5kPanel(5, 128, 32, (Colour.RED, Colour.GREEN, Colour.YELLOW))


def give(panel: Bx5kPanel, frame: bytes, now: float = 0.0) -> tuple[tuple[int, int], int]:
    """Kind and error of the panel's answer."""
    _, raw = cut(frame)
    assert raw is not None
    content = panel.handle(parse_request(unwrap(raw)), now)
    assert content is not None
    answer = parse_answer(content)
    return answer.kind, answer.error


def show(*areas: Area) -> bytes:
    return wrap(request(5, SHOW, update_payload(Update(False, (), areas))))


def area(text: bytes = b"A", **values: int) -> Area:
    given = {"x": 0, "y": 0, "width": 128, "height": 32} | values
    return Area(text=text, **given)  # type: ignore[arg-type]


def test_a_screen_is_shown_and_answered() -> None:
    panel = card()
    assert give(panel, b"".join(BX.encode(5, NUMBER))) == (ACK, 0)
    assert panel.text == "A012" and panel.blinks
    (lit,) = panel.look().lit
    assert isinstance(lit, LitText)
    assert (lit.text, lit.size, lit.colour) == ("A012", 32, Colour.YELLOW)
    give(panel, b"".join(BX.clear(5)))
    assert panel.text == "" and not panel.look().lit


def test_a_number_vanishes_when_its_time_is_over() -> None:
    panel = card()
    give(panel, b"".join(BX.encode(5, NUMBER)), now=100.0)
    assert not panel.forget_old(159.0) and panel.text == "A012"
    assert panel.forget_old(160.0) and panel.text == ""


def test_switch_brightness_and_clear() -> None:
    panel = card()
    give(panel, b"".join(BX.encode(5, NUMBER)))
    assert give(panel, wrap(request(5, SWITCH, b"\x02"))) == (ACK, 0)
    assert not panel.on
    assert give(panel, b"".join(BX.brightness(5, 3))) == (ACK, 0)
    assert panel.brightness == 3
    assert give(panel, wrap(request(5, CLEAR))) == (ACK, 0)
    assert panel.text == ""


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (show(area(width=136)), 4),
        (show(area(y=8)), 4),
        (show(area(width=0)), 4),
        (show(area(b"A" * 513)), 4),
        (show(area(b"")), 4),
        (show(area(number=8)), 4),
        (show(area(run_mode=3)), 4),
        (show(area(mode=0x40)), 4),
        (show(area(speed=0x19)), 4),
        (show(area(lines=0)), 4),
        (show(area(rb"\FO009A")), 12),
        (show(area(rb"\FO000A\FE001B")), 4),
        (show(*(area(number=n) for n in range(9))), 4),
        (wrap(request(5, SHOW, b"\x00\x01\x22\x00")), 4),
        (wrap(request(5, (0xA3, 0x77))), 2),
        (wrap(request(5, (0xB1, 0x00))), 1),
    ],
)
def test_what_it_refuses(frame: bytes, code: int) -> None:
    panel = card()
    give(panel, b"".join(BX.encode(5, NUMBER)))
    assert give(panel, frame) == (NACK, code)
    assert panel.text == "A012" and panel.nacks == 1


def test_areas_are_kept_replaced_and_deleted() -> None:
    panel = card()
    give(panel, show(area(b"A", number=0, width=64), area(b"B", number=1, x=64, width=64)))
    give(panel, show(area(b"C", number=1, x=64, width=64)))
    assert panel.text == "A C"
    give(panel, wrap(request(5, SHOW, update_payload(Update(False, (0,), ())))))
    assert panel.text == "C"


def channel(tmp_path: Path, *addresses: int) -> tuple[Channel, list[Panel]]:
    kind = family("bx5k")
    panels = [
        Panel(VirtualPanelSettings(out_dir=str(tmp_path / str(a)), address=a), kind)
        for a in addresses
    ]
    return Channel(kind, panels, lambda _panel: None), panels


def test_only_the_addressed_panel_answers(tmp_path: Path) -> None:
    line, (one, two) = channel(tmp_path, 1, 2)
    (sending,) = line.receive(b"".join(BX.encode(2, NUMBER)))
    assert sending.data.startswith(b"\xa5" * 9)
    assert (one.card.text, two.card.text) == ("", "A012")
    assert not line.receive(b"".join(BX.encode(3, NUMBER)))


def test_a_broadcast_reaches_all_and_nobody_answers(tmp_path: Path) -> None:
    line, panels = channel(tmp_path, 1, 2)
    assert not line.receive(b"".join(BX.encode(0xFFFF, NUMBER)))
    assert [p.card.text for p in panels] == ["A012", "A012"]


def test_a_damaged_frame_is_counted_and_refused(tmp_path: Path) -> None:
    line, (one, two) = channel(tmp_path, 1, 2)
    frame = bytearray(b"".join(BX.encode(2, NUMBER)))
    frame[40] ^= 1
    (sending,) = line.receive(bytes(frame))
    _, raw = cut(sending.data)
    assert raw is not None
    assert parse_answer(unwrap(raw)).error == 5
    assert (one.card.crc_errors, two.card.crc_errors, two.card.text) == (0, 1, "")


def test_a_wrong_header_is_ignored(tmp_path: Path) -> None:
    line, (one,) = channel(tmp_path, 1)
    for at, value in ((4, 1), (10, 7), (11, 9), (12, 99)):
        content = bytearray(request(1, SHOW, b"\xff\x00"))
        content[at] = value
        assert not line.receive(wrap(bytes(content)))
    assert one.card.frames == 0


def test_frames_arrive_in_pieces(tmp_path: Path) -> None:
    line, (one,) = channel(tmp_path, 1)
    answers = [s for byte in b"".join(BX.encode(1, NUMBER)) for s in line.receive(bytes([byte]))]
    assert len(answers) == 1 and one.card.text == "A012"


def test_the_picture_shows_exactly_the_glyphs() -> None:
    panel = card()
    give(panel, b"".join(BX.encode(5, NUMBER)))
    planes = lamps(128, 32, panel.look().lit)
    yellow = planes[Colour.YELLOW].crop((0, 0, 64, 32))
    assert ImageChops.difference(yellow, rasterize("A012", 32)).getbbox() is None
    assert planes[Colour.RED].getbbox() is None
    picture = draw(128, 32, panel.look().lit)
    assert picture.width > 128 * DOT
    dark = draw(128, 32, panel.look().lit, on=False)
    assert ImageChops.difference(dark, draw(128, 32, [])).getbbox() is None


@pytest.mark.parametrize("size", [16, 24, 32])
def test_every_character_has_its_own_glyph(size: int) -> None:
    characters = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ请到号窗口热情为您服务暂停关闭办理中正在"
    pictures = {rasterize(c, size).tobytes() for c in characters}  # type: ignore[arg-type]
    assert len(pictures) == len(set(characters))
    assert rasterize(" ", size).tobytes() not in pictures  # type: ignore[arg-type]


def test_the_folder_keeps_the_last_pictures(tmp_path: Path) -> None:
    store = Store(tmp_path)
    facts = Facts("A012", 1, 0, 0, True, "t", 1, 8, 8, "red", 15, False, False, "none")
    for _ in range(KEPT + 5):
        store.write(Image.new("RGB", (4, 4)), facts)
    numbered = sorted(p.name for p in tmp_path.glob("[0-9]*.png"))
    assert numbered == [f"{n:04}.png" for n in range(6, KEPT + 6)]
    assert json.loads((tmp_path / "panel.json").read_text("utf-8"))["text"] == "A012"
    assert not list(tmp_path.glob(".*"))
    assert Store(tmp_path)._number == KEPT + 5
