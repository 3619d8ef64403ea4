"""Server-sent events: a byte stream cut into events.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# A line, or an event, longer than this is not from our server.
_MOST_LINE = 1_000_000


@dataclass(frozen=True)
class RawEvent:
    """One dispatched event of the stream: its id and its data lines joined."""

    id: str
    data: str


def parse(chunks: Iterable[bytes]) -> Iterator[RawEvent | None]:
    """Cuts a byte stream into events; None stands for a comment (the server's ping).

    Raises ValueError when a line or an event never ends.
    """
    buffer = b""
    event_id, size = "", 0
    data: list[str] = []
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
                size += len(raw)
                if size > _MOST_LINE:
                    raise ValueError("an event of the stream never ends")
            elif not line and data:
                yield RawEvent(event_id, "\n".join(data))
                data, size = [], 0
