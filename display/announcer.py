"""Decides which calls are spoken: each once, none that is long past."""

from collections.abc import Callable
from datetime import datetime, timedelta

from display.voice.phrases import Announcement
from hallkit.runtime.clock import Clock
from hallkit.wire.board import Board, Call
from hallkit.wire.event import Event
from hallkit.wire.hall import Hall, Window

# A visitor called a minute ago has come, or will be called again.
MOST_AGE = timedelta(seconds=60)
# A call of the board and the event of the same call carry the same time, up to rounding.
_SAME = timedelta(seconds=1)
_CALLS = ("ticket.called", "ticket.recalled")


class Announcer:
    """Turns calls into announcements. Not thread-safe: its owner keeps one thread in it."""

    def __init__(self, say: Callable[[Announcement], None], clock: Clock) -> None:
        self._say = say
        self._clock = clock
        self._spoken: dict[str, datetime] = {}
        self._hall: Hall | None = None

    def heard(self, event: Event, *, live: bool) -> None:
        """Takes an event. A ``live`` one happened while the link was up and is always spoken;
        another one was missed, and is spoken if it is fresh and was not spoken already."""
        if event.type not in _CALLS or event.ticket is None:
            return
        ticket = event.ticket
        number = event.window.number if event.window is not None else ticket.window
        if number is None or not (live or self._fresh(ticket.number, event.at)):
            return
        kind = event.window.kind if event.window is not None else None
        self._speak(event.seq, ticket.number, number, kind, event.at, ticket.service_id)

    def catch_up(self, hall: Hall, board: Board) -> None:
        """Speaks the calls of a fresh snapshot that were missed."""
        self._hall = hall
        for call in reversed(board.recent_calls):
            if self._still_called(call, hall) and self._fresh(call.ticket, call.called_at):
                self._speak(0, call.ticket, call.window, None, call.called_at, "")

    def _still_called(self, call: Call, hall: Hall) -> bool:
        window = _window(hall, call.window)
        there = window is not None and window.ticket == call.ticket
        return call.state == "called" and there

    def _fresh(self, ticket: str, at: datetime) -> bool:
        spoken = self._spoken.get(ticket)
        if spoken is not None and at <= spoken + _SAME:
            return False
        return self._clock.now() - at <= MOST_AGE

    def _speak(
        self, seq: int, ticket: str, number: int, kind: str | None, at: datetime, service_id: str
    ) -> None:
        self._spoken[ticket] = at
        window = _window(self._hall, number)
        service = self._hall.service(service_id) if self._hall is not None else None
        self._say(
            Announcement.model_validate(
                {
                    "seq": seq,
                    "ticket": ticket,
                    "window": number,
                    "window_kind": kind or (window.kind if window else "dedicated"),
                    "collect": service is not None and service.kind == "collect",
                }
            )
        )


def _window(hall: Hall | None, number: int) -> Window | None:
    if hall is None:
        return None
    return next((w for w in hall.windows if w.number == number), None)
