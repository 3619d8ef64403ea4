"""How good the forecasts of the last days were, as every call scored them."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from hall_server.domain.forecast.calibrate import Scored, accuracy
from hall_server.domain.hall import ORDINARY, Hall
from hall_server.domain.instant import MINUTE, Instant, Moment
from hall_server.domain.ticket import Ticket
from hall_server.service.answers import (
    CategoryScore,
    ForecastAccuracy,
    ForecastScore,
    ForecastState,
)
from hall_server.service.forecasts import Forecasts, score_of
from hall_server.service.ports import Store

# A month of a large hall.
MOST_TICKETS = 40_000


def state_of(forecasts: Forecasts, now: Instant) -> ForecastState:
    """Where waiting times come from at this moment."""
    state = forecasts.state(now)
    return ForecastState(source=state.source, age_s=state.age_s)


def accuracy_of(
    store: Store, hall: Hall, forecasts: Forecasts, moment: Moment, days: int
) -> ForecastAccuracy:
    """Over the last ``days``, today included, in all and by category."""
    first = (date.fromisoformat(moment.day) - timedelta(days=days - 1)).isoformat()
    tickets = store.read(lambda tx: tx.called_since(first, MOST_TICKETS))
    scored = _scored(tickets)
    return ForecastAccuracy(
        days=days,
        **_score(s for _, s in scored).model_dump(),
        categories=[
            CategoryScore(
                category=category.id,
                category_name=category.name,
                **_score(s for series, s in scored if series == category.series).model_dump(),
            )
            for category in hall.categories
        ],
        forecast=state_of(forecasts, moment.at),
    )


def _score(scored: Iterable[Scored]) -> ForecastScore:
    found = accuracy(list(scored))
    return ForecastScore(
        n=found.n,
        mae_min=_rounded(found.mae_min),
        bias_min=_rounded(found.bias_min),
        p90_coverage=_rounded(found.p90_coverage),
        ahead_mae_min=_rounded(found.yardstick_mae_min),
    )


def _rounded(value: float | None) -> float | None:
    return round(value, 3) if value is not None else None


def _scored(tickets: Sequence[Ticket]) -> list[tuple[str, Scored]]:
    """Every scored ticket's series and score. The yardstick counts whoever had an earlier number
    of the series and was called later than this one was issued; before a priority ticket only those
    whom it did not overtake."""
    average = _average_min(tickets)
    called: dict[tuple[str, str], list[Instant]] = {}
    found = []
    for ticket in sorted(tickets, key=lambda t: (t.issued, t.id)):
        if ticket.first_called is None:
            continue
        before = called.setdefault((ticket.day, ticket.series), [])
        scored = score_of(ticket)
        if scored is not None:
            most = len(before)
            if ticket.priority != ORDINARY:
                most = bisect_left(before, ticket.first_called)
            ahead = most - bisect_right(before, ticket.issued)
            found.append((ticket.series, replace(scored, yardstick=ahead * average)))
        insort(before, ticket.first_called)
    return found


def _average_min(tickets: Iterable[Ticket]) -> float:
    """The mean minutes of a visit, from its call to its end."""
    took = [
        (t.ended - t.called) / MINUTE
        for t in tickets
        if t.state == "done" and t.ended is not None and t.called is not None
    ]
    return sum(took) / len(took) if took else 0.0
