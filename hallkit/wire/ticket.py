"""A ticket as every program sees it."""

from typing import Literal

from pydantic import AwareDatetime

from hallkit.wire.message import Message

TicketState = Literal[
    "waiting", "called", "serving", "done", "no_show", "parked", "cancelled", "void"
]
Channel = Literal["kiosk", "desk", "phone", "web"]


class Ticket(Message):
    """One visitor's place in the queue.

    ``window`` is the window's number while called or serving (afterwards the last one);
    ``ahead`` counts the people who will be called before this ticket; ``p50_min`` and ``p90_min``
    are minutes, None when no forecast can be made honestly.
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
    position_url: str
    offline: bool = False
    passes: int = 0


class TicketList(Message):
    """Answer of a ticket search."""

    tickets: list[Ticket]
