"""Folds snapshots and events into one sign for every window."""

from datetime import datetime, timedelta

from display.board.sign import Sign
from hallkit.wire.board import Board, Notice
from hallkit.wire.event import Event
from hallkit.wire.hall import Hall, Window

_CALLS = ("ticket.called", "ticket.recalled")
# After these the ticket is no longer at its window.
_LEFT = (
    "ticket.finished",
    "ticket.no_show",
    "ticket.parked",
    "ticket.transferred",
    "ticket.requeued",
    "ticket.cancelled",
    "ticket.void",
)
# Between two notices on one panel.
_BETWEEN = "　　"


class HallView:
    """The hall's windows as last heard. Not thread-safe: its owner keeps one thread in it.

    ``seq`` is the journal sequence up to which it is true, None before the first snapshot.
    """

    def __init__(self) -> None:
        self.seq: int | None = None
        self._folded: int | None = None
        self._windows: dict[int, Window] = {}
        self._notices: list[Notice] = []
        self._closes_at: datetime | None = None
        self._closing_soon = timedelta()

    @property
    def known(self) -> bool:
        """Whether a snapshot was ever taken."""
        return self.seq is not None

    def take_snapshot(self, hall: Hall, board: Board) -> bool:
        """Replaces everything. ``hall`` must have been fetched after ``board``. Returns False and
        changes nothing when events newer than the snapshot were folded already."""
        known = self._folded if self.seq is None else self.seq
        if known is not None and board.journal_seq < known:
            return False
        self.seq = board.journal_seq
        self._notices = [notice for notice in board.notices if "panels" in notice.places]
        self._closes_at = board.closes_at
        self._closing_soon = timedelta(minutes=board.closing_soon_min)
        self._windows = {window.number: window for window in hall.windows}
        for call in board.now_serving:
            window = self._windows.get(call.window)
            here = call.state in ("called", "serving")
            if here and window is not None and window.ticket is None and window.state == "open":
                self._put(window, call.ticket, call.state)
        return True

    def forget_sequence(self) -> None:
        """The next snapshot is taken unless it is older than an event that comes from now on: the
        server may have begun anew, at a lower sequence."""
        self.seq = self._folded = None

    def fold(self, event: Event) -> bool:
        """Takes one event; False when it was known already."""
        if self.seq is not None and event.seq <= self.seq:
            return False
        if self.seq is not None:
            self.seq = event.seq
        self._folded = event.seq
        if event.window is not None:
            self._windows[event.window.number] = event.window
        self._fold_ticket(event)
        return True

    def holds(self, ticket: str, window: int) -> bool:
        """Whether ``ticket`` is called to ``window`` as far as is known."""
        known = self._windows.get(window)
        return known is not None and known.ticket == ticket and known.ticket_state == "called"

    def sign(self, number: int, now: datetime) -> Sign:
        """What window ``number`` shows; a window that the hall does not have is closed."""
        window = self._windows.get(number)
        if window is None or window.state == "closed":
            return Sign(number, "closed")
        if window.ticket is not None:
            serving = window.ticket_state == "serving"
            return Sign(number, "serving" if serving else "called", window.ticket)
        if window.state == "paused":
            return Sign(number, "paused")
        return self._waiting(number, now)

    def phase(self, now: datetime) -> object:
        """Compares unequal when some window's sign may have changed by time alone."""
        return (self._closing(now), self._valid(now))

    def _closing(self, now: datetime) -> bool:
        closes = self._closes_at
        return closes is not None and closes - self._closing_soon <= now < closes

    def _valid(self, now: datetime) -> list[str]:
        return [n.text for n in self._notices if n.until is None or now < n.until]

    def _waiting(self, number: int, now: datetime) -> Sign:
        """What an open window without a visitor says."""
        if self._closes_at is not None and self._closing(now):
            return Sign(number, "closing", note=f"{self._closes_at:%H:%M}")
        notices = self._valid(now)
        if notices:
            return Sign(number, "notice", note=_BETWEEN.join(notices))
        return Sign(number, "idle")

    def _fold_ticket(self, event: Event) -> None:
        """Makes sure of the ticket's place, also where the event does not say the window's."""
        ticket = event.ticket
        if ticket is None:
            return
        number = event.window.number if event.window is not None else ticket.window
        window = self._windows.get(number) if number is not None else None
        if event.type in _LEFT:
            for one in list(self._windows.values()):
                if one.ticket == ticket.number:
                    self._put(one, None, None)
        elif window is not None and event.type in _CALLS:
            self._put(window, ticket.number, "called")
        elif window is not None and event.type == "ticket.started":
            self._put(window, ticket.number, "serving")

    def _put(self, window: Window, ticket: str | None, state: str | None) -> None:
        self._windows[window.number] = window.model_copy(
            update={"ticket": ticket, "ticket_state": state}
        )
