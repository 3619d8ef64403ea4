"""Limits of a service, at the borders of their slots."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hall_server.hallfile.build import build_hall
from hall_server.service.install import install_hall
from tests.fakes.running_hall import Answer, Client, RunningHall, Tables, running, sample_hall

pytestmark = pytest.mark.usefixtures("database")

DAY = "2026-11-23"


def services(tables: Tables) -> dict[str, Any]:
    return {s["id"]: s for c in tables["categories"] for s in c["services"]}


def limited(tables: Tables) -> None:
    found = services(tables)
    found["pension-join"]["daily_max"] = 4
    found["pension-join"]["slots"] = [
        {"from": "08:30", "to": "10:00", "max": 2},
        {"from": "10:00", "to": "12:00", "max": 3},
    ]
    found["dibao"]["daily_max"] = 1
    tables["appointments"] = {"enabled": True}


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RunningHall]:
    with running(tmp_path, sample_hall("baishui-town", limited)) as found:
        yield found


def ask(client: Client, service_id: str = "pension-join", **fields: Any) -> Answer:
    return client.command("tickets", service_id=service_id, channel="kiosk", **fields)


def shown(
    hall: RunningHall, service_id: str = "pension-join", key: str = "closed_reason"
) -> tuple[bool, str]:
    categories = hall.anyone().get("hall").ok()["categories"]
    found = next(s for c in categories for s in c["services"] if s["id"] == service_id)
    return found["open"], found[key]


def test_a_slot_and_then_the_day_are_full(hall: RunningHall) -> None:
    kiosk = hall.device()
    assert [ask(kiosk).status for _ in range(2)] == [201, 201]
    full = ask(kiosk).refused(409, "quota_full").json["error"]
    assert "10:00–12:00 还有 2 个" in full["message"]
    assert full["details"] == [{"from": "10:00", "to": "12:00", "left": 2}]
    assert shown(hall) == (False, "08:30–10:00 的 2 个号已取完，10:00–12:00 还有 2 个")
    english = "all 2 numbers of 08:30–10:00 are taken; left: 2 at 10:00–12:00"
    assert shown(hall, key="closed_reason_en") == (False, english)
    assert full["message_en"] == f"Residents' pension: join: {english}"
    assert shown(hall, "hukou") == shown(hall, "hukou", "closed_reason_en") == (True, "")
    hall.at(f"{DAY}T09:59:59")
    ask(kiosk).refused(409, "quota_full")
    hall.at(f"{DAY}T10:00:00")
    assert shown(hall) == (True, "")
    numbers = [ask(kiosk).ok(201)["number"] for _ in range(2)]
    # What was refused has taken no number.
    assert numbers == ["E003", "E004"]
    hall.at(f"{DAY}T14:00:00")
    full = ask(kiosk).refused(409, "quota_full").json["error"]
    assert "今日 4 个号已取完" in full["message"]
    hall.restart()
    ask(kiosk).refused(409, "quota_full")
    hall.at("2026-11-24T08:30:00")
    assert ask(kiosk).ok(201)["number"] == "E001"


def test_a_number_given_back_gives_its_place_back(hall: RunningHall) -> None:
    kiosk, clerk = hall.device(), hall.clerk(3)
    first = ask(kiosk, "dibao").ok(201)
    ask(kiosk, "dibao").refused(409, "quota_full")
    clerk.command(f"tickets/{first['id']}/cancel").ok()
    second = ask(kiosk, "dibao").ok(201)
    # … but not once somebody has spent time on it.
    assert clerk.call_next(3)["id"] == second["id"]
    clerk.verb(3, "start").ok()
    clerk.verb(3, "transfer", service_id="dibao").ok()
    clerk.command(f"tickets/{second['id']}/cancel").ok()
    ask(kiosk, "dibao").refused(409, "quota_full")


def test_a_transfer_moves_no_place(hall: RunningHall) -> None:
    """What is limited is the taking of numbers: who is sent on took theirs for another service."""
    kiosk, clerk = hall.device(), hall.clerk(3)
    moving = ask(kiosk, "dibao").ok(201)
    clerk.call_next(3)
    clerk.verb(3, "start").ok()
    clerk.verb(3, "transfer", service_id="pension-join").ok()
    # Its place is still taken …
    ask(kiosk, "dibao").refused(409, "quota_full")
    # … and it takes none of the other service, which may be full as well.
    assert [ask(kiosk).status for _ in range(3)] == [201, 201, 409]
    ask(kiosk, "hukou").ok(201)
    one = hall.clerk(1)
    one.call_next(1)
    one.verb(1, "transfer", service_id="pension-join").ok()
    hall.clerk(5).command(f"tickets/{moving['id']}/cancel").ok()
    ask(kiosk, "dibao").refused(409, "quota_full")
    ask(kiosk).refused(409, "quota_full")


def test_every_service_of_a_ticket_counts(hall: RunningHall) -> None:
    kiosk, guide = hall.device(), hall.log_in("g1")
    both = ask(kiosk, "hukou", more_services=["dibao"]).ok(201)
    ask(kiosk, "dibao").refused(409, "quota_full")
    ask(kiosk, "hukou", more_services=["dibao"]).refused(409, "quota_full")
    guide.command(f"tickets/{both['id']}/cancel").ok()
    ask(kiosk, "dibao").ok(201)


def test_a_booking_has_its_place_and_counts(hall: RunningHall) -> None:
    guide, kiosk = hall.log_in("g1"), hall.device()
    body = {"service_id": "dibao", "person": "a", "channel": "phone"}
    made = guide.command("appointments", starts="2026-11-24T09:00:00+08:00", **body).ok(201)
    later = guide.command(
        "appointments", starts="2026-11-24T09:00:00+08:00", **(body | {"person": "b"})
    ).ok(201)
    hall.at("2026-11-24T08:50:00")
    ask(kiosk, "dibao", appointment_code=made["code"]).ok(201)
    ask(kiosk, "dibao").refused(409, "quota_full")
    ask(kiosk, "dibao", appointment_code=later["code"]).ok(201)


def test_numbers_printed_without_the_server_are_counted_and_never_refused(
    hall: RunningHall,
) -> None:
    kiosk = hall.device()
    lease = kiosk.command("leases", series="E", count=3).ok()
    hall.later(minutes=10)
    printed = [
        {
            "id": f"00000000-0000-4000-8000-00000000000{n}",
            "number": f"E{lease['from'] + n:03}",
            "service_id": "pension-join",
            "priority_class": "ordinary",
            "issued_at": f"{DAY}T09:0{n}:00+08:00",
        }
        for n in range(3)
    ]
    sent = {"device_id": kiosk.device_id, "tickets": printed}
    assert len(kiosk.post("tickets/sync", sent).ok()["accepted"]) == 3
    assert len(kiosk.post("tickets/sync", sent).ok()["accepted"]) == 3
    full = ask(kiosk).refused(409, "quota_full").json["error"]
    assert "10:00–12:00 还有 1 个" in full["message"]


def test_a_limit_set_during_the_day_knows_what_was_given_before(tmp_path: Path) -> None:
    with running(tmp_path, "baishui-town") as hall:
        kiosk, guide = hall.device(), hall.log_in("g1")
        taken = [ask(kiosk).ok(201)["id"] for _ in range(2)]
        guide.command(f"tickets/{taken[0]}/cancel").ok()
        limit(hall)
        ask(kiosk).ok(201)
        ask(kiosk).refused(409, "quota_full")


def limit(hall: RunningHall) -> None:
    """The hall gets its limits during the day."""
    file = sample_hall("baishui-town", limited)
    install_hall(hall.store, file, "admin", hall.clock.now)
    hall.hall = build_hall(file)
    hall.restart()


def test_a_limit_set_during_the_day_counts_what_was_chosen_and_not_what_became_of_it(
    tmp_path: Path,
) -> None:
    with running(tmp_path, "baishui-town") as hall:
        kiosk, three = hall.device(), hall.clerk(3)
        ask(kiosk, "hukou", more_services=["pension-join"]).ok(201)
        sent = ask(kiosk, "dibao").ok(201)
        three.call_next(3)
        three.verb(3, "transfer", service_id="pension-join").ok()
        three.command(f"tickets/{sent['id']}/cancel").ok()
        back = ask(kiosk, "pension-join").ok(201)
        three.command(f"tickets/{back['id']}/cancel").ok()
        hall.at(f"{DAY}T09:59:59.999")
        ask(kiosk).ok(201)
        hall.at(f"{DAY}T10:00:00")
        ask(kiosk).ok(201)
        limit(hall)
        # Of the morning's one slot two are taken, of the next one of three.
        used = hall.store.read(lambda tx: tx.quotas_used(DAY))
        assert used["pension-join"] == {"": 3, "08:30": 2, "10:00": 1}
        assert used["dibao"] == {"": 1}
        assert shown(hall, "dibao")[0] is False
        # The same file again counts no number twice.
        limit(hall)
        assert hall.store.read(lambda tx: tx.quotas_used(DAY)) == used
