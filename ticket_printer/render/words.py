"""PURE: what a queue ticket says, before it is known how it is drawn."""

import unicodedata
from dataclasses import dataclass

from hallkit.wire.printing import TicketSlip

QR_CAPTION = "扫码查看排队进度"
NO_FORECAST = "暂无法预计等待时间"
# A number given out without the server: nobody knows how many wait.
_OFFLINE, OFFLINE_AHEAD = "离线", "网络恢复后按取号时间排队"
TAKEN_LABEL = "取号时间"


@dataclass(frozen=True)
class TicketWords:
    """The texts of a ticket, empty where there is nothing to say. ``ahead`` is the sentence cut
    into (before, count, after), so that the count can be set larger."""

    hall: str
    area: str
    service: str
    number: str
    tags: tuple[str, ...]
    ahead: tuple[str, str, str]
    forecast: str
    where: str
    rule: str
    taken_label: str
    taken: str
    url: str


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


def ticket_words(slip: TicketSlip) -> TicketWords:
    """The words of this slip."""
    ahead = (
        ("您前面还有", str(slip.ahead), "人在等待")
        if slip.ahead
        else ("您前面没有人在等待", "", "")
    )
    if _OFFLINE in slip.tags and not slip.ahead:
        ahead = (OFFLINE_AHEAD, "", "")
    where = clean(slip.wait_at)
    return TicketWords(
        hall=clean(slip.hall_name),
        area=clean(slip.area_name),
        service=clean(slip.service_name),
        number=clean(slip.number),
        tags=tuple(t for t in map(clean, slip.tags) if t),
        ahead=ahead,
        forecast=forecast_words(slip.p50_min, slip.p90_min),
        where=f"请在 {where} 等候" if where else "",
        rule=clean(slip.missed_rule),
        taken_label=TAKEN_LABEL,
        taken=slip.issued_at.strftime("%Y-%m-%d %H:%M"),
        url=slip.position_url.strip(),
    )
