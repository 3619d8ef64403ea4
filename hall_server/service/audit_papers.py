"""A paper that was printed again, in words."""

from collections.abc import Mapping
from typing import Any

_KINDS = {
    "ticket": ("", "ticket"),
    "materials": ("一次性告知单", "list of papers"),
    "receipt": ("受理凭证", "receipt"),
    "supplement": ("补正告知单", "notice of supplement"),
    "refusal": ("退件告知", "notice of refusal"),
    "collection": ("领证凭条", "collection slip"),
    "guide": ("办事指南", "guide"),
    "summary": ("运行日报", "day's summary"),
}


def reprinted(data: Mapping[str, Any]) -> tuple[str, str]:
    """Chinese and English of a ``ticket.reprinted`` entry: ``补打 A012（1 号取号机），李芳，原因：
    卡纸``."""
    zh_kind, en_kind = _KINDS.get(str(data["kind"]), (str(data["kind"]), str(data["kind"])))
    number, printer, by, reason = (str(data[key]) for key in ("number", "printer", "by", "reason"))
    zh = " ".join(part for part in (f"补打{zh_kind}", number) if part)
    en = " ".join(part for part in (en_kind, number) if part)
    return (
        f"{zh}（{printer}）{f'，{by}' if by else ''}{f'，原因：{reason}' if reason else ''}",
        f"{en} printed again at {printer}{f' by {by}' if by else ''}"
        f"{f': {reason}' if reason else ''}",
    )
