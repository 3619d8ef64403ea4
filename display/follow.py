"""Follows the hall: events and snapshots in, signs and announcements out."""

import logging
import threading
import time
from collections.abc import Callable

from display.announcer import Announcer
from display.board.sign import Sign
from display.board.view import HallView
from hallkit.link.backoff import Backoff
from hallkit.link.client import ApiClient, LinkError
from hallkit.link.events import EventFollower
from hallkit.runtime.clock import Clock
from hallkit.runtime.logs import Outage
from hallkit.wire.board import Board
from hallkit.wire.event import Event
from hallkit.wire.hall import Hall

_log = logging.getLogger(__name__)

TOPICS = ("calls", "windows")
_RETRY_MOST_S = 10.0
# No event tells that a session of opening hours has begun, and with it when it ends.
_RENEW_S = 60.0
# How exactly the loss of the server is timed.
_TICK_S = 0.5

ShowSigns = Callable[[Callable[[int], Sign]], None]


class HallFollow:
    """Keeps ``show`` told of every window's sign, and ``announcer`` of every call.

    Both are called under one lock, from the event thread at once when an event comes. After
    ``lost_after_s`` seconds without the server, or with one that does not tell the hall's present
    state, numbers become the sign ``lost``. ``linked()`` is called when the server is there
    (again). ``renew_s``: the present state is asked for again after that long.
    """

    def __init__(
        self,
        client: ApiClient,
        show: ShowSigns,
        announcer: Announcer,
        lost_after_s: float,
        clock: Clock,
        linked: Callable[[], None] = lambda: None,
        *,
        renew_s: float = _RENEW_S,
    ) -> None:
        self._client = client
        self._show = show
        self._announcer = announcer
        self._lost_after_s = lost_after_s
        self._clock = clock
        self._tell_linked = linked
        self._renew_s = renew_s
        self._view = HallView()
        self._changed = threading.Condition()
        self._stopping = False
        self._linked = False
        self._lost = True
        self._away_since = time.monotonic()
        self._resync = False
        self._caught_up = False
        self._fetched_at = 0.0
        self._phase: object = None
        self._outage = Outage(_log, "fetching the hall's present state")
        self._events = EventFollower(client, TOPICS, self._on_event, self._on_link)
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)

    def start(self) -> None:
        """Starts following."""
        self._keeper.start()
        self._events.start()

    def stop(self) -> None:
        """Stops following; nothing is shown or announced afterwards."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._events.stop()
        self._keeper.join()

    def sign(self, window: int) -> Sign:
        """What the panel of ``window`` may claim now."""
        sign = self._view.sign(window, self._clock.now())
        if self._lost and (not self._view.known or sign.kind not in ("paused", "closed")):
            return Sign(window, "lost")
        return sign

    def holds(self, ticket: str, window: int) -> bool:
        """Whether ``ticket`` is called to ``window`` and not served, as far as is known."""
        with self._changed:
            return self._view.holds(ticket, window)

    def _on_event(self, event: Event) -> None:
        with self._changed:
            snapshot = self._view.seq
            self._announcer.heard(event, live=snapshot is not None and event.seq > snapshot)
            if self._view.fold(event) and not self._lost:
                self._show(self.sign)
            if event.type == "hall.changed":
                self._resync = True
                self._changed.notify_all()

    def _on_link(self, up: bool) -> None:
        with self._changed:
            self._linked = up
            if up:
                self._view.forget_sequence()
            else:
                if self._caught_up:
                    self._away_since = time.monotonic()
                self._caught_up = False
                return
        self._tell_linked()
        if not self._fetch():
            with self._changed:
                self._resync = True
                self._changed.notify_all()

    def _fetch(self) -> bool:
        """Takes a snapshot of the hall; False when that is to be tried again."""
        try:
            # The board first: it says up to which event the (later) hall is at least true.
            board = self._client.get("/board", Board)
            hall = self._client.get("/hall", Hall)
        except LinkError as error:
            self._outage.failed(error)
            return False
        self._outage.recovered()
        with self._changed:
            if not self._view.take_snapshot(hall, board):
                return False
            self._lost = False
            self._resync = False
            self._fetched_at = time.monotonic()
            self._announcer.catch_up(hall, board)
            self._announcer.notices(board.notices, live=self._caught_up)
            self._caught_up = self._linked
            self._show(self.sign)
        return True

    def _keep(self) -> None:
        """Renews snapshots, repeats those that failed, and notices a server that is away."""
        backoff = Backoff(most_s=_RETRY_MOST_S)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._to_fetch, _TICK_S)
                if self._stopping:
                    return
                to_fetch = self._to_fetch
            try:
                self._note_loss()
                self._note_time()
                done = not to_fetch or self._fetch()
            except Exception:  # noqa: BLE001 - signs must be kept true after any fault
                _log.exception("keeping the signs failed")
                done = False
            if done:
                backoff.reset()
            else:
                self._pause(backoff.next_s())

    def _note_time(self) -> None:
        """Signs change by themselves when the hall closes soon and when a notice ends."""
        with self._changed:
            phase = self._view.phase(self._clock.now())
            if phase == self._phase:
                return
            self._phase = phase
            if not self._lost:
                self._show(self.sign)

    @property
    def _to_fetch(self) -> bool:
        old = self._caught_up and time.monotonic() - self._fetched_at >= self._renew_s
        return self._linked and (self._resync or old)

    def _pause(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping, seconds)

    def _note_loss(self) -> None:
        with self._changed:
            away_s = time.monotonic() - self._away_since
            if self._caught_up or self._lost or away_s < self._lost_after_s:
                return
            self._lost = True
            _log.warning("no hall server for %.0f s: panels show no numbers", away_s)
            self._show(self.sign)
