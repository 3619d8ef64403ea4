"""The feed behind the event streams: memory, database, and what must never be passed over."""

import json
import threading
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from hall_server.service.feed import PAGE, RING, Feed

ZONE = ZoneInfo("Asia/Shanghai")
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Written:
    """A journal entry."""

    seq: int
    at: int = 1_795_400_000_000
    type: str = "ticket.called"
    actor: str = "staff:1001"
    body: str = "{}"


class Journal:
    """A store that only has a journal; counts how often it is read."""

    def __init__(self) -> None:
        self.entries: list[Written] = []
        self.reads = 0

    def entries_after(self, seq: int, limit: int) -> list[Written]:
        return [e for e in self.entries if e.seq > seq][:limit]

    def read(self, work: Any) -> Any:
        self.reads += 1
        return work(self)

    def write(self, work: Any) -> Any:
        raise AssertionError("a feed writes nothing")


def write(journal: Journal, feed: Feed, *seqs: int, tell: bool = True) -> None:
    """Writes entries, and tells the feed of them."""
    entries = [Written(seq) for seq in seqs]
    journal.entries += entries
    if tell:
        feed.published(entries)


def everything(feed: Feed, after: int) -> list[int]:
    """What a stream that starts there hears, without waiting."""
    heard: list[int] = []
    while found := feed.after(heard[-1] if heard else after, 0):
        heard += [frame.seq for frame in found]
    return heard


def test_what_is_recent_comes_from_memory() -> None:
    journal = Journal()
    feed = Feed("hall", ZONE, journal, 0)
    write(journal, feed, *range(1, 6))
    assert everything(feed, 0) == [1, 2, 3, 4, 5]
    assert everything(feed, 4) == [5]
    assert everything(feed, 5) == everything(feed, 99) == []
    assert journal.reads == 0


def test_what_is_older_comes_from_the_database_in_pages() -> None:
    journal = Journal()
    feed = Feed("hall", ZONE, journal, 0)
    count = RING + PAGE + 10
    write(journal, feed, *range(1, count + 1))
    assert everything(feed, 0) == list(range(1, count + 1))
    assert journal.reads == 2


def test_a_server_that_has_just_started_reads_the_database() -> None:
    journal = Journal()
    journal.entries = [Written(seq) for seq in range(1, 8)]
    feed = Feed("hall", ZONE, journal, 7)
    assert everything(feed, 3) == [4, 5, 6, 7]
    write(journal, feed, 8)
    assert everything(feed, 3) == [4, 5, 6, 7, 8]


def test_what_was_not_told_is_found_in_the_database() -> None:
    journal = Journal()
    feed = Feed("hall", ZONE, journal, 0)
    write(journal, feed, 1, 2)
    write(journal, feed, 3, tell=False)
    write(journal, feed, 4)
    assert everything(feed, 1) == [2, 3, 4]
    assert everything(feed, 2) == [3, 4]


def test_a_stream_that_waits_is_woken() -> None:
    journal = Journal()
    feed = Feed("hall", ZONE, journal, 0)
    heard: list[int] = []

    def listen() -> None:
        heard.extend(frame.seq for frame in feed.after(0, PATIENCE_S))

    listener = threading.Thread(target=listen)
    listener.start()
    write(journal, feed, 1)
    listener.join(PATIENCE_S)
    assert heard == [1]


def test_closing_wakes_everybody() -> None:
    feed = Feed("hall", ZONE, Journal(), 0)
    listener = threading.Thread(target=lambda: feed.after(0, PATIENCE_S))
    listener.start()
    feed.close()
    listener.join(PATIENCE_S)
    assert not listener.is_alive()
    assert feed.closed


def test_an_entry_on_the_wire() -> None:
    journal = Journal()
    feed = Feed("hall", ZONE, journal, 0)
    body = (
        '{"ticket":{"number":"A001","priority_class":"green","position_url":"http://x/t/secret"},'
        '"window":{"number":3,"clerk":"1001"},"data":{"why":1}}'
    )
    feed.published([Written(1, body=body)])
    (frame,) = feed.after(0, 0)
    assert frame.topics == {"calls", "tickets"}
    assert frame.private.startswith(b"id: 1\ndata: {")
    assert frame.private.endswith(b"}\n\n")
    for secret in (b"green", b"1001", b"why"):
        assert secret in frame.private
        assert secret not in frame.public
    # Who knows the address of a ticket's page may read it: no stream tells it.
    assert b"http://x/t/secret" not in frame.private + frame.public
    assert json.loads(frame.private.partition(b"data: ")[2])["ticket"]["position_url"] == ""
    assert frame.public.count(b"\n") == 3
