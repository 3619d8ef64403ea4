"""The hall's event stream, followed for ever: server-sent events with resume.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import urllib3
from pydantic import ValidationError

from hallkit.link.backoff import Backoff
from hallkit.link.client import CONNECT_TIMEOUT_S, ApiClient
from hallkit.runtime.logs import Outage
from hallkit.wire.event import Event

_log = logging.getLogger(__name__)

# The server sends at least a ping every 5 s; three missed ones mean that it is gone.
SILENCE_S = 15.0
# A line longer than this is not from our server.
_MOST_LINE = 1_000_000


@dataclass(frozen=True)
class RawEvent:
    """One dispatched event of the stream: its id and its data lines joined."""

    id: str
    data: str


def parse(chunks: Iterable[bytes]) -> Iterator[RawEvent | None]:
    """Cuts a byte stream into events; None stands for a comment (the server's ping).

    Raises ValueError when a line never ends.
    """
    buffer = b""
    event_id, data = "", []
    for chunk in chunks:
        buffer += chunk
        *lines, buffer = buffer.split(b"\n")
        if len(buffer) > _MOST_LINE:
            raise ValueError("a line of the event stream never ends")
        for raw in lines:
            line = raw.rstrip(b"\r").decode("utf-8", "replace")
            if line.startswith(":"):
                yield None
            elif line.startswith("id:"):
                event_id = line[3:].strip()
            elif line.startswith("data:"):
                data.append(line[5:].removeprefix(" "))
            elif not line and data:
                yield RawEvent(event_id, "\n".join(data))
                data = []


class EventFollower:
    """Follows the stream in a thread of its own and calls back for each event, in order, once.

    ``on_link(True)`` is called when the stream is up (after every reconnection too: the place to
    fetch the present state), ``on_link(False)`` once when it is lost. ``after`` is the last
    sequence already known; None starts with what happens from now on.
    """

    def __init__(
        self,
        client: ApiClient,
        topics: Iterable[str],
        on_event: Callable[[Event], None],
        on_link: Callable[[bool], None],
        *,
        after: int | None = None,
    ) -> None:
        self._client = client
        self._topics = ",".join(topics)
        self._on_event = on_event
        self._on_link = on_link
        self._last = after
        self._stop = threading.Event()
        self._pool = urllib3.PoolManager(maxsize=1, retries=False)
        self._thread = threading.Thread(target=self._run, name="events", daemon=True)
        self._response: urllib3.BaseHTTPResponse | None = None

    @property
    def last_seq(self) -> int | None:
        """The sequence of the last event handed on."""
        return self._last

    def start(self) -> None:
        """Starts following."""
        self._thread.start()

    def stop(self) -> None:
        """Stops following and waits for the thread."""
        self._stop.set()
        response = self._response
        if response is not None:
            response.shutdown()
        self._thread.join(timeout=SILENCE_S)
        self._pool.clear()

    def _run(self) -> None:
        backoff = Backoff()
        outage = Outage(_log, f"event stream of {self._client.base_url}")
        while not self._stop.is_set():
            try:
                self._follow(backoff, outage)
                reason: object = "the server closed the stream"
            except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                reason = error
            if self._stop.is_set():
                return
            if not outage.down:
                self._on_link(False)
            outage.failed(reason)
            self._stop.wait(backoff.next_s())

    def _follow(self, backoff: Backoff, outage: Outage) -> None:
        headers = self._client.headers | {"Accept": "text/event-stream"}
        if self._last is not None:
            headers["Last-Event-ID"] = str(self._last)
        response = self._pool.request(
            "GET",
            f"{self._client.base_url}/api/v1/events?topics={self._topics}",
            headers=headers,
            preload_content=False,
            timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=SILENCE_S),
        )
        try:
            if response.status != 200:
                raise ValueError(f"HTTP {response.status}")
            self._response = response
            if self._stop.is_set():
                return
            outage.recovered()
            self._on_link(True)
            backoff.reset()
            for raw in parse(response.stream(65536, decode_content=False)):
                if raw is not None:
                    self._deliver(raw)
        finally:
            self._response = None
            response.close()

    def _deliver(self, raw: RawEvent) -> None:
        try:
            event = Event.model_validate_json(raw.data)
        except ValidationError as error:
            _log.warning("an event that is not understood was skipped: %s", error)
            return
        if self._last is not None and event.seq <= self._last:
            return
        self._on_event(event)
        self._last = event.seq
