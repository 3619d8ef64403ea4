"""Who did what, and why: the journal in words a manager reads."""

import json
from typing import Any

from pydantic import AwareDatetime

from hall_server.domain.hall import Hall
from hall_server.domain.instant import from_instant
from hall_server.service.audit_changes import Words, changed
from hall_server.service.audit_papers import reprinted
from hall_server.service.audit_ports import Wanted
from hall_server.service.entry import Entry
from hall_server.service.ports import Reader
from hallkit.wire.message import Message


class JournalLine(Message):
    """An entry of the journal. ``who`` is a name where the actor is staff; ``text`` says what was
    done in Chinese, ``text_en`` in English; ``data`` is what the entry holds besides ticket and
    window."""

    seq: int
    at: AwareDatetime
    type: str
    actor: str
    who: str
    ticket: str | None
    window: int | None
    text: str
    text_en: str
    data: dict[str, Any]


class JournalPage(Message):
    """Answer of ``GET /journal``, newest first. ``before`` is what to ask for the next page with;
    None when there is none."""

    day: str
    entries: list[JournalLine]
    before: int | None


_WORDS: dict[str, str] = {
    "ticket.issued": "取号",
    "ticket.called": "叫号",
    "ticket.recalled": "重呼",
    "ticket.started": "开始办理",
    "ticket.finished": "办结",
    "ticket.no_show": "过号",
    "ticket.parked": "挂起",
    "ticket.transferred": "转办",
    "ticket.requeued": "重新排队",
    "ticket.reclassed": "改优先等级",
    "ticket.reprinted": "补打",
    "ticket.cancelled": "取消",
    "appointment.booked": "预约",
    "appointment.cancelled": "取消预约",
    "appointment.no_show": "预约未到",
    "ticket.void": "作废",
    "window.opened": "开启窗口",
    "window.closed": "关闭窗口",
    "window.paused": "暂停窗口",
    "profile.changed": "调整窗口业务",
    "device.status": "设备状态",
    "hall.changed": "大厅设置或时钟变化",
    "rating.given": "评价",
    "summary.requested": "在导办台打印日报",
    "lease.granted": "预留离线号段",
    "lease.closed": "离线号段用毕或作废",
    "lease.adopted": "收下取号机报告的离线号段",
    "numbers.skipped": "恢复备份后跳过号码",
    "sync.rejected": "离线号码未能接收",
    "journal.trimmed": "删除到期日志",
}
_REQUEUED = {"by_hand": "手工重新排队", "supplement": "补正回来，重新排队"}


def page(tx: Reader, hall: Hall, wanted: Wanted) -> JournalPage:
    """A page of the journal."""
    entries = tx.entries_back(wanted)
    names: dict[str, str] = {}
    lines = [_line(tx, hall, entry, names) for entry in entries]
    full = len(entries) == wanted.limit
    return JournalPage(day=wanted.day, entries=lines, before=entries[-1].seq if full else None)


def _line(tx: Reader, hall: Hall, entry: Entry, names: dict[str, str]) -> JournalLine:
    body = json.loads(entry.body)
    ticket, window, data = body.get("ticket"), body.get("window"), body.get("data", {})
    if entry.actor not in names:
        names[entry.actor] = _who(tx, entry.actor)
    zh, en = in_words(hall, entry.type, ticket, window, data)
    return JournalLine(
        seq=entry.seq,
        at=from_instant(entry.at, hall.zone),
        type=entry.type,
        actor=entry.actor,
        who=names[entry.actor],
        ticket=ticket["number"] if ticket else None,
        window=window["number"] if window else None,
        text=zh,
        text_en=en,
        data=data,
    )


def _who(tx: Reader, actor: str) -> str:
    kind, _, key = actor.partition(":")
    if kind == "staff":
        staff = tx.staff(key)
        return staff.name if staff is not None else key
    if kind == "device":
        device = tx.device(key)
        return device.name if device is not None else "设备"
    return "系统"


def in_words(
    hall: Hall,
    type_: str,
    ticket: dict[str, Any] | None,
    window: dict[str, Any] | None,
    data: dict[str, Any],
) -> Words:
    """An entry as a Chinese and an English sentence without its subject: ``3 号窗口手工呼叫 A012，
    越过 A010``; ``E003 called by hand at window 5, before E002: unwell``."""
    if type_ == "ticket.reprinted":
        return reprinted(data)
    change = changed(hall, type_, data)
    if change is None:
        zh = _in_chinese(hall, type_, ticket, window, data)
        return zh, _in_english(type_, ticket, window, data)
    if window is None:
        return change
    return f"{window['number']} 号窗口{change[0]}", f"window {window['number']}: {change[1]}"


def _in_chinese(
    hall: Hall,
    type_: str,
    ticket: dict[str, Any] | None,
    window: dict[str, Any] | None,
    data: dict[str, Any],
) -> str:
    where = f"{window['number']} 号窗口" if window else ""
    verb, number = _verb(hall, type_, ticket, data), ticket["number"] if ticket else ""
    gap = " " if number and not verb.endswith("：") else ""
    what = f"{where}{verb}{gap}{number}"
    if type_ != "ticket.called":
        return what
    passed, reason = data.get("passed_over"), data.get("reason")
    if passed:
        what += f"，越过 {passed}"
    if reason:
        return f"{what}，原因：{reason}"
    return f"{what}，未说明原因" if passed else what


def _verb(hall: Hall, type_: str, ticket: dict[str, Any] | None, data: dict[str, Any]) -> str:
    match type_:
        case "ticket.called" if data.get("by_hand"):
            return "手工呼叫"
        case "ticket.started" if data.get("resumed"):
            return "继续办理"
        case "ticket.requeued":
            return _REQUEUED.get(str(data.get("policy")), "重新排队")
        case "ticket.transferred" if ticket is not None:
            to = data.get("to_window")
            goal = f" {to} 号窗口" if to else f"“{ticket['service_name']}”"
            return f"转到{goal}："
        case "ticket.reclassed" if ticket is not None:
            names = [hall.priority(str(c)).name for c in (data["before"], ticket["priority_class"])]
            return f"由“{names[0]}”改为“{names[1]}”："
    return _WORDS.get(type_, type_)


_ENGLISH: dict[str, str] = {
    "ticket.transferred": "sent on",
    "ticket.parked": "set aside",
    "ticket.reclassed": "put into another class",
}
_REQUEUED_IN_ENGLISH = {
    "by_hand": "back in the queue by hand",
    "supplement": "back with the missing papers",
}


def _verb_in_english(type_: str, data: dict[str, Any]) -> str:
    match type_:
        case "ticket.called" if data.get("by_hand"):
            return "called by hand"
        case "ticket.started" if data.get("resumed"):
            return "taken up again"
        case "ticket.requeued":
            return _REQUEUED_IN_ENGLISH.get(str(data.get("policy")), "back in the queue")
    return _ENGLISH.get(type_, type_.partition(".")[2].replace("_", " "))


def _in_english(
    type_: str,
    ticket: dict[str, Any] | None,
    window: dict[str, Any] | None,
    data: dict[str, Any],
) -> str:
    what = f"{ticket['number'] if ticket else type_.partition('.')[0]} "
    what += _verb_in_english(type_, data)
    if window:
        what += f" at window {window['number']}"
    if type_ != "ticket.called":
        return what
    passed, reason = data.get("passed_over"), data.get("reason")
    if passed:
        what += f", before {passed}"
    if reason:
        return f"{what}: {reason}"
    return f"{what}: no reason given" if passed else what
