"""The event stream over HTTP: every entry once, in order, whatever happens to the connection."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from hall_server.api import events as stream_of
from hall_server.factory import Limits
from hall_server.service.feed import PAGE, RING
from hall_server.service.ports import NewEvent
from hall_server.store.transaction import SqlTransaction
from tests.fakes.running_hall import PATIENCE_S, Client, RunningHall, running
from tests.support.waiting import wait_for


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RunningHall]:
    with running(tmp_path) as found:
        yield found


def seqs(events: list[dict[str, Any]]) -> list[int]:
    return [event["seq"] for event in events]


def journal_seq(hall: RunningHall) -> int:
    return int(hall.anyone().get("board").ok()["journal_seq"])


def write_entries(hall: RunningHall, count: int) -> None:
    """Puts as many entries into the journal at once."""
    now = hall.parts.commands.moment()

    def work(tx: SqlTransaction) -> None:
        for number in range(count):
            event = NewEvent("ticket.cancelled", data={"number": number})
            tx.append(event, now.at, now.day, "test", f"r-{number}")

    hall.store.write(work)


def test_events_arrive_as_they_happen(hall: RunningHall) -> None:
    kiosk, clerk = hall.device(), hall.clerk(5)
    last = journal_seq(hall)
    with hall.device("display").follow() as stream:
        taken = kiosk.issue("pension-join")
        clerk.call_next(5)
        issued, called = stream.take(2)
    assert (issued["type"], issued["seq"]) == ("ticket.issued", last + 1)
    assert issued["hall"] == "baishui-town"
    assert issued["at"] == "2026-11-23T09:00:00.000+08:00"
    assert issued["actor"] == f"device:{kiosk.device_id}"
    assert issued["ticket"]["id"] == taken["id"]
    assert (called["type"], called["seq"]) == ("ticket.called", last + 2)
    assert called["actor"] == "staff:c5"
    assert called["window"]["number"] == 5
    assert called["window"]["ticket"] == "E001"
    assert called["data"]["why"]["points"] == 0.0


def test_a_stream_that_was_cut_resumes_where_it_was(hall: RunningHall) -> None:
    kiosk, display = hall.device(), hall.device("display")
    start = journal_seq(hall)
    with display.follow(f"?after={start}") as stream:
        for _ in range(5):
            kiosk.issue("pension-join")
        seen = stream.take(3)
        stream.stream.cut()
    for _ in range(5):
        kiosk.issue("pension-join")
    with display.follow(Last_Event_ID=str(seen[-1]["seq"])) as stream:
        for _ in range(2):
            kiosk.issue("pension-join")
        seen += stream.take(9)
    assert seqs(seen) == list(range(start + 1, start + 13))
    assert [e["ticket"]["number"] for e in seen] == [f"E{n:03d}" for n in range(1, 13)]


def test_a_board_s_sequence_is_where_its_stream_begins(hall: RunningHall) -> None:
    """While others write: whatever the board has is not told again, whatever it lacks is."""
    kiosk, stop = hall.device(), threading.Event()

    def keep_issuing() -> None:
        while not stop.is_set():
            kiosk.issue("pension-join")

    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(keep_issuing)
        try:
            for _ in range(20):
                board = hall.anyone().get("board").ok()
                with kiosk.follow(f"?after={board['journal_seq']}") as stream:
                    assert stream.take(1)[0]["seq"] == board["journal_seq"] + 1
        finally:
            stop.set()
        busy.result(PATIENCE_S)


def test_resuming_over_memory_and_database(hall: RunningHall) -> None:
    """More entries than the ring holds, more than one page of the database."""
    kiosk = hall.device()
    start = journal_seq(hall)
    count = RING + 2 * PAGE + 50
    write_entries(hall, count // 2)
    write_entries(hall, count - count // 2)
    for after in (start, start + count - RING - 1, start + count - RING, start + count - 3):
        with kiosk.follow(f"?after={after}") as stream:
            found = stream.take(start + count - after)
            kiosk.issue("pension-join")
            found += stream.take(1)
        assert seqs(found) == list(range(after + 1, after + len(found) + 1))
        count += 1
    hall.restart()
    with kiosk.follow(f"?after={start}") as stream:
        found = stream.take(count)
        kiosk.issue("pension-join")
        found += stream.take(1)
    assert seqs(found) == list(range(start + 1, start + count + 2))


def test_the_header_goes_before_the_address(hall: RunningHall) -> None:
    kiosk = hall.device()
    start = journal_seq(hall)
    for _ in range(3):
        kiosk.issue("pension-join")
    with kiosk.follow("?after=0", Last_Event_ID=str(start + 1)) as stream:
        assert seqs(stream.take(2)) == [start + 2, start + 3]


def test_who_is_ahead_of_the_journal_hears_what_is_new(hall: RunningHall) -> None:
    """A device that knew a database that was since restored from a backup."""
    kiosk = hall.device()
    with kiosk.follow(Last_Event_ID="999999") as stream:
        kiosk.issue("pension-join")
        assert stream.take(1)[0]["type"] == "ticket.issued"


@pytest.mark.parametrize(
    "query",
    ["?after=-1", "?after=x", "?after=99999999999999999999", "?topics=gossip", "?topics=", "?x=1"],
)
def test_questions_that_make_no_sense(hall: RunningHall, query: str) -> None:
    hall.anyone().get(f"events{query}").refused(422, "invalid_fields")
    hall.anyone().get("events", Last_Event_ID="9" * 5_000).refused(422, "invalid_fields")
    hall.anyone().get("events", Last_Event_ID="x").refused(422, "invalid_fields")


def test_topics_choose_what_is_told(hall: RunningHall) -> None:
    kiosk, manager = hall.device(), hall.manager()
    start = journal_seq(hall)
    clerk = hall.clerk(5)
    kiosk.issue("pension-join")
    clerk.call_next(5)
    manager.send("PUT", "windows/4/profile", {"rules": [{"services": "*"}]}).ok()
    status = {"version": "1", "parts": []}
    kiosk.post(f"devices/{kiosk.device_id}/status", status).ok()
    clerk.verb(5, "start").ok()
    told = {
        "calls": ["ticket.called", "ticket.started"],
        "tickets": ["ticket.issued", "ticket.called", "ticket.started"],
        "windows": ["window.opened", "profile.changed"],
        "devices": ["device.status"],
        "windows,calls": ["window.opened", "ticket.called", "profile.changed", "ticket.started"],
    }
    for topics, kinds in told.items():
        with kiosk.follow(f"?after={start}&topics={topics}") as stream:
            assert [e["type"] for e in stream.take(len(kinds))] == kinds


def test_the_public_hears_calls_and_windows_and_nothing_about_people(hall: RunningHall) -> None:
    kiosk, clerk = hall.device(), hall.clerk(5)
    start = journal_seq(hall)
    taken = kiosk.issue("pension-join", priority_class="green")
    clerk.call_next(5)
    clerk.verb(5, "pause", reason="午休").ok()
    hall.manager().send("PUT", "windows/4/profile", {"rules": [{"services": "*"}]}).ok()
    for client in (hall.anyone(), Client(hall, {"Cookie": "hall_session=made-up"})):
        with client.follow(f"?after={start}") as stream:
            events = stream.take(3)
        assert [e["type"] for e in events] == ["ticket.called", "window.paused", "profile.changed"]
        assert {e["actor"] for e in events} == {""}
        assert all("data" not in e for e in events)
        assert all(e["window"]["clerk"] is None for e in events)
        assert events[1]["window"]["pause_reason"] is None
        assert events[0]["ticket"]["number"] == "E001"
        assert events[0]["ticket"]["position_url"] == ""
        assert events[0]["ticket"]["priority_class"] == ""
        token = taken["position_url"].rpartition("/")[2]
        text = json.dumps(events, ensure_ascii=False)
        for secret in (token, "green", "c5", "m1", "午休", kiosk.device_id):
            assert secret not in text


def test_no_entry_tells_the_address_of_a_ticket_s_page(hall: RunningHall) -> None:
    kiosk, clerk, guide = hall.device(), hall.clerk(5), hall.log_in("g1")
    start = hall.parts.feed.last_seq
    body = {"request_id": str(uuid4()), "service_id": "pension-join", "channel": "kiosk"}
    answer = kiosk.post("tickets", body)
    url, ticket_id = answer.json["position_url"], answer.json["id"]
    again = kiosk.issue("pension-join")
    clerk.call_next(5)
    clerk.verb(5, "no-show").ok()
    guide.command(f"tickets/{again['id']}/cancel").ok()
    with guide.follow(f"?after={start}") as stream:
        events = stream.until("ticket.cancelled")
    told = [e["ticket"]["position_url"] for e in events if "ticket" in e]
    assert len(told) == 6
    assert set(told) == {""}
    token = url.rpartition("/")[2]
    assert len(token) == 16
    assert all(token not in json.dumps(entry) for entry in hall.journal())
    # Answers have it, repeated ones too, for whoever may ask.
    assert kiosk.post("tickets", body).text == answer.text
    for client in (kiosk, clerk):
        assert client.get(f"tickets/{ticket_id}").ok()["position_url"] == url
    hall.anyone().get(f"tickets/{ticket_id}").refused(401, "login_needed")


def test_a_silent_hall_is_heard_by_its_pings(
    hall: RunningHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stream_of.PING_S == 5.0
    monkeypatch.setattr(stream_of, "PING_S", 0.2)
    with hall.anyone().follow() as stream:
        heard = stream.raw()
        assert [next(heard) for _ in range(2)] == [None, None]


def test_streams_that_are_too_many(tmp_path: Path) -> None:
    with running(tmp_path, limits=Limits(streams=4, public_streams=2)) as hall:
        kiosk, anyone = hall.device(), hall.anyone()
        public = [anyone.follow() for _ in range(2)]
        anyone.get("events").refused(503, "too_many_streams")
        private = [kiosk.follow() for _ in range(2)]
        kiosk.get("events").refused(503, "too_many_streams")
        assert anyone.send("HEAD", "events").status == 503
        kiosk.issue("pension-join")
        assert private[0].take(1)[0]["type"] == "ticket.issued"
        for stream in (*public, *private):
            stream.__exit__()
        # The server notices at its next write.
        with opened_at_last(hall, kiosk):
            pass


def opened_at_last(hall: RunningHall, client: Client) -> Any:
    """A stream, as soon as the server has noticed that others left."""
    for _ in range(200):
        try:
            return client.follow()
        except ValueError as refused:
            assert "too_many_streams" in str(refused)
            hall.manager().verb(4, "open").ok()
            hall.manager().verb(4, "close").ok()
    raise AssertionError("no room for a stream")


def test_heads_and_refusals_take_no_places(tmp_path: Path) -> None:
    with running(tmp_path, limits=Limits(streams=4, public_streams=2)) as hall:
        anyone = hall.anyone()
        for _ in range(12):
            assert anyone.send("HEAD", "events").status == 200
            # Its place is given back behind the answer.
            wait_for("no place to be taken", lambda: hall.parts.streams._all == 0)
            anyone.get("events?topics=gossip").refused(422, "invalid_fields")
        with anyone.follow(), anyone.follow():
            pass


def test_a_stream_ends_with_the_right_to_hear_it(hall: RunningHall) -> None:
    """A device that is revoked, a person who logs out: nothing of what follows is told them."""
    kiosk, manager, clerk = hall.device(), hall.manager(), hall.clerk(5)
    display = hall.device("display")
    with display.follow() as one, clerk.follow() as two:
        manager.command(f"devices/{display.device_id}/revoke").ok()
        clerk.send("DELETE", "session").ok()
        kiosk.issue("pension-join")
        told = [json.loads(data)["type"] for s in (one, two) for data in s.raw() if data]
    assert "ticket.issued" not in told


def test_streams_end_when_the_server_stops(hall: RunningHall) -> None:
    with hall.anyone().follow() as stream, ThreadPoolExecutor(1) as pool:
        reading = pool.submit(lambda: list(stream.raw()))
        hall.parts.feed.close()
        assert set(reading.result(PATIENCE_S)) == {None}


def test_everybody_hears_the_same_in_the_same_order(hall: RunningHall) -> None:
    kiosk, displays = hall.device(), [hall.device("display") for _ in range(6)]
    count = 40

    def listen(client: Client) -> list[int]:
        with client.follow() as stream:
            ready.wait(PATIENCE_S)
            return seqs(stream.take(count))

    ready = threading.Barrier(len(displays) + 1)
    with ThreadPoolExecutor(len(displays) + 4) as pool:
        heard = [pool.submit(listen, client) for client in displays]
        ready.wait(PATIENCE_S)
        list(pool.map(lambda _: kiosk.issue("pension-join"), range(count)))
        results = [one.result(PATIENCE_S) for one in heard]
    assert all(r == results[0] for r in results)
    assert results[0] == list(range(results[0][0], results[0][0] + count))


def test_a_stream_is_not_kept_by_proxies(hall: RunningHall) -> None:
    answer = hall.anyone().send("HEAD", "events")
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Accel-Buffering"] == "no"
    with pytest.raises((OSError, HTTPException, ValueError)):
        Client(hall, {"Authorization": "Bearer made-up"}).follow()
