"""How good the forecasts were, and how much wider they have to be.

Each ticket keeps the forecast that it was issued with; its first call scores it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp

# Of ten visitors one may wait longer than P90; each call moves ``k`` by a few per cent.
ALLOWED, STEP = 0.1, 0.04
NARROWEST, WIDEST = 0.25, 6.0


@dataclass(frozen=True)
class Scored:
    """A call and what had been promised for it, minutes. ``yardstick``: what people ahead times
    the average would have said, if known."""

    wait: float
    p50: float
    p90: float
    yardstick: float | None = None


@dataclass(frozen=True)
class Accuracy:
    """Over ``n`` calls: the mean absolute error of P50, its mean error (positive: promised too
    much), minutes, and the share of waits that P90 covered. None where nothing was scored."""

    n: int
    mae_min: float | None
    bias_min: float | None
    p90_coverage: float | None
    yardstick_mae_min: float | None


def calibrate(k: float, scored: Iterable[Scored]) -> float:
    """The factor of the distance between P50 and P90 after these calls, in their order."""
    for one in scored:
        missed = 1.0 if one.wait > one.p90 else 0.0
        k = min(max(k * exp(STEP * (missed - ALLOWED)), NARROWEST), WIDEST)
    return k


def accuracy(scored: Sequence[Scored]) -> Accuracy:
    """The figures that the hall publishes about itself."""
    n = len(scored)
    if not n:
        return Accuracy(0, None, None, None, None)
    errors = [one.p50 - one.wait for one in scored]
    measured = [abs(s.yardstick - s.wait) for s in scored if s.yardstick is not None]
    return Accuracy(
        n,
        sum(abs(e) for e in errors) / n,
        sum(errors) / n,
        sum(1 for s in scored if s.wait <= s.p90) / n,
        sum(measured) / len(measured) if measured else None,
    )
