"""The last forecast of the worker, for whoever shows a waiting time.

Reading it is a look into a dictionary; it never waits for the worker. What is too old, or was never
made, is None: then ``standing``'s estimate is shown, and said to be rough.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

from hall_server.domain.forecast import Wait
from hall_server.domain.forecast.calibrate import Scored
from hall_server.domain.forecast.model import Spread
from hall_server.domain.hall import ORDINARY
from hall_server.domain.instant import MINUTE, Instant
from hall_server.domain.ticket import Ticket

# The worker looks at least every ten seconds while anybody waits; a forecast older than three such
# looks, or one that missed a quiet minute twice, is behind.
BEHIND_S, QUIET_BEHIND_S = 30, 150
_STEP_MIN = 5

Source = Literal["simulation", "nominal"]


@dataclass(frozen=True)
class Given:
    """A forecast as the worker made it at ``at``; ``quiet``: nobody waited or was served, and it
    holds until something changes. ``joining``: as the domain's ``Forecast``. ``k``: the
    calibration, ``scored_until`` the last call in it."""

    at: Instant
    quiet: bool
    waits: Mapping[str, Spread | None] = field(default_factory=dict)
    joining: Mapping[tuple[str, str], Sequence[tuple[float, Spread | None]]] = field(
        default_factory=dict
    )
    k: float = 1.0
    scored_until: Instant = 0


@dataclass(frozen=True)
class State:
    """Where waiting times come from now, and how old the last forecast is."""

    source: Source
    age_s: int | None


def shown(spread: Spread) -> Wait:
    """A forecast as people read it: whole steps of five minutes."""
    p50 = _STEP_MIN * round(spread.p50 / _STEP_MIN)
    return Wait(p50, max(p50 + _STEP_MIN, _STEP_MIN * ceil(spread.p90 / _STEP_MIN)))


class Forecasts:
    """Holds the last forecast; thread-safe, since it is replaced whole."""

    def __init__(self) -> None:
        self._given: Given | None = None

    @property
    def last(self) -> Given | None:
        """The last forecast, however old; None without a worker."""
        return self._given

    def give(self, given: Given) -> None:
        """A new forecast."""
        self._given = given

    def lose(self) -> None:
        """There is no worker now."""
        self._given = None

    def _fresh(self, now: Instant) -> Given | None:
        given = self._given
        if given is None:
            return None
        allowed = QUIET_BEHIND_S if given.quiet else BEHIND_S
        return given if now - given.at <= allowed * 1000 else None

    def state(self, now: Instant) -> State:
        """What is shown at this moment."""
        given = self._given
        age = max(0, now - given.at) // 1000 if given is not None else None
        return State("simulation" if self._fresh(now) is not None else "nominal", age)

    def of(self, ticket: Ticket, now: Instant) -> Spread | None:
        """Minutes from now until a waiting ticket is called; a ticket that is newer than the last
        forecast has what it was issued with."""
        given = self._fresh(now)
        if given is None or ticket.state != "waiting":
            return None
        found, since = given.waits.get(ticket.id), given.at
        if ticket.id not in given.waits and ticket.forecast_p50 is not None:
            found, since = Spread(ticket.forecast_p50, ticket.forecast_p90 or 0.0), ticket.issued
        return found and _later(found, (now - since) / MINUTE)

    def joining(
        self, service_id: str, now: Instant, priority: str = ORDINARY, base: Instant | None = None
    ) -> Spread | None:
        """Minutes that a visitor would wait who took a number for this service now; ``base``: from
        when the time counts, if not from now."""
        given = self._fresh(now)
        leads = given.joining.get((service_id, priority), ()) if given is not None else ()
        if not leads:
            return None
        return _between(leads, (base - now) / MINUTE if base is not None else 0.0)

    def wait(self, ticket: Ticket, now: Instant, otherwise: Wait | None) -> Wait | None:
        """What is shown for a ticket, ``otherwise`` without a forecast."""
        found = self.of(ticket, now)
        return shown(found) if found is not None else otherwise

    def source(self, ticket: Ticket, now: Instant, *, shown: bool) -> Source | None:
        """Where the wait comes from that is shown for a ticket; None when none is."""
        if not shown:
            return None
        return "simulation" if self.of(ticket, now) is not None else "nominal"

    def next_in(self, service_id: str, now: Instant, otherwise: Wait | None) -> Wait | None:
        """What is shown for taking a number now, ``otherwise`` without a forecast."""
        found = self.joining(service_id, now)
        return shown(found) if found is not None else otherwise


def _between(leads: Sequence[tuple[float, Spread | None]], lead: float) -> Spread | None:
    """Interpolated; beyond the ends as at them."""
    places = [place for place, _ in leads]
    above = bisect_left(places, lead)
    (low, first), (high, second) = leads[max(above - 1, 0)], leads[min(above, len(leads) - 1)]
    if first is None or second is None:
        return None
    part = min(max((lead - low) / (high - low), 0.0), 1.0) if high > low else 0.0
    return Spread(
        first.p50 + part * (second.p50 - first.p50), first.p90 + part * (second.p90 - first.p90)
    )


def score_of(ticket: Ticket) -> Scored | None:
    """How the first call scores what was promised; None when nothing was, or nobody called yet."""
    p50, p90, called = ticket.forecast_p50, ticket.forecast_p90, ticket.first_called
    if p50 is None or p90 is None or called is None:
        return None
    return Scored((called - ticket.issued) / MINUTE, p50, p90)


def _later(spread: Spread, minutes: float) -> Spread:
    passed = max(0.0, minutes)
    return Spread(max(0.0, spread.p50 - passed), max(0.0, spread.p90 - passed))
