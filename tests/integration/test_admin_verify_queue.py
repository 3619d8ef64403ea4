"""``hall admin verify`` finds what nobody may do to the queue, also while the server runs."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from hall_server.admin.failure import Failure
from hall_server.admin.verify import verify
from hall_server.store.journal import GENESIS, entry_hash
from tests.fakes.running_hall import RunningHall, running


def a_day(hall: RunningHall) -> None:
    """Two days with everything that may happen to a ticket."""
    kiosk, clerk, manager = hall.device(), hall.clerk(5), hall.manager()
    kiosk.command("leases", series="E", count=4).ok()
    for _ in range(5):
        kiosk.issue("pension-join")
        hall.later(seconds=10)
    clerk.call_next(5)
    clerk.verb(5, "recall").ok()
    clerk.verb(5, "start").ok()
    clerk.verb(5, "park").ok()
    second = clerk.call_next(5)
    clerk.verb(5, "no-show").ok()
    first = kiosk.get("tickets?number=E005").ok()["tickets"][0]
    clerk.verb(5, "resume", ticket_id=first["id"]).ok()
    clerk.verb(5, "finish").ok()
    clerk.verb(5, "call", ticket_id=second["id"]).ok()
    clerk.verb(5, "start").ok()
    clerk.verb(5, "transfer", service_id="pension-join").ok()
    last = kiosk.get("tickets?number=E009").ok()["tickets"][0]
    manager.command(f"tickets/{last['id']}/cancel").ok()
    body = {
        "device_id": kiosk.device_id,
        "tickets": [
            {
                "id": str(uuid4()),
                "number": "E002",
                "service_id": "pension-join",
                "issued_at": "2026-11-23T09:00:30+08:00",
            }
        ],
    }
    assert len(kiosk.post("tickets/sync", body).ok()["accepted"]) == 1
    hall.at("2026-11-24T09:00:00")
    kiosk.issue("pension-join")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good")
    with running(folder) as hall:
        a_day(hall)
        # A running server's data too.
        assert "完好" in verify(folder)
    return folder / "hall.db"


@pytest.fixture
def data(good: Path, tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "hall.db").write_bytes(good.read_bytes())
    yield tmp_path


def change(data: Path, *statements: str) -> None:
    with closing(sqlite3.connect(data / "hall.db")) as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount, statement
        connection.commit()


def wrong(data: Path) -> str:
    with pytest.raises(Failure) as failed:
        verify(data)
    return str(failed.value)


def rechain(data: Path) -> None:
    """Makes the hash chain fit again, as somebody who knows how would."""
    with closing(sqlite3.connect(data / "hall.db")) as connection:
        rows = connection.execute("SELECT at, type, actor, body FROM journal ORDER BY seq")
        previous = GENESIS
        for seq, (at, type_, actor, body) in enumerate(rows.fetchall(), 1):
            previous = entry_hash(previous, seq, at, type_, actor, body)
            connection.execute(
                "UPDATE journal SET seq = ?, hash = ? WHERE at = ? AND type = ? AND body = ?",
                (seq, previous, at, type_, body),
            )
        connection.commit()


def test_a_sound_hall(data: Path) -> None:
    assert "完好" in verify(data)


def test_a_state_that_nothing_led_to(data: Path) -> None:
    change(data, "UPDATE ticket SET state = 'done' WHERE sequence = 7 AND day = '2026-11-23'")
    assert "2026-11-23 E007" in wrong(data)
    assert "'done', the journal left E007 'void'" in wrong(data)


def test_a_ticket_that_vanished(data: Path) -> None:
    change(data, "DELETE FROM ticket WHERE sequence = 7 AND day = '2026-11-23'")
    found = wrong(data)
    assert "numbers 7 were neither issued nor sealed" in found
    assert "E007 is in the journal" in found


def test_a_number_from_nowhere(data: Path) -> None:
    columns = "day, series, service_id, priority, state, channel, base, issued, passes"
    columns += ", held_until, offline"
    change(
        data,
        f"INSERT INTO ticket (id, token, sequence, {columns}) SELECT 'x', 'x', 40, {columns}"
        " FROM ticket WHERE sequence = 7",
    )
    found = wrong(data)
    assert "numbers 40 are beyond the last one given, 9" in found
    assert "E040: the journal does not say that it was issued" in found


def test_a_block_that_vanished(data: Path) -> None:
    change(data, "DELETE FROM lease")
    assert "numbers 1, 3-4 were neither issued nor sealed" in wrong(data)


def test_a_number_changed(data: Path) -> None:
    change(data, "UPDATE ticket SET sequence = 3 WHERE sequence = 7 AND day = '2026-11-23'")
    assert "E003 is 'void', the journal left E007" in wrong(data)


def test_a_step_that_does_not_exist(data: Path) -> None:
    with closing(sqlite3.connect(data / "hall.db")) as connection:
        [(seq, text)] = connection.execute(
            "SELECT seq, body FROM journal WHERE type = 'ticket.finished' LIMIT 1"
        ).fetchall()
        body = json.loads(text)
        body["ticket"]["state"] = "cancelled"
        connection.execute(
            "UPDATE journal SET type = 'ticket.cancelled', body = ? WHERE seq = ?",
            (json.dumps(body), seq),
        )
        connection.execute("UPDATE ticket SET state = 'cancelled' WHERE sequence = 5")
        connection.commit()
    assert "hash chain" in wrong(data)
    rechain(data)
    assert "cannot go from 'serving' to 'cancelled' by ticket.cancelled" in wrong(data)


def test_two_at_one_window(data: Path) -> None:
    with closing(sqlite3.connect(data / "hall.db")) as connection:
        [(seq, text)] = connection.execute(
            "SELECT seq, body FROM journal WHERE type = 'ticket.parked' LIMIT 1"
        ).fetchall()
        body = json.loads(text)
        body["ticket"]["state"] = "serving"
        connection.execute(
            "UPDATE journal SET type = 'ticket.started', body = ? WHERE seq = ?",
            (json.dumps(body), seq),
        )
        connection.commit()
    rechain(data)
    assert "window 5 had another ticket still" in wrong(data)


def test_two_at_one_window_now(data: Path) -> None:
    with closing(sqlite3.connect(data / "hall.db")) as connection:
        connection.execute("DROP INDEX uq_ticket_active_window")
        connection.execute(
            "UPDATE ticket SET state = 'called', window = 5 WHERE sequence IN (6, 7)"
        )
        connection.commit()
        # An index of the same name that forbids nothing.
        connection.execute("CREATE INDEX uq_ticket_active_window ON ticket (window)")
        connection.commit()
    assert "window 5 has 2 tickets at once" in wrong(data)
