"""The live event stream: server-sent events that resume without loss or repeat."""

from collections.abc import Iterator

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint

from hall_server.api.access import caller
from hall_server.api.bodies import EventQuery
from hall_server.api.errors import error_response
from hall_server.api.parts import parts
from hall_server.api.streams import StreamPlaces
from hall_server.service.feed import Feed
from hallkit.wire.errors import ErrorBody

api = APIBlueprint("events", __name__)

# A dead client is noticed at the next write, so it leaves within this time.
PING_S = 5.0
_PUBLIC_TOPICS = frozenset({"calls", "windows"})
_ALL_TOPICS = frozenset({"calls", "tickets", "windows", "devices"})


class Stream:
    """The chunks of one stream; gives its place back when the server closes it, also when it was
    never read."""

    def __init__(
        self, feed: Feed, seq: int, topics: frozenset[str], places: StreamPlaces, *, public: bool
    ) -> None:
        self._chunks = _chunks(feed, seq, topics, public=public)
        self._places = places
        self._public = public
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        """Called by the WSGI server, once, whatever happened."""
        if self._open:
            self._open = False
            self._places.leave(public=self._public)


def _chunks(feed: Feed, seq: int, topics: frozenset[str], *, public: bool) -> Iterator[bytes]:
    yield b": ok\n\n"
    while not feed.closed:
        frames = feed.after(seq, PING_S)
        wanted = [f.public if public else f.private for f in frames if f.topics & topics]
        if frames:
            seq = frames[-1].seq
        if wanted:
            yield b"".join(wanted)
        else:
            yield b": ping\n\n"


def _start_after(query: EventQuery, feed: Feed) -> int:
    header = request.headers.get("Last-Event-ID", "")
    if header.isascii() and header.isdigit():
        return min(int(header), feed.last_seq)
    if query.after is not None:
        return min(query.after, feed.last_seq)
    return feed.last_seq


@api.get(
    "/events",
    summary="The journal, live",
    responses={
        "200": {
            "description": "server-sent events; id is the journal sequence, data an Event",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        "401": ErrorBody,
        "422": ErrorBody,
        "503": ErrorBody,
    },
)
def events(query: EventQuery) -> Response:
    """Starts after ``Last-Event-ID`` (or ``after``; else with what happens from now on). Without
    a log-in or token only the topics calls and windows, and nothing that names a person."""
    p, public = parts(), caller().public
    places = p.streams
    if not places.take(public=public, most=p.max_streams, most_public=p.max_public_streams):
        return error_response(
            503, "too_many_streams", "实时连接数已满，请稍后", "too many live connections; later"
        )
    asked = frozenset(query.topics.split(",")) if query.topics else _ALL_TOPICS
    topics = asked & _PUBLIC_TOPICS if public else asked
    stream = Stream(p.feed, _start_after(query, p.feed), topics, places, public=public)
    response = Response(stream, mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response
