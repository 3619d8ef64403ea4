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


def estimate(
    minutes_ahead: Iterable[float], busy_minutes: Iterable[float], windows: int
) -> "Wait | None":
    """The wait behind people whose services take ``minutes_ahead``, at ``windows`` open windows
    of which those in ``busy_minutes`` serve somebody (nominal minutes of what they serve)."""
    if windows <= 0:
        return None
    ahead, busy = list(minutes_ahead), list(busy_minutes)
    if len(ahead) + len(busy) < windows:
        return Wait(0, _STEP_MIN)
    # Somebody being served has on average half of the nominal time left.
    mean = (sum(ahead) + sum(busy) / 2) / windows
    spread = math.sqrt(sum((m * SPREAD) ** 2 for m in [*ahead, *busy])) / windows
    p50 = _STEP_MIN * round(mean / _STEP_MIN)
    p90 = _STEP_MIN * math.ceil((mean + _Z90 * spread) / _STEP_MIN)
    return Wait(p50, max(p90, p50 + _STEP_MIN))
