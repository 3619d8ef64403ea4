"""A window's work profile: which services it takes, by time of day and weekday."""

from dataclasses import dataclass
from datetime import datetime, time

CATEGORY_PREFIX = "category:"


@dataclass(frozen=True)
class Rule:
    """Takes ``services`` (None: every one) on ``weekdays`` (1 = Monday; None: every day) from
    ``start`` up to but not including ``end`` (None: no limit)."""

    services: frozenset[str] | None
    start: time | None = None
    end: time | None = None
    weekdays: frozenset[int] | None = None

    def holds(self, local: datetime) -> bool:
        """Whether the rule is in force at this local time."""
        if self.weekdays is not None and local.isoweekday() not in self.weekdays:
            return False
        clock = local.time().replace(tzinfo=None)
        after_start = self.start is None or clock >= self.start
        before_end = self.end is None or clock < self.end
        return after_start and before_end


@dataclass(frozen=True)
class WorkProfile:
    """The rules of one window; it takes whatever any rule in force allows."""

    rules: tuple[Rule, ...]

    def services_at(self, local: datetime) -> frozenset[str] | None:
        """The services taken at this local time, ids and ``category:ID``; None means every one."""
        taken: set[str] = set()
        for rule in self.rules:
            if not rule.holds(local):
                continue
            if rule.services is None:
                return None
            taken |= rule.services
        return frozenset(taken)
