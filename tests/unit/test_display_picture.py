"""Signs drawn with our own glyphs: how notices break, what goes first, what is never a box."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from display.board.sign import Sign
from display.glyphs import rasterize
from display.led.codec import Capabilities, PictureCapability
from display.led.content import SIZES, Colour, FontSize, Picture, text_width
from display.render.lines import lines_of
from display.render.shape import PanelShape
from display.render.sign import render

CAN = Capabilities(
    shows=PictureCapability(pages=4, most_lamps=100_000, expires=True),
    addresses=range(1, 2),
    acks="none",
    interval_s=0.0,
    ack_timeout_s=0.0,
)
DUAL = (Colour.RED, Colour.GREEN, Colour.YELLOW)


def draw(sign: Sign, width: int, height: int, colours: tuple[Colour, ...] = DUAL) -> Picture:
    made = render(sign, PanelShape(width, height, colours), CAN)
    assert isinstance(made, Picture)
    return made


def page(picture: Picture, number: int = 0) -> Image.Image:
    size = (picture.width, picture.height)
    return Image.frombytes("1", size, picture.pages[number].planes[0])


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("请到导办台取号", 64, ["请到导办", "台取号"]),
        ("周二、周四", 32, ["周", "二、", "周四"]),
        ("时间9:00—17:00。", 64, ["时间", "9:00—", "17:00。"]),
        ("  一\n二  三 ", 48, ["一 二", "三"]),
        ("ABCDEFGHIJ", 48, ["ABCDEF", "GHIJ"]),
        ("甲ABCDEF。", 48, ["甲", "ABCDEF", "。"]),
        ("", 48, [""]),
    ],
)
def test_lines_break_as_in_print(text: str, width: int, lines: list[str]) -> None:
    assert lines_of(text, width, 16) == lines


@given(st.text("甲，。A9 :（", max_size=60), st.sampled_from(SIZES), st.integers(4, 24))
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, size: FontSize, eights: int) -> None:
    lines = lines_of(text, eights * 8, size)
    assert all(text_width(line, size) <= eights * 8 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_notice_is_as_large_as_its_page_allows() -> None:
    def tall(note: str) -> int:
        box = page(draw(Sign(1, "notice", note=note), 64, 64)).getbbox()
        assert box is not None
        return box[3] - box[1]

    assert len(draw(Sign(1, "notice", note="周四镇"), 64, 64).pages) == 1
    assert tall("周四") < 33 < tall("周四镇")


def test_a_long_notice_is_pages_that_can_be_read() -> None:
    notice = draw(Sign(1, "notice", note="周二、周四镇干部驻村，办理时间九点至十七点。"), 64, 32)
    assert len(notice.pages) == 3 and all(p.stay == 6 for p in notice.pages)


def test_what_is_left_out_of_a_notice_is_told() -> None:
    cut = draw(Sign(1, "notice", note="号" * 100), 64, 32)
    assert len(cut.pages) == 4
    last = page(cut, 3)
    whole = page(draw(Sign(1, "notice", note="号" * 32), 64, 32), 3)
    assert last.tobytes() != whole.tobytes()


def test_the_closing_time_goes_before_larger_words() -> None:
    closing = draw(Sign(1, "closing", note="17:30"), 192, 64)
    box = page(closing).getbbox()
    assert box is not None and box[2] - box[0] > 140


def test_pictures_of_equal_signs_are_drawn_once() -> None:
    one, other = (draw(Sign(window, "idle"), 128, 32) for window in (1, 2))
    assert one.pages[0] is other.pages[0]


@pytest.mark.parametrize("size", SIZES)
def test_rare_characters_are_no_boxes(size: FontSize) -> None:
    unknown = rasterize("？", size).tobytes()
    for character in "㐂〇犇喆镕𠮷":
        assert rasterize(character, size).tobytes() != unknown
    for character in "😀\U000f0000\ue000":
        assert rasterize(character, size).tobytes() == unknown
