"""What the two kinds of Onbon cards do alike."""

from collections.abc import MutableMapping
from typing import Protocol, TypeVar

from display.led.onbon.frame import FrameDamaged, unescape


class Passing(Protocol):
    """Something shown ``until`` then; None for ever."""

    @property
    def until(self) -> float | None: ...


_Area = TypeVar("_Area", bound=Passing)


def readable(frame: bytes, header: int) -> bytes | None:
    """The content of a damaged frame when at least its header of so many bytes is there."""
    try:
        content = unescape(frame)
    except FrameDamaged:
        return None
    return content if len(content) >= header else None


def drop_old(areas: MutableMapping[int, _Area], now: float) -> bool:
    """Deletes areas whose time is over; whether there were any."""
    old = [n for n, shown in areas.items() if shown.until is not None and shown.until <= now]
    for number in old:
        del areas[number]
    return bool(old)
