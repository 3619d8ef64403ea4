"""The day in figures for the manager (大厅运行日报): as a message, and on paper at the desk."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from hall_server.domain.errors import Conflict, NotFound
from hall_server.domain.hall import Hall
from hall_server.domain.instant import Moment, from_instant
from hall_server.domain.ticket import STATE_WORDS, Ticket
from hall_server.service.answers import Done
from hall_server.service.context import Context
from hall_server.service.day_figures import Count, DayFigures, count_day
from hall_server.service.ports import Reader, Transaction
from hallkit.wire.ids import new_id
from hallkit.wire.slips import (
    MOST_ENTRIES,
    Figure,
    FigureGroup,
    SummarySlip,
    Tally,
    TallyTable,
)

# More than any hall gives out in a day.
_MOST_TICKETS = 100_000
_LONGEST_NAME = 60
REQUESTED = "summary.requested"


def day_summary(reader: Reader, hall: Hall, day: str, now: Moment) -> SummarySlip:
    """The figures of a business day, until now when it is today. Raises NotFound ``no_such_day``
    for a day to come, ``day_not_kept`` when its journal is gone."""
    _need_day(reader, day, now)
    tickets = reader.tickets_in(day, list(STATE_WORDS), _MOST_TICKETS)
    figures = count_day(tickets, reader.entries_of_day(day))
    return SummarySlip(
        hall_name=_name(hall.name),
        issued_at=now.local,
        day=date.fromisoformat(day),
        groups=[_day(figures.all, tickets), _waits(figures.all)],
        tables=[table for table in (_windows(hall, figures), _services(hall, figures)) if table],
        remarks=_remarks(hall, figures, tickets, day, now),
    )


def request_print(tx: Transaction, context: Context, day: str) -> Done:
    """Asks the desk printer to print a day's summary: it follows the journal. Of several, the first
    that sends ``claim`` as its request's id prints it. Raises NotFound, Conflict ``no_printer``."""
    _need_day(tx, day, context.moment)
    if not any(d.kind == "printer" and d.state == "approved" for d in tx.devices()):
        raise Conflict(
            "no_printer",
            "没有已接入的打印机，请下载 PDF 打印",
            "no printer has been let in; download the PDF instead",
        )
    context.record(tx, REQUESTED, day=day, claim=new_id())
    return Done()


def _need_day(reader: Reader, day: str, now: Moment) -> None:
    if day > now.day:
        raise NotFound("no_such_day", f"{day} 还没有到", f"{day} is still to come")
    anchor = reader.anchor()
    if anchor is not None and day <= anchor.day:
        raise NotFound(
            "day_not_kept",
            f"{day} 的操作日志已到期删除，无法统计",
            f"the journal of {day} is no longer kept",
        )


def _name(name: str) -> str:
    return name[:_LONGEST_NAME]


def _day(count: Count, tickets: Iterable[Ticket]) -> FigureGroup:
    states = Counter(ticket.state for ticket in tickets)
    missed = sum(t.state == "void" and t.passes > 0 for t in tickets)
    still = sum(states[s] for s in ("waiting", "called", "serving", "parked", "no_show"))
    shown = {
        "取号": f"{count.issued} 人",
        "办结": f"{count.served} 件",
        "待补正": count.lacking and f"{count.lacking} 件",
        "过号": f"{count.missed} 次",
        "过号作废": missed and f"{missed} 人",
        "取消": f"{states['cancelled']} 人",
        "未办作废": (states["void"] - missed) and f"{states['void'] - missed} 人",
        "尚未办完": still and f"{still} 人",
        "延时服务": count.after_hours and f"{count.after_hours} 件",
    }
    return _group("当日办理", {name: value for name, value in shown.items() if value})


def _waits(count: Count) -> FigureGroup:
    if not count.waits:
        return _group("等候（取号到首次叫号）", {"叫号": "0 人"})
    shown = {
        "平均等候": f"{count.mean_min} 分钟",
        "九成等候不超过": f"{count.p90_min} 分钟",
        "最长等候": f"{round(max(count.waits))} 分钟",
    }
    return _group("等候（取号到首次叫号）", shown)


def _group(title: str, figures: dict[str, str]) -> FigureGroup:
    return FigureGroup(title=title, figures=[Figure(name=a, value=b) for a, b in figures.items()])


def _windows(hall: Hall, figures: DayFigures) -> TallyTable | None:
    """Every window that called somebody, in the hall's order, then those it no longer has."""
    names = {place.number: f"{place.number}号 {place.name}" for place in hall.windows}
    worked = figures.windows
    order = [n for n in names if n in worked] + sorted(n for n in worked if n not in names)
    rows = [(names.get(n, f"{n}号窗口"), worked[n]) for n in order]
    return _table("各窗口", rows, issued=False)


def _services(hall: Hall, figures: DayFigures) -> TallyTable | None:
    """The services that were asked for, the most wanted first."""
    order = sorted(figures.services.items(), key=lambda item: (-item[1].issued, -item[1].served))
    rows = [(hall.services[i].name if i in hall.services else i, count) for i, count in order]
    return _table("各事项", rows, issued=True)


def _table(title: str, rows: list[tuple[str, Count]], *, issued: bool) -> TallyTable | None:
    """What paper can show; whatever is beyond that is added up in the last row."""
    shown, rest = rows[:MOST_ENTRIES], rows[MOST_ENTRIES - 1 :]
    if len(rows) > MOST_ENTRIES:
        shown = [*rows[: MOST_ENTRIES - 1], (f"其余 {len(rest)} 个", _sum(c for _, c in rest))]
    tallies = [
        Tally(
            name=_name(name),
            issued=count.issued if issued else None,
            served=count.served,
            missed=count.missed,
            mean_min=count.mean_min,
            p90_min=count.p90_min,
        )
        for name, count in shown
    ]
    return TallyTable(title=title, rows=tallies) if tallies else None


def _sum(counts: Iterable[Count]) -> Count:
    total = Count()
    for count in counts:
        total.issued += count.issued
        total.served += count.served
        total.missed += count.missed
        total.waits += count.waits
    return total


def _remarks(
    hall: Hall, figures: DayFigures, tickets: Iterable[Ticket], day: str, now: Moment
) -> list[str]:
    found = []
    longest, limit = figures.longest, hall.alarms.longest_min
    if longest is not None and limit and figures.longest_min > limit:
        taken = from_instant(longest.issued, hall.zone)
        over = sum(wait > limit for wait in figures.all.waits)
        found.append(
            f"{over} 人等候超过 {limit} 分钟；最长的是 {longest.number} 号，{taken:%H:%M} 取号，"
            f"等候 {round(figures.longest_min)} 分钟"
        )
    offline = sum(ticket.offline for ticket in tickets)
    if offline:
        found.append(f"{offline} 个号码在断网时取出，等候从取号时算起")
    if day == now.day:
        found.append(f"统计到 {now.local:%H:%M} 为止")
    return found
