"""What is no longer kept goes, a little at a time; what is left can still be verified."""

import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from hall_server.admin.failure import Failure
from hall_server.admin.verify import verify
from hall_server.hallfile.schema import HallFile
from hall_server.service.housekeeping import Housekeeper
from hall_server.service.retention import Trimming
from hallkit.link.client import ApiClient
from hallkit.link.events import EventFollower
from hallkit.wire.event import Event
from tests.fakes.running_hall import PATIENCE_S, RunningHall, Tables, running, sample_hall
from tests.support.waiting import wait_for

DAYS = ("2026-11-23", "2026-11-24", "2026-11-25")
# Thirty days after the second of them.
LATER = "2026-12-24T09:00:00"


def short() -> HallFile:
    def change(tables: Tables) -> None:
        tables["retention"] = {"journal_days": 30, "command_days": 2}

    return sample_hall("baishui-town", change)


def three_days(hall: RunningHall) -> None:
    """The same on each of three days: a call, a ticket that is left over, a block."""
    kiosk, clerk = hall.device(), hall.clerk(5, opened=False)
    for day in DAYS:
        hall.at(f"{day}T09:00:00")
        clerk = hall.clerk(5)
        kiosk.issue("pension-join")
        kiosk.issue("pension-join")
        kiosk.command("leases", series="E", count=3).ok()
        clerk.call_next(5)
        clerk.verb(5, "start").ok()
        clerk.verb(5, "finish").ok()


def trim(hall: RunningHall, chunk: int = 4) -> list[int]:
    """Trims; the number of entries after each transaction but the last."""
    left: list[int] = []

    def pause() -> bool:
        left.append(len(hall.journal()))
        return False

    Trimming(hall.parts.commands, pause, chunk=chunk).run()
    return left


def days(hall: RunningHall) -> list[str]:
    with closing(sqlite3.connect(hall.data / "hall.db")) as connection:
        rows = connection.execute("SELECT DISTINCT day FROM journal ORDER BY day")
        return [day for (day,) in rows]


def test_old_entries_go_in_small_steps_and_the_rest_verifies(tmp_path: Path) -> None:
    with running(tmp_path, short()) as hall:
        three_days(hall)
        hall.at(LATER)
        hall.parts.commands.today()
        before = len(hall.journal())
        left = trim(hall)
        assert len(left) > 2
        # Each transaction takes away at most four and says so.
        steps = [a - b for a, b in zip([before, *left], left, strict=False)]
        assert max(steps) == 3
        assert min(steps) >= 0
        assert days(hall) == ["2026-11-24", "2026-11-25", "2026-12-24"]
        assert "完好" in verify(tmp_path)
        # Online again the next day the journal goes on where it was.
        hall.at("2026-12-25T09:00:00")
        hall.device().issue("pension-join")
        assert days(hall)[-1] == "2026-12-25"
        assert trim(hall)
        assert "完好" in verify(tmp_path)


def test_in_the_middle_of_a_day_it_verifies_too(tmp_path: Path) -> None:
    with running(tmp_path, short()) as hall:
        three_days(hall)
        hall.at(LATER)
        Trimming(hall.parts.commands, lambda: True, chunk=4).run()
        assert hall.journal()[0][0] != "hall.changed"
        assert days(hall)[0] == "2026-11-23"
        assert "完好" in verify(tmp_path)


def test_tickets_and_reports_stay(tmp_path: Path) -> None:
    with running(tmp_path, short()) as hall:
        three_days(hall)
        ticket = hall.device().get("tickets?state=done").ok()["tickets"][0]
        hall.at("2027-03-01T09:00:00")
        trim(hall)
        assert hall.device().get(f"tickets/{ticket['id']}").ok()["state"] == "done"
        assert "完好" in verify(tmp_path)


def test_the_last_entry_of_all_stays(tmp_path: Path) -> None:
    with running(tmp_path, short()) as hall:
        three_days(hall)
        hall.at("2027-03-01T09:00:00")
        last = hall.store.read(lambda tx: tx.last_seq())
        hall.store.write(lambda tx: tx.trim_journal("9999-12-31", 1_000_000))
        assert hall.store.read(lambda tx: tx.last_seq()) == last
        assert len(hall.journal()) == 1
        with pytest.raises(Failure, match="not removed by the hall's retention"):
            verify(tmp_path)


def test_a_beginning_removed_by_hand_is_found_out(tmp_path: Path) -> None:
    with running(tmp_path, short()) as hall:
        three_days(hall)
    with closing(sqlite3.connect(tmp_path / "hall.db")) as connection:
        [(hash_, day)] = connection.execute("SELECT hash, day FROM journal WHERE seq = 5")
        connection.execute("DELETE FROM journal WHERE seq <= 5")
        connection.commit()
        with pytest.raises(Failure, match="entry 1 is missing"):
            verify(tmp_path)
        anchor = json.dumps({"seq": 5, "hash": hash_, "day": day})
        connection.execute("INSERT INTO meta VALUES ('journal_anchor', ?)", (anchor,))
        connection.commit()
    with pytest.raises(Failure, match="first 5 journal entries were not removed by"):
        verify(tmp_path)


def test_answers_are_kept_for_their_days(tmp_path: Path) -> None:
    with running(tmp_path, short()) as hall:
        kiosk = hall.device()
        body = {
            "request_id": "00000000-0000-4000-8000-000000000001",
            "service_id": "pension-join",
            "channel": "kiosk",
        }
        first = kiosk.post("tickets", body)
        hall.at("2026-11-24T09:00:00")
        trim(hall)
        assert kiosk.post("tickets", body).text == first.text
        hall.at("2026-11-25T09:00:01")
        trim(hall)
        assert kiosk.post("tickets", body).ok(201)["id"] != first.json["id"]


def test_the_events_that_are_gone_are_said_to_be_gone(tmp_path: Path) -> None:
    with running(tmp_path, short()) as hall:
        three_days(hall)
        hall.at(LATER)
        trim(hall)
        removed, _last = hall.parts.queries.kept()
        assert removed > 5
        manager = hall.manager()
        manager.get("events?after=0").refused(410, "gone_too_far")
        manager.get(f"events?after={removed - 1}").refused(410, "gone_too_far")
        manager.get("events", Last_Event_ID="3").refused(410, "gone_too_far")
        with manager.follow(f"?after={removed}&topics=tickets") as stream:
            assert stream.take(1)[0]["seq"] > removed


def test_a_device_that_was_away_too_long_starts_anew(tmp_path: Path) -> None:
    with running(tmp_path, short()) as hall:
        three_days(hall)
        hall.at(LATER)
        trim(hall)
        device, ups, got = hall.device("display"), threading.Event(), threading.Event()
        token = device.headers["Authorization"].removeprefix("Bearer ")

        def link(up: bool) -> None:
            if up:
                ups.set()

        def event(one: Event) -> None:
            assert one.type == "ticket.issued"
            got.set()

        follower = EventFollower(
            ApiClient(hall.base_url, token), ("tickets",), event, link, after=1
        )
        follower.start()
        try:
            # The stream is up: the moment to read the present state.
            assert ups.wait(PATIENCE_S)
            hall.device().issue("pension-join")
            assert got.wait(PATIENCE_S)
        finally:
            follower.stop()


def test_the_housekeeper_trims_once_a_day(tmp_path: Path) -> None:
    with running(tmp_path, short()) as hall:
        three_days(hall)
        hall.at(LATER)
        keeper = Housekeeper(hall.parts.commands, look_every_s=0.01)
        keeper.start()
        try:
            wait_for("the first day to go", lambda: days(hall)[0] == "2026-11-24")
            hall.at("2026-12-25T09:00:00")
            wait_for("the second day to go", lambda: days(hall)[0] == "2026-11-25")
        finally:
            keeper.stop()
        assert "完好" in verify(tmp_path)
