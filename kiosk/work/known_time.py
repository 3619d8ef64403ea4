"""What time it is while the server is away, and whether that is known at all.

Many kiosks are small computers without a battery for their clock: after a power cut they go on at
the time at which they were switched off, or at yesterday's. Such a clock must not decide which
day's numbers are given out. So time is the server's, counted on by the seconds since it was heard,
for as long as the machine runs; after it was switched on anew its own clock counts only if
something kept it right meanwhile.
"""

import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from hallkit.wire.ids import new_id

_BOOT = Path("/proc/sys/kernel/random/boot_id")
# There once systemd-timesyncd has set the clock by the network.
_SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")
_BATTERY_CLOCK = Path("/sys/class/rtc/rtc0/since_epoch")
# A battery clock may keep local time, at most 14 hours off; without its battery it says 1970.
_AGREES_S = 15 * 3600.0
# Goes on while the machine sleeps; other systems than Linux lack it.
_RUNNING = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Machine(Protocol):
    """A machine's clocks. ``boot`` is another word each time it is switched on."""

    @property
    def boot(self) -> str: ...
    def wall(self) -> datetime:
        """Its clock."""
        ...

    def running_s(self) -> float:
        """Seconds since it was switched on, whatever happens to its clock."""
        ...

    def keeps_time(self) -> bool:
        """Whether its clock is right though nobody told it since it was switched on."""
        ...


class ThisMachine:
    """The machine that this program runs on."""

    def __init__(self) -> None:
        try:
            self.boot = _BOOT.read_text(encoding="ascii").strip()
        except OSError:
            self.boot = new_id()

    def wall(self) -> datetime:
        """The system's clock."""
        return datetime.now(UTC)

    def running_s(self) -> float:
        """Seconds since the boot."""
        return time.clock_gettime(_RUNNING)

    def keeps_time(self) -> bool:
        """By the network's time, or by a clock with a battery that agrees."""
        if _SYNCHRONIZED.exists():
            return True
        try:
            battery = float(_BATTERY_CLOCK.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return False
        return abs(battery - time.time()) < _AGREES_S


@dataclass(frozen=True)
class Heard:
    """The server's time ``at`` (ISO 8601) as it was heard, and where this machine's clocks stood:
    ``offset_s`` is how far its own was behind."""

    at: str
    boot: str
    running_s: float
    offset_s: float

    @classmethod
    def of(cls, machine: Machine, server_time: datetime) -> "Heard":
        """Heard now."""
        offset = (server_time - machine.wall()).total_seconds()
        return cls(server_time.isoformat(), machine.boot, machine.running_s(), offset)

    @classmethod
    def load(cls, text: str) -> "Heard":
        """The inverse of ``text``."""
        return cls(**json.loads(text))

    def text(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))


def time_known(machine: Machine, heard: Heard | None, seen: datetime | None) -> datetime | None:
    """The server's time by now, never before what was ``seen``; None when nothing says it."""
    if heard is None:
        return None
    at = datetime.fromisoformat(heard.at)
    latest = max(at, seen) if seen is not None else at
    if heard.boot == machine.boot:
        return max(latest, at + timedelta(seconds=machine.running_s() - heard.running_s))
    own = machine.wall() + timedelta(seconds=heard.offset_s)
    return own if own >= latest and machine.keeps_time() else None
