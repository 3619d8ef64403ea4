"""A hall file as the domain's Hall."""

import json
from zoneinfo import ZoneInfo

from hall_server.domain.alarm import AlarmLimits
from hall_server.domain.appointment import AppointmentRules
from hall_server.domain.calendar import Calendar
from hall_server.domain.hall import Area, Category, Hall, Service, WindowPlace
from hall_server.domain.hours import Hours, OpeningSession, by_weekdays
from hall_server.domain.missed import MissedCallRule
from hall_server.domain.points import PriorityClass
from hall_server.domain.profile import Rule, WorkProfile
from hall_server.domain.publicity import Disclosure, Duty, PublicRow
from hall_server.domain.quota import Quota, QuotaSlot
from hall_server.domain.retention import Retention
from hall_server.hallfile.coverage import members_of
from hall_server.hallfile.expansion import expand
from hall_server.hallfile.holidays import national_years
from hall_server.hallfile.schema import (
    CategoryEntry,
    HallFile,
    ProfileRule,
    PublicRowEntry,
    ServiceEntry,
)
from hall_server.hallfile.sentences import Sentence, hours_sentence, missed_call_sentence

_ALWAYS = Sentence("演示期间全天开放", "open all day for this demonstration")


def profile_from_rules(rules: list[ProfileRule]) -> WorkProfile:
    """The rules of a window as the domain's profile."""
    return WorkProfile(
        tuple(
            Rule(
                services=None if rule.services == "*" else frozenset(rule.services),
                start=rule.from_,
                end=rule.to,
                weekdays=frozenset(rule.weekdays) if rule.weekdays is not None else None,
                classes=frozenset(rule.classes) if rule.classes is not None else None,
                while_closed=rule.while_closed,
            )
            for rule in rules
        )
    )


def rules_json(rules: list[ProfileRule]) -> str:
    """Rules as the JSON text in which the store keeps a changed profile."""
    return json.dumps(
        [r.model_dump(mode="json", by_alias=True, exclude_none=True) for r in rules],
        ensure_ascii=False,
    )


def rules_from_json(text: str) -> list[ProfileRule]:
    """The inverse of :func:`rules_json`."""
    return [ProfileRule.model_validate(rule) for rule in json.loads(text)]


def _quota(entry: ServiceEntry) -> Quota:
    return Quota(entry.daily_max, tuple(QuotaSlot(s.from_, s.to, s.max) for s in entry.slots))


def _category(entry: CategoryEntry) -> Category:
    services = tuple(
        Service(
            id=s.id,
            category=entry.id,
            series=entry.series,
            name=s.name,
            name_en=s.name_en,
            kind=s.kind,
            minutes=s.minutes,
            enabled=s.enabled,
            quota=_quota(s),
        )
        for s in entry.services
    )
    return Category(entry.id, entry.series, entry.name, entry.name_en, services)


def _hours(file: HallFile, *, always_open: bool) -> Hours:
    sessions = tuple(
        OpeningSession(frozenset(s.weekdays), s.from_, s.to, s.appointment_only)
        for s in file.hours.sessions
    )
    own = file.calendar
    return Hours(
        sessions,
        always=always_open,
        serve_all_taken=file.hours.serve_all_taken,
        calendar=Calendar(
            dict(national_years()), frozenset(own.rest_days), frozenset(own.workdays)
        ),
        national=by_weekdays(sessions) if own.national is None else own.national,
        makeup_as=own.makeup_as,
        stop_before_min=file.hours.stop_before_min,
        closing_soon_min=file.hours.closing_soon_min,
    )


def _appointments(file: HallFile) -> AppointmentRules:
    entry = file.appointments
    fields = entry.model_dump(exclude={"services"})
    if entry.services == "*":
        return AppointmentRules(**fields)
    members = members_of(file)
    ids = (members.get(name, [name]) for name in entry.services)
    return AppointmentRules(**fields, services=frozenset(i for some in ids for i in some))


def _rows(entries: list[PublicRowEntry]) -> tuple[PublicRow, ...]:
    return tuple(PublicRow(r.label, r.label_en, r.text, r.text_en) for r in entries)


def build_hall(source: HallFile, *, always_open: bool = False) -> Hall:
    """The hall that the file describes; ``always_open`` ignores its hours."""
    file = expand(source)
    missed = missed_call_sentence(file.missed_call)
    hours = _ALWAYS if always_open else hours_sentence(file.hours)
    rule = file.missed_call
    return Hall(
        id=file.hall.id,
        name=file.hall.name,
        name_en=file.hall.name_en,
        zone=ZoneInfo(file.hall.timezone),
        areas=tuple(Area(a.id, a.name, a.name_en) for a in file.areas),
        categories=tuple(_category(c) for c in file.categories),
        windows=tuple(
            WindowPlace(w.number, w.name, w.area, w.kind, profile_from_rules(w.rules), w.name_en)
            for w in file.windows
        ),
        priorities=tuple(
            PriorityClass(p.id, p.name, p.name_en, p.head, p.rate, p.tag, p.on_kiosk)
            for p in file.priority_classes
        ),
        missed=MissedCallRule(
            rule.policy, rule.after_k, rule.minutes, rule.max_passes, missed.zh, missed.en
        ),
        hours=_hours(file, always_open=always_open),
        hours_text=hours.zh,
        hours_text_en=hours.en,
        appointments=_appointments(file),
        alarms=AlarmLimits(file.alarms.waiting, file.alarms.longest_min),
        retention=Retention(file.retention.journal_days, file.retention.command_days),
        disclosures=tuple(Disclosure(d.title, d.title_en, _rows(d.rows)) for d in file.disclosures),
        duty=tuple(
            Duty(frozenset(d.dates), frozenset(d.weekdays or ()), _rows(d.rows)) for d in file.duty
        ),
    )
