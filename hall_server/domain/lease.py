"""Blocks of numbers sealed for a kiosk, so that it can give out numbers while the server is away.

A block is taken out of the series' own counter, so no number of it can ever be given to anybody
else; what the kiosk does not spend stays unused that day, and is explained by its block.
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from hall_server.domain.instant import Instant

# The outage that a block bridges when the kiosk does not ask for a size of its own.
BRIDGE_MINUTES = 60
# A quiet morning says little about the hour to come.
LEAST_PER_HOUR = 6.0
MOST_NUMBERS = 200
# So many numbers of a series are passed over when a backup was restored: more than are given and
# sealed of one between a backup and its restoring on the same day.
SKIPPED_BY_RESTORE = 1_000
# A block that a kiosk reports this far ahead of its series is a mistake, not the rest of a day.
MOST_AHEAD = 5 * SKIPPED_BY_RESTORE


@dataclass(frozen=True)
class Lease:
    """The numbers ``first`` to ``last`` of a day's series, sealed for one device at ``at``.
    ``closed``: the device has been given another block, or the day is over."""

    id: str
    device_id: str
    day: str
    series: str
    first: int
    last: int
    at: Instant
    expires: Instant
    closed: bool = False

    def holds(self, series: str, sequence: int) -> bool:
        """Whether this number is of the block."""
        return self.series == series and self.first <= sequence <= self.last


def block_size(per_hour: float, minutes: float = BRIDGE_MINUTES) -> int:
    """How many numbers an outage of ``minutes`` needs where ``per_hour`` are taken: λ + 3.1√λ + 2
    (a Poisson stream stays below it in 999 of 1,000 outages), at most 200."""
    expected = max(0.0, per_hour) * minutes / 60
    return min(MOST_NUMBERS, math.floor(expected + 3.1 * math.sqrt(expected) + 2))


def place_in_time(claimed: Instant, earliest: Instant, latest: Instant) -> Instant:
    """The time of issue that counts: what the kiosk says, but never before ``earliest`` and, above
    all, never after ``latest``."""
    return min(max(claimed, earliest), latest)


Range = tuple[int, int]


def ranges(numbers: Iterable[int]) -> list[Range]:
    """Numbers as the ranges (first, last) that they form, in order."""
    found: list[Range] = []
    for number in sorted(set(numbers)):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def in_words(found: Iterable[Range]) -> str:
    """Ranges as text: ``3-7, 9``."""
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in found)


@dataclass(frozen=True)
class Explained:
    """Every number of a day's series: how many were issued, which lie unspent in a block, which
    nothing explains (``missing``), and which were issued though the counter never gave them
    (``beyond``)."""

    issued: int
    unspent: list[Range]
    missing: list[Range]
    beyond: list[Range]


def explain(last: int, issued: Collection[int], blocks: Iterable[Range]) -> Explained:
    """Accounts for the numbers 1 to ``last`` of a series that has given out ``issued`` and sealed
    ``blocks``."""
    given = set(issued)
    sealed = {n for first, end in blocks for n in range(first, end + 1)}
    counted = set(range(1, last + 1))
    return Explained(
        issued=len(given),
        unspent=ranges((sealed & counted) - given),
        missing=ranges(counted - given - sealed),
        beyond=ranges(given - counted),
    )
