"""Gets numbers from the server: once per request, whatever happens to the network."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from hallkit.link.backoff import Backoff
from hallkit.link.client import ApiClient, ServerAway, ServerRefused
from hallkit.wire.ids import new_id
from hallkit.wire.ticket import Ticket
from kiosk.flow.inputs import Abandon, Effect, Input, Issue, IssueDelayed, TicketGranted
from kiosk.flow.inputs import TicketRefused as Refused
from kiosk.work.offline import Asked
from kiosk.work.reserve import Reserve

_log = logging.getLogger(__name__)

# A visitor is looking at the screen: try again soon, but leave a starting server some air.
RETRY_FIRST_S = 0.3
RETRY_MOST_S = 2.0
# A server that restarts is back within seconds; longer, and the number comes from the reserve.
OFFLINE_AFTER_S = 3.0
# An abandoned request is settled in the background, without hurry.
SETTLE_MOST_S = 15.0
# Answers that mean "not now" rather than "no".
_TRY_AGAIN = frozenset({408, 429, 500, 502, 503, 504})


class TicketDesk:
    """One thread that issues, one request after the other.

    A request that gets no answer is repeated with the same ``request_id`` until the screen
    abandons it; then it is repeated until the server answers and its ticket is cancelled, so that
    no number is called for somebody who went away. While the server is away the ``reserve``, if
    there is one, gives the number; it also keeps the requests without an answer while this
    machine is off, and they are settled when it is on again.
    """

    def __init__(
        self,
        client: ApiClient,
        post: Callable[[Input], None],
        granted: Callable[[Issue, Ticket], None],
        reserve: Reserve | None = None,
    ) -> None:
        self._client = client
        self._post = post
        self._granted = granted
        self._reserve = reserve
        self._queue: queue.SimpleQueue[Issue | None] = queue.SimpleQueue()
        self._abandoned: set[str] = set()
        self._handed_over = ""
        self._lock = threading.Lock()
        self._unsettled: list[Asked] = []
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tickets", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stops and waits for the thread."""
        self._stopping.set()
        self._wake.set()
        self._queue.put(None)
        self._thread.join()

    def do(self, effect: Effect) -> None:
        """Takes an effect of the flow; returns at once."""
        if isinstance(effect, Abandon):
            with self._lock:
                # Too late to abandon what is already on its way to the screen.
                if effect.request_id != self._handed_over:
                    self._abandoned.add(effect.request_id)
            self._wake.set()
        else:
            self._queue.put(effect)

    def _run(self) -> None:
        if self._reserve is not None:
            # Nobody stands before the screen any more for what was asked before it went dark.
            self._unsettled = self._reserve.asked()
        settle = Backoff(first_s=1.0, most_s=SETTLE_MOST_S)
        while not self._stopping.is_set():
            try:
                self._turn(settle)
            except Exception:  # noqa: BLE001 - the next visitor must still get a number
                _log.exception("issuing a number failed")

    def _turn(self, settle: Backoff) -> None:
        try:
            wanted = self._queue.get(timeout=settle.next_s() if self._unsettled else None)
        except queue.Empty:
            self._settle()
            return
        if wanted is not None:
            settle.reset()
            self._issue(wanted)

    def _ask(self, wanted: Asked) -> Ticket:
        body: dict[str, Any] = {
            "request_id": wanted.request_id,
            "service_id": wanted.service_id,
            "channel": "kiosk",
        }
        if wanted.priority is not None:
            body["priority_class"] = wanted.priority
        return self._client.post("/tickets", body, Ticket)

    def _issue(self, wanted: Issue) -> None:
        asked = Asked(wanted.request_id, wanted.service_id, wanted.priority)
        kept = False
        backoff = Backoff(RETRY_FIRST_S, RETRY_MOST_S)
        patience = time.monotonic() + OFFLINE_AFTER_S
        while not self._stopping.is_set():
            if wanted.request_id in self._abandoned:
                self._set_aside(asked)
                return
            try:
                ticket = self._ask(asked)
            except ServerRefused as no:
                if no.status not in _TRY_AGAIN:
                    _log.info("no number for %s: %s", wanted.service_id, no)
                    self._forget(asked.request_id)
                    self._post(Refused(wanted.request_id, no.info.message, no.info.message_en))
                    return
            except ServerAway as away:
                _log.debug("no answer yet: %s", away)
                if self._offline(wanted, asked, patience):
                    return
            else:
                # A number that somebody holds must not be cancelled after a power cut.
                if not kept or self._forget(asked.request_id):
                    self._hand_over(wanted, asked, ticket)
                    return
            if self._reserve is not None and not kept:
                self._reserve.keep_asked(asked)
                kept = True
            self._post(IssueDelayed(wanted.request_id))
            self._wake.wait(backoff.next_s())
            self._wake.clear()

    def _is_late(self, request_id: str) -> bool:
        """Whether the visitor has gone; if not, the number is on its way to the screen now."""
        with self._lock:
            late = request_id in self._abandoned
            if not late:
                self._handed_over = request_id
        return late

    def _hand_over(self, wanted: Issue, asked: Asked, ticket: Ticket) -> None:
        if self._is_late(wanted.request_id):
            self._set_aside(asked)
            return
        self._granted(wanted, ticket)
        self._post(TicketGranted(wanted.request_id, ticket))

    def _set_aside(self, asked: Asked) -> None:
        if self._reserve is not None:
            self._reserve.keep_asked(asked)
        self._unsettled.append(asked)

    def _forget(self, request_id: str) -> bool:
        return self._reserve is None or self._reserve.forget_asked(request_id)

    def _offline(self, wanted: Issue, asked: Asked, patience: float) -> bool:
        """Whether the reserve gave the number: at once when the server is known to be away, or
        else when it has been silent for long enough."""
        reserve = self._reserve
        if reserve is None or (not reserve.away and time.monotonic() < patience):
            return False
        ticket = reserve.issue(wanted)
        if ticket is None:
            return False
        if self._is_late(wanted.request_id):
            reserve.take_back(asked)
            self._unsettled.append(asked)
            return True
        self._granted(wanted, ticket)
        self._post(TicketGranted(wanted.request_id, ticket))
        return True

    def _settle(self) -> None:
        """Cancels what abandoned requests became."""
        for wanted in list(self._unsettled):
            try:
                ticket = self._ask(wanted)
                mine = {"request_id": new_id(), "issued_by": wanted.request_id}
                self._client.post(f"/tickets/{ticket.id}/cancel", mine, Ticket)
                _log.info("%s was cancelled: its visitor had given up", ticket.number)
            except ServerAway:
                return
            except ServerRefused as no:
                if no.status in _TRY_AGAIN:
                    return
                _log.warning("an abandoned number could not be cancelled: %s", no)
            self._forget(wanted.request_id)
            self._unsettled.remove(wanted)
            self._abandoned.discard(wanted.request_id)
