"""Numbers for the time when the server is away: blocks that nobody else gets."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from hall_server.store.transaction import SqlTransaction
from tests.fakes.running_hall import RunningHall, running
from tests.fakes.store_rows import ticket_row

pytestmark = pytest.mark.usefixtures("database")


def block(lease: dict[str, Any]) -> set[int]:
    return set(range(lease["from"], lease["to"] + 1))


def recent_tickets(hall: RunningHall, count: int) -> None:
    """So many tickets of series E, one a minute, the last one now."""
    now = round(hall.clock.now().timestamp() * 1000)

    def fill(tx: SqlTransaction) -> None:
        for n in range(1, count + 1):
            sequence = tx.take_sequence("2026-11-23", "E")
            tx.add_ticket(ticket_row(sequence, series="E", issued=now - (count - n) * 60_000))

    hall.store.write(fill)


def test_a_block_is_taken_out_of_the_series(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk = hall.device()
        assert kiosk.issue("pension-join")["number"] == "E001"
        lease = kiosk.command("leases", series="E", count=20).ok()
        assert (lease["series"], lease["from"], lease["to"]) == ("E", 2, 21)
        assert lease["expires"] == "2026-11-23T17:30:00+08:00"
        assert lease["server_time"] == "2026-11-23T09:00:00+08:00"
        # What is issued online goes on after the block.
        assert kiosk.issue("pension-join")["number"] == "E022"
        assert [body["data"]["first"] for _, _, body in hall.journal("lease.granted")] == [2]


def test_a_block_of_a_series_that_has_begun_only(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk = hall.device()
        kiosk.command("leases", series="E", begun_only=True).refused(409, "series_not_begun")
        kiosk.issue("hukou")
        kiosk.command("leases", series="E", begun_only=True).refused(409, "series_not_begun")
        kiosk.issue("pension-join")
        assert kiosk.command("leases", series="E", begun_only=True).ok()["from"] == 2


def test_the_same_request_seals_one_block(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, request_id = hall.device(), str(uuid4())
        body = {"request_id": request_id, "series": "E", "count": 5}
        first = kiosk.post("leases", body)
        hall.restart()
        assert kiosk.post("leases", body).text == first.text
        assert kiosk.issue("pension-join")["number"] == "E006"


def test_a_fresh_block_closes_the_one_before(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, other = hall.device(), hall.device()
        first = kiosk.command("leases", series="E", count=5).ok()
        elsewhere = other.command("leases", series="E", count=5).ok()
        second = kiosk.command("leases", series="E", count=5).ok()
        assert [lease["from"] for lease in (first, elsewhere, second)] == [1, 6, 11]
        [(_, actor, body)] = hall.journal("lease.closed")
        assert actor == f"device:{kiosk.device_id}"
        assert body["data"]["unspent"] == "1-5"
        assert body["data"]["reason"] == "replaced"
        # … and what was left of it stays unused.
        assert kiosk.issue("pension-join")["number"] == "E016"


def test_the_size_of_a_block_follows_the_recent_rate(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk = hall.device()
        quiet = kiosk.command("leases", series="E").ok()
        assert len(block(quiet)) == 15
        recent_tickets(hall, 30)
        assert len(block(kiosk.command("leases", series="E").ok())) == 48
        # An hour later that rate is no longer recent.
        hall.later(minutes=61)
        assert len(block(kiosk.command("leases", series="E").ok())) == 15
        assert len(block(kiosk.command("leases", series="E", count=9999).ok())) == 200


def test_blocks_and_numbers_taken_at_once_never_meet(tmp_path: Path) -> None:
    with running(tmp_path) as hall, ThreadPoolExecutor(8) as pool:
        kiosks = [hall.device() for _ in range(4)]

        def ask(n: int) -> set[int]:
            kiosk = kiosks[n % 4]
            if n % 3:
                return {int(kiosk.issue("pension-join")["number"][1:])}
            return block(kiosk.command("leases", series="E", count=7).ok())

        found = list(pool.map(ask, range(36)))
        together = [number for numbers in found for number in numbers]
        assert sorted(together) == list(range(1, 12 * 7 + 24 + 1))


def test_who_may_not_have_a_block(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        hall.anyone().command("leases", series="E").refused(401, "login_needed")
        hall.manager().command("leases", series="E").refused(403, "not_allowed")
        hall.device("display").command("leases", series="E").refused(403, "not_allowed")
        kiosk = hall.device()
        kiosk.command("leases", series="Z").refused(404, "unknown_series")
        kiosk.command("leases", series="E", count=0).refused(422, "invalid_fields")
        kiosk.command("leases", series="EE").refused(422, "invalid_fields")
        assert hall.journal("lease") == []


def test_the_next_day_closes_what_was_left_and_counts_from_one(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk = hall.device()
        kiosk.command("leases", series="E", count=5).ok()
        hall.at("2026-11-24T09:00:00")
        lease = kiosk.command("leases", series="E", count=5).ok()
        assert (lease["from"], lease["day"]) == (1, "2026-11-24")
        [(_, actor, body)] = hall.journal("lease.closed")
        assert actor == "system"
        assert (body["data"]["reason"], body["data"]["day"]) == ("day_closed", "2026-11-23")
