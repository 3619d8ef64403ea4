"""A window's work profile: which services it takes, of whom, by time of day and weekday, and while
which other window is not open."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property

CATEGORY_PREFIX = "category:"
KIND_PREFIX = "kind:"


@dataclass(frozen=True)
class Rule:
    """Takes ``services`` (None: every one) of the priority ``classes`` (None: of everybody) on
    ``weekdays`` (1 = Monday; None: every day) from ``start`` up to but not including ``end``
    (None: no limit), and only while window ``while_closed`` is closed or paused (AB岗; None:
    whatever the others do)."""

    services: frozenset[str] | None
    start: time | None = None
    end: time | None = None
    weekdays: frozenset[int] | None = None
    classes: frozenset[str] | None = None
    while_closed: int | None = None

    def holds(self, local: datetime, opened: Collection[int] = ()) -> bool:
        """Whether the rule is in force at this local time while the windows ``opened`` are
        open."""
        if self.while_closed is not None and self.while_closed in opened:
            return False
        if self.weekdays is not None and local.isoweekday() not in self.weekdays:
            return False
        if self.start is None and self.end is None:
            return True
        clock = local.time().replace(tzinfo=None)
        after_start = self.start is None or clock >= self.start
        return after_start and (self.end is None or clock < self.end)


@dataclass(frozen=True)
class WorkProfile:
    """The rules of one window; it takes whatever any rule in force allows."""

    rules: tuple[Rule, ...]

    @cached_property
    def stands_in_for(self) -> frozenset[int]:
        """The windows on whose being open the profile depends."""
        return frozenset(r.while_closed for r in self.rules if r.while_closed is not None)

    def in_force(self, local: datetime, opened: Collection[int] = ()) -> tuple[Rule, ...]:
        """The rules in force at this local time while the windows ``opened`` are open."""
        return tuple(rule for rule in self.rules if rule.holds(local, opened))


@dataclass(frozen=True)
class Part:
    """Tickets of these services (ids; None: every one) and these classes (None: every one)."""

    services: frozenset[str] | None
    classes: frozenset[str] | None

    def takes(self, service_id: str, class_id: str) -> bool:
        """Whether a ticket of this service and class belongs to it."""
        return (self.services is None or service_id in self.services) and (
            self.classes is None or class_id in self.classes
        )

    def within(self, other: "Part") -> bool:
        """Whether the other part has everything that this one has."""
        services = other.services is None or (
            self.services is not None and self.services <= other.services
        )
        classes = other.classes is None or (
            self.classes is not None and self.classes <= other.classes
        )
        return services and classes


@dataclass(frozen=True)
class Taken:
    """What a window takes at a moment: whatever belongs to any of ``parts``."""

    parts: tuple[Part, ...]

    @classmethod
    def of(cls, parts: Iterable[Part]) -> "Taken":
        """The same in its shortest form: one part for each set of classes, none within another.
        Equal whatever the order of ``parts``."""
        merged: dict[frozenset[str] | None, frozenset[str] | None] = {}
        for part in parts:
            if part.classes not in merged:
                merged[part.classes] = part.services
            else:
                merged[part.classes] = _either(merged[part.classes], part.services)
        single = [Part(services, classes) for classes, services in merged.items()]
        kept = [
            p
            for p in single
            if p.services != frozenset() and not any(p is not q and p.within(q) for q in single)
        ]
        return cls(tuple(sorted(kept, key=lambda p: sorted(p.classes or ()))))

    @classmethod
    def together(cls, several: Iterable["Taken"]) -> "Taken":
        """What several windows take together."""
        return cls.of(part for taken in several for part in taken.parts)

    def takes(self, service_id: str, class_id: str) -> bool:
        """Whether a ticket of this service and class may be called. A class that the hall no
        longer has counts as ordinary; see ``Hall.priority``."""
        for part in self.parts:  # noqa: SIM110 - three times as fast, for every group at each call
            if part.takes(service_id, class_id):
                return True
        return False

    @cached_property
    def services(self) -> frozenset[str] | None:
        """The services of which it takes anybody at all; None for every one."""
        if any(part.services is None for part in self.parts):
            return None
        return frozenset().union(*(part.services or () for part in self.parts))


def _either(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    return None if one is None or other is None else one | other


EVERYTHING = Taken((Part(None, None),))
NOTHING = Taken(())
