"""PURE: what a slip says, before it is known how it is drawn.

Each kind of slip has texts and lists by name; a layout places them. Every name is there for every
slip of its kind, with an empty text or list where there is nothing to say.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from hallkit.wire.slips import (
    CollectionSlip,
    GuideSlip,
    Material,
    MaterialsSlip,
    MatterSlip,
    ReceiptSlip,
    RefusalSlip,
    Slip,
    SummarySlip,
    SupplementSlip,
    Tally,
    TallyTable,
    TicketSlip,
)

NO_FORECAST = "暂无法预计等待时间"
DUE_ESTIMATED = "该年度放假安排尚未公布，办结日期为估算。"
NOBODY_AHEAD = "您前面没有人在等待"
# A number given out without the server: nobody knows how many wait.
_OFFLINE, OFFLINE_AHEAD = "离线", "网络恢复后按取号时间排队"
_WEEKDAYS = "一二三四五六日"

Entry = tuple[str, str]
Texts = dict[str, str]
Lists = dict[str, list[Entry]]


@dataclass(frozen=True)
class Words:
    """The words of a slip: texts by name, lists of (entry, detail) by name, tags."""

    texts: Mapping[str, str]
    lists: Mapping[str, list[Entry]]
    tags: tuple[str, ...]


def clean(text: str) -> str:
    """Without control characters (a printer would obey them), blanks collapsed."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return " ".join(kept.split())


def forecast_words(p50_min: int | None, p90_min: int | None) -> str:
    """The waiting time as a sentence; says so when there is no honest forecast."""
    if p50_min is None:
        return NO_FORECAST
    if p90_min is None or p90_min <= p50_min:
        return f"预计等待约 {p50_min} 分钟" if p50_min else "预计很快轮到您"
    if p50_min == 0:
        return f"预计等待不超过 {p90_min} 分钟"
    return f"预计等待约 {p50_min}–{p90_min} 分钟"


def date_words(day: date | None) -> str:
    """2026年11月23日, empty for None."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def words_of(slip: Slip) -> Words:
    """The words of this slip."""
    texts, lists = _by_kind(slip)
    texts |= {
        "hall": slip.hall_name,
        "printed_at": slip.issued_at.strftime("%Y-%m-%d %H:%M"),
        "today": date_words(slip.issued_at.date()),
    }
    return Words(
        {name: clean(text) for name, text in texts.items()},
        {name: _clean_entries(entries) for name, entries in lists.items()},
        tuple(tag for tag in map(clean, slip.tags) if tag),
    )


def _clean_entries(entries: Iterable[Entry]) -> list[Entry]:
    return [(shown, clean(detail)) for name, detail in entries if (shown := clean(name))]


def _by_kind(slip: Slip) -> tuple[Texts, Lists]:
    match slip:
        case TicketSlip():
            return _ticket(slip)
        case GuideSlip():
            return _guide(slip)
        case SummarySlip():
            return _summary(slip)
        case _:
            texts, lists = _own(slip)
            return _matter(slip) | texts, lists


def _own(
    slip: MaterialsSlip | ReceiptSlip | SupplementSlip | RefusalSlip | CollectionSlip,
) -> tuple[Texts, Lists]:
    """What only this slip about a matter has."""
    match slip:
        case MaterialsSlip():
            texts = {"promised": slip.promised, "fee": slip.fee}
            texts |= {"place": slip.place, "hours": slip.hours}
            return texts, {"materials": _papers(slip.materials)}
        case ReceiptSlip():
            texts = {"promised": slip.promised, "delivery": slip.delivery}
            texts |= {"due_on": date_words(slip.due_on)}
            texts |= {"due_note": DUE_ESTIMATED if slip.due_estimated else ""}
            return texts, {"materials": _papers(slip.materials)}
        case SupplementSlip():
            texts = {"reply_by": date_words(slip.reply_by), "place": slip.place}
            return texts, {"missing": _papers(slip.missing)}
        case RefusalSlip():
            texts = {"reason": slip.reason, "basis": slip.basis, "objection": slip.objection}
            return texts, {"materials": _papers(slip.materials)}
        case CollectionSlip():
            texts = {"result": slip.result_name, "copies": str(slip.copies), "place": slip.place}
            texts |= {"ready_on": date_words(slip.ready_on), "hours": slip.hours}
            return texts, {"bring": [(paper, "") for paper in slip.bring]}


def _ticket(slip: TicketSlip) -> tuple[Texts, Lists]:
    nobody = "" if slip.ahead else NOBODY_AHEAD
    if nobody and _OFFLINE in slip.tags:
        nobody = OFFLINE_AHEAD
    texts = {
        "area": slip.area_name,
        "service": slip.service_name,
        "number": slip.number,
        "ahead": str(slip.ahead) if slip.ahead else "",
        "nobody_ahead": nobody,
        "forecast": forecast_words(slip.p50_min, slip.p90_min),
        "wait_at": slip.wait_at,
        "missed_rule": slip.missed_rule,
        "url": slip.position_url,
    }
    return texts, {"more_services": [(service, "") for service in slip.more_services]}


def _matter(slip: MatterSlip) -> Texts:
    return {
        "service": slip.service_name,
        "case_number": slip.case_number,
        "applicant": slip.applicant,
        "window": slip.window,
        "clerk": slip.clerk,
        "phone": slip.phone,
        "url": slip.url,
    }


def _guide(slip: GuideSlip) -> tuple[Texts, Lists]:
    texts = {
        "service": slip.service_name,
        "item_code": slip.item_code,
        "version": slip.version,
        "url": slip.url,
    }
    elements = [(element.name, element.text) for element in slip.elements]
    return texts, {"elements": elements, "materials": _papers(slip.materials)}


def _summary(slip: SummarySlip) -> tuple[Texts, Lists]:
    """A group's title is an entry without a value."""
    figures: list[Entry] = []
    for group in slip.groups:
        figures += [(group.title, "")] if group.title else []
        figures += [(figure.name, figure.value) for figure in group.figures]
    for table in slip.tables:
        figures += _tallies(table)
    day = f"{date_words(slip.day)} 星期{_WEEKDAYS[slip.day.weekday()]}"
    remarks = [(remark, "") for remark in slip.remarks]
    return {"day": day}, {"figures": figures, "remarks": remarks}


def _tallies(table: TallyTable) -> list[Entry]:
    """A table on narrow paper: what its figures are is said once, above them."""
    issued = any(row.issued is not None for row in table.rows)
    title = f"{table.title}（{'取号/' if issued else ''}办结/过号，平均/九成等候）"
    return [(title, ""), *((row.name, _tally(row, issued)) for row in table.rows)]


def _tally(row: Tally, issued: bool) -> str:
    taken = "–" if row.issued is None else str(row.issued)
    counts = [*([taken] if issued else []), str(row.served), str(row.missed)]
    waits = ["–" if m is None else str(m) for m in (row.mean_min, row.p90_min)]
    return f"{'/'.join(counts)}，{'/'.join(waits)} 分"


def _papers(materials: Iterable[Material]) -> list[Entry]:
    return [(paper.name, paper.detail) for paper in materials]
