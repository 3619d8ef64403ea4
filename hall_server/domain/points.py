"""The points rule: who is called next.

Every minute of waiting earns ``rate`` points on top of ``head``; before ``base`` (an appointment's
booked time) the points are negative minutes. A free window calls the highest points among the
services it takes; ties go to the earlier base, then the earlier issue.
"""

from dataclasses import dataclass

from hall_server.domain.instant import MINUTE, Instant


@dataclass(frozen=True)
class PriorityClass:
    """A class of visitors and what its waiting earns."""

    id: str
    name: str
    name_en: str
    head: float
    rate: float
    tag: str
    on_kiosk: bool


def points(base: Instant, priority: PriorityClass, now: Instant) -> float:
    """The points of a ticket with this base time at ``now``."""
    minutes = (now - base) / MINUTE
    return priority.head + priority.rate * minutes if now >= base else minutes


@dataclass(frozen=True)
class Why:
    """Why a ticket was called: its points, its lead over the runner-up, and who that was. A
    negative lead: the runner-up missed its call, and is held back whatever its points."""

    points: float
    lead: float | None
    runner_up: str | None
