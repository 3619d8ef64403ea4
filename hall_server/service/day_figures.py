"""A day counted: what each window and each service did, and how long people waited.

The counts come from the journal: a ticket's row knows only its last window and service. A wait
lasts from the time the number was taken to its first call.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from hall_server.domain.instant import MINUTE, Instant
from hall_server.domain.ticket import Ticket
from hall_server.service.entry import Entry

_COUNTED = frozenset({"ticket.issued", "ticket.called", "ticket.finished", "ticket.no_show"})


@dataclass
class Count:
    """What was counted in one place; ``waits`` in minutes."""

    issued: int = 0
    served: int = 0
    lacking: int = 0
    missed: int = 0
    after_hours: int = 0
    waits: list[float] = field(default_factory=list)

    @property
    def mean_min(self) -> int | None:
        """The mean wait, None when nobody was called."""
        return round(sum(self.waits) / len(self.waits)) if self.waits else None

    @property
    def p90_min(self) -> int | None:
        """What nine in ten did not wait longer than (nearest rank)."""
        if not self.waits:
            return None
        return round(sorted(self.waits)[ceil(len(self.waits) * 0.9) - 1])


@dataclass
class DayFigures:
    """The whole day, and by window and service; ``longest`` is the ticket that waited longest."""

    all: Count = field(default_factory=Count)
    windows: dict[int, Count] = field(default_factory=dict)
    services: dict[str, Count] = field(default_factory=dict)
    longest: Ticket | None = None
    longest_min: float = 0.0


def count_day(tickets: Sequence[Ticket], entries: Iterable[Entry]) -> DayFigures:
    """Counts a day's tickets and its journal."""
    found = DayFigures()
    known = {ticket.id: ticket for ticket in tickets}
    called: set[str] = set()
    for entry in entries:
        if entry.type not in _COUNTED:
            continue
        body = json.loads(entry.body)
        ticket_id = body["ticket"]["id"]
        places = _places(found, body)
        if entry.type == "ticket.called":
            if ticket_id in known and ticket_id not in called:
                called.add(ticket_id)
                _wait(found, places, known[ticket_id], entry.at)
            continue
        for place in places:
            _add(place, entry.type, body.get("data", {}))
    return found


def _places(found: DayFigures, body: dict[str, Any]) -> list[Count]:
    service = found.services.setdefault(body["ticket"]["service_id"], Count())
    window = body.get("window")
    if window is None:
        return [found.all, service]
    return [found.all, service, found.windows.setdefault(window["number"], Count())]


def _add(place: Count, type_: str, data: dict[str, Any]) -> None:
    if type_ == "ticket.issued":
        place.issued += 1
    elif type_ == "ticket.no_show":
        place.missed += 1
    elif data.get("outcome") == "supplement":
        place.lacking += 1
    else:
        place.served += 1
        place.after_hours += bool(data.get("after_hours"))


def _wait(found: DayFigures, places: list[Count], ticket: Ticket, at: Instant) -> None:
    waited = max(0, at - ticket.issued) / MINUTE
    for place in places:
        place.waits.append(waited)
    if found.longest is None or waited > found.longest_min:
        found.longest, found.longest_min = ticket, waited
