"""Every command sent again, as by a client that got no answer: the first answer, byte for byte, and
nothing changed, also after a restart."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.fakes.running_hall import Answer, Client, RunningHall, Tables, running, sample_hall

pytestmark = pytest.mark.usefixtures("database")

Sent = tuple[Client, str, dict[str, Any], str]


class Repeater:
    """Sends commands and keeps them with their answers."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []

    def command(self, client: Client, path: str, **fields: Any) -> Any:
        """A command that is done."""
        body = {"request_id": str(uuid4()), **fields}
        answer = client.post(path, body)
        assert answer.status in (200, 201), answer.text
        self.sent.append((client, path, body, answer.text))
        return answer.json

    def again(self) -> None:
        """All of them once more, the last first."""
        for client, path, body, text in reversed(self.sent):
            assert client.post(path, body).text == text, path


def keeping(tables: Tables) -> None:
    tables["missed_call"] = {"policy": "keep_minutes", "minutes": 30, "max_passes": 3}


def rows(hall: RunningHall) -> list[Any]:
    """Every ticket and window as stored, and the journal's end."""
    return hall.store.read(
        lambda tx: [
            tx.tickets_in("2026-11-23", ["waiting", "serving", "parked", "done", "cancelled"], 99),
            tx.windows(),
            tx.last_seq(),
        ]
    )


def test_every_verb_again_answers_the_same_and_changes_nothing(tmp_path: Path) -> None:
    with running(tmp_path, sample_hall("baishui-town", keeping)) as hall:
        repeat, kiosk = Repeater(), hall.device()
        five, one = hall.clerk(5, opened=False), hall.clerk(1, opened=False)

        def verb(client: Client, number: int, name: str, /, **fields: Any) -> Any:
            hall.later(seconds=20)
            return repeat.command(client, f"windows/{number}/{name}", **fields)["ticket"]

        def take(service: str, *more: str) -> Any:
            body = {"service_id": service, "channel": "kiosk", "more_services": list(more)}
            return repeat.command(kiosk, "tickets", **body)

        first, second = take("pension-join", "hukou"), take("pension-join")
        third = take("pension-join")
        repeat.command(five, "windows/5/open")
        repeat.command(one, "windows/1/open")
        verb(five, 5, "call-next")
        verb(five, 5, "recall")
        verb(five, 5, "no-show")
        verb(five, 5, "requeue", ticket_id=first["id"])
        verb(five, 5, "call", ticket_id=second["id"])
        verb(five, 5, "start")
        verb(five, 5, "park")
        verb(one, 1, "resume", ticket_id=second["id"])
        verb(one, 1, "transfer", window=5)
        verb(five, 5, "call-next")
        verb(five, 5, "start")
        assert verb(five, 5, "finish")["service_id"] == "hukou"
        verb(one, 1, "call-next")
        verb(one, 1, "start")
        assert verb(one, 1, "finish", outcome="supplement")["outcome"] == "supplement"
        assert verb(one, 1, "call-next") is None
        repeat.command(hall.log_in("g1"), f"tickets/{third['id']}/cancel")
        verb(five, 5, "pause", reason="用餐交接")
        verb(one, 1, "close")
        assert {path.rpartition("/")[2] for _, path, _, _ in repeat.sent} >= {
            *("open", "close", "pause", "call-next", "call", "recall", "start", "finish"),
            *("no-show", "park", "resume", "transfer", "requeue", "tickets", "cancel"),
        }

        before = rows(hall)
        repeat.again()
        assert rows(hall) == before
        hall.restart()
        hall.later(minutes=3)
        repeat.again()
        assert rows(hall) == before


def test_the_loser_of_a_race_asks_again(tmp_path: Path) -> None:
    """Nobody was left for it: that stays its answer, although somebody waits by now."""
    with running(tmp_path) as hall:
        kiosk, five = hall.device(), hall.clerk(5)
        lost = {"request_id": str(uuid4())}
        nobody = five.post("windows/5/call-next", lost)
        assert nobody.ok()["ticket"] is None
        kiosk.issue("pension-join")
        for _ in range(2):
            assert five.post("windows/5/call-next", lost).text == nobody.text
            hall.restart()
        assert len(kiosk.get("tickets?state=waiting").ok()["tickets"]) == 1
        assert five.call_next(5)["number"] == "E001"


def test_what_has_no_request_id_may_be_repeated_too(tmp_path: Path) -> None:
    """A log-in makes one more session, a log-out ends one, a profile is put as it is."""
    with running(tmp_path) as hall:
        before = hall.journal()
        once, twice = hall.log_in("c5", 5), hall.log_in("c5", 5)
        assert once.get("session").ok() | {"csrf_token": ""} == twice.get("session").ok() | {
            "csrf_token": ""
        }
        hall.restart()
        assert once.get("session").status == twice.get("session").status == 200
        assert twice.send("DELETE", "session").status == 200
        twice.send("DELETE", "session").refused(401, "login_needed")
        assert once.get("session").status == 200
        assert hall.journal() == before
        rules = {"rules": [{"services": "*"}]}
        manager = hall.manager()
        for _ in range(2):
            manager.send("PUT", "windows/5/profile", rules).ok()
            hall.restart()
        assert len(hall.journal("profile.changed")) == 1
        pair = {"request_id": str(uuid4()), "kind": "kiosk", "name": "门口"}
        answers: list[Answer] = []
        for _ in range(2):
            answers.append(hall.anyone().post("devices/pair", pair))
            hall.restart()
        assert {a.json["device_id"] for a in answers if a.status < 300} == {
            answers[0].json["device_id"]
        }


def test_a_transfer_to_a_paused_window_is_refused(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, five, one = hall.device(), hall.clerk(5), hall.clerk(1)
        kiosk.issue("pension-join")
        five.call_next(5)
        one.verb(1, "pause", reason="").ok()
        five.verb(5, "transfer", window=1).refused(409, "window_not_open")
        assert five.get("windows/5").ok()["active"]["number"] == "E001"


def test_a_window_that_closes_leaves_its_parked_tickets_to_others(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, five, one = hall.device(), hall.clerk(5), hall.clerk(1)
        taken = kiosk.issue("pension-join")
        five.call_next(5)
        five.verb(5, "start").ok()
        five.verb(5, "park").ok()
        five.verb(5, "close").ok()
        parked = one.get("tickets?state=parked").ok()["tickets"]
        assert [(t["number"], t["window"]) for t in parked] == [("E001", 5)]
        hall.at("2026-11-23T17:45:00")
        assert one.verb(1, "resume", ticket_id=taken["id"]).ok()["ticket"]["window"] == 1
        one.verb(1, "park").ok()
        hall.at("2026-11-24T08:30:00")
        assert kiosk.get(f"tickets/{taken['id']}").ok()["state"] == "void"
        hall.clerk(1).verb(1, "resume", ticket_id=taken["id"]).refused(404, "unknown_ticket")
