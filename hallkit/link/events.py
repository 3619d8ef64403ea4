"""The hall's event stream, followed for ever: server-sent events with resume."""

import http.client
import logging
import threading
from collections.abc import Callable, Iterable
from datetime import datetime

from pydantic import ValidationError

from hallkit.link.backoff import Backoff
from hallkit.link.client import ApiClient
from hallkit.link.sse import RawEvent, parse
from hallkit.link.stream import SILENCE_S, GoneTooFar, Stream
from hallkit.runtime.logs import Outage
from hallkit.wire.event import Event

_log = logging.getLogger(__name__)


class EventFollower:
    """Follows the stream in a thread of its own and calls back for each event, in order, once.

    ``on_link(True)`` is called when the stream is up (after every reconnection too: the place to
    fetch the present state), ``on_link(False)`` once when it is lost. ``after`` is the last
    sequence already known (a board's ``journal_seq``); with None the stream starts with what
    happens from now on, and what happens while it is cut off before its first event is not seen.
    A server restored from a backup counts from a lower sequence again: its new events are handed
    on. Where the server no longer keeps what came after the last event known, the stream starts
    with what happens from now on. One that is silent for ``silence_s`` seconds is opened anew. A
    callback that raises is logged and the stream goes on with the next event.
    """

    def __init__(
        self,
        client: ApiClient,
        topics: Iterable[str],
        on_event: Callable[[Event], None],
        on_link: Callable[[bool], None],
        *,
        after: int | None = None,
        silence_s: float = SILENCE_S,
    ) -> None:
        self._client = client
        self._topics = ",".join(topics)
        self._on_event = on_event
        self._on_link = on_link
        self._last = after
        self._last_at: datetime | None = None
        self._silence_s = silence_s
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._stream: Stream | None = None
        self._thread = threading.Thread(target=self._run, name="events", daemon=True)

    @property
    def last_seq(self) -> int | None:
        """The sequence of the last event handed on."""
        return self._last

    def start(self) -> None:
        """Starts following."""
        self._thread.start()

    def stop(self) -> None:
        """Stops following at once, whatever the server does, and waits for the thread. Called by
        a callback it does not wait."""
        self._stop.set()
        with self._lock:
            if self._stream is not None:
                self._stream.cut()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        backoff = Backoff()
        outage = Outage(_log, f"event stream of {self._client.base_url}")
        while not self._stop.is_set():
            try:
                self._follow(backoff, outage)
                reason: object = "the server closed the stream"
            except GoneTooFar as gone:
                # Only the present state counts now: it is read when the stream is up again.
                self._last, reason = None, gone
            except (http.client.HTTPException, OSError, ValueError) as error:
                reason = error
            if self._stop.is_set():
                return
            if not outage.down:
                self._tell_link(False)
            outage.failed(reason)
            self._stop.wait(backoff.next_s())

    def _follow(self, backoff: Backoff, outage: Outage) -> None:
        stream = Stream(self._client.base_url, self._silence_s)
        with self._lock:
            if self._stop.is_set():
                return
            self._stream = stream
        try:
            chunks = stream.open(f"/api/v1/events?topics={self._topics}", self._headers())
            if self._stop.is_set():
                return
            outage.recovered()
            self._tell_link(True)
            for raw in parse(chunks):
                if self._stop.is_set():
                    return
                # Only now the server has shown that it streams.
                backoff.reset()
                if raw is not None:
                    self._deliver(raw)
        finally:
            with self._lock:
                self._stream = None
            stream.close()

    def _headers(self) -> dict[str, str]:
        headers = self._client.headers | {"Accept": "text/event-stream"}
        if self._last is not None:
            headers["Last-Event-ID"] = str(self._last)
        return headers

    def _tell_link(self, up: bool) -> None:
        try:
            self._on_link(up)
        except Exception:  # noqa: BLE001 - the stream must go on
            _log.exception("handling the link's change failed")

    def _deliver(self, raw: RawEvent) -> None:
        try:
            event = Event.model_validate_json(raw.data)
        except ValidationError as error:
            _log.warning("an event that is not understood was skipped: %s", error)
            return
        if self._last is not None and event.seq <= self._last and not self._set_back(event):
            return
        try:
            self._on_event(event)
        except Exception:  # noqa: BLE001 - the stream must go on
            _log.exception("handling event %d failed", event.seq)
        self._last, self._last_at = event.seq, event.at

    def _set_back(self, event: Event) -> bool:
        """Whether the journal counts from a lower number again: the server was restored from a
        backup. A repeated event is not newer than the last one."""
        if self._last_at is None or event.at <= self._last_at:
            return False
        _log.warning("the server's journal was set back from %s to %d", self._last, event.seq)
        return True
