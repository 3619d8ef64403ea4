"""A hall's own strips: what may be written, and what is said when it is wrong."""

import re
import textwrap
from pathlib import Path
from typing import Any

import pytest

from display.led.codec import Ack
from display.led.content import Characters
from display.led.strips.codec import StripCodec
from display.protocols import NAMES, Catalogue
from display.settings import DisplaySettings
from display.strips import load_strip, shipped_folder, shipped_strips
from hallkit.runtime.paths import config_dir
from hallkit.runtime.settings import ConfigError, load

GOOD = """\
title = "本厅条屏"
title_en = "our strip"
source = "随屏说明书 / the sheet that came with it"
verified = true

[panel]
charset = "gb2312"
columns = 8
addresses = [1, 99]
text_bytes = 64

[frames]
show = ["head: AA 55", "address", "length u8 of text", "text", "sum8 of head..text", "0D"]
brightness = ["AA 56", "address", "level 1..4", "sum8 of before"]
ping = ["AA 57", "address", "xor8 of before"]

[answer]
expected = "always"
ok = [["AA 06", "address"]]
"""


def write(folder: Path, text: str = GOOD, name: str = "ours") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, "utf-8")
    return path


def problems(folder: Path, text: str, name: str = "ours") -> str:
    with pytest.raises(ConfigError) as error:
        load_strip(write(folder, text, name))
    return str(error.value)


def test_a_halls_own_strip(tmp_path: Path) -> None:
    codec = StripCodec(load_strip(write(tmp_path)))
    assert codec.name == "ours"
    can = codec.capabilities
    assert (can.acks, can.brightness, can.addressed, can.verified) == ("required", True, True, True)
    (frame,) = codec.encode(3, Characters(("A1",)))
    assert frame == bytes.fromhex("AA 55 03 02 41 31 76 0D")
    assert codec.brightness(3, 0) == (bytes.fromhex("AA 56 03 01 04"),)
    assert codec.brightness(3, 15) == (bytes.fromhex("AA 56 03 04 07"),)
    assert codec.ping(3) == (bytes.fromhex("AA 57 03 FE"),)


@pytest.mark.parametrize(
    ("part", "made"),
    [
        ("text padded 6", "41 31 20 20 20 20"),
        ("text padded 6 right", "20 20 20 20 41 31"),
        ("text each 00 FF", "41 00 FF 31 00 FF"),
    ],
)
def test_ways_to_write_a_text(part: str, made: str, tmp_path: Path) -> None:
    text = GOOD.replace('"text"', f'"{part}"').replace("columns = 8", "columns = 6")
    (frame,) = StripCodec(load_strip(write(tmp_path, text))).encode(3, Characters(("A1",)))
    assert frame[4:-2] == bytes.fromhex(made)
    assert frame[3] == len(bytes.fromhex(made))


@pytest.mark.parametrize(
    ("kind", "made"),
    [
        ("sum8", "DD"),
        ("xor8", "31"),
        ("crc16-modbus-le", "37 4B"),
        ("crc16-modbus-be", "4B 37"),
        ("crc16-xmodem-be", "31 C3"),
        ("crc16-xmodem-le", "C3 31"),
    ],
)
def test_check_sums_of_123456789(kind: str, made: str, tmp_path: Path) -> None:
    text = GOOD.replace("sum8 of head..text", f"{kind} of text").replace("columns = 8", "columns=9")
    codec = StripCodec(load_strip(write(tmp_path, text)))
    assert codec.encode(1, Characters(("123456789",)))[0][13:-1] == bytes.fromhex(made)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("sum8 of head..text", "sum8 of haed..text", "没有叫“haed”的部分，是否为 head？"),
        ("sum8 of head..text", "sum8 of text..head", "“text..head”前后颠倒"),
        ("sum8 of head..text", "sum8 of head..sum8", "校验范围不能包含校验本身"),
        ("sum8 of head..text", "sum8 over head", "应写成 sum8 of before"),
        ("sum8 of head..text", "sum9 of head..text", "did you mean sum8?"),
        ("length u8 of text", "lenght u8 of text", "did you mean length?"),
        ("length u8 of text", "length u9 of text", "“u9”应为 u8、u16le、u16be 之一"),
        ("length u8 of text", "length of text", "length u8 of colour..text + 1"),
        ("AA 55", "AA 5", "不认识“AA 5”"),
        ('"address", "length', '"address u24", "length', "“u24”应为"),
        ('"text"', '"text padded 999"', "0–255"),
        ('"text"', '"text left"', "text padded 8"),
        ('"text", "sum8', '"text", "more: text", "sum8', "应当有一个 text 或一个 value"),
        ('"0D"]', '"0D", "sum8 of after"]', "没有“after”的内容"),
        ('"head: AA 55"', '"text: AA 55"', "几个部分都叫“text”"),
        ("[1, 99]", "[1, 999]", "地址 999 写不进 u8"),
        ("[1, 99]", "[9, 1]", "应写成 [1, 255]"),
        ("addresses = [1, 99]\n", "", "应写明地址范围"),
        ('"address", "length', '"length', "缺少 address"),
        ("length u8 of text", "00", "屏无法知道文字到哪里结束"),
        ("text_bytes = 64", "text_bytes = 300", "最多 300 字节，写不进 u8"),
        ("columns = 8", "columns = 8\nrows = 2", "协议只能寻址 1 行"),
        ('"0D"]', '"colour", "0D"]', "codes.colour: frames.show 用到，但没有列出"),
        ("[frames]", "[codes]\nrow = ['01']\n[frames]", "codes.row: 已列出，但"),
        ("[frames]", "[codes]\nrow = ['01', '00 02']\n[frames]", "各项的字节数应当相同"),
        ("[frames]", "[codes]\nrow = ['first']\n[frames]", "codes.row[0]: “first”应为十六进制"),
        ("[frames]", "[codes]\nmotion = {scroll='01'}\n[frames]", "缺少 still"),
        ("level 1..4", "level 1-4", "应写成 level 1..4"),
        ('"level 1..4", ', "", "缺少 level"),
        ('"AA 57", "address"', '"AA 57", "address", "text"', "frames.ping[2]: 此处不能用 text"),
        ('["AA 06", "address"]', '["AA 06"]', "应答中的 address"),
        ('"gb2312"', '"digits"', "数码屏必须写明怎样清屏"),
        ('"text", "sum8', '"text: value u16le", "sum8', 'value 只用于 charset = "digits"'),
        ("text_bytes = 64", "never = '41'", "字节 41 是数字、字母或空格"),
        ("charset", "charsett", 'did you mean "charset"'),
        ("verified = true\n", "", "verified: 缺少此项"),
        ('"always"', '"alwais"', 'did you mean "always"'),
        ("show =", "first = [[]]\nshow =", "frames.first[0]: 帧不能为空"),
        (
            '"sum8 of head..text", "0D"',
            '"sum8 of last", "last: xor8 of text"',
            "不能包含其后的另一个校验",
        ),
    ],
)
def test_mistakes(old: str, new: str, said: str, tmp_path: Path) -> None:
    text = GOOD.replace(old, new)
    assert text != GOOD
    assert said in problems(tmp_path, text)


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("head..text", "haed").replace("[1, 99]", "[1]").replace("level 1..4", "x")
    told = problems(tmp_path, text, "Ours!")
    for key in ("frames.show[4]", "panel.addresses", "frames.brightness[2]", "文件名只能用"):
        assert key in told
    assert told.count("\n") == 3


def test_a_halls_folder(tmp_path: Path) -> None:
    write(tmp_path)
    protocols = Catalogue(str(tmp_path))
    assert protocols.codec("ours").name == "ours"
    assert set(protocols.names) == {*NAMES, *shipped_strips(), "ours"}
    assert Catalogue().strips.keys() == shipped_strips().keys()
    with pytest.raises(ConfigError, match="没有这个文件夹"):
        _ = Catalogue(str(tmp_path / "none")).strips


@pytest.mark.parametrize("name", ["olm", "bx5k"])
def test_a_halls_file_cannot_stand_for_a_shipped_protocol(name: str, tmp_path: Path) -> None:
    write(tmp_path, name=name)
    with pytest.raises(ConfigError, match=f"“{name}”是自带的协议名"):
        _ = Catalogue(str(tmp_path)).strips


def line(protocol: str, *addresses: int, **more: Any) -> dict[str, Any]:
    panels = [{"window": n + 1, "address": a} for n, a in enumerate(addresses or (1,))]
    return {"name": "a", "port": "/dev/ttyUSB0", "protocol": protocol, "panels": panels} | more


@pytest.mark.parametrize(
    ("protocol", "addresses", "said"),
    [
        ("olmm", (1,), "没有协议 olmm，是否为 olm？"),
        ("xyz", (1,), "有：bx5k、"),
        (
            "plain485-a",
            (1,),
            "尚未在真屏上验证，只能先在现场试用；确要使用，请在此线路写 unverified",
        ),
        ("cd5220", (1, 2), "没有地址，一条线路只能带一块屏"),
        ("olm", (256,), "协议 olm 的地址是 0–255，没有 256"),
        ("bx5k", (0,), "协议 bx5k 的地址是 1–32767，没有 0"),
    ],
)
def test_lines_that_do_not_go_with_their_protocol(
    protocol: str, addresses: tuple[int, ...], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        DisplaySettings.model_validate({"lines": [line(protocol, *addresses)]})


def test_lines_that_do(tmp_path: Path) -> None:
    write(tmp_path)
    lines = [
        line("plain485-a", unverified=True, port="/dev/ttyUSB1", name="b"),
        line("ours", 3, 4, port="/dev/ttyUSB2", name="c"),
        line("olm", 0),
    ]
    settings = DisplaySettings.model_validate({"strips_dir": str(tmp_path), "lines": lines})
    assert [entry.protocol for entry in settings.lines] == ["plain485-a", "ours", "olm"]
    with pytest.raises(ValueError, match="没有协议 ours"):
        DisplaySettings.model_validate({"lines": lines})


def test_a_wrong_strip_is_told_with_its_own_file(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace("charset", "charsett"))
    config = tmp_path / "display.conf"
    config.write_text(f'strips_dir = "{tmp_path}"\n', "utf-8")
    with pytest.raises(ConfigError, match=f"{path}: panel.charsett"):
        load(config, DisplaySettings)


@pytest.mark.parametrize("charset", ["gbk", "gb2312", "ascii"])
def test_bytes_that_end_a_text_or_begin_a_command_are_in_no_text(
    charset: str, tmp_path: Path
) -> None:
    text = GOOD.replace('"length u8 of text", "text", "sum8 of head..text", "0D"', '"text", "23"')
    text = text.replace("gb2312", charset).replace("text_bytes", 'never = "5C 24"\ntext_bytes')
    codec = StripCodec(load_strip(write(tmp_path, text)))
    hanzi = b"\x81\x5c".decode("gbk")
    (frame,) = codec.encode(3, Characters((f"A0{hanzi}1#\\$\n？",)))
    assert frame.count(b"#") == 1 and frame.endswith(b"#")
    assert b"\\" not in frame and b"$" not in frame
    shown = frame[3:-1].decode(charset)
    unknown = "?" if charset == "ascii" else "？"
    assert shown == f"A0{unknown}1{unknown * 3} {unknown}"


def test_the_example_of_the_manual_is_as_the_manual_says(tmp_path: Path) -> None:
    manual = (config_dir().parent / "docs" / "strips.md").read_text("utf-8")
    example = textwrap.dedent(re.split(r" *```(?:toml)?\n", manual.partition("ours.toml")[2])[1])
    codec = StripCodec(load_strip(write(tmp_path, example)))
    frame = re.search(r"A012：((?:[0-9A-F]{2} ?)+)", manual)
    assert frame is not None
    assert codec.encode(3, Characters(("A012",))) == (bytes.fromhex(frame[1]),)
    assert codec.decode(bytes.fromhex("AA 55 03 06 09 0D")) == (6, Ack(3))
    misspelt = example.replace("sum8 of address..text", "sum8 of adress..text")
    assert "frames.show[6]: 没有叫“adress”的部分，是否为 address？" in problems(tmp_path, misspelt)


def test_shipped_files_explain_themselves_in_both_languages() -> None:
    paths = sorted(shipped_folder().glob("*.toml"))
    assert len(paths) == 8
    for path in paths:
        comments = [row for row in path.read_text("utf-8").splitlines() if row.startswith("#")]
        assert any(not row.isascii() for row in comments), path
        assert any(row.isascii() and len(row) > 20 for row in comments), path
