"""What the public board shows: ticket numbers and windows, no personal data."""

from pydantic import AwareDatetime

from hallkit.wire.message import Message
from hallkit.wire.ticket import TicketState


class Call(Message):
    """A ticket at a window. ``called_at`` is the time of the last call or recall."""

    window: int
    window_name: str
    ticket: str
    state: TicketState
    called_at: AwareDatetime


class WaitingLine(Message):
    """People waiting in one category and what someone who took a number now would wait."""

    category: str
    category_name: str
    count: int
    p50_min: int | None = None
    p90_min: int | None = None


class Board(Message):
    """Answer of ``GET /api/v1/board``; ``journal_seq`` is where to resume the event stream, and
    ``forecast`` says whether waiting times are ``simulation`` or roughly ``nominal``."""

    business_day: str
    now_serving: list[Call]
    recent_calls: list[Call]
    waiting: list[WaitingLine]
    journal_seq: int
    forecast: str | None = None
