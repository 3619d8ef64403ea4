"""The hall's time of day, and settings that hold at some hours of it: brightness, volume."""

import re
from collections.abc import Iterable
from datetime import time
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from hallkit.runtime.settings import Settings

_CLOCK = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$")
_DAY_MIN = 24 * 60


class Hours(Settings):
    """``from`` and ``to``, HH:MM of the hall's time; ``to`` before ``from`` is on the next day."""

    begin: str = Field(alias="from", description="HH:MM")
    end: str = Field(alias="to", description="HH:MM; before `from`: on the next day")

    @field_validator("begin", "end")
    @classmethod
    def _a_time(cls, value: str) -> str:
        if not _CLOCK.match(value):
            raise ValueError('应为时间，如 "18:00" / should be a time such as "18:00"')
        return value

    @model_validator(mode="after")
    def _some_time(self) -> "Hours":
        if self.begin == self.end:
            raise ValueError("from 与 to 相同 / from and to are the same")
        return self

    def minutes(self) -> set[int]:
        """The minutes of the day in which it holds."""
        first, last = _minute(self.begin), _minute(self.end)
        length = (last - first) % _DAY_MIN
        return {(first + at) % _DAY_MIN for at in range(length)}

    def holds(self, now: time) -> bool:
        """Whether it holds at this time of the day."""
        first, last = _minute(self.begin), _minute(self.end)
        at = now.hour * 60 + now.minute
        return first <= at < last if first < last else at >= first or at < last


def zone_named(name: str) -> ZoneInfo | None:
    """The time zone, such as Asia/Shanghai; None when this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def overlap(entries: Iterable[Hours]) -> str:
    """The first time of day that two entries claim, HH:MM; empty when there is none."""
    taken: set[int] = set()
    for entry in entries:
        both = taken & entry.minutes()
        if both:
            return f"{min(both) // 60:02}:{min(both) % 60:02}"
        taken |= entry.minutes()
    return ""


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
