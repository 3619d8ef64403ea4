"""Keeps the screen's idea of the hall fresh: services, windows, people waiting."""

import logging
import sqlite3
import threading
from collections.abc import Callable

from pydantic import ValidationError

from hallkit.link.backoff import Backoff
from hallkit.link.client import ApiClient, LinkError
from hallkit.link.events import EventFollower
from hallkit.runtime.logs import Outage
from hallkit.wire.board import Board
from hallkit.wire.event import Event
from hallkit.wire.hall import Hall
from kiosk.flow.inputs import HallRead, Input, ServerLost
from kiosk.work.reserve import Reserve

_log = logging.getLogger(__name__)

# A clerk who calls, starts and finishes makes several events in a second: one look serves them.
DEBOUNCE_S = 0.25
# Opening and closing times pass without an event.
REFRESH_S = 30.0
# A visitor stands before "no numbers at the moment": look often, a closed port costs nothing.
AWAY_MOST_S = 3.0


class HallData:
    """Reads ``/hall`` and ``/board`` at the start, after events and every 30 s, and posts
    HallRead or ServerLost. ``linked()`` is called when the server is there (again). While it is
    away and the ``reserve`` has numbers, what can be chosen is posted instead of ServerLost."""

    def __init__(
        self,
        client: ApiClient,
        post: Callable[[Input], None],
        linked: Callable[[], None] = lambda: None,
        reserve: Reserve | None = None,
    ) -> None:
        self._client = client
        self._post = post
        self._linked = linked
        self._reserve = reserve
        self._reserve_outage = Outage(_log, "the reserve of numbers")
        self._dirty = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hall-data", daemon=True)
        self._events = EventFollower(
            client, ("tickets", "windows"), self._happened, self._link_changed
        )

    def start(self) -> None:
        """Starts reading and following."""
        self._thread.start()
        self._events.start()

    def stop(self) -> None:
        """Stops and waits for both threads."""
        self._stopping.set()
        self._dirty.set()
        self._events.stop()
        self._thread.join()

    def look(self) -> None:
        """Asks for a fresh reading soon."""
        self._dirty.set()

    def _happened(self, _event: Event) -> None:
        self._dirty.set()

    def _link_changed(self, up: bool) -> None:
        self._dirty.set()
        if up:
            self._linked()

    def _without_server(self) -> Input:
        reserve = self._reserve
        try:
            left = reserve.without_server() if reserve is not None else None
        except (sqlite3.Error, ValidationError) as error:
            _log.error("the reserve cannot be read: %s", error)
            return ServerLost()
        return left if left is not None else ServerLost()

    def _with_server(self, hall: Hall) -> None:
        """The reserve is tended again at the next look: a file that is locked, full or not
        readable must not keep the kiosk from the server that is there. Raises ServerAway."""
        if self._reserve is None:
            return
        try:
            self._reserve.with_server(hall)
        except (sqlite3.Error, ValidationError) as error:
            self._reserve_outage.failed(error)
        else:
            self._reserve_outage.recovered()

    def _run(self) -> None:
        backoff = Backoff(first_s=0.5, most_s=AWAY_MOST_S)
        outage = Outage(_log, f"hall server {self._client.base_url}")
        while not self._stopping.is_set():
            self._dirty.clear()
            try:
                hall = self._client.get("/hall", Hall)
                board = self._client.get("/board", Board)
                self._with_server(hall)
            except LinkError as error:
                outage.failed(error)
                self._post(self._without_server())
                self._dirty.wait(backoff.next_s())
                continue
            outage.recovered()
            backoff.reset()
            self._post(HallRead(hall, board))
            self._dirty.wait(REFRESH_S)
            self._stopping.wait(DEBOUNCE_S)
