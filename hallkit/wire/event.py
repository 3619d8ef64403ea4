"""One entry of the hall's journal, as sent on the event stream."""

from typing import Any, Literal

from pydantic import AwareDatetime

from hallkit.wire.hall import Window
from hallkit.wire.message import Message
from hallkit.wire.ticket import Ticket

EventType = Literal[
    "ticket.issued",
    "ticket.called",
    "ticket.recalled",
    "ticket.started",
    "ticket.finished",
    "ticket.no_show",
    "ticket.parked",
    "ticket.transferred",
    "ticket.requeued",
    "ticket.cancelled",
    "ticket.void",
    "ticket.reclassed",
    "ticket.reprinted",
    "appointment.booked",
    "appointment.cancelled",
    "appointment.no_show",
    "window.opened",
    "window.closed",
    "window.paused",
    "profile.changed",
    "device.status",
    "hall.changed",
    "rating.given",
    "summary.requested",
]
Topic = Literal["calls", "tickets", "windows", "devices"]

# The topics on which an event type is sent. "calls" is what a panel, a board and a voice need.
TOPICS: dict[str, tuple[Topic, ...]] = {
    "ticket.issued": ("tickets",),
    "ticket.called": ("calls", "tickets"),
    "ticket.recalled": ("calls", "tickets"),
    "ticket.started": ("calls", "tickets"),
    "ticket.finished": ("calls", "tickets"),
    "ticket.no_show": ("calls", "tickets"),
    "ticket.parked": ("calls", "tickets"),
    "ticket.transferred": ("calls", "tickets"),
    "ticket.requeued": ("tickets",),
    "ticket.cancelled": ("tickets",),
    "ticket.void": ("tickets",),
    "ticket.reclassed": ("tickets",),
    "ticket.reprinted": ("tickets",),
    "appointment.booked": ("tickets",),
    "appointment.cancelled": ("tickets",),
    "appointment.no_show": ("tickets",),
    "window.opened": ("windows",),
    "window.closed": ("windows",),
    "window.paused": ("windows",),
    "profile.changed": ("windows",),
    "device.status": ("devices",),
    "hall.changed": ("windows",),
    "rating.given": ("tickets",),
    # A manager wants the day's summary from the desk printer, which follows the tickets.
    "summary.requested": ("tickets",),
}


class Event(Message):
    """A journal entry. ``type`` is one of :data:`EventType`; a device ignores types it does not
    know. ``data`` holds what is neither ticket nor window."""

    seq: int
    at: AwareDatetime
    type: str
    hall: str
    ticket: Ticket | None = None
    window: Window | None = None
    actor: str = ""
    data: dict[str, Any] = {}
