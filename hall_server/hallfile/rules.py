"""What the entries of a hall file must satisfy together.

Every check yields what it finds and goes on: a technician sees everything at once.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import time
from typing import NamedTuple
from zoneinfo import available_timezones

from hall_server.hallfile.coverage import members_of, taken_in_hours
from hall_server.hallfile.expansion import made_by
from hall_server.hallfile.schema import (
    CategoryEntry,
    HallFile,
    ProfileRule,
    QuotaSlotEntry,
    ServiceEntry,
    Session,
)
from hallkit.runtime.settings import Problem, did_you_mean

ORDINARY = "ordinary"


class Finding(NamedTuple):
    """One contradiction: the key path, Chinese, English."""

    key: str
    zh: str
    en: str


def check(hall_file: HallFile, file: str) -> list[Problem]:
    """Everything that contradicts in a structurally sound hall file, in the file's order of
    tables; empty for a good one."""
    return [Problem(file, *finding) for one in _CHECKS for finding in one(hall_file)]


def _repeats(
    what_zh: str, what_en: str, entries: Iterable[tuple[str, object]]
) -> Iterator[Finding]:
    """``entries`` are (key path, value): each value that was there before is a finding."""
    first: dict[object, str] = {}
    for key, value in entries:
        if value in first:
            yield Finding(
                key,
                f"{what_zh} {value} 与 {first[value]} 重复",
                f"{what_en} {value} is already that of {first[value]}",
            )
        else:
            first[value] = key


def _one_each(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The first finding at each key: a rule that makes many services is told of one of them."""
    seen: set[str] = set()
    for finding in findings:
        if finding.key not in seen:
            seen.add(finding.key)
            yield finding


def _services(hall_file: HallFile) -> Iterator[tuple[str, ServiceEntry]]:
    """Every service with its key path; a generated one has that of its rule."""
    for c, category in enumerate(hall_file.categories):
        for s, service in enumerate(category.services):
            yield f"categories[{c}].services[{s}]", service
        for g, rule in enumerate(category.generated):
            for service in made_by(rule):
                yield f"categories[{c}].generated[{g}]", service


def _timezone(hall_file: HallFile) -> Iterator[Finding]:
    name, known = hall_file.hall.timezone, available_timezones()
    if name not in known:
        zh, en = did_you_mean(name, sorted(known))
        yield Finding("hall.timezone", f"未知的时区 {name}{zh}", f"unknown time zone {name}{en}")


def _unique_ids(hall_file: HallFile) -> Iterator[Finding]:
    areas, categories = hall_file.areas, hall_file.categories
    windows, classes = hall_file.windows, hall_file.priority_classes
    yield from _repeats("编号", "id", ((f"areas[{i}].id", a.id) for i, a in enumerate(areas)))
    yield from _repeats(
        "编号", "id", ((f"categories[{i}].id", c.id) for i, c in enumerate(categories))
    )
    yield from _repeats(
        "字母", "letter", ((f"categories[{i}].series", c.series) for i, c in enumerate(categories))
    )
    service_ids = ((f"{key}.id", service.id) for key, service in _services(hall_file))
    yield from _one_each(_repeats("编号", "id", service_ids))
    yield from _repeats(
        "窗口号", "number", ((f"windows[{i}].number", w.number) for i, w in enumerate(windows))
    )
    yield from _repeats(
        "编号", "id", ((f"priority_classes[{i}].id", p.id) for i, p in enumerate(classes))
    )


def _categories(hall_file: HallFile) -> Iterator[Finding]:
    for c, category in enumerate(hall_file.categories):
        if not category.services and not category.generated:
            yield Finding(
                f"categories[{c}]",
                f"类别“{category.name}”没有任何事项",
                f'the category "{category.id}" has no service',
            )
        yield from _generated(f"categories[{c}]", category)
        names = (
            (f"categories[{c}].services[{s}].name", service.name)
            for s, service in enumerate(category.services)
        )
        yield from _repeats("事项名称", "name", names)


def _generated(where: str, category: CategoryEntry) -> Iterator[Finding]:
    for g, rule in enumerate(category.generated):
        key = f"{where}.generated[{g}]"
        names = {subject + act for subject in rule.subjects for act in rule.acts}
        if len(names) < len(rule.subjects) * len(rule.acts):
            yield Finding(
                key,
                "subjects 与 acts 会组合出重名的事项",
                "subjects and acts make two services of one name",
            )
        if rule.count > len(names):
            yield Finding(
                f"{key}.count",
                f"只能组合出 {len(names)} 个事项，少于 {rule.count}",
                f"the words make only {len(names)} services, not {rule.count}",
            )


def _days(hall_file: HallFile) -> Iterator[Finding]:
    for key, service in _services(hall_file):
        promised, legal = service.promised_days, service.legal_days
        if promised is not None and legal is not None and promised > legal:
            yield Finding(
                f"{key}.promised_days",
                f"承诺时限 {promised} 个工作日长于法定时限 {legal} 个工作日",
                f"{promised} promised working days exceed the {legal} legal ones",
            )


def _groups(hall_file: HallFile) -> list[str]:
    groups = [*(f"category:{c.id}" for c in hall_file.categories)]
    return groups + [name for name in members_of(hall_file) if name not in groups]


def _windows(hall_file: HallFile) -> Iterator[Finding]:
    areas = [area.id for area in hall_file.areas]
    services = [service.id for _, service in _services(hall_file)]
    groups = _groups(hall_file)
    for w, window in enumerate(hall_file.windows):
        if window.area not in areas:
            zh, en = did_you_mean(window.area, areas)
            yield Finding(
                f"windows[{w}].area",
                f"没有编号为 {window.area} 的区域{zh}",
                f"there is no area {window.area}{en}",
            )
        for r, rule in enumerate(window.rules):
            key = f"windows[{w}].rules[{r}]"
            if rule.services != "*":
                yield from _choice(f"{key}.services", rule.services, services, groups)
            yield from _of_whom(f"{key}.classes", rule, hall_file)
            yield from _stand_in(f"{key}.while_closed", rule, window.number, hall_file)
            if rule.from_ is not None and rule.to is not None:
                yield from _order(key, rule.from_, rule.to)


def _choice(
    key: str, chosen: list[str], services: list[str], groups: list[str]
) -> Iterator[Finding]:
    known = {*services, *groups}
    for i, name in enumerate(chosen):
        if name in known:
            continue
        if name == "*":
            zh, en = '，全部事项应写作 services = "*"', ', every service is services = "*"'
        elif f"category:{name}" in known:
            zh, en = f"，是否应为“category:{name}”？", f', did you mean "category:{name}"?'
        else:
            zh, en = did_you_mean(name, groups if ":" in name else services)
        yield Finding(f"{key}[{i}]", f"没有事项或类别 {name}{zh}", f"there is no {name}{en}")


def _of_whom(key: str, rule: ProfileRule, hall_file: HallFile) -> Iterator[Finding]:
    known = [entry.id for entry in hall_file.priority_classes]
    for i, name in enumerate(rule.classes or ()):
        if name not in known:
            zh, en = did_you_mean(name, known)
            yield Finding(
                f"{key}[{i}]", f"没有优先类别 {name}{zh}", f"there is no priority class {name}{en}"
            )


def _stand_in(key: str, rule: ProfileRule, own: int, hall_file: HallFile) -> Iterator[Finding]:
    other = rule.while_closed
    if other is None:
        return
    if other == own:
        yield Finding(key, "窗口不能顶替自己", "a window cannot stand in for itself")
    elif all(window.number != other for window in hall_file.windows):
        yield Finding(key, f"没有 {other} 号窗口", f"there is no window {other}")


def _order(key: str, start: time, end: time) -> Iterator[Finding]:
    if start >= end:
        yield Finding(
            f"{key}.to",
            f"结束时间 {end:%H:%M} 应晚于开始时间 {start:%H:%M}",
            f"{end:%H:%M} should be later than its from, {start:%H:%M}",
        )


def _coverage(hall_file: HallFile) -> Iterator[Finding]:
    taken = taken_in_hours(hall_file)
    yield from _one_each(
        Finding(
            key,
            f"开放时间内没有窗口办理“{service.name}”",
            f"no window takes {service.id} at any opening hour",
        )
        for key, service in _services(hall_file)
        if service.enabled and service.id not in taken
    )


def _classes(hall_file: HallFile) -> Iterator[Finding]:
    ids = [entry.id for entry in hall_file.priority_classes]
    if ORDINARY not in ids:
        zh, en = did_you_mean(ORDINARY, ids)
        yield Finding(
            "priority_classes",
            f"缺少编号为 {ORDINARY} 的普通号{zh}",
            f"the class {ORDINARY} is missing{en}",
        )
    for i, entry in enumerate(hall_file.priority_classes):
        if entry.id == ORDINARY and (entry.head, entry.rate) != (0, 1):
            yield Finding(
                f"priority_classes[{i}]",
                "普通号应为 head = 0, rate = 1",
                "the ordinary class should have head = 0, rate = 1",
            )


def _overlap(one: Session, other: Session) -> bool:
    return (
        bool(set(one.weekdays) & set(other.weekdays))
        and one.from_ < other.to
        and other.from_ < one.to
    )


def _sessions(hall_file: HallFile) -> Iterator[Finding]:
    sessions = hall_file.hours.sessions
    for i, session in enumerate(sessions):
        key = f"hours.sessions[{i}]"
        yield from _order(key, session.from_, session.to)
        for j, earlier in enumerate(sessions[:i]):
            if _overlap(earlier, session):
                yield Finding(
                    key,
                    f"与 hours.sessions[{j}] 时间重叠",
                    f"overlaps hours.sessions[{j}]",
                )


def _quotas(hall_file: HallFile) -> Iterator[Finding]:
    for c, category in enumerate(hall_file.categories):
        for s, service in enumerate(category.services):
            yield from _slots(f"categories[{c}].services[{s}]", service.slots)
        for g, rule in enumerate(category.generated):
            yield from _slots(f"categories[{c}].generated[{g}]", rule.slots)


def _slots(where: str, slots: list[QuotaSlotEntry]) -> Iterator[Finding]:
    for i, slot in enumerate(slots):
        key = f"{where}.slots[{i}]"
        yield from _order(key, slot.from_, slot.to)
        for j, earlier in enumerate(slots[:i]):
            if slot.from_ < earlier.to and earlier.from_ < slot.to:
                yield Finding(key, f"与 slots[{j}] 时间重叠", f"overlaps slots[{j}]")


def _calendar(hall_file: HallFile) -> Iterator[Finding]:
    rest = hall_file.calendar.rest_days
    for i, day in enumerate(hall_file.calendar.workdays):
        if day in rest:
            yield Finding(
                f"calendar.workdays[{i}]",
                f"{day} 同时写在 rest_days 里",
                f"{day} is among rest_days too",
            )


def _appointments(hall_file: HallFile) -> Iterator[Finding]:
    entry = hall_file.appointments
    services = [service.id for _, service in _services(hall_file)]
    if entry.services != "*":
        yield from _choice("appointments.services", entry.services, services, _groups(hall_file))
    longest = max(_minutes(s.to) - _minutes(s.from_) for s in hall_file.hours.sessions)
    if entry.enabled and entry.slot_min > longest:
        yield Finding(
            "appointments.slot_min",
            f"没有一个开放时段长于 {entry.slot_min} 分钟，无法预约",
            f"no opening session lasts {entry.slot_min} minutes: nothing could be booked",
        )


def _duty(hall_file: HallFile) -> Iterator[Finding]:
    for i, entry in enumerate(hall_file.duty):
        if bool(entry.dates) == (entry.weekdays is not None):
            yield Finding(
                f"duty[{i}]",
                "应写 dates 或 weekdays，只写一个",
                "should have dates or weekdays, and not both",
            )
        days = ((f"duty[{i}].dates[{d}]", day) for d, day in enumerate(entry.dates))
        yield from _repeats("日期", "date", days)


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


_CHECKS: tuple[Callable[[HallFile], Iterator[Finding]], ...] = (
    _timezone,
    _unique_ids,
    _categories,
    _days,
    _windows,
    _coverage,
    _classes,
    _sessions,
    _quotas,
    _calendar,
    _appointments,
    _duty,
)
