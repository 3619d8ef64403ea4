"""A paper that was printed again, in words."""

from collections.abc import Mapping
from typing import Any

from hallkit.wire.slips import SLIP_NAMES


def reprinted(data: Mapping[str, Any]) -> tuple[str, str]:
    """Chinese and English of a ``ticket.reprinted`` entry: ``补打 A012（1 号取号机），李芳，原因：
    卡纸``."""
    kind = str(data["kind"])
    zh_kind, en_kind = SLIP_NAMES.get(kind, (kind, kind))
    if kind == "ticket":
        # 补打 A012: a number says by itself what it is.
        zh_kind = ""
    number, printer, by, reason = (str(data[key]) for key in ("number", "printer", "by", "reason"))
    zh = " ".join(part for part in (f"补打{zh_kind}", number) if part)
    en = " ".join(part for part in (en_kind, number) if part)
    return (
        f"{zh}（{printer}）{f'，{by}' if by else ''}{f'，原因：{reason}' if reason else ''}",
        f"{en} printed again at {printer}{f' by {by}' if by else ''}"
        f"{f': {reason}' if reason else ''}",
    )
