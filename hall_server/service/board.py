"""What the public board shows."""

from collections import Counter
from collections.abc import Iterable

from hall_server.domain import publicity as domain
from hall_server.domain.hall import Category, Hall
from hall_server.domain.instant import MINUTE, Moment, to_instant
from hall_server.domain.profile import EVERYTHING
from hall_server.domain.publicity import on_duty
from hall_server.service import views
from hall_server.service.forecasts import Forecasts
from hall_server.service.layout import Kind, kind_of
from hall_server.service.notices import running
from hall_server.service.ports import QueueReader
from hall_server.service.standing import Standing
from hallkit.wire.board import (
    Board,
    BoardWindow,
    PublicPage,
    PublicPages,
    PublicRow,
    WaitingLine,
)

RECENT_CALLS = 12
# More people than ever wait in one hall at once.
MOST_TICKETS = 2_000
# A board asked for again within this time is the same board: estimates move by minutes.
_FRESH_MS = MINUTE // 30
_ON_DUTY = ("今日值班", "On duty today")


def make_board(reader: QueueReader, hall: Hall, forecasts: Forecasts, now: Moment) -> Board:
    """The board at this moment."""
    standing = Standing(reader, hall, now)
    waiting = reader.best_waiting(now.day, None, EVERYTHING, now.at, MOST_TICKETS)
    counts = Counter(kind_of(ticket, hall) for ticket, _ in waiting)
    active = sorted(standing.active.values(), key=lambda t: (-(t.called or 0), t.window or 0))
    return Board(
        business_day=now.day,
        now_serving=[views.call(t, hall) for t in active],
        recent_calls=[views.call(t, hall) for t in reader.recent_calls(now.day, RECENT_CALLS)],
        waiting=[_line(c, counts, standing, forecasts, now) for c in hall.categories],
        journal_seq=reader.last_seq(),
        forecast=forecasts.state(now.at).source,
        windows=_windows(standing, hall),
        notices=running(reader, hall, now),
        closes_at=hall.hours.closes_at(now.local),
        closing_soon_min=hall.hours.closing_soon_min,
    )


def public_pages(hall: Hall, now: Moment) -> PublicPages:
    """The pages of this business day: the hall's own, then who is on duty today."""
    pages = [
        PublicPage(
            id=f"disclosure-{n}",
            kind="disclosure",
            title=page.title,
            title_en=page.title_en,
            rows=_rows(page.rows),
        )
        for n, page in enumerate(hall.disclosures, start=1)
    ]
    duty = on_duty(hall.duty, hall.hours, now.local.date())
    if duty:
        zh, en = _ON_DUTY
        pages.append(PublicPage(id="duty", kind="duty", title=zh, title_en=en, rows=_rows(duty)))
    return PublicPages(business_day=now.day, pages=pages)


def _rows(rows: Iterable[domain.PublicRow]) -> list[PublicRow]:
    return [
        PublicRow(label=r.label, label_en=r.label_en, text=r.text, text_en=r.text_en) for r in rows
    ]


def fresh(board: Board, now: Moment) -> range:
    """The instants at which the board that was made now still holds, if nothing happens."""
    ends = (board.closes_at, *(notice.until for notice in board.notices))
    return range(now.at, min([now.at + _FRESH_MS, *(to_instant(e) for e in ends if e is not None)]))


def _windows(standing: Standing, hall: Hall) -> list[BoardWindow]:
    found = []
    for number, state in standing.layout.windows.items():
        sign = views.window(hall, state, standing.active.get(number))
        found.append(
            BoardWindow(
                number=number,
                name=sign.name,
                name_en=hall.window(number).name_en,
                area=sign.area,
                kind=sign.kind,
                state=sign.state,
                ticket=sign.ticket,
                ticket_state=sign.ticket_state,
            )
        )
    return found


def _line(
    category: Category,
    counts: Counter[Kind],
    standing: Standing,
    forecasts: Forecasts,
    now: Moment,
) -> WaitingLine:
    ids = [s.id for s in category.services if s.enabled] or [s.id for s in category.services]
    people: Counter[str] = Counter()
    for (service_id, _, _), number in counts.items():
        people[service_id] += number
    # The category's forecast is that of its most wanted service.
    wanted = max(ids, key=lambda service_id: people[service_id])
    wait = standing.next_in(wanted, counts)
    wait = forecasts.next_in(wanted, now.at, wait)
    return WaitingLine(
        category=category.id,
        category_name=category.name,
        count=sum(people[s.id] for s in category.services),
        p50_min=wait.p50 if wait else None,
        p90_min=wait.p90 if wait else None,
    )
