"""The words of signs and their colours, the same on every panel."""

from display.board.sign import Sign
from display.led.content import Colour

NUMBER = Colour.YELLOW
WINDOW = Colour.GREEN

_IDLE = (("热情为您服务",), ("热情", "为您服务"))
_LINES: dict[str, tuple[tuple[tuple[str, ...], ...], Colour]] = {
    "idle": (_IDLE, Colour.GREEN),
    "lost": (_IDLE, Colour.GREEN),
    "paused": ((("暂停服务",), ("暂停", "服务")), Colour.RED),
    "closed": ((("窗口关闭",), ("窗口", "关闭")), Colour.RED),
}


def without_number(sign: Sign) -> tuple[tuple[tuple[str, ...], ...], Colour]:
    """Ways to say a sign that has no number, each a few lines, and its colour. Those that say as
    much as the first go before those that say less; the largest that fits is taken, and among
    these the first."""
    if sign.kind == "notice":
        return ((sign.note,),), Colour.YELLOW
    if sign.kind == "closing":
        until = f"{sign.note}停止取号"
        return (("即将下班", until), (f"即将下班 {until}",), ("即将", "下班")), Colour.YELLOW
    return _LINES[sign.kind]


def beside_number(sign: Sign) -> tuple[tuple[str, ...], ...]:
    """Words that go with a number, from best to least."""
    if sign.kind != "called":
        return (("办理中",), ("正在", "办理"))
    window = sign.window
    return (
        (f"请到{window}号窗口",),
        ("请到", f"{window}号窗口"),
        ("请到", f"{window}号"),
        (f"请到{window}号",),
        (f"{window}号窗口",),
        (f"{window}号",),
    )
