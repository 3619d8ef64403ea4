"""What a change of the hall or of a window's profile was, in words: before and after."""

from collections.abc import Iterable, Mapping
from typing import Any

from hall_server.domain.hall import Hall
from hall_server.domain.profile import CATEGORY_PREFIX, KIND_PREFIX
from hall_server.hallfile.sentences import days_sentence

_MOST = 5
_KINDS = {
    "apply": ("全部申办业务", "everything to apply for"),
    "collect": ("全部领证业务", "everything to collect"),
    "consult": ("全部咨询业务", "every consultation"),
}
_PLACES = {
    "board": ("大屏", "board"),
    "panels": ("窗口屏", "window signs"),
    "voice": ("语音", "spoken"),
}
Words = tuple[str, str]
RuleData = Mapping[str, Any]


def changed(hall: Hall, type_: str, data: Mapping[str, Any]) -> Words | None:
    """Chinese and English of a ``profile.changed`` or ``hall.changed`` entry; None for another."""
    if type_ == "profile.changed":
        return _profile(hall, data.get("before", ()), data.get("rules", ()))
    return _hall(hall, data) if type_ == "hall.changed" else None


def _hall(hall: Hall, data: Mapping[str, Any]) -> Words | None:
    if "priorities" in data:
        return _priorities(hall, data.get("before", ()), data["priorities"])
    if "notice" in data:
        return _notice(data["notice"], withdrawn=data.get("withdrawn", False))
    if "clock_jump_s" in data:
        n = data["clock_jump_s"]
        return f"服务器的时钟往前跳了 {n} 秒", f"the server's clock was set forward by {n} s"
    if "clock_behind_s" in data:
        n = data["clock_behind_s"]
        return f"服务器的时钟慢了 {n} 秒，大厅时间停住", f"the server's clock is {n} s behind"
    if "calendar_years" in data:
        years = "、".join(map(str, data["calendar_years"]))
        return f"导入节假日安排：{years} 年", f"rest days imported: {years.replace('、', ', ')}"
    if "name" in data:
        return f"启用大厅文件“{data['name']}”", f"hall file in force: {data['name']}"
    return None


def _notice(notice: Mapping[str, Any], *, withdrawn: bool) -> Words:
    text, en = notice["text"], notice["text_en"] or notice["text"]
    if withdrawn:
        return f"撤下通知“{text}”", f'notice withdrawn: "{en}"'
    where = [_PLACES[place] for place in notice["places"]]
    return f"发布通知“{text}”（{_zh(where, '、')}）", f'notice posted: "{en}" ({_en(where, ", ")})'


def _priorities(
    hall: Hall, before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]
) -> Words:
    was = {entry["id"]: entry for entry in before}
    parts: list[Words] = []
    for entry in after:
        old = was.get(entry["id"])
        if old is None or (old["head"], old["rate"]) == (entry["head"], entry["rate"]):
            continue
        known = hall.priority(entry["id"])
        head, rate = (_from_to(old[key], entry[key]) for key in ("head", "rate"))
        parts.append(
            (
                f"{known.name}起步 {head} 分、每分钟 {rate} 分",
                f"{known.name_en or known.name} {head} at once, {rate} a minute",
            )
        )
    return f"优先规则：{_zh(parts, '；')}", f"priority: {_en(parts, '; ')}"


def _from_to(before: float, after: float) -> str:
    return f"{after:g}" if before == after else f"{before:g} → {after:g}"


def _profile(hall: Hall, before: Iterable[RuleData], after: Iterable[RuleData]) -> Words:
    """The services always taken are compared one by one, rules with a condition as a whole."""
    old, new = list(before), list(after)
    was, now = _always(hall, old), _always(hall, new)
    parts = [
        _listed(hall, "不再办理", "no more", [s for s in hall.services if s in was - now]),
        _listed(hall, "增加办理", "now also", [s for s in hall.services if s in now - was]),
        _ruled(hall, "去掉规则", "rule removed", [r for r in old if _limits(r) and r not in new]),
        _ruled(hall, "增加规则", "rule added", [r for r in new if _limits(r) and r not in old]),
    ]
    kept = [part for part in parts if part is not None]
    if not kept:
        return "改写业务规则，办理的事项不变", "rules written anew, the same services"
    return _zh(kept, "；"), _en(kept, "; ")


def _limits(rule: RuleData) -> bool:
    return len(rule) > 1


def _always(hall: Hall, rules: Iterable[RuleData]) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for rule in rules:
        if not _limits(rule):
            entries = None if rule["services"] == "*" else frozenset(rule["services"])
            taken = hall.resolve(entries)
            found |= frozenset(hall.services) if taken is None else taken
    return found


def _listed(hall: Hall, zh: str, en: str, ids: list[str]) -> Words | None:
    if not ids:
        return None
    if len(ids) == len(hall.services):
        return f"{zh}：全部业务", f"{en}: every service"
    named = [_service(hall, entry) for entry in ids[:_MOST]]
    more = len(ids) > _MOST
    return (
        f"{zh}：{_zh(named, '、')}{f' 等 {len(ids)} 项' if more else ''}",
        f"{en}: {_en(named, ', ')}{f' and others ({len(ids)})' if more else ''}",
    )


def _ruled(hall: Hall, zh: str, en: str, rules: list[RuleData]) -> Words | None:
    if not rules:
        return None
    texts = [_rule(hall, rule) for rule in rules]
    return f"{zh}：{_zh(texts, '；')}", f"{en}: {_en(texts, '; ')}"


def _rule(hall: Hall, rule: RuleData) -> Words:
    entries = rule["services"]
    named = [("全部业务", "every service")] if entries == "*" else []
    named += [_service(hall, entry) for entry in entries[:_MOST] if entries != "*"]
    parts = [(_zh(named, "、"), _en(named, ", "))]
    if rule.get("classes"):
        classes = [hall.priority(entry) for entry in rule["classes"]]
        zh = "、".join(p.name for p in classes)
        parts.append((f"仅{zh}", f"{', '.join(p.name_en or p.name for p in classes)} only"))
    if rule.get("while_closed"):
        n = rule["while_closed"]
        parts.append((f"{n} 号窗口没开放时", f"while window {n} is not open"))
    if rule.get("weekdays"):
        parts.append(days_sentence(rule["weekdays"]))
    hours = _hours(rule.get("from"), rule.get("to"))
    if hours is not None:
        parts.append(hours)
    return _zh(parts, "，"), _en(parts, ", ")


def _hours(start: str | None, end: str | None) -> Words | None:
    if start and end:
        return f"{start}–{end}", f"{start}–{end}"
    if start:
        return f"{start} 起", f"from {start}"
    return (f"{end} 前", f"until {end}") if end else None


def _service(hall: Hall, entry: str) -> Words:
    """A service, or what stands for several in a rule."""
    kind = _KINDS.get(entry.removeprefix(KIND_PREFIX)) if entry.startswith(KIND_PREFIX) else None
    if kind is not None:
        return kind
    category = next((c for c in hall.categories if f"{CATEGORY_PREFIX}{c.id}" == entry), None)
    found = category or hall.services.get(entry)
    return (found.name, found.name_en or found.name) if found is not None else (entry, entry)


def _zh(parts: Iterable[Words], sep: str) -> str:
    return sep.join(zh for zh, _ in parts)


def _en(parts: Iterable[Words], sep: str) -> str:
    return sep.join(en for _, en in parts)
