"""How long a wait may take, from the services' nominal minutes.

This is the estimate for a hall without history: the work ahead divided by the windows that share
it. It says nothing (None) when no open window takes the service.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

# Standard deviation of a service time relative to its mean, of the order that counters show.
SPREAD = 0.6
_Z90 = 1.2816
_STEP_MIN = 5


@dataclass(frozen=True)
class Wait:
    """Minutes until the call: half of the visitors wait at most ``p50``, nine in ten ``p90``."""

    p50: int
    p90: int


@dataclass(frozen=True)
class Work:
    """People and what serving them takes: nominal minutes in all, and their squares in all."""

    people: int = 0
    minutes: float = 0
    squares: float = 0

    @classmethod
    def of(cls, minutes: Iterable[float]) -> "Work":
        """One person for each of ``minutes``."""
        each = list(minutes)
        return cls(len(each), sum(each), sum(m * m for m in each))

    def plus(self, minutes: float, people: int = 1) -> "Work":
        """With more people who take ``minutes`` each."""
        return Work(
            self.people + people,
            self.minutes + minutes * people,
            self.squares + minutes * minutes * people,
        )

    def first(self, people: int) -> "Work":
        """The first ``people`` of them, who take their share of the minutes."""
        if people >= self.people:
            return self
        share = people / self.people
        return Work(people, self.minutes * share, self.squares * share)


def estimate(ahead: Work, busy: Work, windows: int) -> "Wait | None":
    """The wait behind the people ``ahead``, at ``windows`` open windows that serve those of
    ``busy`` now."""
    if windows <= 0:
        return None
    if ahead.people + busy.people < windows:
        return Wait(0, _STEP_MIN)
    # Somebody being served has on average half of the nominal time left.
    mean = (ahead.minutes + busy.minutes / 2) / windows
    spread = SPREAD * math.sqrt(ahead.squares + busy.squares) / windows
    p50 = _STEP_MIN * round(mean / _STEP_MIN)
    p90 = _STEP_MIN * math.ceil((mean + _Z90 * spread) / _STEP_MIN)
    return Wait(p50, max(p90, p50 + _STEP_MIN))
