"""What was done after the hours of a day (延时服务), as the journal tells it."""

import json

from pydantic import AwareDatetime

from hall_server.domain.hall import Hall
from hall_server.domain.instant import from_instant
from hall_server.service.ports import QueueReader
from hallkit.wire.message import Message

_FINISHED = "ticket.finished"


class AfterHoursEntry(Message):
    """A call, a start or a finish after hours: when, what, which number, where, by whom."""

    at: AwareDatetime
    type: str
    ticket: str | None
    window: int | None
    actor: str


class AfterHours(Message):
    """Answer of ``GET /after-hours``; ``finished`` counts the visits."""

    day: str
    finished: int
    entries: list[AfterHoursEntry]


def after_hours(reader: QueueReader, hall: Hall, day: str) -> AfterHours:
    """The day's after-hours work."""
    found = []
    for entry in reader.entries_of_day(day):
        body = json.loads(entry.body)
        if not body.get("data", {}).get("after_hours"):
            continue
        found.append(
            AfterHoursEntry(
                at=from_instant(entry.at, hall.zone),
                type=entry.type,
                ticket=(body.get("ticket") or {}).get("number"),
                window=(body.get("window") or {}).get("number"),
                actor=entry.actor,
            )
        )
    return AfterHours(day=day, finished=sum(e.type == _FINISHED for e in found), entries=found)
