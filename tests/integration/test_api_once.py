"""A command happens once: repeated requests, restarts, races, the start of a day, many numbers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from hall_server.admin.verify import verify
from hall_server.store.transaction import SqlTransaction
from tests.fakes.running_hall import Client, RunningHall, running
from tests.fakes.store_rows import ticket_row
from tests.support.database import Database

pytestmark = pytest.mark.usefixtures("database")

THREADS = 8


def test_the_same_request_gets_the_same_answer_and_changes_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, clerk = hall.device(), hall.clerk(5)
        body = {"request_id": str(uuid4()), "service_id": "pension-join", "channel": "kiosk"}
        first = kiosk.post("tickets", body)
        first.ok(201)
        call = {"request_id": str(uuid4())}
        called = clerk.post("windows/5/call-next", call)
        journal = hall.journal()
        hall.later(minutes=30)
        again = kiosk.post("tickets", body | {"request_id": body["request_id"].upper()})
        assert (again.status, again.text) == (201, first.text)
        assert clerk.post("windows/5/call-next", call).text == called.text
        assert hall.journal() == journal

        hall.restart()
        assert kiosk.post("tickets", body).text == first.text
        assert clerk.post("windows/5/call-next", call).text == called.text
        assert hall.journal() == journal
        assert kiosk.get("tickets?number=E002").ok()["tickets"] == []


def test_a_request_id_used_for_something_else(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, clerk, manager = hall.device(), hall.clerk(5), hall.manager()
        body = {"request_id": str(uuid4()), "service_id": "pension-join", "channel": "kiosk"}
        kiosk.post("tickets", body).ok(201)
        code = "request_id_reused"
        kiosk.post("tickets", body | {"service_id": "hukou"}).refused(409, code)
        kiosk.post("tickets", body | {"priority_class": "green"}).refused(409, code)
        manager.post("tickets", body).refused(409, code)
        clerk.post("windows/5/call-next", {"request_id": body["request_id"]}).refused(409, code)
        assert len(kiosk.get("tickets?state=waiting").ok()["tickets"]) == 1


def test_a_refused_request_may_be_tried_again(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, clerk = hall.device(), hall.clerk(5, opened=False)
        kiosk.issue("pension-join")
        call = {"request_id": str(uuid4())}
        clerk.post("windows/5/call-next", call).refused(409, "window_not_open")
        clerk.verb(5, "open").ok()
        assert clerk.post("windows/5/call-next", call).ok()["ticket"]["number"] == "E001"


def test_the_same_request_from_many_at_once_happens_once(tmp_path: Path) -> None:
    with running(tmp_path) as hall, ThreadPoolExecutor(THREADS) as pool:
        kiosk = hall.device()
        body = {"request_id": str(uuid4()), "service_id": "pension-join", "channel": "kiosk"}
        answers = list(pool.map(lambda _: kiosk.post("tickets", body).text, range(24)))
        assert len(set(answers)) == 1
        assert len(hall.journal("ticket.issued")) == 1


def test_numbers_taken_at_once_are_all_different(tmp_path: Path) -> None:
    with running(tmp_path) as hall, ThreadPoolExecutor(THREADS) as pool:
        kiosk = hall.device()
        numbers = list(pool.map(lambda _: kiosk.issue("pension-join")["number"], range(60)))
        assert sorted(numbers) == [f"E{n:03d}" for n in range(1, 61)]


def test_the_loser_of_a_race_gets_the_next_ticket(tmp_path: Path) -> None:
    everything = {"rules": [{"services": "*"}]}
    with running(tmp_path) as hall, ThreadPoolExecutor(THREADS) as pool:
        kiosk, manager = hall.device(), hall.manager()
        clerks = {}
        for number in range(1, 7):
            manager.send("PUT", f"windows/{number}/profile", everything).ok()
            clerks[number] = hall.clerk(number)
        for _ in range(5):
            taken = {kiosk.issue("pension-join")["id"] for _ in range(5)}
            called = list(pool.map(lambda n: clerks[n].call_next(n), clerks))
            assert {t["id"] for t in called if t is not None} == taken
            assert called.count(None) == 1
            for number, ticket in zip(clerks, called, strict=True):
                if ticket is not None:
                    clerks[number].verb(number, "start").ok()
                    clerks[number].verb(number, "finish").ok()


def test_one_window_pressed_twice_at_once_calls_one(tmp_path: Path) -> None:
    with running(tmp_path) as hall, ThreadPoolExecutor(THREADS) as pool:
        kiosk, clerk = hall.device(), hall.clerk(5)
        for _ in range(8):
            kiosk.issue("pension-join")
        statuses = list(pool.map(lambda _: clerk.verb(5, "call-next").status, range(8)))
        assert sorted(statuses) == [200] + [409] * 7
        assert len(hall.journal("ticket.called")) == 1


def test_a_new_day_begins_at_midnight_with_whatever_is_asked_first(
    tmp_path: Path, database: Database
) -> None:
    firsts: list[Callable[[Client], object]] = [
        lambda anyone: anyone.get("board").ok(),
        lambda anyone: anyone.get("hall").ok(),
    ]
    for index, first in enumerate(firsts):
        database.empty()
        with running(tmp_path / str(index), at="2026-11-23T23:59:59+08:00", always_open=True) as h:
            kiosk, five, one = h.device(), h.clerk(5), h.clerk(1)
            left = [kiosk.issue("pension-join") for _ in range(2)]
            kiosk.issue("hukou")
            five.call_next(5)
            one.call_next(1)
            one.verb(1, "start").ok()
            before = len(h.journal())
            h.later(seconds=1)
            first(h.anyone())
            since = h.journal()[before:]
            assert [(kind, actor) for kind, actor, _ in since] == [
                *[("ticket.void", "system")] * 3,
                *[("window.closed", "system")] * 2,
            ]
            assert {body["data"]["reason"] for _, _, body in since} == {"day_closed"}
            board = h.anyone().get("board").ok()
            assert board["business_day"] == "2026-11-24"
            assert board["now_serving"] == board["recent_calls"] == []
            assert sum(line["count"] for line in board["waiting"]) == 0
            assert {w["state"] for w in kiosk.get("windows").ok()["windows"]} == {"closed"}
            assert kiosk.issue("pension-join")["number"] == "E001"
            assert kiosk.get(f"tickets/{left[0]['id']}").ok()["state"] == "void"
            assert kiosk.get("tickets?state=void").ok()["tickets"] == []
            five.verb(5, "finish").refused(409, "no_ticket_at_window")
            h.log_in("c1", 5).verb(5, "open").ok()


def test_a_day_begins_once_also_after_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        clerk = hall.clerk(5)
        hall.device().issue("pension-join")
        before = hall.journal()
        hall.restart()
        hall.anyone().get("board").ok()
        assert hall.journal() == before
        assert clerk.call_next(5)["number"] == "E001"


def test_after_999_numbers_widen(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, clerk = hall.device(), hall.clerk(5)
        now = hall.parts.commands.moment()

        def fill(tx: SqlTransaction) -> None:
            for number in range(1, 999):
                assert tx.take_sequence(now.day, "E") == number
                row = ticket_row(number, series="E", day=now.day, state="done", issued=now.at - 1)
                tx.add_ticket(row)

        hall.store.write(fill)
        numbers = [kiosk.issue("pension-join")["number"] for _ in range(3)]
        assert numbers == ["E999", "E1000", "E1001"]
        assert [clerk_next(hall, clerk) for _ in range(3)] == numbers
        assert kiosk.get("tickets?number=E1000").ok()["tickets"][0]["sequence"] == 1000
        waiting = kiosk.get("tickets?state=done").ok()["tickets"]
        assert [t["number"] for t in waiting][-3:] == numbers


def clerk_next(hall: RunningHall, clerk: Client) -> str:
    """Calls and serves the next; returns its number."""
    number = str(clerk.call_next(5)["number"])
    clerk.verb(5, "start").ok()
    clerk.verb(5, "finish").ok()
    return number


def test_a_clock_that_was_set_back_stops_the_hall_s_time(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, clerk = hall.device(), hall.clerk(5)
        hall.later(minutes=10)
        first = kiosk.issue("pension-join")
        hall.at("2026-11-20T09:00:00")
        second = kiosk.issue("pension-join")
        assert second["number"] == "E002"
        assert second["issued_at"] == first["issued_at"] == "2026-11-23T09:10:00+08:00"
        health = hall.anyone().get("health").ok()
        assert health["business_day"] == "2026-11-23"
        assert health["clock_behind_s"] == 3 * 24 * 3600 + 600
        noted = [body["data"] for _, _, body in hall.journal("hall.changed")[1:]]
        assert noted == [{"clock_behind_s": 3 * 24 * 3600 + 600}]
        clerk.call_next(5)
        assert len(hall.journal("hall.changed")) == 2
        hall.restart()
        assert kiosk.issue("pension-join")["issued_at"] == "2026-11-23T09:10:00+08:00"
        hall.at("2026-11-23T09:11:00")
        assert kiosk.issue("pension-join")["issued_at"] == "2026-11-23T09:11:00+08:00"
        assert hall.anyone().get("health").ok()["clock_behind_s"] == 0
    assert "完好" in verify(tmp_path)


def test_a_heartbeat_at_a_later_time_does_not_turn_the_journal_around(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk = hall.device()
        hall.later(minutes=10)
        status = {"version": "1", "parts": []}
        kiosk.post(f"devices/{kiosk.device_id}/status", status).ok()
        hall.at("2026-11-23T09:05:00")
        assert kiosk.issue("pension-join")["issued_at"] == "2026-11-23T09:10:00+08:00"
        times = hall.store.read(lambda tx: [e.at for e in tx.entries_after(0, 100)])
        assert times == sorted(times)
