"""How many numbers of a service may be given: on a day, and in the slots of a day.

A number counts for the day and for the slot in which it is given. Outside every slot only the day
counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

# The slot under which the whole day is counted.
WHOLE_DAY = ""


@dataclass(frozen=True)
class QuotaSlot:
    """At most ``most`` numbers from ``start`` up to but not including ``end``."""

    start: time
    end: time
    most: int

    @property
    def key(self) -> str:
        """How the slot is counted: its beginning, ``HH:MM``."""
        return f"{self.start:%H:%M}"

    @property
    def words(self) -> str:
        """The slot as people read it, 08:30–10:00."""
        return f"{self.start:%H:%M}–{self.end:%H:%M}"


@dataclass(frozen=True)
class Full:
    """Why there is no number, in Chinese and English; ``later`` are slots of today that have some
    left, with how many."""

    zh: str
    en: str
    later: tuple[tuple[QuotaSlot, int], ...] = ()


@dataclass(frozen=True)
class Quota:
    """A service's limits; ``used`` below counts by slot key what was given."""

    daily_max: int | None = None
    slots: tuple[QuotaSlot, ...] = ()

    @property
    def unlimited(self) -> bool:
        """Whether there is nothing to count."""
        return self.daily_max is None and not self.slots

    def slot_at(self, local: datetime) -> QuotaSlot | None:
        """The slot that this local time is in."""
        clock = local.time().replace(tzinfo=None)
        return next((s for s in self.slots if s.start <= clock < s.end), None)

    def keys_at(self, local: datetime) -> tuple[str, ...]:
        """Where a number that is given at this local time counts."""
        if self.unlimited:
            return ()
        slot = self.slot_at(local)
        return (WHOLE_DAY,) if slot is None else (WHOLE_DAY, slot.key)

    def _left_today(self, used: Mapping[str, int]) -> int | None:
        return None if self.daily_max is None else self.daily_max - used.get(WHOLE_DAY, 0)

    def full_at(self, local: datetime, used: Mapping[str, int]) -> Full | None:
        """Why no number can be given at this local time; None when one can."""
        today = self._left_today(used)
        if today is not None and today <= 0:
            most = self.daily_max
            return Full(f"今日 {most} 个号已取完", f"all {most} numbers of today are taken")
        slot = self.slot_at(local)
        if slot is None or used.get(slot.key, 0) < slot.most:
            return None
        later = tuple(
            (s, left if today is None else min(left, today))
            for s in sorted(self.slots, key=lambda s: s.start)
            if s.start >= slot.end and (left := s.most - used.get(s.key, 0)) > 0
        )
        zh = f"{slot.words} 的 {slot.most} 个号已取完"
        en = f"all {slot.most} numbers of {slot.words} are taken"
        if later:
            zh += "，" + "、".join(f"{s.words} 还有 {left} 个" for s, left in later)
            en += "; left: " + ", ".join(f"{left} at {s.words}" for s, left in later)
        return Full(zh, en, later)
