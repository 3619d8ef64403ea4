"""What can be wrong with a strip whose parts are all well written."""

from collections.abc import Iterator

from display.led.strips.model import (
    Address,
    AnyBytes,
    Check,
    Code,
    Coded,
    Counter,
    Fixed,
    Frame,
    Length,
    Level,
    Part,
    Strip,
    Text,
    Value,
    uses,
)
from display.led.strips.text import text_end

# Key in the file, Chinese, English.
Wrong = tuple[str, str, str]

_ALWAYS: tuple[type[Part], ...] = (Fixed, Address, Length, Check, Counter)
_ALLOWED: dict[str, tuple[type[Part], ...]] = {
    "frames.show": (*_ALWAYS, Coded, Text, Value),
    "frames.first": _ALWAYS,
    "frames.clear": _ALWAYS,
    "frames.brightness": (*_ALWAYS, Level),
    "frames.ping": _ALWAYS,
    "answer.ok": (Fixed, Address, Check, AnyBytes),
    "answer.refused": (Fixed, Address, Check, AnyBytes, Code),
}
_WRITTEN: dict[type[Part], str] = {
    Address: "address",
    AnyBytes: "any",
    Code: "code",
    Coded: "row/colour/motion",
    Length: "length",
    Level: "level",
    Counter: "sequence",
    Text: "text",
    Value: "value",
}
# What ticket numbers and words are made of: no text could do without.
_NEEDED = b" 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def check(strip: Strip) -> list[Wrong]:
    """Everything that is wrong."""
    found = [wrong for key, frame in _frames(strip) for wrong in _frame(key, frame)]
    found += [*_shown(strip), *_tables(strip), *_addresses(strip)]
    # A frame whose parts are not even allowed would only be blamed twice.
    return found or [*_text(strip), *_lengths(strip)]


def _frames(strip: Strip) -> Iterator[tuple[str, Frame]]:
    yield "frames.show", strip.show
    if strip.brightness:
        yield "frames.brightness", strip.brightness
    if strip.ping:
        yield "frames.ping", strip.ping
    for key, frames in (
        ("frames.first", strip.first),
        ("frames.clear", strip.clear),
        ("answer.ok", strip.accepts),
        ("answer.refused", strip.refuses),
    ):
        for number, frame in enumerate(frames):
            yield f"{key}[{number}]", frame


def _frame(key: str, frame: Frame) -> Iterator[Wrong]:
    if not frame:
        yield key, "帧不能为空", "a frame cannot be empty"
    allowed = _ALLOWED[key.partition("[")[0]]
    for index, part in enumerate(frame):
        if not isinstance(part, allowed):
            word = _WRITTEN[type(part)]
            yield f"{key}[{index}]", f"此处不能用 {word}", f"{word} has no place here"
        if isinstance(part, Check) and any(
            isinstance(other, Check) and place > index and place in part.span
            for place, other in enumerate(frame)
        ):
            yield (
                f"{key}[{index}]",
                "校验范围不能包含其后的另一个校验",
                "it cannot cover a check sum that comes after it",
            )
    if key == "frames.brightness" and not uses(frame, Level):
        yield key, "缺少 level，如 level 0..15", "there is no level, such as level 0..15"


def _shown(strip: Strip) -> Iterator[Wrong]:
    texts = sum(isinstance(part, Text | Value) for part in strip.show)
    if texts != 1:
        yield (
            "frames.show",
            "应当有一个 text 或一个 value",
            "there should be one text or one value",
        )
    if uses(strip.show, Value) and strip.charset != "digits":
        yield (
            "frames.show",
            'value 只用于 charset = "digits"',
            'a value is only for charset = "digits"',
        )
    if strip.charset == "digits" and not strip.clear:
        yield (
            "frames.clear",
            "数码屏必须写明怎样清屏（或显示 0）",
            "a panel of digits needs frames that clear it (or show 0)",
        )


def _tables(strip: Strip) -> Iterator[Wrong]:
    tables = {
        "row": strip.row_codes,
        "colour": strip.codes("colour"),
        "motion": strip.codes("motion"),
    }
    for name, codes in tables.items():
        used = uses(strip.show, Coded, name)
        if used and not codes:
            yield f"codes.{name}", "frames.show 用到，但没有列出", "is used but not listed"
        if codes and not used:
            yield f"codes.{name}", "已列出，但 frames.show 没有用到", "is listed but not used"
    if strip.motions and "still" not in strip.motions:
        yield "codes.motion", "缺少 still（静止）", "there is no still"
    if strip.rows > strip.most_rows:
        yield (
            "panel.rows",
            f"协议只能寻址 {strip.most_rows} 行，见 codes.row",
            f"the frames can address {strip.most_rows} row(s), see codes.row",
        )


def _addresses(strip: Strip) -> Iterator[Wrong]:
    has_address = uses(strip.show, Address)
    if strip.addresses and not has_address:
        yield "frames.show", "缺少 address", "there is no address"
    if has_address and not strip.addresses:
        yield (
            "panel.addresses",
            "frames.show 有 address，应写明地址范围，如 [1, 255]",
            "the frame has an address: say which there are, such as [1, 255]",
        )
    for key, frame in _frames(strip):
        for part in frame:
            if isinstance(part, Address) and strip.addresses:
                yield from _too_wide(key, part, strip)
        answers = key.startswith("answer.")
        if answers and bool(strip.addresses) != uses(frame, Address):
            yield (
                key,
                "应答中的 address 应与 frames.show 一致：都有或都没有",
                "the answer should have an address if, and only if, frames.show has one",
            )


def _too_wide(key: str, part: Address, strip: Strip) -> Iterator[Wrong]:
    if strip.addresses[-1] > part.width.most:
        yield (
            key,
            f"地址 {strip.addresses[-1]} 写不进 {part.width.value}",
            f"address {strip.addresses[-1]} does not fit into {part.width.value}",
        )


def _text(strip: Strip) -> Iterator[Wrong]:
    for byte in text_end(strip.show) + strip.never:
        if byte in _NEEDED:
            yield (
                "panel.never",
                f"字节 {byte:02X} 是数字、字母或空格，号码里会用到",
                f"byte {byte:02X} is a digit, a letter or a space, which numbers need",
            )
    for index, part in enumerate(strip.show):
        if not isinstance(part, Text):
            continue
        counted = any(isinstance(p, Length) and index in p.span for p in strip.show)
        if not part.pad_to and not counted and not text_end(strip.show):
            yield (
                f"frames.show[{index}]",
                "屏无法知道文字到哪里结束：加 length、固定结束字节，或用 text padded",
                "the panel cannot know where the text ends: add a length, a fixed byte after it, "
                "or pad it",
            )
        if part.pad_to and strip.columns > part.pad_to:
            yield (
                "panel.columns",
                f"多于 text padded {part.pad_to}",
                f"are more than text padded {part.pad_to}",
            )
    if strip.columns > strip.text_bytes:
        yield "panel.columns", "多于 panel.text_bytes", "are more than panel.text_bytes"


def _lengths(strip: Strip) -> Iterator[Wrong]:
    for key, frame in _frames(strip):
        for index, part in enumerate(frame):
            if not isinstance(part, Length):
                continue
            parts = frame[part.span.first : part.span.last + 1]
            most = sum(_most_bytes(p, strip) for p in parts) + part.plus
            if most > part.width.most:
                yield (
                    f"{key}[{index}]",
                    f"最多 {most} 字节，写不进 {part.width.value}：减小 panel.text_bytes",
                    f"counts up to {most} bytes, too many for {part.width.value}: lower "
                    "panel.text_bytes",
                )


def _most_bytes(part: Part, strip: Strip) -> int:
    size = strip.size(part)
    if size is None and isinstance(part, Text):
        return strip.text_bytes * (1 + len(part.each))
    return size or 0
