"""What the last days' visits teach about the hall's times.

Everything is shrunk towards what is known without them: a service's mean towards the hall's, the
hall's towards the nominal minutes, a clerk's towards the others'.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import exp, log, sqrt

from hall_server.domain.forecast.model import FAR_MIN, USUAL_GAPS, USUAL_PAUSE, USUAL_SIGMA, Times
from hall_server.domain.instant import MINUTE, Instant
from hall_server.domain.ticket import Ticket

# Visits that what is known beforehand weighs as much as.
SERVICE_WEIGHT, CLERK_WEIGHT, SIGMA_WEIGHT, SHARE_WEIGHT = 8, 25, 30, 25
# A finish that was forgotten or pressed at once says nothing: minutes that a visit can take.
SHORTEST_MIN, LONGEST_MIN = 0.25, 150.0
# A second call within this time is the same visit's.
_RECALL = 5 * MINUTE
# A window that called nobody for longer had gone.
_LONGEST_GAP_MIN = 45.0
# A gap longer than this was a pause.
_PAUSE_MIN = 4.0
_MOST_GAPS = 400
_GAP_WEIGHT = 20
# Missed calls expected beforehand: the share after a short and a long wait, minutes.
_MISSED_BEFORE = ((5.0, 0.02), (45.0, 0.05))
_MISSED_WEIGHT = 30
# Half of the visits shorter than this: nobody presses finish when a visit ends.
_UNTIMED_MIN = 0.5


@dataclass(frozen=True, slots=True)
class Visit:
    """A ticket whose last call is over. ``missed``: a call found nobody; ``done``: but in the end
    the visitor was served."""

    service: str
    priority: str
    window: int
    clerk: str
    issued: Instant
    first_called: Instant
    called: Instant
    ended: Instant
    done: bool
    missed: bool

    @property
    def minutes(self) -> float:
        """From the call to the end."""
        return (self.ended - self.called) / MINUTE


@dataclass(frozen=True)
class Learnt:
    """The hall's times, each clerk's factor, and ``pace``: calls a minute of one window
    while somebody waits; ``timed``: whether visits' ends are pressed."""

    times: Times
    speeds: Mapping[str, float] = field(default_factory=dict)
    pace: float = 0.1
    timed: bool = True


def visit_of(ticket: Ticket, clerk: str) -> Visit | None:
    """What a ticket teaches; None while it has not been called and ended."""
    if ticket.called is None or ticket.ended is None or ticket.window is None:
        return None
    first = ticket.first_called if ticket.first_called is not None else ticket.called
    # Calling the same visitor again is not a new visit.
    called = first if ticket.called - first < _RECALL else ticket.called
    return Visit(
        ticket.service_id,
        ticket.priority,
        ticket.window,
        clerk,
        ticket.issued,
        first,
        called,
        ticket.ended,
        ticket.state == "done",
        ticket.passes > 0,
    )


def learn(visits: Sequence[Visit], nominal: Mapping[str, float]) -> Learnt:
    """From visits in any order; ``nominal`` has every service's mean minutes."""
    done = [v for v in visits if v.done]
    minutes, residuals = _services(done, nominal)
    speeds, rest = _clerks(done, residuals)
    sigma = _sigma(rest)
    following = _by_window(visits)
    gaps, reactions = _gaps(following)
    pauses = [g - _PAUSE_MIN for g in gaps if g > _PAUSE_MIN]
    missing, leaving = _missing(visits)
    times = Times(
        minutes,
        sigma,
        tuple(gaps[-_MOST_GAPS:]) + USUAL_GAPS * _padding(gaps),
        tuple(reactions[-_MOST_GAPS:]) + USUAL_GAPS * _padding(reactions),
        missing,
        leaving,
        _missed_cost(visits),
        _again(done),
        (sum(pauses) + USUAL_PAUSE * SERVICE_WEIGHT) / (len(pauses) + SERVICE_WEIGHT),
    )
    timed = not done or sum(v.minutes >= _UNTIMED_MIN for v in done) * 2 >= len(done)
    return Learnt(times, speeds, _pace(following), timed)


def _padding(known: Sequence[float]) -> int:
    return max(0, _GAP_WEIGHT - len(known)) // len(USUAL_GAPS)


def _services(
    done: Iterable[Visit], nominal: Mapping[str, float]
) -> "tuple[dict[str, float], list[float]]":
    """Each service's median minutes, and each visit's log residual."""
    offsets: dict[str, list[float]] = defaultdict(list)
    logs = []
    down = USUAL_SIGMA * USUAL_SIGMA / 2
    for visit in done:
        expected = log(nominal.get(visit.service, 10.0)) - down
        logs.append(log(min(max(visit.minutes, SHORTEST_MIN), LONGEST_MIN)))
        offsets[visit.service].append(logs[-1] - expected)
    every = [o for of_one in offsets.values() for o in of_one]
    hall = sum(every) / (len(every) + SERVICE_WEIGHT)
    mus = {}
    for service, mean in nominal.items():
        mine = offsets.get(service, [])
        offset = (sum(mine) + SERVICE_WEIGHT * hall) / (len(mine) + SERVICE_WEIGHT)
        mus[service] = log(mean) - down + offset
    usual = sum(mus.values()) / len(mus) if mus else log(10.0)
    residuals = [value - mus.get(v.service, usual) for value, v in zip(logs, done, strict=True)]
    return {service: exp(mu) for service, mu in mus.items()}, residuals


def _clerks(
    done: Sequence[Visit], residuals: Sequence[float]
) -> tuple[dict[str, float], list[float]]:
    """Each clerk's factor, and the residuals without it."""
    of_clerk: dict[str, list[float]] = defaultdict(list)
    for visit, residual in zip(done, residuals, strict=True):
        of_clerk[visit.clerk].append(residual)
    effects = {c: sum(rs) / (len(rs) + CLERK_WEIGHT) for c, rs in of_clerk.items()}
    rest = [r - effects[v.clerk] for v, r in zip(done, residuals, strict=True)]
    return {clerk: exp(effect) for clerk, effect in effects.items()}, rest


def _sigma(residuals: Sequence[float]) -> float:
    n = len(residuals)
    squares = sum(r * r for r in residuals) + SIGMA_WEIGHT * USUAL_SIGMA**2
    # Two digits: the pools of ``draws`` are made anew for each.
    return round(max(sqrt(squares / (n + SIGMA_WEIGHT)), 0.1), 2)


def _by_window(visits: Iterable[Visit]) -> "list[tuple[Visit, Visit]]":
    """Each visit with the next one at its window on the same day."""
    ordered = sorted(visits, key=lambda v: (v.window, v.called))
    return [(a, b) for a, b in pairwise(ordered) if a.window == b.window]


def _gaps(following: Iterable[tuple[Visit, Visit]]) -> tuple[list[float], list[float]]:
    """From an end to the next call, oldest first: while somebody waited, and from somebody's
    coming to an idle window until the call."""
    gaps: list[tuple[Instant, float]] = []
    reactions: list[tuple[Instant, float]] = []
    for a, b in following:
        if b.called != b.first_called:
            continue
        if b.issued < a.ended:
            gaps.append((b.called, (b.called - a.ended) / MINUTE))
        else:
            reactions.append((b.called, (b.called - b.issued) / MINUTE))
    return (
        [gap for _, gap in sorted(gaps) if 0 <= gap <= _LONGEST_GAP_MIN],
        [gap for _, gap in sorted(reactions) if 0 <= gap <= _PAUSE_MIN],
    )


def _pace(following: Iterable[tuple[Visit, Visit]]) -> float:
    """Calls a minute of one window while somebody waits."""
    turns = [(b.called - a.called) / MINUTE for a, b in following if b.issued < a.ended]
    turns = [t for t in turns if t <= LONGEST_MIN]
    return (len(turns) + SERVICE_WEIGHT) / (sum(turns) + SERVICE_WEIGHT * 10.0)


def _missing(visits: Iterable[Visit]) -> tuple[tuple[float, float], float]:
    """The line through those who never came by their wait, with some made up to lean on, and what
    share of the others left in each minute beyond ``FAR_MIN``. Whoever missed a call and came
    back costs a visit like the others."""
    every = [((v.first_called - v.issued) / MINUTE, float(not v.done)) for v in visits]
    points = [p for p in every if p[0] <= FAR_MIN]
    points += [p for p in _MISSED_BEFORE for _ in range(_MISSED_WEIGHT)]
    n = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    over = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / over
    if slope <= 0:
        line = mean_y, 0.0
    elif mean_y - slope * mean_x < 0:
        line = 0.0, mean_y / mean_x
    else:
        line = mean_y - slope * mean_x, slope
    return line, _leaving(line, [(x - FAR_MIN, y) for x, y in every if x > FAR_MIN])


def _leaving(line: tuple[float, float], far: Sequence[tuple[float, float]]) -> float:
    """What share leaves in a minute, from those who waited beyond ``FAR_MIN``: by how many minutes,
    and 1 for whoever never came. Shrunk towards the end of the line."""
    stayed = max(1 - line[0] - line[1] * FAR_MIN, 0.1)
    # Made up: people who waited twice as long, and went on leaving as at the end of the line.
    made_up = _MISSED_WEIGHT * exp(-line[1] / stayed * FAR_MIN)
    people = len(far) + _MISSED_WEIGHT
    minutes = sum(x for x, _ in far) + _MISSED_WEIGHT * FAR_MIN
    came = sum(1 - gone for _, gone in far) + made_up * stayed
    return max(0.0, log(people * stayed / came)) * people / minutes


def _missed_cost(visits: Iterable[Visit]) -> float:
    costs = [v.minutes for v in visits if v.missed and not v.done and v.minutes < _RECALL]
    return (sum(costs) + SERVICE_WEIGHT) / (len(costs) + SERVICE_WEIGHT)


def _again(done: Sequence[Visit]) -> float:
    back = sum(1 for v in done if v.called != v.first_called and not v.missed)
    return back / (len(done) + SHARE_WEIGHT)
