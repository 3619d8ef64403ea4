"""Following the hall's events: each once and in order, over cuts, silence and garbage."""

import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from hallkit.link.client import ApiClient
from hallkit.link.events import EventFollower
from hallkit.wire.event import Event
from tests.fakes.hall_server_fake import FakeHall, call_event, window
from tests.fakes.link_raw_server import RawServer, Turn

WAIT_S = 60.0


class Log:
    """What a follower was told."""

    def __init__(self) -> None:
        self.events: list[int] = []
        self.links: list[bool] = []
        self.changed = threading.Condition()
        self.on_event: Callable[[Event], None] = lambda _event: None
        self.followers: list[EventFollower] = []

    def follow(self, url: str, **options: Any) -> EventFollower:
        one = EventFollower(ApiClient(url, "tok"), ("calls", "windows"), self.event, self.link,
                            **options)  # fmt: skip
        self.followers.append(one)
        one.start()
        return one

    def event(self, event: Event) -> None:
        with self.changed:
            self.events.append(event.seq)
            self.changed.notify_all()
        self.on_event(event)

    def link(self, up: bool) -> None:
        with self.changed:
            self.links.append(up)
            self.changed.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, WAIT_S), (self.events, self.links)


@pytest.fixture
def log() -> Iterator[Log]:
    one = Log()
    yield one
    for follower in one.followers:
        follower.stop()


def sse(seq: int) -> bytes:
    text = call_event(seq, "A001", window(1)).model_dump_json()
    return f"id: {seq}\ndata: {text}\n\n".encode()


def stream(*items: bytes, hold: bool = True) -> Callable[[Turn], None]:
    """A server that streams these bytes and then holds the connection, or closes it."""

    def script(turn: Turn) -> None:
        turn.open_stream()
        for item in items:
            turn.send(item)
        if hold:
            turn.stopped.wait()

    return script


def test_every_event_comes_once_and_in_order_over_many_cuts(log: Log) -> None:
    with FakeHall() as hall:
        log.follow(hall.url, after=0)
        seq = 0
        for _ in range(4):
            for _ in range(5):
                seq += 1
                hall.push(call_event(seq, "A001", window(1)))
            log.wait(lambda seq=seq: len(log.events) >= seq - 2)  # type: ignore[misc]
            hall.stop()
            seq += 1
            hall.push(call_event(seq, "A002", window(1)))
            hall.start()
        log.wait(lambda: len(log.events) == seq)
    assert log.events == list(range(1, seq + 1))
    assert log.links[0] is True
    assert all(a is not b for a, b in pairwise(log.links))


def test_the_request_names_topics_token_and_the_last_event(log: Log) -> None:
    with RawServer(stream(sse(7), sse(8), hold=False)) as server:
        log.follow(server.url, after=6)
        server.wait_requests(2)
    first, second = server.requests[:2]
    assert first.path == "/api/v1/events?topics=calls,windows"
    assert first.headers["authorization"] == "Bearer tok"
    assert first.headers["last-event-id"] == "6"
    assert second.headers["last-event-id"] == "8"


def test_without_a_known_event_it_starts_with_what_happens_now(log: Log) -> None:
    with RawServer(stream(sse(7))) as server:
        follower = log.follow(server.url)
        log.wait(lambda: log.events == [7])
        assert follower.last_seq == 7
    assert "last-event-id" not in server.requests[0].headers


def test_what_a_server_repeats_is_not_handed_on_again(log: Log) -> None:
    three, four, five = sse(3), sse(4), sse(5)
    with RawServer(stream(three, four, four, three, five)) as server:
        log.follow(server.url, after=3)
        log.wait(lambda: log.events == [4, 5])


def test_a_server_restored_from_a_backup_is_followed_again(
    log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    before = [sse(seq) for seq in (5000, 5001)]
    with RawServer(stream(*before, hold=False)) as server:
        log.follow(server.url)
        log.wait(lambda: log.events == [5000, 5001])
        again = sse(101)
        server.script = stream(again, again, sse(102))
        log.wait(lambda: log.events == [5000, 5001, 101, 102])
    assert "set back from 5001 to 101" in caplog.text


def test_pings_are_no_events_and_keep_the_stream(log: Log) -> None:
    def script(turn: Turn) -> None:
        turn.open_stream()
        for _ in range(12):
            turn.send(b": ping\n\n")
            turn.stopped.wait(0.02)
        turn.send(sse(1))
        turn.stopped.wait()

    with RawServer(script) as server:
        log.follow(server.url, silence_s=10.0)
        log.wait(lambda: log.events == [1])
        assert log.links == [True]
        assert len(server.requests) == 1


def test_a_silent_stream_is_opened_anew(log: Log) -> None:
    with RawServer(stream()) as server:
        log.follow(server.url, silence_s=0.2)
        # A busy machine may take longer than that for the first answer.
        log.wait(lambda: log.links.count(True) >= 2)
    assert all(a is not b for a, b in pairwise(log.links))


def test_a_server_that_never_answers_is_tried_again(log: Log) -> None:
    with RawServer(lambda turn: turn.stopped.wait() and None) as server:
        log.follow(server.url, silence_s=0.2)
        server.wait_requests(2)
        assert True not in log.links


@pytest.mark.parametrize(
    ("name", "script"),
    [
        ("refused", lambda turn: turn.refuse(401, "no_token")),
        ("too many streams", lambda turn: turn.refuse(503, "busy")),
        ("a portal's page", lambda turn: turn.reply(200, b"<html>", "text/html")),
        ("not HTTP", lambda turn: turn.send(b"SSH-2.0-x\r\n\r\n")),
        ("nothing", lambda turn: None),
    ],
)
def test_what_is_no_stream_is_an_outage_told_once(
    log: Log, name: str, script: Callable[[Turn], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with RawServer(script) as server:
        log.follow(server.url)
        server.wait_requests(2)
        server.script = stream(sse(1))
        log.wait(lambda: log.events == [1])
        assert log.links == [False, True]
    said = [r.levelname for r in caplog.records if r.name == "hallkit.link.events"]
    assert said[:2] == ["WARNING", "INFO"]


@pytest.mark.parametrize(
    "garbage",
    [b"data: not json\n\n", b'data: {"seq": "x"}\n\n', b"id: 4\ndata: {}\n\n", b"\xff\xfe\n\n"],
)
def test_an_event_that_is_not_understood_is_passed_over(log: Log, garbage: bytes) -> None:
    with RawServer(stream(sse(1), garbage, sse(2))) as server:
        log.follow(server.url)
        log.wait(lambda: log.events == [1, 2])


def test_a_line_without_end_is_an_outage_and_nothing_is_lost(log: Log) -> None:
    with RawServer(stream(sse(1), b"data: " + b"x" * 1_200_000)) as server:
        log.follow(server.url)
        log.wait(lambda: log.links == [True, False])
        server.script = stream(sse(2))
        log.wait(lambda: log.events == [1, 2])
    assert server.requests[-1].headers["last-event-id"] == "1"


def test_a_callback_that_fails_does_not_end_the_stream(
    log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(event: Event) -> None:
        if event.seq == 1:
            raise RuntimeError("panel on fire")

    log.on_event = fail
    with RawServer(stream(sse(1), sse(2))) as server:
        log.follow(server.url)
        log.wait(lambda: log.events == [1, 2])
    assert "panel on fire" in caplog.text


def stopped_in_time(follower: EventFollower) -> bool:
    """Whether stop() returns long before the stream's silence would end it."""
    stopper = threading.Thread(target=follower.stop)
    stopper.start()
    stopper.join(10.0)
    return not stopper.is_alive()


def test_stop_interrupts_a_stream_that_says_nothing(log: Log) -> None:
    for more in ((), ("Connection: close",), ("Transfer-Encoding: chunked",)):
        heads: tuple[str, ...] = more

        def script(turn: Turn, heads: tuple[str, ...] = heads) -> None:
            turn.open_stream(*heads)
            turn.stopped.wait()

        with RawServer(script) as server:
            count = len(log.links)
            follower = log.follow(server.url, silence_s=WAIT_S)
            log.wait(lambda count=count: len(log.links) > count)  # type: ignore[misc]
            assert stopped_in_time(follower)


def test_stop_interrupts_a_server_that_never_answers(log: Log) -> None:
    with RawServer(lambda turn: turn.stopped.wait() and None) as server:
        follower = log.follow(server.url, silence_s=WAIT_S)
        server.wait_requests(1)
        assert stopped_in_time(follower)


def test_stop_ends_the_wait_between_two_attempts(log: Log) -> None:
    with RawServer(lambda turn: turn.refuse(503, "busy")) as server:
        follower = log.follow(server.url)
        server.wait_requests(3)
        assert stopped_in_time(follower)


def test_stop_may_be_called_at_any_moment(log: Log) -> None:
    with FakeHall() as hall:
        for _ in range(20):
            follower = log.follow(hall.url)
            assert stopped_in_time(follower)
            follower.stop()
    never_started = EventFollower(ApiClient("http://127.0.0.1:1"), ("calls",), log.event, log.link)
    never_started.stop()


def test_a_callback_may_stop_the_stream(log: Log) -> None:
    log.on_event = lambda _event: log.followers[0].stop()
    with RawServer(stream(sse(1), sse(2), sse(3))) as server:
        follower = log.follow(server.url)
        log.wait(lambda: bool(log.events))
        assert stopped_in_time(follower)
    assert log.events == [1]


def test_nothing_is_handed_on_after_stop(log: Log) -> None:
    with FakeHall() as hall:
        follower = log.follow(hall.url, after=0)
        hall.push(call_event(1, "A001", window(1)))
        log.wait(lambda: log.events == [1])
        follower.stop()
        hall.push(call_event(2, "A001", window(1)))
        other = Log()
        second = other.follow(hall.url, after=1)
        other.wait(lambda: other.events == [2])
        second.stop()
    assert log.events == [1]
    assert log.links == [True]
