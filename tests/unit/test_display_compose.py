"""Every sign fits its panel, and a number is always whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display.board.sign import Sign, SignKind
from display.led.content import Colour, Screen, text_width
from display.led.onbon.bx5k import Bx5k
from display.led.onbon.bx5k_wire import parse_request
from display.led.onbon.frame import cut, unwrap
from display.render.shape import DoesNotFit, PanelShape
from display.render.sign import render
from display.virtual.cards.bx5k import Bx5kPanel
from display.virtual.draw import LitText

BX = Bx5k()
CAN = BX.capabilities
MONO = (Colour.RED,)
DUAL = (Colour.RED, Colour.GREEN, Colour.YELLOW)


def compose(sign: Sign, shape: PanelShape, expires_s: int | None = None) -> Screen:
    screen = render(sign, shape, CAN, expires_s)
    assert isinstance(screen, Screen)
    return screen


def words(sign: Sign, width: int, height: int, colours: tuple[Colour, ...] = DUAL) -> list[str]:
    screen = compose(sign, PanelShape(width, height, colours))
    return [f"{b.text}@{b.size}" for b in screen.blocks]


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (128, 32, ["A012@32", "请到@16", "3号窗口@16"]),
        (192, 32, ["A012@32", "请到3号窗口@16"]),
        (192, 64, ["A012@32", "请到3号窗口@32"]),
        (96, 32, ["A012@32", "请到@16", "3号@16"]),
        (64, 32, ["A012@32"]),
        (128, 16, ["A012@16", "请到3号窗口@16"]),
        (64, 16, ["A012@16", "3号@16"]),
        (48, 16, ["A012@16"]),
    ],
)
def test_a_call_on_panels_of_every_size(width: int, height: int, expected: list[str]) -> None:
    assert words(Sign(3, "called", "A012"), width, height) == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("idle", ["热情为您服务@16"]), ("paused", ["暂停服务@32"]), ("closed", ["窗口关闭@32"])],
)
def test_words_without_a_number(kind: SignKind, expected: list[str]) -> None:
    assert words(Sign(3, kind), 128, 32) == expected


def test_a_number_and_words_of_one_size_stand_apart() -> None:
    number, doing = compose(Sign(3, "serving", "A012"), PanelShape(160, 32, DUAL)).blocks
    assert (doing.text, doing.size) == ("办理中", 24)
    assert doing.x - number.x - number.width == 8


def test_words_that_do_not_fit_run() -> None:
    (block,) = compose(Sign(3, "idle"), PanelShape(48, 16, MONO)).blocks
    assert block.scroll and block.text == "热情为您服务"


def test_colours_only_where_there_is_a_choice() -> None:
    mono = compose(Sign(3, "called", "A012"), PanelShape(128, 32, MONO))
    assert {block.colour for block in mono.blocks} == {None}
    dual = compose(Sign(3, "called", "A012"), PanelShape(128, 32, DUAL))
    assert [block.colour for block in dual.blocks][:2] == [Colour.YELLOW, Colour.GREEN]


def test_called_and_serving_differ_without_colour() -> None:
    shape = PanelShape(64, 32, MONO)
    called = compose(Sign(3, "called", "A012"), shape)
    serving = compose(Sign(3, "serving", "A012"), shape)
    assert called.blocks[0].blink and not serving.blocks[0].blink


def test_numbers_expire_and_words_do_not() -> None:
    shape = PanelShape(128, 32, MONO)
    assert compose(Sign(3, "serving", "A012"), shape, 120).expires_s == 120
    assert compose(Sign(3, "idle"), shape, 120).expires_s is None


def test_a_panel_that_is_too_small_is_said_so() -> None:
    with pytest.raises(DoesNotFit):
        compose(Sign(3, "called", "A10000"), PanelShape(32, 16, MONO))


NUMBERS = st.from_regex(r"[A-HJ-NPR-Z][0-9]{3,4}", fullmatch=True)
SHAPES = st.builds(
    PanelShape,
    st.integers(6, 40).map(lambda n: n * 8),
    st.integers(16, 128),
    st.sampled_from([MONO, DUAL]),
)


def assert_inside(screen: Screen, shape: PanelShape) -> None:
    for block in screen.blocks:
        assert block.x >= 0 and block.x + block.width <= shape.width
        assert block.y >= 0 and block.y + block.height <= shape.height
        assert block.x % 8 == block.width % 8 == 0
        assert block.scroll or text_width(block.text, block.size) <= block.width


@given(NUMBERS, st.integers(1, 999), st.sampled_from(["called", "serving"]), SHAPES)
def test_a_number_is_always_whole(
    number: str, window: int, kind: SignKind, shape: PanelShape
) -> None:
    screen = compose(Sign(window, kind, number), shape)
    assert_inside(screen, shape)
    assert screen.blocks[0].text == number and not screen.blocks[0].scroll
    assert panel_text(screen, shape).startswith(number)


@given(st.sampled_from(["idle", "paused", "closed", "lost"]), SHAPES)
def test_words_always_reach_the_panel(kind: SignKind, shape: PanelShape) -> None:
    screen = compose(Sign(1, kind), shape)
    assert_inside(screen, shape)
    assert panel_text(screen, shape)


def panel_text(screen: Screen, shape: PanelShape) -> str:
    """What a strict panel of that shape shows after the screen's frame."""
    panel = Bx5kPanel(7, shape.width, shape.height, shape.colours)
    _used, raw = cut(b"".join(BX.encode(7, screen)))
    assert raw is not None
    panel.handle(parse_request(unwrap(raw)), 0.0)
    assert panel.nacks == 0
    return panel.text


def test_lines_above_each_other_are_sent_as_one_area_and_stand_where_they_should() -> None:
    shape = PanelShape(128, 32, DUAL)
    screen = compose(Sign(12, "called", "A012"), shape)
    (frame,) = BX.encode(7, screen)
    assert rb"\C2" + "请到".encode("gb2312") + rb"\n" in frame
    # 15 panels on a line of 9600 baud are all right within 3 s.
    assert len(frame) <= 140
    panel = Bx5kPanel(7, 128, 32, DUAL)
    _used, raw = cut(frame)
    assert raw is not None
    panel.handle(parse_request(unwrap(raw)), 0.0)
    places = [(t.text, t.x, t.y) for t in panel.look().lit if isinstance(t, LitText)]
    wanted = [
        (b.text, b.x + (b.width - text_width(b.text, b.size)) // 2, b.y) for b in screen.blocks
    ]
    assert places == wanted
