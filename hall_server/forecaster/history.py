"""What the store tells the forecaster about visits: at the start the last days, then the journal's
news."""

import json
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from hall_server.domain.forecast.calibrate import Scored
from hall_server.domain.forecast.forecaster import MOST_VISITS
from hall_server.domain.forecast.learn import Visit, visit_of
from hall_server.domain.instant import MINUTE, Instant, Moment
from hall_server.domain.ticket import Ticket
from hall_server.service.entry import Entry
from hall_server.service.forecasts import score_of
from hall_server.service.ports import Reader

# Older days say little about today.
DAYS = 21
# The journal's news are read so many at a time.
PAGE = 500
_DAY = 24 * 60 * MINUTE
_FREED = ("ticket.finished", "ticket.no_show", "ticket.parked", "ticket.transferred")


@dataclass
class News:
    """What is new: visits that are over, calls that score a forecast, when windows became free,
    the last call among the scored, and whether a manager changed the hall itself."""

    visits: list[Visit] = field(default_factory=list)
    scored: list[Scored] = field(default_factory=list)
    freed: dict[int, Instant] = field(default_factory=dict)
    scored_until: Instant = 0
    hall_changed: bool = False


class _Clerks:
    """Who worked at a window when, from the journal's openings."""

    def __init__(self, openings: Iterable[tuple[Instant, str]]) -> None:
        self._times: dict[int, list[Instant]] = {}
        self._names: dict[int, list[str]] = {}
        for at, body in openings:
            window = json.loads(body).get("window") or {}
            number, clerk = window.get("number"), window.get("clerk")
            if isinstance(number, int):
                self._times.setdefault(number, []).append(at)
                self._names.setdefault(number, []).append(clerk or "")

    def at(self, window: int | None, moment: Instant) -> str:
        """The clerk, empty when nobody knows."""
        times = self._times.get(window or 0, [])
        place = bisect_right(times, moment)
        return self._names[window or 0][place - 1] if place else ""


def past(tx: Reader, moment: Moment, scored_until: Instant) -> News:
    """The last days' visits, and the calls since ``scored_until``. Day by day from the newest: all
    tickets at once would be the most memory that the process ever takes."""
    clerks = _Clerks(tx.openings(moment.at - (DAYS + 1) * _DAY))
    news = News()
    scored: list[tuple[Instant, Scored]] = []
    today = date.fromisoformat(moment.day)
    for ago in range(DAYS + 1):
        day = (today - timedelta(days=ago)).isoformat()
        for ticket in sorted(tx.called_on(day), key=lambda t: -(t.called or 0)):
            visit = visit_of(ticket, clerks.at(ticket.window, ticket.called or 0))
            if visit is not None and ticket.state in ("done", "void"):
                news.visits.append(visit)
                news.freed[visit.window] = max(visit.ended, news.freed.get(visit.window, 0))
            score, called = score_of(ticket), ticket.first_called or 0
            if score is not None and called > scored_until:
                scored.append((called, score))
        if len(news.visits) >= MOST_VISITS:
            break
    news.visits.reverse()
    scored.sort(key=lambda one: one[0])
    news.scored = [score for _, score in scored]
    news.scored_until = max([scored_until, *(called for called, _ in scored)])
    return news


def _score(news: News, ticket: Ticket) -> None:
    scored = score_of(ticket)
    if scored is not None:
        news.scored.append(scored)
        news.scored_until = max(news.scored_until, ticket.first_called or 0)


def since(tx: Reader, seq: int, scored_until: Instant) -> tuple[int, News]:
    """What the journal says after ``seq``, and its last sequence now."""
    news = News(scored_until=scored_until)
    while entries := tx.entries_after(seq, PAGE):
        seq = entries[-1].seq
        for entry in entries:
            _take(tx, entry, news)
    return seq, news


def _take(tx: Reader, entry: Entry, news: News) -> None:
    if entry.type == "hall.changed":
        news.hall_changed = True
    if entry.type not in (*_FREED, "ticket.called", "ticket.void"):
        return
    body = json.loads(entry.body)
    window = body.get("window") or {}
    if entry.type in _FREED and "number" in window:
        news.freed[window["number"]] = entry.at
    if entry.type in ("ticket.finished", "ticket.void", "ticket.called"):
        ticket = tx.ticket((body.get("ticket") or {}).get("id", ""))
        if ticket is None:
            return
        if entry.type == "ticket.called":
            if ticket.first_called == entry.at:
                _score(news, ticket)
        elif visit := visit_of(ticket, window.get("clerk") or ""):
            news.visits.append(visit)
