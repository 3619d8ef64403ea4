"""The live event stream: server-sent events that resume without loss or repeat."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Response

from hall_server.api.access import caller, lasting
from hall_server.api.bodies import EventHeader, EventQuery
from hall_server.api.document import ANYONE, NEEDS_KNOWN, blueprint, refused
from hall_server.api.errors import error_response
from hall_server.api.parts import parts
from hall_server.api.streams import StreamPlaces
from hall_server.service.feed import Feed

api = blueprint("events")

# A dead client is noticed at the next write, so it leaves within this time.
PING_S = 5.0
_PUBLIC_TOPICS = frozenset({"calls", "windows"})
_ALL_TOPICS = frozenset({"calls", "tickets", "windows", "devices"})


@dataclass(frozen=True)
class Listener:
    """Who hears what: ``may_hear`` is asked again and again, as a log-in ends and a device is
    revoked while the stream is open."""

    topics: frozenset[str]
    public: bool
    may_hear: Callable[[], bool]


class Stream:
    """The chunks of one stream; gives its place back when the server closes it, also when it was
    never read."""

    def __init__(self, feed: Feed, seq: int, listener: Listener, places: StreamPlaces) -> None:
        self._chunks = _chunks(feed, seq, listener)
        self._places = places
        self._public = listener.public
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        """Called by the WSGI server, once, whatever happened."""
        if self._open:
            self._open = False
            self._places.leave(public=self._public)


def _chunks(feed: Feed, seq: int, listener: Listener) -> Iterator[bytes]:
    yield b": ok\n\n"
    public, topics = listener.public, listener.topics
    while not feed.closed:
        frames = feed.after(seq, PING_S)
        if not listener.may_hear():
            return
        wanted = [f.public if public else f.private for f in frames if f.topics & topics]
        if frames:
            seq = frames[-1].seq
        if wanted:
            yield b"".join(wanted)
        else:
            yield b": ping\n\n"


def _start_after(query: EventQuery, header: EventHeader) -> int | None:
    """None when what came after is no longer kept."""
    resumed = header.last_event_id
    after = int(resumed) if resumed is not None else query.after
    # What is durable may be published a moment later: a board's journal_seq must not be cut.
    removed, last = parts().queries.kept()
    if after is None:
        return last
    return min(after, last) if after >= removed else None


@api.get(
    "/events",
    summary="The journal, live",
    security=ANYONE,
    responses={
        "200": {
            "description": "server-sent events; id is the journal sequence, data an Event",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **refused(*NEEDS_KNOWN, 410, 422),
    },
)
def events(query: EventQuery, header: EventHeader) -> Response:
    """Starts after ``Last-Event-ID`` (or ``after``; else with what happens from now on). Without
    a log-in or token only the topics calls and windows, and nothing that names a person. 410
    ``gone_too_far``: entries after that point are no longer kept; read the board and start anew."""
    p, public, after = parts(), caller().public, _start_after(query, header)
    if after is None:
        return error_response(
            410,
            "gone_too_far",
            "这之后的部分日志已过保存期，请重新读取现状",
            "a part of what came after is no longer kept; read the present state and start anew",
        )
    places = p.streams
    if not places.take(public=public, most=p.max_streams, most_public=p.max_public_streams):
        return error_response(
            503, "too_many_streams", "实时连接数已满，请稍后", "too many live connections; later"
        )
    asked = frozenset(query.topics.split(",")) if query.topics else _ALL_TOPICS
    topics = asked & _PUBLIC_TOPICS if public else asked
    stream = Stream(p.feed, after, Listener(topics, public, lasting()), places)
    response = Response(stream, mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response
