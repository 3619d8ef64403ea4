"""The hall as the rules see it: built once from a hall file, replaced whole when that changes."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from hall_server.domain.alarm import AlarmLimits
from hall_server.domain.appointment import AppointmentRules
from hall_server.domain.errors import Conflict, NotFound
from hall_server.domain.hours import Hours
from hall_server.domain.missed import MissedCallRule
from hall_server.domain.points import PriorityClass
from hall_server.domain.profile import (
    CATEGORY_PREFIX,
    KIND_PREFIX,
    Part,
    Rule,
    Taken,
    WorkProfile,
)
from hall_server.domain.publicity import Disclosure, Duty
from hall_server.domain.quota import Quota
from hall_server.domain.retention import Retention

ORDINARY = "ordinary"
# Far more sets of rules than a hall has in force in a day.
_MOST_KEPT = 4096


@dataclass(frozen=True)
class Area:
    """A part of the hall."""

    id: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Service:
    """A service (事项). ``minutes`` is its nominal time at a window."""

    id: str
    category: str
    series: str
    name: str
    name_en: str
    kind: str
    minutes: int
    enabled: bool
    quota: Quota = field(default_factory=Quota)

    @property
    def in_english(self) -> str:
        """What an English sentence calls it."""
        return self.name_en or "this service"

    def need_enabled(self) -> None:
        """Raises Conflict while the hall does not take this service."""
        if not self.enabled:
            raise Conflict(
                "service_closed",
                f"“{self.name}”暂停受理",
                f"{self.in_english} is not taken now",
            )


@dataclass(frozen=True)
class Category:
    """A service category and the letter of its numbers."""

    id: str
    series: str
    name: str
    name_en: str
    services: tuple[Service, ...]


@dataclass(frozen=True)
class WindowPlace:
    """The lasting part of a window: its sign, its area, the profile the hall file gives it."""

    number: int
    name: str
    area: str
    kind: str
    profile: WorkProfile
    name_en: str = ""


@dataclass(frozen=True)
class Hall:
    """Everything that a hall file says."""

    id: str
    name: str
    name_en: str
    zone: ZoneInfo
    areas: tuple[Area, ...]
    categories: tuple[Category, ...]
    windows: tuple[WindowPlace, ...]
    priorities: tuple[PriorityClass, ...]
    missed: MissedCallRule
    hours: Hours
    hours_text: str
    hours_text_en: str
    appointments: AppointmentRules = field(default_factory=AppointmentRules)
    alarms: AlarmLimits = field(default_factory=AlarmLimits)
    retention: Retention = field(default_factory=Retention)
    disclosures: tuple[Disclosure, ...] = ()
    duty: tuple[Duty, ...] = ()

    @cached_property
    def services(self) -> dict[str, Service]:
        """Every service by id."""
        return {s.id: s for c in self.categories for s in c.services}

    @cached_property
    def minutes(self) -> dict[str, int]:
        """The nominal minutes of every service by id."""
        return {s.id: s.minutes for s in self.services.values()}

    @cached_property
    def _windows(self) -> dict[int, WindowPlace]:
        return {w.number: w for w in self.windows}

    @cached_property
    def _priorities(self) -> dict[str, PriorityClass]:
        return {p.id: p for p in self.priorities}

    def service(self, service_id: str) -> Service:
        """Raises NotFound."""
        found = self.services.get(service_id)
        if found is None:
            raise NotFound(
                "unknown_service", f"没有事项“{service_id}”", f"there is no service '{service_id}'"
            )
        return found

    def window(self, number: int) -> WindowPlace:
        """Raises NotFound."""
        found = self._windows.get(number)
        if found is None:
            raise NotFound(
                "unknown_window", f"没有 {number} 号窗口", f"there is no window {number}"
            )
        return found

    def priority(self, class_id: str) -> PriorityClass:
        """The class; a ticket of a class that the hall no longer has counts as ordinary."""
        return self._priorities.get(class_id) or self._priorities[ORDINARY]

    def has_priority(self, class_id: str) -> bool:
        """Whether the hall has this class now."""
        return class_id in self._priorities

    @cached_property
    def _members(self) -> dict[str, frozenset[str]]:
        """Every entry of a profile that stands for several services."""
        found: dict[str, set[str]] = {}
        for category in self.categories:
            found[CATEGORY_PREFIX + category.id] = {s.id for s in category.services}
            for service in category.services:
                found.setdefault(KIND_PREFIX + service.kind, set()).add(service.id)
        return {name: frozenset(ids) for name, ids in found.items()}

    def resolve(self, entries: frozenset[str] | None) -> frozenset[str] | None:
        """Profile entries (ids, ``category:ID``, ``kind:KIND``) as service ids; None for every
        service of the hall."""
        if entries is None:
            return None
        ids = {e for e in entries if e in self.services}
        ids = ids.union(*(self._members[e] for e in entries if e in self._members))
        return None if len(ids) == len(self.services) else frozenset(ids)

    @cached_property
    def _taken(self) -> dict[tuple[Rule, ...], Taken]:
        return {}

    def taken(self, profile: WorkProfile, local: datetime, opened: Collection[int] = ()) -> Taken:
        """What a window with this profile takes at this local time while the windows ``opened``
        are open; worked out once for each set of rules in force."""
        rules = profile.in_force(self.hours.as_weekday(local), opened)
        found = self._taken.get(rules)
        if found is None:
            if len(self._taken) >= _MOST_KEPT:
                self._taken.clear()
            found = Taken.of(Part(self.resolve(r.services), r.classes) for r in rules)
            self._taken[rules] = found
        return found
