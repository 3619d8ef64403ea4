"""Decides which calls are spoken: each once, none that is long past; and hands notices on."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

from pydantic import ValidationError

from display.daytime import zone_named
from display.voice.phrases import Announcement
from hallkit.runtime.clock import Clock
from hallkit.wire.board import Board, Call, Notice
from hallkit.wire.event import Event
from hallkit.wire.hall import Hall, Window
from hallkit.wire.ticket import Ticket

_log = logging.getLogger(__name__)

# A visitor called a minute ago has come, or will be called again.
MOST_AGE = timedelta(seconds=60)
# A call of the board and the event of the same call carry the same time, up to rounding.
_SAME = timedelta(seconds=1)
# Far more numbers than a board lists or a stream repeats.
_MOST_KNOWN = 1000
_CALLS = ("ticket.called", "ticket.recalled")
# The only tag that is ever said; it is the same whatever gave it.
_GREEN = "绿色通道"


class Listener(Protocol):
    """Who is told of notices and of the hall's time zone, besides of calls."""

    def notices(self, notices: Sequence[Notice], *, live: bool) -> None: ...

    def timezone(self, zone: tzinfo) -> None: ...


class Announcer:
    """Turns calls into announcements. ``told(at)`` hears the hall's time with each live event.
    Not thread-safe: its owner keeps one thread in it."""

    def __init__(
        self,
        say: Callable[[Announcement], None],
        clock: Clock,
        listener: Listener | None = None,
        told: Callable[[datetime], None] = lambda _at: None,
    ) -> None:
        self._say = say
        self._clock = clock
        self._listener = listener
        self._told = told
        self._spoken: dict[str, datetime] = {}
        self._hall: Hall | None = None

    def heard(self, event: Event, *, live: bool) -> None:
        """Takes an event. A ``live`` one happened while the link was up and is always spoken;
        another one was missed, and is spoken if it is fresh and was not spoken already."""
        if live:
            self._told(event.at)
        if event.type not in _CALLS or event.ticket is None:
            return
        ticket = event.ticket
        number = event.window.number if event.window is not None else ticket.window
        if number is None or not (live or self._fresh(ticket.number, event.at)):
            return
        self._note(ticket.number, event.at)
        window = event.window or self._window(number)
        self._speak(ticket.number, number, window, self._collects(ticket), event.seq, ticket)

    def catch_up(self, hall: Hall, board: Board) -> None:
        """Speaks the calls of a fresh snapshot that were missed."""
        self._hall = hall
        zone = zone_named(hall.timezone)
        if zone is not None and self._listener is not None:
            self._listener.timezone(zone)
        for call in reversed(board.recent_calls):
            if self._still_called(call) and self._fresh(call.ticket, call.called_at):
                self._note(call.ticket, call.called_at)
                self._speak(call.ticket, call.window, self._window(call.window), call.collect)

    def notices(self, notices: Sequence[Notice], *, live: bool = False) -> None:
        """Takes the notices of a snapshot. ``live``: it is not the first one since the link is up,
        so what is new in it was posted just now."""
        if self._listener is not None:
            self._listener.notices(notices, live=live)

    def _still_called(self, call: Call) -> bool:
        window = self._window(call.window)
        there = window is not None and window.ticket == call.ticket
        return call.state == "called" and there

    def _note(self, ticket: str, at: datetime) -> None:
        self._spoken.pop(ticket, None)
        self._spoken[ticket] = at
        if len(self._spoken) > _MOST_KNOWN:
            del self._spoken[next(iter(self._spoken))]

    def _fresh(self, ticket: str, at: datetime) -> bool:
        spoken = self._spoken.get(ticket)
        # Long before what was spoken: the hall's clock was set back, it is another call.
        if spoken is not None and spoken - MOST_AGE <= at <= spoken + _SAME:
            return False
        return self._clock.now() - at <= MOST_AGE

    def _speak(
        self,
        ticket: str,
        number: int,
        window: Window | None,
        collect: bool,
        seq: int = 0,
        whole: Ticket | None = None,
    ) -> None:
        try:
            call = Announcement(
                seq=seq,
                ticket=ticket,
                window=number,
                window_kind=window.kind if window else "dedicated",
                area=window.area if window else "",
                collect=collect,
                green=whole is not None and self._is_green(whole),
                green_window=window is not None and _GREEN in window.name,
            )
        except ValidationError as error:
            # The window's panel, which is told next, must still show it.
            _log.error("the call of %r to window %d cannot be said: %s", ticket, number, error)
            return
        self._say(call)

    def _collects(self, ticket: Ticket) -> bool:
        service = self._hall.service(ticket.service_id) if self._hall is not None else None
        return service is not None and service.kind == "collect"

    def _is_green(self, ticket: Ticket) -> bool:
        classes = self._hall.priority_classes if self._hall is not None else []
        return any(one.id == ticket.priority_class and one.tag == _GREEN for one in classes)

    def _window(self, number: int) -> Window | None:
        windows = self._hall.windows if self._hall is not None else []
        return next((window for window in windows if window.number == number), None)
