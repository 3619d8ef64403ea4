"""A hall file as the domain's Hall."""

import json
from zoneinfo import ZoneInfo

from hall_server.domain.hall import Area, Category, Hall, Service, WindowPlace
from hall_server.domain.hours import Hours, OpeningSession
from hall_server.domain.missed import MissedCallRule
from hall_server.domain.points import PriorityClass
from hall_server.domain.profile import Rule, WorkProfile
from hall_server.hallfile.expansion import expand
from hall_server.hallfile.schema import CategoryEntry, HallFile, ProfileRule
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
        )
        for s in entry.services
    )
    return Category(entry.id, entry.series, entry.name, entry.name_en, services)


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
            WindowPlace(w.number, w.name, w.area, w.kind, profile_from_rules(w.rules))
            for w in file.windows
        ),
        priorities=tuple(
            PriorityClass(p.id, p.name, p.name_en, p.head, p.rate, p.tag, p.on_kiosk)
            for p in file.priority_classes
        ),
        missed=MissedCallRule(
            rule.policy, rule.after_k, rule.minutes, rule.max_passes, missed.zh, missed.en
        ),
        hours=Hours(
            tuple(
                OpeningSession(frozenset(s.weekdays), s.from_, s.to) for s in file.hours.sessions
            ),
            always=always_open,
            serve_all_taken=file.hours.serve_all_taken,
        ),
        hours_text=hours.zh,
        hours_text_en=hours.en,
    )
