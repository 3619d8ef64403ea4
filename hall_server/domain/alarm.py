"""When a service has too many people waiting, or somebody who waits too long."""

from collections.abc import Iterable
from dataclasses import dataclass

from hall_server.domain.instant import MINUTE, Instant
from hall_server.domain.ticket import Ticket


@dataclass(frozen=True)
class Alarm:
    """What a manager is warned of: ``waiting`` people, the longest of whom waits ``longest_min``
    minutes; one of the two, or both, is beyond the limit."""

    service_id: str
    waiting: int
    longest_min: int
    zh: str
    en: str


@dataclass(frozen=True)
class AlarmLimits:
    """More people than ``waiting``, or a longer wait than ``longest_min`` minutes; 0 for never."""

    waiting: int = 10
    longest_min: int = 15

    def raised(self, waiting: Iterable[Ticket], now: Instant) -> list[Alarm]:
        """The alarms of these waiting tickets, the service with the longest wait first."""
        since: dict[str, list[int]] = {}
        for ticket in waiting:
            since.setdefault(ticket.service_id, []).append(now - waits_since(ticket))
        alarms = (self._of(s, len(waits), max(waits)) for s, waits in since.items())
        return sorted((a for a in alarms if a), key=lambda a: (-a.longest_min, a.service_id))

    def _of(self, service_id: str, people: int, longest: int) -> Alarm | None:
        zh, en, minutes = [], [], max(0, longest) // MINUTE
        if self.waiting and people > self.waiting:
            zh.append(f"等候 {people} 人，超过 {self.waiting} 人")
            en.append(f"{people} people wait, more than {self.waiting}")
        if self.longest_min and longest > self.longest_min * MINUTE:
            zh.append(f"最长已等 {minutes} 分钟，超过 {self.longest_min} 分钟")
            en.append(f"the longest wait is {minutes} min, more than {self.longest_min}")
        if not zh:
            return None
        return Alarm(service_id, people, minutes, "；".join(zh), "; ".join(en))


def waits_since(ticket: Ticket) -> Instant:
    """From when the visitor waits: nobody who booked waits before the booked time."""
    return max(ticket.issued, ticket.base) if ticket.appointment is not None else ticket.issued
