"""A ticket as every program sees it."""

from typing import Literal

from pydantic import AwareDatetime, Field

from hallkit.wire.message import Message

TicketState = Literal[
    "waiting", "called", "serving", "done", "no_show", "parked", "cancelled", "void"
]
Channel = Literal["kiosk", "desk", "phone", "web"]


class LaterService(Message):
    """A service still to be done on the same ticket."""

    id: str
    name: str


class Ticket(Message):
    """One visitor's place in the queue.

    ``window`` is the window's number while called or serving (afterwards the last one);
    ``ahead`` counts the people who will be called before this ticket; ``p50_min`` and ``p90_min``
    are minutes, None when no forecast can be made honestly. ``more_services`` follow in turn when
    ``service_id`` is done; ``outcome`` is ``supplement`` when a ticket is done for now only,
    because papers are missing: it may come back the same day. ``started_at``: since when the
    service is being done.
    """

    id: str
    number: str
    series: str
    sequence: int
    service_id: str
    service_name: str
    priority_class: str
    state: TicketState
    window: int | None = None
    ahead: int = 0
    p50_min: int | None = None
    p90_min: int | None = None
    issued_at: AwareDatetime
    called_at: AwareDatetime | None = None
    started_at: AwareDatetime | None = None
    position_url: str
    offline: bool = False
    passes: int = 0
    more_services: list[LaterService] = Field(default_factory=list)
    outcome: Literal["supplement"] | None = None


class TicketList(Message):
    """Answer of a ticket search."""

    tickets: list[Ticket]
