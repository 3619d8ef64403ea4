"""Tickets that a kiosk gave out while the server was away are taken in, once, at their places."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from hall_server.hallfile.schema import HallFile
from hallkit.wire.lease import Lease, offline_position_url, offline_token
from tests.fakes.running_hall import MORNING, Client, RunningHall, running, sample_hall

pytestmark = pytest.mark.usefixtures("database")

NINE = datetime.fromisoformat(MORNING)


def at(minutes: float, ms: int = 0) -> str:
    """So many minutes (and milliseconds) after nine."""
    return (NINE + timedelta(minutes=minutes, milliseconds=ms)).isoformat()


def offline(number: str, minutes: float, /, **more: Any) -> dict[str, Any]:
    """A ticket that a kiosk gave out at this time."""
    ticket = {
        "id": str(uuid4()),
        "number": number,
        "service_id": "pension-join",
        "priority_class": "ordinary",
        "issued_at": at(minutes),
    }
    return ticket | more


def sync(kiosk: Client, *tickets: dict[str, Any], **more: Any) -> Any:
    """The server's answer."""
    body = {"device_id": kiosk.device_id, "tickets": list(tickets), **more}
    return kiosk.post("tickets/sync", body).ok()


def leased(hall: RunningHall, count: int = 20) -> tuple[Client, dict[str, Any]]:
    """A kiosk with a block of series E, taken at nine."""
    kiosk = hall.device()
    return kiosk, kiosk.command("leases", series="E", count=count).ok()


def waiting(client: Client) -> list[str]:
    """The numbers that wait, in calling order."""
    return [t["number"] for t in client.get("tickets?state=waiting").ok()["tickets"]]


def codes(answer: Any) -> dict[str, str]:
    return {entry["id"]: entry["code"] for entry in answer["rejected"]}


def test_offline_tickets_stand_where_they_were_issued(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, _ = leased(hall)
        hall.later(minutes=10)
        assert kiosk.issue("pension-join")["number"] == "E021"
        hall.later(minutes=10)
        assert kiosk.issue("pension-join")["number"] == "E022"
        tickets = [offline("E001", 5), offline("E002", 15), offline("E003", 15.5)]
        answer = sync(kiosk, *tickets)
        assert answer["accepted"] == [t["id"] for t in tickets]
        assert answer["server_time"] == at(20)
        assert waiting(kiosk) == ["E001", "E021", "E002", "E003", "E022"]
        clerk = hall.clerk(5)
        first = clerk.call_next(5)
        assert (first["number"], first["id"]) == ("E001", tickets[0]["id"])
        assert first["offline"] is True
        assert first["issued_at"] == at(5)


def test_points_are_counted_from_the_time_of_issue(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, _ = leased(hall)
        hall.later(minutes=20)
        sync(kiosk, offline("E001", 5), offline("E002", 18, priority_class="green"))
        clerk = hall.clerk(5)
        # Fifteen minutes make 15 points; the green channel has 10 + 3 a minute: 16.
        why = clerk.verb(5, "call-next").ok()
        assert why["ticket"]["number"] == "E002"
        assert why["why"]["points"] == 16.0


def test_handing_in_again_is_harmless(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, _ = leased(hall)
        hall.later(minutes=10)
        tickets = [offline("E001", 5), offline("E002", 6)]
        sync(kiosk, *tickets)
        clerk = hall.clerk(5)
        called = clerk.call_next(5)
        journal = hall.journal("ticket")
        hall.restart()
        assert sync(kiosk, *tickets)["accepted"] == [t["id"] for t in tickets]
        assert hall.journal("ticket") == journal
        assert kiosk.get(f"tickets/{called['id']}").ok()["state"] == "called"
        assert waiting(kiosk) == ["E002"]


def test_each_ticket_is_judged_by_itself(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, _ = leased(hall, 5)
        online = kiosk.issue("pension-join")
        hall.later(minutes=10)
        good, taken = offline("E001", 1), offline("E002", 2)
        wrong = {
            "not_leased": [offline("E006", 3), offline("A001", 3), offline("E01", 3)],
            "number_taken": [offline("E002", 4)],
            "id_taken": [offline("E003", 4, id=online["id"]), taken | {"number": "E004"}],
            "unknown_service": [offline("E003", 4, service_id="nothing")],
            "wrong_series": [offline("E003", 4, service_id="hukou")],
            "unknown_priority_class": [offline("E003", 4, priority_class="vip")],
            "bad_time": [
                offline("E003", 4, issued_at=text) for text in ("soon", "2026-11-23T09:04:00")
            ],
        }
        sync(kiosk, taken)
        bad = [ticket for entries in wrong.values() for ticket in entries]
        answer = sync(kiosk, *bad[:5], good, *bad[5:])
        assert answer["accepted"] == [good["id"]]
        found = [entry["code"] for entry in answer["rejected"]]
        assert sorted(found) == sorted(c for c, entries in wrong.items() for _ in entries)
        assert waiting(kiosk) == ["E006", "E001", "E002"]
        # Somebody holds that paper: it is written down.
        [(_, actor, body)] = hall.journal("sync.rejected")
        assert actor == f"device:{kiosk.device_id}"
        assert {t["code"] for t in body["data"]["tickets"]} == set(wrong)


def test_another_kiosks_block_is_not_mine(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        leased(hall)
        other = hall.device()
        ticket = offline("E001", 1)
        assert codes(sync(other, ticket)) == {ticket["id"]: "not_leased"}


def test_the_time_is_kept_between_the_block_and_now(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        hall.later(minutes=5)
        kiosk, _ = leased(hall)
        hall.later(minutes=10)
        # A machine without a battery for its clock starts in 1970.
        new_year = offline("E001", 0, issued_at="1970-01-01T08:00:11+08:00")
        tickets = [new_year, offline("E002", -90), offline("E003", 600)]
        sync(kiosk, *tickets)
        times = [kiosk.get(f"tickets/{t['id']}").ok()["issued_at"] for t in tickets]
        assert times == [at(5), at(5, 1), at(15)]


def test_clocks_that_are_wrong_do_not_mix_up_the_numbers(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, _ = leased(hall)
        hall.later(minutes=10)
        sync(kiosk, *(offline(f"E{n:03d}", -60) for n in range(1, 8)), more=True)
        sync(kiosk, *(offline(f"E{n:03d}", 600) for n in range(14, 7, -1)))
        assert waiting(kiosk) == [f"E{n:03d}" for n in range(1, 15)]
        clerk = hall.clerk(5)
        called = []
        for _ in range(14):
            called.append(clerk.call_next(5)["number"])
            clerk.verb(5, "start").ok()
            clerk.verb(5, "finish").ok()
        assert called == [f"E{n:03d}" for n in range(1, 15)]


def test_the_order_of_the_numbers_is_the_order_of_the_times(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, _ = leased(hall)
        hall.later(minutes=20)
        # Sent in any order; the clock was set back between the first and the second.
        tickets = [offline("E003", 11), offline("E002", 4), offline("E001", 9)]
        sync(kiosk, *tickets, more=True)
        by_number = {
            t["number"]: t["issued_at"] for t in kiosk.get("tickets?state=waiting").ok()["tickets"]
        }
        assert by_number == {"E001": at(9), "E002": at(9, 1), "E003": at(11)}
        # One that was forgotten lies between its neighbours too.
        sync(kiosk, offline("E005", 15), more=True)
        late = offline("E004", 19)
        sync(kiosk, late)
        assert kiosk.get(f"tickets/{late['id']}").ok()["issued_at"] == at(15, -1)


def test_nothing_was_issued_before_the_last_contact(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, _ = leased(hall)
        hall.later(minutes=10)
        sync(kiosk)
        hall.later(minutes=10)
        # The kiosk's clock was set back by a quarter of an hour.
        tickets = [offline("E001", 2), offline("E002", 3)]
        sync(kiosk, tickets[0], more=True)
        sync(kiosk, tickets[1])
        times = [kiosk.get(f"tickets/{t['id']}").ok()["issued_at"] for t in tickets]
        assert times == [at(10), at(10, 1)]


def test_the_rest_of_an_outage_is_not_moved_by_its_first_part(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, _ = leased(hall)
        hall.later(minutes=10)
        sync(kiosk, offline("E001", 2), more=True)
        second = offline("E002", 3)
        sync(kiosk, second)
        assert kiosk.get(f"tickets/{second['id']}").ok()["issued_at"] == at(3)


def test_what_was_left_behind_may_still_be_handed_in(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, _ = leased(hall)
        hall.later(minutes=10)
        kiosk.command("leases", series="E", count=5).ok()
        ticket = offline("E001", 5)
        assert sync(kiosk, ticket)["accepted"] == [ticket["id"]]


def test_the_position_page_printed_offline_answers_afterwards(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, answer = leased(hall)
        lease = Lease.model_validate(answer)
        url = offline_position_url(lease, "E001")
        assert url == f"http://hall.test/t/{offline_token(lease.key, 'E001')}"
        page = url.removeprefix("http://hall.test")
        assert hall.anyone().get(page).status == 404
        hall.later(minutes=10)
        ticket = offline("E001", 5)
        sync(kiosk, ticket)
        assert hall.anyone().get(page).status == 200
        assert kiosk.get(f"tickets/{ticket['id']}").ok()["position_url"] == url


def test_a_number_given_without_an_answer_is_cancelled(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, _ = leased(hall)
        asked = {"service_id": "pension-join", "channel": "kiosk"}
        request_id, other = str(uuid4()), str(uuid4())
        lost = kiosk.post("tickets", {"request_id": request_id, **asked}).ok(201)
        theirs = hall.device().post("tickets", {"request_id": other, **asked}).ok(201)
        hall.later(minutes=1)
        never = str(uuid4())
        tickets = [
            offline(f"E{n:03d}", 1, replaces=replaced)
            for n, replaced in enumerate((request_id, other, never), 1)
        ]
        assert len(sync(kiosk, *tickets)["accepted"]) == 3
        assert kiosk.get(f"tickets/{lost['id']}").ok()["state"] == "cancelled"
        # Another device's request is none of this kiosk's business.
        assert kiosk.get(f"tickets/{theirs['id']}").ok()["state"] == "waiting"
        assert len(hall.journal("ticket.cancelled")) == 1


def test_a_request_that_arrives_after_its_number_was_given_offline(tmp_path: Path) -> None:
    """The cable was pulled while the kiosk asked; the network delivers it all the same."""
    with running(tmp_path) as hall:
        kiosk, _ = leased(hall)
        hall.later(minutes=1)
        late = {"request_id": str(uuid4()), "service_id": "pension-join", "channel": "kiosk"}
        ticket = offline("E001", 1, replaces=late["request_id"])
        sync(kiosk, ticket)
        kiosk.post("tickets", late).refused(409, "request_id_reused")
        assert sync(kiosk, ticket)["accepted"] == [ticket["id"]]
        assert waiting(kiosk) == ["E001"]


def test_yesterdays_tickets_are_void_but_accounted_for(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, _ = leased(hall, 5)
        hall.at("2026-11-24T09:00:00")
        today = kiosk.command("leases", series="E", count=5).ok()
        assert today["from"] == 1
        hall.later(minutes=10)
        old, new = offline("E001", 5), offline("E001", 24 * 60 + 5)
        answer = sync(kiosk, new, old)
        assert sorted(answer["accepted"]) == sorted([old["id"], new["id"]])
        assert kiosk.get(f"tickets/{old['id']}").ok()["state"] == "void"
        assert kiosk.get(f"tickets/{new['id']}").ok()["state"] == "waiting"
        [(_, _, body)] = hall.journal("ticket.void")
        assert body["data"]["reason"] == "day_closed"
        assert waiting(kiosk) == ["E001"]


def test_after_two_weeks_it_is_too_late(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, _ = leased(hall)
        hall.at("2026-12-07T09:00:00")
        ticket, later = offline("E001", 5), offline("E002", 6)
        assert sync(kiosk, ticket)["accepted"] == [ticket["id"]]
        hall.at("2026-12-08T09:00:00")
        assert codes(sync(kiosk, later)) == {later["id"]: "too_old"}


def _sends_home() -> HallFile:
    def change(tables: dict[str, Any]) -> None:
        tables["hours"]["serve_all_taken"] = False

    return sample_hall("baishui-town", change)


def test_what_comes_in_after_a_close_that_sends_people_home_is_void(tmp_path: Path) -> None:
    with running(tmp_path, _sends_home()) as hall:
        kiosk, _ = leased(hall)
        hall.at("2026-11-23T20:00:00")
        ticket = offline("E001", 5)
        assert sync(kiosk, ticket)["accepted"] == [ticket["id"]]
        assert kiosk.get(f"tickets/{ticket['id']}").ok()["state"] == "void"


def test_who_may_not_hand_in(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, _ = leased(hall)
        body = {"device_id": kiosk.device_id, "tickets": [offline("E001", 1)]}
        hall.anyone().post("tickets/sync", body).refused(401, "login_needed")
        hall.manager().post("tickets/sync", body).refused(403, "not_allowed")
        hall.device("display").post("tickets/sync", body).refused(403, "not_allowed")
        hall.device().post("tickets/sync", body).refused(403, "not_this_device")
        many = body | {"tickets": [offline("E001", 1) for _ in range(101)]}
        kiosk.post("tickets/sync", many).refused(422, "invalid_fields")


def test_an_event_tells_that_it_was_issued_offline(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, _ = leased(hall)
        with hall.manager().follow("?topics=tickets") as stream:
            sync(kiosk, offline("E001", 5))
            [event] = stream.take(1)
        assert (event["type"], event["ticket"]["number"]) == ("ticket.issued", "E001")
        assert event["data"] == {"channel": "kiosk", "offline": True}
