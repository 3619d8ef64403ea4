"""What the simulation is given and what it answers. All times are minutes from now; what lies
behind is negative. Nothing here knows the store, the hall file or the clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf, log
from statistics import NormalDist
from typing import NamedTuple

# The spread of log minutes when nothing is known: a standard deviation of 0.6 of the mean.
USUAL_SIGMA = 0.555
# From the end of a visit to the next call while somebody waits, minutes, when nothing is known.
USUAL_GAPS = (0.1, 0.2, 0.3, 0.5)
# How long a window stays paused, in the mean, when nothing is known.
USUAL_PAUSE = 10.0
# The share of those who left grows with the wait in a line up to this, minutes; beyond it a
# like share of those still there leaves every minute.
FAR_MIN = 90.0


@dataclass(frozen=True)
class Rank:
    """What waiting earns: ``head`` points at once, ``rate`` a minute (see ``domain.points``)."""

    head: float = 0.0
    rate: float = 1.0


@dataclass(frozen=True)
class Times:
    """How long things take in this hall, minutes.

    ``minutes``: the median of a visit by service, from its call to its end. ``sigma``: the standard
    deviation of its logarithm. ``gaps``: what passed from an end to the next call while somebody
    waited, one entry an occasion, equally likely; ``reactions``: the same for whoever comes when a
    window is idle. ``missing``: the chance that somebody who waited
    ``w`` minutes does not come is ``missing[0] + missing[1] * w``; ``leaving``: the share of the
    others that leaves in each minute beyond ``FAR_MIN``. ``missed``: what a call that finds nobody
    costs. ``again``: the share of visits that come a second time (returned, transferred).
    ``pause``: the mean of what is left of a pause.
    """

    minutes: Mapping[str, float]
    sigma: float = USUAL_SIGMA
    gaps: tuple[float, ...] = USUAL_GAPS
    reactions: tuple[float, ...] = USUAL_GAPS
    missing: tuple[float, float] = (0.0, 0.0)
    leaving: float = 0.0
    missed: float = 1.0
    again: float = 0.0
    pause: float = USUAL_PAUSE

    def absent(self, waited: float) -> float:
        """The chance that somebody who waited so many minutes does not come."""
        a, b = self.missing
        if waited <= FAR_MIN:
            return a + b * waited
        return 1 - (1 - a - b * FAR_MIN) * exp(self.leaving * (FAR_MIN - waited))

    @classmethod
    def nominal(cls, means: Mapping[str, float]) -> "Times":
        """From the mean minutes that a hall file states, without history."""
        down = exp(-USUAL_SIGMA * USUAL_SIGMA / 2)
        return cls({service: mean * down for service, mean in means.items()})


@dataclass(frozen=True)
class Taking:
    """What a window takes: ``services`` (None: every one) of visitors of ``ranks`` (None: of
    everybody)."""

    services: frozenset[str] | None = None
    ranks: frozenset[int] | None = None

    def has(self, service: str, rank: int) -> bool:
        """Whether this visitor is among them."""
        mine = self.services is None or service in self.services
        return mine and (self.ranks is None or rank in self.ranks)


EVERYTHING = (Taking(),)


@dataclass(frozen=True)
class Desk:
    """A window.

    ``takes``: what it takes from a time on, the first from at most 0, in order; several together.
    ``busy``: the service it is at, None when it is not serving. ``elapsed``: since it was called,
    or since the window became free or paused. ``paused``: away for a while. ``opens``: not before
    this time, ``inf`` for a window that stays closed; ``chance``: that it does at all. ``speed``:
    what this clerk's visits take, as a factor. ``away``: a break from when to when; ``stays``: the
    chance that the window works through it.
    """

    number: int
    takes: tuple[tuple[float, tuple[Taking, ...]], ...]
    busy: str | None = None
    elapsed: float = 0.0
    paused: bool = False
    opens: float = 0.0
    chance: float = 1.0
    speed: float = 1.0
    away: tuple[float, float] | None = None
    stays: float = 1.0

    def may_call(self, service: str, rank: int, at: float) -> bool:
        """Whether it takes this visitor at this time."""
        found = self.takes[0][1]
        for start, taking in self.takes:
            if start > at:
                break
            found = taking
        return self.opens < inf and any(t.has(service, rank) for t in found)


@dataclass(frozen=True)
class Waiter:
    """Somebody who waits. ``base``: from when points count, negative or 0 (later for an
    appointment that is early). ``held``: the calls, by windows that may call it, that come first.
    ``target``: the only window that may call."""

    id: str
    service: str
    rank: int
    base: float
    held: int = 0
    target: int | None = None


class Newcomer(NamedTuple):
    """Somebody who would take a number now; ``base`` as a ``Waiter``'s."""

    service: str
    rank: int = 0
    base: float = 0.0


@dataclass(frozen=True)
class Coming:
    """Visitors still to come: Poisson, ``rate`` a minute from ``start`` to ``end``."""

    service: str
    rank: int
    rate: float
    start: float = 0.0
    end: float = inf


@dataclass(frozen=True)
class Present:
    """The hall at one moment. ``waiting`` is in order of issue; ``ranks[0]`` is the ordinary."""

    desks: Sequence[Desk]
    waiting: Sequence[Waiter]
    ranks: Sequence[Rank]
    times: Times
    coming: Sequence[Coming] = ()


@dataclass(frozen=True)
class Spread:
    """Minutes from now until the call, unrounded."""

    p50: float
    p90: float

    def stretched(self, k: float) -> "Spread":
        """With the distance from P50 to P90 multiplied."""
        return Spread(self.p50, self.p50 + k * (self.p90 - self.p50))


@dataclass(frozen=True)
class Outcome:
    """Answers by ticket id, and for those asked for; None when half of the runs never came to the
    call."""

    waits: Mapping[str, Spread | None]
    joining: Mapping[Newcomer, Spread | None]


def spread(calls: list[float], runs: int) -> Spread | None:
    """P50 and P90 of a ticket called at these times, in ``runs`` runs of which some may have never
    called it. Sorts ``calls``."""
    missing = runs - len(calls)
    if 2 * missing >= runs:
        return None
    calls.sort()
    last = len(calls) - 1
    return Spread(_quantile(calls, 0.5, runs, last), _quantile(calls, 0.9, runs, last))


def _quantile(calls: list[float], share: float, runs: int, last: int) -> float:
    place = min(max(share * (runs + 1) - 1, 0.0), float(last))
    below = int(place)
    above = min(below + 1, last)
    return calls[below] + (place - below) * (calls[above] - calls[below])


def rest(median: float, sigma: float, elapsed: float, chance: float) -> float:
    """What is left of a visit that has lasted ``elapsed``, lognormal, at this quantile (0..1)."""
    normal = _NORMAL
    mu = log(median)
    if elapsed > 0:
        gone = normal.cdf((log(elapsed) - mu) / sigma)
        if gone > _HOPELESS:
            # Far beyond all experience: as long again as a usual visit, nobody knows better.
            return -median * log(max(1.0 - chance, 1e-6))
        chance = gone + chance * (1 - gone)
    value = exp(mu + sigma * normal.inv_cdf(min(max(chance, 1e-6), 1 - 1e-6)))
    return max(value - elapsed, 0.0)


_NORMAL = NormalDist()
_HOPELESS = 0.998
