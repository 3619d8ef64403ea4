"""What the manager sees of the kiosk's reserve of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from hallkit.wire.device import PartStatus

_NAME = "reserve"
_MOST_NAMED = 8


@dataclass(frozen=True)
class ReserveState:
    """Numbers that the server did not take, those of another hall, whether a second machine uses
    this one's token, and whether the server refuses to hear of the reserve."""

    not_taken: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    shared: bool = False
    refused: bool = False


def part_of(state: ReserveState) -> PartStatus:
    """The reserve as a part of the device: what is most urgent, people with a paper first."""
    if state.not_taken:
        numbers = _named(state.not_taken)
        return _bad(
            "not_taken",
            f"断网时发出的 {numbers} 没有排进队里，请导办台为持票人换号",
            f"given out while the server was away and not in the queue: {numbers}; give their "
            "holders new numbers",
        )
    if state.shared:
        return _bad(
            "shared_token",
            "另一台机器在用本机的令牌，断网时不能取号；请为它单独配对",
            "another machine uses this one's token: no numbers while the server is away; pair it "
            "by itself",
        )
    if state.refused:
        return _bad(
            "refused", "服务器没有接受离线号段，见取号机日志", "refused by the server, see the log"
        )
    if state.elsewhere:
        numbers = _named(state.elsewhere)
        return _bad(
            "elsewhere",
            f"本机还存有另一大厅的离线号 {numbers}，不能在这里排队",
            f"still has tickets of another hall: {numbers}; they are not handed in here",
        )
    return PartStatus(name=_NAME, state="ready", text="正常", text_en="working", ok=True)


def _bad(state: str, zh: str, en: str) -> PartStatus:
    return PartStatus(name=_NAME, state=state, text=zh, text_en=en, ok=False)


def _named(numbers: Sequence[str]) -> str:
    shown = ", ".join(numbers[:_MOST_NAMED])
    return f"{shown} … ({len(numbers)})" if len(numbers) > _MOST_NAMED else shown
