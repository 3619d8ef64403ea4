"""What the public board shows: ticket numbers and windows, no personal data."""

from typing import Literal

from pydantic import AwareDatetime

from hallkit.wire.hall import WindowKind, WindowState
from hallkit.wire.message import Message
from hallkit.wire.ticket import TicketState


class Call(Message):
    """A ticket at a window. ``called_at`` is the time of the last call or recall; ``collect`` is
    true when its visitor comes to collect a certificate."""

    window: int
    window_name: str
    ticket: str
    state: TicketState
    called_at: AwareDatetime
    collect: bool = False


class WaitingLine(Message):
    """People waiting in one category and what someone who took a number now would wait."""

    category: str
    category_name: str
    count: int
    p50_min: int | None = None
    p90_min: int | None = None


NoticePlace = Literal["board", "panels", "voice"]


class Notice(Message):
    """What the hall tells everyone. ``places``: the board's ticker, the panels of windows that
    wait for a visitor, the loudspeakers. It is spoken when it is posted, and with ``every_min``
    again after every so many minutes; it ends at ``until``."""

    id: str
    text: str
    text_en: str = ""
    places: list[NoticePlace]
    posted_at: AwareDatetime
    until: AwareDatetime | None = None
    every_min: int | None = None


class BoardWindow(Message):
    """A window as everyone sees it. ``ticket`` is the number that it has called or serves."""

    number: int
    name: str
    name_en: str = ""
    area: str = ""
    kind: WindowKind
    state: WindowState
    ticket: str | None = None
    ticket_state: Literal["called", "serving"] | None = None


class Board(Message):
    """Answer of ``GET /api/v1/board``; ``journal_seq`` is where to resume the event stream, and
    ``forecast`` says whether waiting times are ``simulation`` or roughly ``nominal``.
    ``closes_at`` is when numbers stop in the present opening session (None while none are given);
    from ``closing_soon_min`` minutes before it windows say that they close soon."""

    business_day: str
    now_serving: list[Call]
    recent_calls: list[Call]
    waiting: list[WaitingLine]
    journal_seq: int
    forecast: str | None = None
    windows: list[BoardWindow] = []
    notices: list[Notice] = []
    closes_at: AwareDatetime | None = None
    closing_soon_min: int = 15


class PublicRow(Message):
    """A line of a public page: ``label`` such as 值班领导, ``text`` what stands beside it."""

    label: str
    label_en: str = ""
    text: str
    text_en: str = ""


class PublicPage(Message):
    """A page that the board shows in turn: what the hall makes public (六公开), the duty roster
    of today."""

    id: str
    kind: Literal["disclosure", "duty"]
    title: str
    title_en: str = ""
    rows: list[PublicRow]


class PublicPages(Message):
    """Answer of ``GET /api/v1/public-pages``: the pages of this day, in the hall file's order."""

    business_day: str
    pages: list[PublicPage]
