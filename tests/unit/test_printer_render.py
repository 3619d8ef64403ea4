"""What a ticket looks like and says, by its pixels and by independent readers."""

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from hallkit.runtime.fonts import face
from hallkit.wire.slips import SLIP_KINDS, SlipKind
from tests.fakes.printer_rig import QR_URL, slip
from tests.support.ticket_reading import read_number, read_qr
from ticket_printer.layouts import load_layouts
from ticket_printer.render.draw import WIDTH, draw_slip
from ticket_printer.render.escpos_raster import neutralise, raster
from ticket_printer.render.fill import fill
from ticket_printer.render.layout import Code, Layout, Logo, Title
from ticket_printer.render.samples import sample
from ticket_printer.render.sheet import Sheet, Typeface
from ticket_printer.render.slips import Renderer
from ticket_printer.render.text import columns_of, encode, qr
from ticket_printer.render.words import clean, forecast_words, words_of
from ticket_printer.render.wrap import balance, paragraph, wrap
from ticket_printer.virtual.decoder import RealTimeScanner
from ticket_printer.virtual.faults import Faults
from ticket_printer.virtual.machine import Machine

_DATA = Path(__file__).parents[1] / "data"
_FACE = Typeface(face(), face("bold"))
_LAYOUTS = load_layouts()
_LONG = {
    "hall_name": "内蒙古自治区包头市土默特右旗萨拉齐镇㐂𠮷〇村综合便民服务中心（行政服务大厅）",
    "area_name": "一层东侧综合服务区·咨询导办 26℃",
    "service_name": "城乡居民最低生活保障及特困人员救助供养申请（含临时救助）",
    "number": "C1000",
    "ahead": 0,
    "p50_min": None,
    "p90_min": None,
    "tags": ["绿色通道", "预约", "补打", "离线"],
    "wait_at": "二层西侧社会保障服务区（5号—12号窗口前）",
}
# A newer rasteriser moves a few edge dots; a wrong glyph or a moved line is far more.
_MOST_OFF = 0.5


def _off_golden(drawn: Image.Image, name: str) -> float:
    """How many per cent of the dots differ from the picture that a person looked at."""
    golden = Image.open(_DATA / f"printer_{name}.png").convert("1")
    assert drawn.size == golden.size
    return ImageStat.Stat(ImageChops.logical_xor(drawn, golden).convert("L")).mean[0] / 2.55


@pytest.mark.parametrize("paper", [80, 58])
@pytest.mark.parametrize(("name", "changes"), [("usual", {}), ("full", _LONG)])
def test_tickets_look_as_the_ones_a_person_looked_at(
    tmp_path: Path, paper: int, name: str, changes: dict[str, object]
) -> None:
    drawn = draw_slip(slip(**changes), paper, _FACE, _LAYOUTS)
    assert _off_golden(drawn, f"ticket_{name}_{paper}") < _MOST_OFF


@pytest.mark.parametrize("paper", [80, 58])
@pytest.mark.parametrize("kind", SLIP_KINDS)
def test_slips_look_as_the_ones_a_person_looked_at(kind: SlipKind, paper: int) -> None:
    drawn = draw_slip(sample(kind), paper, _FACE, _LAYOUTS)
    name = "ticket_several" if kind == "ticket" else kind
    assert _off_golden(drawn, f"{name}_{paper}") < _MOST_OFF


@pytest.mark.parametrize("paper", [80, 58])
@pytest.mark.parametrize("kind", SLIP_KINDS)
def test_the_code_of_every_slip_is_read(tmp_path: Path, kind: SlipKind, paper: int) -> None:
    slip_of_kind = sample(kind)
    url = words_of(slip_of_kind).texts.get("url", "")
    drawn, text = (
        Renderer(paper, raster, _FACE, _LAYOUTS)(slip_of_kind) for raster in (True, False)
    )
    for i, data in enumerate((drawn, text)):
        # The paper of the virtual printer, which decodes the bytes by itself.
        png = _printed(data, paper, tmp_path / f"{i}.png")
        if url:
            assert read_qr(png) == url
        else:
            with pytest.raises(ValueError, match="0 QR codes"):
                read_qr(png)


def _printed(data: bytes, paper: int, png: Path) -> Path:
    machine = Machine(WIDTH[paper], _FACE.font, Faults(), lambda picture, _lines: picture.save(png))
    machine.receive(b"\x1b@" + data)
    return png


@pytest.mark.parametrize("paper", [80, 58])
@pytest.mark.parametrize("kind", SLIP_KINDS)
def test_every_word_of_a_slip_is_in_its_text(kind: SlipKind, paper: int) -> None:
    data = Renderer(paper, False, _FACE, _LAYOUTS)(sample(kind))
    # Without commands, by Python's own decoder; a line break may be anywhere.
    plain = re.sub(rb"\x1b[aEJ].|\x1d[!BV].|\x1c&", b"", data)
    plain = re.sub(rb"(?s)\x1d\(k\x04\x00.*?\x1d\(k\x03\x001Q0", b"", plain)
    said = re.sub(r"\s", "", plain.decode("gb18030"))
    layout, words = _LAYOUTS[kind], words_of(sample(kind))
    filled = fill(layout, words)
    wanted = [line for one in filled if not isinstance(one.block, Code) for line in one.lines]
    wanted += [part for one in filled for entry in one.entries for part in entry]
    wanted += [note for one in filled for notes in one.notes for note in notes]
    assert len(wanted) > 8
    for text in wanted:
        shown = text.replace("\x00", "").replace("㐂", "〓").replace("𠮷", "〓")
        assert re.sub(r"\s", "", shown) in said, text
    assert max(len(line) for line in plain.split(b"\n")) <= 48


@pytest.mark.parametrize("paper", [80, 58])
@pytest.mark.parametrize("raster", [True, False])
@pytest.mark.parametrize("kind", SLIP_KINDS)
def test_no_slip_holds_a_real_time_command(kind: SlipKind, raster: bool, paper: int) -> None:
    data = Renderer(paper, raster, _FACE, _LAYOUTS)(sample(kind))
    assert RealTimeScanner().feed(data) == []
    assert not re.search(rb"\x10[\x04\x05\x14]", data)


@pytest.mark.parametrize("command", [b"\x10\x04", b"\x10\x05", b"\x10\x14"])
def test_dots_that_look_like_a_real_time_command_do_not_reach_the_printer(command: bytes) -> None:
    logo = ImageChops.invert(Image.frombytes("1", (368, 40), (command * 23) * 40)).convert("L")
    layout = Layout("summary", (Logo(file="x", height=40),), {}, {"x": logo})
    layouts = _LAYOUTS | {"summary": layout}
    drawn = draw_slip(sample("summary"), 58, _FACE, layouts)
    # 8 dots of margin are whole bytes: the pattern stands in the picture as it is.
    assert command in ImageChops.invert(drawn).tobytes()
    data = Renderer(58, True, _FACE, layouts)(sample("summary"))
    assert RealTimeScanner().feed(data) == []


def test_paper_is_white_to_its_end() -> None:
    for height in (1190, 1194, 1200, 1206):
        sheet = Sheet(576, 18, _FACE)
        sheet.space(height)
        sheet.space(12)
        assert sheet.finish().getextrema() == (255, 255)


def test_a_block_with_an_empty_word_is_left_off_and_a_default_fills_it() -> None:
    blocks = (Title(text="{objection}"), Title(text="原因 {reason}"), Title(text="{basis}"))
    layout = Layout("refusal", blocks, {"objection": "可以申诉"})
    refusal = sample("refusal").model_copy(update={"basis": "", "reason": "a *b* c"})
    lines = [one.text for one in fill(layout, words_of(refusal))]
    assert lines == ["可以申诉", "原因 a *b* c"]


def test_a_time_of_day_stays_on_one_line() -> None:
    assert wrap("上午 8:30–12:00", 12, columns_of) == ["上午", "8:30–12:00"]


@pytest.mark.parametrize("paper", [80, 58])
@pytest.mark.parametrize("number", ["A001", "B999", "C1000", "Z45", "078"])
def test_the_number_is_the_largest_and_right(tmp_path: Path, paper: int, number: str) -> None:
    png = tmp_path / "ticket.png"
    draw_slip(slip(number=number), paper, _FACE, _LAYOUTS).save(png)
    assert read_number(png) == number
    assert read_qr(png) == QR_URL


def test_the_number_is_at_least_120_dots_high_on_80_mm() -> None:
    with_number = draw_slip(slip(), 80, _FACE, _LAYOUTS)
    rows = [any(b != 255 for b in with_number.crop((0, y, 576, y + 1)).convert("L").tobytes())
            for y in range(with_number.height)]  # fmt: skip
    heights = "".join(".#"[inked] for inked in rows).split(".")
    # The QR code is at the foot, below the dashed line.
    assert max(len(run) for run in heights[: heights.index("##")]) >= 120


def test_without_an_address_there_is_no_code(tmp_path: Path) -> None:
    png = tmp_path / "ticket.png"
    draw_slip(slip(position_url=""), 80, _FACE, _LAYOUTS).save(png)
    with pytest.raises(ValueError, match="0 QR codes"):
        read_qr(png)


@pytest.mark.parametrize(
    ("p50", "p90", "words"),
    [
        (12, 25, "预计等待约 12–25 分钟"),
        (12, 12, "预计等待约 12 分钟"),
        (12, None, "预计等待约 12 分钟"),
        (0, 5, "预计等待不超过 5 分钟"),
        (0, 0, "预计很快轮到您"),
        (None, None, "暂无法预计等待时间"),
        (None, 9, "暂无法预计等待时间"),
    ],
)
def test_the_forecast_in_words(p50: int | None, p90: int | None, words: str) -> None:
    assert forecast_words(p50, p90) == words


def test_the_words_of_a_ticket() -> None:
    at = datetime(2026, 11, 23, 9, 32, tzinfo=timezone(timedelta(hours=8)))
    texts = words_of(slip(ahead=7, wait_at="3号综合窗口", issued_at=at)).texts
    assert (texts["ahead"], texts["nobody_ahead"]) == ("7", "")
    assert texts["wait_at"] == "3号综合窗口"
    assert texts["printed_at"] == "2026-11-23 09:32"
    nobody = words_of(slip(ahead=0)).texts
    assert (nobody["ahead"], nobody["nobody_ahead"]) == ("", "您前面没有人在等待")
    # Given out without the server: nobody knows how many wait.
    offline = words_of(slip(ahead=0, tags=["离线"])).texts
    assert offline["nobody_ahead"] == "网络恢复后按取号时间排队"
    midnight = words_of(slip(issued_at=datetime(2026, 1, 1, tzinfo=UTC))).texts
    assert midnight["printed_at"].endswith("00:00")


def test_control_characters_do_not_reach_the_printer() -> None:
    assert clean("甲\x1b@\x10\x04乙\n丙\u2028") == "甲 @ 乙 丙"
    data = Renderer(80, False, _FACE, _LAYOUTS)(slip(service_name="a\x1bp\x00b"))
    assert b"\x1bp" not in data


@given(st.binary(max_size=400))
def test_no_real_time_command_survives_in_a_picture(data: bytes) -> None:
    safe = neutralise(data)
    assert len(safe) == len(data)
    assert not any(command in safe for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))
    # At most one dot is added for each, none is lost.
    assert all(
        new & old == old and new ^ old in (0, 8) for new, old in zip(safe, data, strict=True)
    )


def test_a_picture_in_bands_is_the_picture() -> None:
    picture = draw_slip(slip(), 80, _FACE, _LAYOUTS)
    data, rows = raster(picture), bytearray()
    while data:
        assert data[:4] == b"\x1dv0\x00"
        row, count = int.from_bytes(data[4:6], "little"), int.from_bytes(data[6:8], "little")
        assert (row, count <= 128) == (72, True)
        rows += data[8 : 8 + row * count]
        data = data[8 + row * count :]
    back = ImageChops.invert(Image.frombytes("1", picture.size, bytes(rows)))
    off = ImageChops.logical_xor(picture, back).convert("L").histogram()[255]
    assert off < 20


def test_a_picture_of_odd_width_is_refused() -> None:
    with pytest.raises(ValueError, match="whole bytes"):
        raster(Image.new("1", (575, 10)))


def test_an_address_too_long_for_any_code_is_refused() -> None:
    with pytest.raises(ValueError, match=r"(?i)data too large"):
        draw_slip(slip(position_url="http://x/" + "a" * 5000), 80, _FACE, _LAYOUTS)


@given(st.text(alphabet="行政服务中心（）、。abc 12·—", max_size=60), st.integers(24, 400))
def test_wrapping_keeps_every_character_and_the_width(text: str, width: int) -> None:
    def measure(part: str) -> float:
        return 12.0 * columns_of(part)

    for way in (wrap, balance, paragraph):
        lines = way(text, width, measure)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert all(measure(line) <= width or len(line) == 1 for line in lines)
        assert len(lines) <= len(wrap(text, width, measure))


def test_no_line_begins_with_a_closing_mark() -> None:
    lines = wrap("甲乙丙丁，戊己庚辛。壬癸", 5, lambda part: float(len(part)))
    assert lines == ["甲乙丙丁，", "戊己庚辛。", "壬癸"]
    assert wrap("办理（暂停）", 3, lambda part: float(len(part))) == ["办理", "（暂", "停）"]


def test_titles_are_balanced() -> None:
    assert balance("城乡居民养老保险参保登记", 10, lambda part: float(len(part))) == [
        "城乡居民养老",
        "保险参保登记",
    ]


def test_text_mode_encodes_chinese_and_marks_what_the_rom_lacks() -> None:
    assert encode("：￥〇") == "：￥〇".encode("gb18030")
    assert encode("℃·") == "℃·".encode("gb18030")
    assert encode("㐂𠮷") == "〓〓".encode("gb18030")


def test_a_text_ticket_is_a_tenth_of_the_picture() -> None:
    text, picture = (Renderer(80, raster, _FACE, _LAYOUTS)(slip()) for raster in (False, True))
    assert len(text) * 10 < len(picture)
    assert text.startswith(b"\x1c&")
    assert text.endswith(b"\x1bJ\x78\x1dV\x01")


def test_a_native_code_must_be_ascii() -> None:
    assert qr("http://a").endswith(b"http://a\x1d(k\x03\x001Q0")
    with pytest.raises(ValueError, match="ASCII"):
        qr("http://例子")
