"""The present state of a hall as the simulation wants it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import pairwise
from math import inf

from hall_server.domain.forecast.attendance import Attendance
from hall_server.domain.forecast.learn import Learnt, Visit
from hall_server.domain.forecast.model import Coming, Desk, Present, Rank, Taking, Waiter
from hall_server.domain.hall import ORDINARY, Hall
from hall_server.domain.instant import MINUTE, Instant, Moment
from hall_server.domain.ticket import Ticket
from hall_server.domain.window import Window

# How far work profiles and opening hours are looked ahead, minutes; rules change on the step.
_AHEAD_MIN, _STEP_MIN = 240, 5
# Clerks who are to come are expected within this time of the opening, minutes.
_LATE_MIN = 15
# Priority visitors are expected as on other days in the coming hours; later as in the last.
_HOURS = 4
_HOUR = 60 * MINUTE
_DAY = 24 * _HOUR

# What a window takes at a local time; ranks as numbered by ``ranks_of``.
Takes = Callable[[datetime], tuple[Taking, ...]]
Schedule = tuple[tuple[float, tuple[Taking, ...]], ...]


@dataclass(frozen=True)
class Seen:
    """What the store knows at one moment. ``windows`` has every window; ``active`` the ticket at
    a window; ``waiting`` is in order of issue; ``ended`` when the last visit at a window ended."""

    windows: Sequence[Window]
    active: Mapping[int, Ticket]
    waiting: Sequence[Ticket]
    ended: Mapping[int, Instant] = field(default_factory=dict)


def present_of(
    hall: Hall,
    moment: Moment,
    seen: Seen,
    schedules: Mapping[int, Schedule],
    learnt: Learnt,
    coming: Sequence[Coming] = (),
    attendance: Attendance | None = None,
) -> Present:
    """The hall at this moment; ``schedules`` has every window's ``schedule_of`` now,
    ``attendance`` tells of closed windows."""
    ranks, places = ranks_of(hall)
    opens, away = _opening(hall, moment.local), _break(hall, moment.local)

    def back(number: int) -> float:
        if attendance is None or opens == inf:
            return 0.0
        worked = moment.at - seen.ended.get(number, -_DAY) < _since_midnight(moment.local)
        return attendance.chance(number, moment.at, worked=worked)

    def stays(number: int) -> float:
        if attendance is None or away is None:
            return 1.0
        start, end = (moment.at + round(minutes * MINUTE) for minutes in away)
        return attendance.stays(number, moment.at, start, end)

    def desk(window: Window) -> Desk:
        ticket = seen.active.get(window.number)
        since = max(window.since, seen.ended.get(window.number, 0))
        if ticket is not None:
            # A visitor who was called again came at the first call at the latest.
            since = min(at for at in (ticket.called, ticket.started, moment.at) if at is not None)
        chance = back(window.number) if window.state == "closed" else 1.0
        return Desk(
            window.number,
            schedules[window.number],
            busy=ticket.service_id if ticket is not None else None,
            elapsed=max(0.0, (moment.at - since) / MINUTE),
            paused=window.state == "paused",
            opens=0.0 if window.state != "closed" else opens if chance else inf,
            chance=chance,
            speed=learnt.speeds.get(window.clerk or "", 1.0),
            away=away,
            stays=stays(window.number),
        )

    def waiter(ticket: Ticket) -> Waiter:
        base = (ticket.base - moment.at) / MINUTE
        rank = places.get(ticket.priority, 0)
        return Waiter(ticket.id, ticket.service_id, rank, base, ticket.held_until, ticket.target)

    desks = [desk(window) for window in seen.windows]
    return Present(desks, [waiter(t) for t in seen.waiting], ranks, learnt.times, coming)


def _since_midnight(local: datetime) -> Instant:
    return (local.hour * 60 + local.minute) * MINUTE


def ranks_of(hall: Hall) -> tuple[list[Rank], dict[str, int]]:
    """The points rule of each class, the ordinary first, and the classes' places among them."""
    classes = sorted(hall.priorities, key=lambda p: p.id != ORDINARY)
    return [Rank(p.head, p.rate) for p in classes], {p.id: i for i, p in enumerate(classes)}


def schedule_of(takes: Takes, local: datetime) -> Schedule:
    """What a window will take from when, minutes from this local time, some hours ahead."""
    steps = [(0.0, takes(local))]
    past = local.minute % _STEP_MIN + local.second / 60 + local.microsecond / 6e7
    ahead = _STEP_MIN - past
    while ahead < _AHEAD_MIN:
        services = takes(local + timedelta(minutes=ahead))
        if services != steps[-1][1]:
            steps.append((ahead, services))
        ahead += _STEP_MIN
    return tuple(steps)


def _opening(hall: Hall, local: datetime) -> float:
    """In how many minutes a window that is usually open may be expected, ``inf`` for never: the
    hall opens then, or it has opened just now."""
    if hall.hours.open_at(local):
        for ago in range(1, _LATE_MIN + 1):
            if not hall.hours.open_at(local - timedelta(minutes=ago)):
                return (_LATE_MIN - ago) / 2
        return inf
    for ahead in range(1, _AHEAD_MIN):
        if hall.hours.open_at(local + timedelta(minutes=ahead)):
            return ahead + _LATE_MIN / 4
    return inf


def _break(hall: Hall, local: datetime) -> tuple[float, float] | None:
    """The break between two sessions of today that is on now or comes next, minutes from now."""
    if hall.hours.always:
        return None
    sessions = sorted(hall.hours.on(local.date()), key=lambda s: s.start)
    now = _minutes(local)
    for before, after in pairwise(sessions):
        start, end = _minutes(before.end) - now, _minutes(after.start) - now
        if start < end and end > 0:
            return (start, end) if start < _AHEAD_MIN else None
    return None


def _minutes(clock: datetime | time) -> float:
    return clock.hour * 60 + clock.minute + clock.second / 60


def coming_of(
    hall: Hall, moment: Moment, issued: Iterable[Visit | Ticket], days: int
) -> list[Coming]:
    """Visitors with priority still to come, hour by hour until the hall closes: as many as on
    ``days`` other days at that hour and in the last hour of today, in the mean."""
    now, close = moment.at, _close(hall, moment.local)
    _, places = ranks_of(hall)
    other: Counter[tuple[str, int, int]] = Counter()
    today: Counter[tuple[str, int]] = Counter()
    for one in issued:
        rank = places.get(one.priority, 0)
        if not rank:
            continue
        service = one.service if isinstance(one, Visit) else one.service_id
        ago = now - one.issued
        if 0 <= ago < _HOUR:
            today[service, rank] += 1
        elif ago >= _HOUR and -ago % _DAY < _HOURS * _HOUR:
            other[service, rank, -ago % _DAY // _HOUR] += 1
    found = []
    # In order, since a set's differs from process to process, and the draws with it.
    for service, rank in sorted({(s, r) for s, r, _ in other} | set(today)):
        for hour in range(_HOURS):
            people = other[service, rank, hour] + today[service, rank]
            start = 60.0 * hour
            end = min(close, start + 60.0 if hour + 1 < _HOURS else inf)
            if start < end:
                found.append(Coming(service, rank, people / (60.0 * (days + 1)), start, end))
    return found


def _close(hall: Hall, local: datetime) -> float:
    """In how many minutes the day's last session ends; ``inf`` where the hall never closes."""
    if hall.hours.always:
        return inf
    ends = [_minutes(session.end) for session in hall.hours.on(local.date())]
    return max(ends, default=0.0) - _minutes(local)
