"""Appointments over HTTP: booked, imported, given back, used, missed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from hall_server.store.tables import appointment, command, journal
from tests.fakes.running_hall import Client, RunningHall, Tables, running, sample_hall

pytestmark = pytest.mark.usefixtures("database")

# 2026-11-23 is a Monday; the fixture's hall has slots of 30 minutes for one person.
WEDNESDAY = "2026-11-25"
PERSON = "610527196001010018"
HEADER = "person,service_id,date,time,channel\n"


def booking(tables: Tables) -> None:
    tables["appointments"] = {"enabled": True, "capacity": 1, "services": ["category:social"]}
    tables["calendar"] = {"national": True}


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RunningHall]:
    with running(tmp_path, sample_hall("baishui-town", booking)) as found:
        yield found


def starts(clock: str, day: str = WEDNESDAY) -> str:
    return f"{day}T{clock}:00+08:00"


def book(client: Client, clock: str = "09:00", day: str = WEDNESDAY, **fields: Any) -> Any:
    body = {
        "service_id": "pension-join",
        "starts": starts(clock, day),
        "person": PERSON,
        "channel": "phone",
    }
    return client.command("appointments", **(body | fields))


def check_in(client: Client, code: str, **fields: Any) -> Any:
    body = {"service_id": "pension-join", "channel": "kiosk", "appointment_code": code}
    return client.command("tickets", **(body | fields))


def test_a_booked_visitor_is_called_from_the_booked_time(hall: RunningHall) -> None:
    guide, kiosk = hall.log_in("g1"), hall.device()
    made = book(guide).ok(201)
    assert (made["state"], made["starts"], made["ends"]) == (
        "booked",
        starts("09:00"),
        starts("09:30"),
    )
    assert made["code"].isdigit()
    assert len(made["code"]) == 8
    hall.at(f"{WEDNESDAY}T08:44:59")
    early = check_in(kiosk, made["code"]).refused(409, "appointment_too_early")
    assert "08:45" in early.json["error"]["message"]
    hall.at(f"{WEDNESDAY}T08:45:00")
    ticket = check_in(kiosk, made["code"]).ok(201)
    assert ticket["priority_class"] == "appointment"
    hall.at(f"{WEDNESDAY}T08:50:00")
    kiosk.issue("pension-join")
    clerk = hall.clerk(5)
    # Before the booked time whoever is there comes first; afterwards 10 points and 2 a minute.
    hall.at(f"{WEDNESDAY}T08:59:59")
    queue = clerk.get("tickets?state=waiting").ok()["tickets"]
    assert [t["number"] for t in queue] == ["E002", "E001"]
    hall.at(f"{WEDNESDAY}T09:00:00")
    kiosk.issue("pension-join")
    hall.at(f"{WEDNESDAY}T09:01:00")
    answer = clerk.verb(5, "call-next").ok()
    assert answer["ticket"]["number"] == "E001"
    assert answer["why"]["points"] == 12.0
    listed = clerk.get(f"appointments?day={WEDNESDAY}").ok()["appointments"]
    assert [(a["code"], a["state"]) for a in listed] == [(made["code"], "arrived")]
    check_in(kiosk, made["code"]).refused(409, "appointment_used")


def test_a_booked_elder_may_use_the_green_channel_and_loses_nothing(hall: RunningHall) -> None:
    code = book(hall.log_in("g1")).ok(201)["code"]
    hall.at(f"{WEDNESDAY}T08:45:00")
    ticket = check_in(hall.device(), code, priority_class="green").ok(201)
    assert ticket["priority_class"] == "green"
    hall.at(f"{WEDNESDAY}T08:55:00")
    assert hall.clerk(5).verb(5, "call-next").ok()["why"]["points"] == 40.0


def test_why_a_code_is_no_good(hall: RunningHall) -> None:
    guide, kiosk = hall.log_in("g1"), hall.device()
    late = book(guide, "08:30").ok(201)["code"]
    gone = book(guide, "10:00", person="b").ok(201)["code"]
    other = book(guide, "09:00", day="2026-11-26").ok(201)["code"]
    guide.command(f"appointments/{gone}/cancel").ok()
    hall.at(f"{WEDNESDAY}T09:00:00")
    check_in(kiosk, late, service_id="hukou").refused(422, "wrong_service")
    check_in(kiosk, gone).refused(409, "appointment_cancelled")
    day = check_in(kiosk, other).refused(409, "appointment_too_early")
    assert "2026-11-26" in day.json["error"]["message"]
    check_in(kiosk, "10000000").refused(404, "unknown_appointment")
    assert hall.journal("ticket.issued") == []
    check_in(kiosk, late).ok(201)


def test_a_slot_missed_by_more_than_its_grace_is_lost(hall: RunningHall) -> None:
    guide, kiosk = hall.log_in("g1"), hall.device()
    codes = [book(guide, "09:00").ok(201)["code"], book(guide, "09:30", person="b").ok(201)["code"]]
    hall.at(f"{WEDNESDAY}T09:30:00")
    guide = hall.log_in("g1")
    listed = guide.get("appointments").ok()["appointments"]
    assert [a["state"] for a in listed] == ["booked", "booked"]
    hall.at(f"{WEDNESDAY}T09:30:01")
    check_in(kiosk, codes[0]).refused(409, "appointment_missed")
    listed = guide.get("appointments").ok()["appointments"]
    assert [a["state"] for a in listed] == ["no_show", "booked"]
    hall.at(f"{WEDNESDAY}T17:59:59")
    hall.anyone().get("board").ok()
    assert hall.journal("appointment.no_show") == []
    hall.at(f"{WEDNESDAY}T18:00:00")
    hall.anyone().get("board").ok()
    hall.restart()
    hall.anyone().get("board").ok()
    ((_, actor, body),) = hall.journal("appointment.no_show")
    assert (actor, body["data"]) == ("system", {"count": 2, "services": {"pension-join": 2}})


def test_a_day_that_nobody_saw_is_closed_by_the_next(hall: RunningHall) -> None:
    book(hall.log_in("g1")).ok(201)
    hall.at("2026-11-27T09:00:00")
    hall.anyone().get("board").ok()
    assert len(hall.journal("appointment.no_show")) == 1


@pytest.mark.parametrize(
    ("day", "clock", "status", "code"),
    [
        ("2026-11-23", "14:00", 409, "booking_too_late"),
        ("2026-11-24", "08:30", 201, ""),
        ("2026-11-30", "17:00", 201, ""),  # the fifth working day
        ("2026-12-01", "08:30", 409, "booking_too_far"),
        ("2026-11-28", "08:30", 201, ""),  # a Saturday on which the hall is open
        ("2026-11-28", "14:00", 422, "no_such_slot"),
        ("2026-11-24", "08:45", 422, "no_such_slot"),
        ("2026-11-24", "12:00", 422, "no_such_slot"),
        ("2026-11-24", "11:30", 201, ""),
        ("2999-12-31", "23:59", 409, "booking_too_far"),
    ],
)
def test_when_one_can_book(hall: RunningHall, day: str, clock: str, status: int, code: str) -> None:
    answer = book(hall.log_in("g1"), clock, day)
    assert answer.status == status, answer.text
    assert status == 201 or answer.code == code


def test_working_days_know_the_make_up_saturday(tmp_path: Path) -> None:
    file = sample_hall("baishui-town", booking)
    with running(tmp_path, file, at="2026-02-13T09:00:00+08:00") as hall:
        guide = hall.log_in("g1")
        # Saturday the 14th is a workday, in the afternoon too; the festival lasts until the 23rd.
        book(guide, "14:00", "2026-02-14").ok(201)
        book(guide, "08:30", "2026-02-16", person="b").refused(422, "no_such_slot")
        book(guide, "08:30", "2026-02-27", person="c").ok(201)
        book(guide, "08:30", "2026-02-28", person="d").refused(409, "booking_too_far")


def test_a_slot_and_a_person_have_their_limits(hall: RunningHall) -> None:
    guide = hall.log_in("g1")
    code = book(guide).ok(201)["code"]
    book(guide, person="somebody else").refused(409, "slot_full")
    # The same person, typed in another way.
    book(guide, "09:30", person=" 61052719600101 0018 ").refused(409, "already_booked")
    book(guide, "09:30", day="2026-11-26").ok(201)
    book(guide, service_id="hukou", person="c").refused(409, "not_bookable")
    book(guide, service_id="nothing", person="c").refused(404, "unknown_service")
    guide.command(f"appointments/{code}/cancel").ok()
    assert book(guide).ok(201)["code"] != code


def test_giving_back_ends_two_hours_before(hall: RunningHall) -> None:
    guide = hall.log_in("g1")
    first, second = (
        book(guide, "14:00").ok(201)["code"],
        book(guide, "14:30", person="b").ok(201)["code"],
    )
    hall.at(f"{WEDNESDAY}T12:00:00")
    guide = hall.log_in("g1")
    cancelled = guide.command(f"appointments/{first}/cancel").ok()
    assert cancelled["state"] == "cancelled"
    guide.command(f"appointments/{first}/cancel").refused(409, "appointment_cancelled")
    hall.at(f"{WEDNESDAY}T12:30:01")
    guide.command(f"appointments/{second}/cancel").refused(409, "cancel_too_late")
    guide.command("appointments/12345678/cancel").refused(404, "unknown_appointment")
    hall.device().command(f"appointments/{first}/cancel").refused(401, "login_needed")


def test_who_booked_is_kept_nowhere(hall: RunningHall) -> None:
    guide, manager = hall.log_in("g1"), hall.manager()
    request_id = str(uuid4())
    made = book(guide, request_id=request_id).ok(201)
    assert book(guide, request_id=request_id).ok(201) == made
    book(guide, request_id=request_id, person="b").refused(409, "request_id_reused")
    rows = f"{HEADER}{PERSON}7,pension-draw,{WEDNESDAY},10:00,web\n"
    manager.command("appointments/import", csv=rows).ok()

    def stored(tx: Any) -> list[str]:
        tables = (appointment, command, journal)
        return [str(tuple(r)) for t in tables for r in tx._conn.execute(select(t))]

    before = hall.store.read(stored)
    assert len(before) > 4
    assert not any(PERSON in row for row in before)
    assert all(made["code"] not in json.dumps(body) for _, _, body in hall.journal())

    def people(tx: Any) -> set[str | None]:
        return set(tx._conn.execute(select(appointment.c.person)).scalars())

    hashes = hall.store.read(people)
    assert len(hashes) == 2
    assert all(h is not None and len(h) == 64 for h in hashes)
    hall.at(f"{WEDNESDAY}T09:00:00")
    check_in(hall.device(), made["code"]).ok(201)
    assert None not in hall.store.read(people)
    hall.at("2026-11-26T00:00:00")
    hall.anyone().get("board").ok()
    assert hall.store.read(people) == {None}


def test_a_table_is_booked_whole_or_not_at_all(hall: RunningHall) -> None:
    manager = hall.manager()
    bad = (
        f"{HEADER}a,pension-join,{WEDNESDAY},09:00,phone\n"
        f"b,pension-join,{WEDNESDAY},09:00,web\n"
        f"c,nothing,{WEDNESDAY},09:00,phone\n"
        "d,pension-join,25.11.2026,09:00,phone\n"
        f",pension-join,{WEDNESDAY},09:30,kiosk\n"
        f"f,pension-join,{WEDNESDAY}\n"
        f"a,pension-join,{WEDNESDAY},10:00,phone\n"
    )
    answer = manager.command("appointments/import", csv=bad).refused(422, "invalid_rows")
    rows = [d["row"] for d in answer.json["error"]["details"]]
    assert sorted(rows) == [3, 4, 5, 6, 6, 7, 8]
    assert manager.get(f"appointments?day={WEDNESDAY}").ok()["appointments"] == []
    assert hall.journal("appointment") == []
    times = (("a", "09:00"), ("b", "09:30"))
    rows_of = (f"{who},pension-join,{WEDNESDAY},{at},web\n" for who, at in times)
    good = f"\ufeff{HEADER}" + "\n".join(rows_of)
    booked = manager.command("appointments/import", csv=good).ok()["booked"]
    assert [b["starts"] for b in booked] == [starts("09:00"), starts("09:30")]
    ((_, _, body),) = hall.journal("appointment.booked")
    assert body["data"] == {"count": 2, "services": {"pension-join": 2}}
    manager.command("appointments/import", csv="name,day\n").refused(422, "invalid_rows")
    hall.log_in("g1").command("appointments/import", csv=good).refused(403, "not_allowed")


def test_a_date_may_be_as_a_spreadsheet_writes_it(hall: RunningHall) -> None:
    rows = f"{HEADER}x,pension-join,2026/11/25,9:00,phone\n"
    booked = hall.manager().command("appointments/import", csv=rows).ok()["booked"]
    assert [b["starts"] for b in booked] == [starts("09:00")]


def test_a_day_tells_what_can_be_booked(hall: RunningHall) -> None:
    rules = hall.log_in("g1").get("appointments").ok()["rules"]
    assert (rules["first_day"], rules["last_day"]) == ("2026-11-24", "2026-11-30")
    assert (rules["early_min"], rules["late_min"], rules["cancel_before_h"]) == (15, 30, 2)
    assert rules["enabled"]
    assert "pension-join" in rules["services"]
    assert "hukou" not in rules["services"]


def test_only_slots_of_bookable_days_are_offered(hall: RunningHall) -> None:
    guide = hall.log_in("g1")

    def offered(day: str) -> set[bool]:
        slots = guide.get(f"appointments?day={day}&service_id=pension-join").ok()["slots"]
        return {slot["bookable"] for slot in slots}

    assert offered("2026-11-23") == {False}
    assert offered("2026-11-24") == offered("2026-11-30") == {True}
    assert offered("2026-12-01") == {False}


def test_a_day_of_another_millennium_is_a_wrong_row(hall: RunningHall) -> None:
    rows = "person,service_id,date,time,channel\nx,pension-join,0001-01-01,09:00,phone\n"
    hall.manager().command("appointments/import", csv=rows).refused(422, "invalid_rows")


def test_a_booking_is_a_place_for_its_own_service_only(tmp_path: Path) -> None:
    def full(tables: Tables) -> None:
        booking(tables)
        for category in tables["categories"]:
            for service in category["services"]:
                if service["id"] == "hukou":
                    service["daily_max"] = 1

    with running(tmp_path, sample_hall("baishui-town", full)) as hall:
        code = book(hall.log_in("g1")).ok(201)["code"]
        hall.at(f"{WEDNESDAY}T08:55:00")
        hall.device().issue("hukou")
        check_in(hall.device(), code, more_services=["hukou"]).refused(409, "quota_full")
        assert check_in(hall.device(), code).ok(201)["state"] == "waiting"


def test_slots_are_shown_with_what_they_have_left(hall: RunningHall) -> None:
    guide = hall.log_in("g1")
    book(guide, "08:30").ok(201)
    shown = guide.get(f"appointments?day={WEDNESDAY}&service_id=pension-join").ok()
    assert [s["left"] for s in shown["slots"]] == [0, *[1] * 13]
    assert shown["slots"][7]["starts"] == starts("14:00")
    assert shown["estimated"] is False
    assert guide.get("appointments?day=2027-01-04").ok()["estimated"] is True
    guide.get("appointments?day=2026-02-30").refused(422, "invalid_fields")
    guide.get("appointments?service_id=nothing").refused(404, "unknown_service")
    assert guide.get("appointments?service_id=hukou").ok()["slots"] == []


def test_guessing_codes_is_slowed_down(hall: RunningHall) -> None:
    kiosk, other = hall.device(), hall.device()
    code = book(hall.log_in("g1")).ok(201)["code"]
    statuses = [check_in(kiosk, f"1000{n:04}").status for n in range(12)]
    assert statuses[:10] == [404] * 10
    assert statuses[-1] == 429
    limited = check_in(kiosk, code).refused(429, "too_many_requests")
    assert int(limited.headers["Retry-After"]) >= 1
    # A right code, though too early, costs nothing, and ordinary numbers are not concerned.
    kiosk.issue("pension-join")
    for _ in range(12):
        check_in(other, code).refused(409, "appointment_too_early")


def test_a_hall_without_appointments_says_so(tmp_path: Path) -> None:
    def never(tables: Tables) -> None:
        tables["appointments"] = {"enabled": False}

    with running(tmp_path, sample_hall("baishui-town", never)) as hall:
        book(hall.log_in("g1")).refused(409, "no_appointments")
        check_in(hall.device(), "12345678").refused(409, "no_appointments")


def test_on_a_weekend_for_those_who_booked(tmp_path: Path) -> None:
    def weekend(tables: Tables) -> None:
        booking(tables)
        tables["hours"]["sessions"] = [
            {"weekdays": [1, 2, 3, 4, 5], "from": "08:30", "to": "17:30"},
            {"weekdays": [6, 7], "from": "09:00", "to": "12:00", "appointment_only": True},
        ]

    with running(tmp_path, sample_hall("baishui-town", weekend)) as hall:
        code = book(hall.log_in("g1"), "09:00", "2026-11-28").ok(201)["code"]
        hall.at("2026-11-28T08:50:00")
        kiosk = hall.device()
        refused = kiosk.command("tickets", service_id="pension-join", channel="kiosk")
        refused.refused(409, "service_closed")
        assert check_in(kiosk, code).ok(201)["number"] == "E001"
        hall.at("2026-11-28T09:10:00")
        refused = kiosk.command("tickets", service_id="pension-join", channel="kiosk")
        assert "只接待预约" in refused.refused(409, "service_closed").json["error"]["message"]
        shown = hall.anyone().get("hall").ok()["policy"]
        assert (shown["open_now"], "只接待预约" in shown["closed_text"]) == (False, True)


def test_slots_of_a_day_whose_clocks_change(tmp_path: Path) -> None:
    def berlin(tables: Tables) -> None:
        booking(tables)
        tables["hall"]["timezone"] = "Europe/Berlin"
        tables["calendar"] = {"national": False}
        tables["hours"]["sessions"] = [{"weekdays": [7], "from": "01:00", "to": "04:00"}]
        for window in tables["windows"]:
            window["rules"] = [{"services": "*"}]

    file = sample_hall("baishui-town", berlin)
    with running(tmp_path, file, at="2026-03-27T09:00:00+01:00") as hall:
        guide = hall.log_in("g1")
        shown = guide.get("appointments?day=2026-03-29&service_id=pension-join").ok()["slots"]
        assert [s["starts"][11:19] + s["starts"][19:] for s in shown] == [
            "01:00:00+01:00",
            "01:30:00+01:00",
            "03:00:00+02:00",
            "03:30:00+02:00",
        ]
        guide.get("appointments?day=2026-10-25&service_id=pension-join").ok()
        book(guide, person="x", starts="2026-03-29T03:00:00+02:00").ok(201)
        hall.at("2026-10-23T09:00:00")
        guide = hall.log_in("g1")
        shown = guide.get("appointments?day=2026-10-25&service_id=pension-join").ok()["slots"]
        assert len(shown) == 6
        assert len({s["starts"] for s in shown}) == 6


def test_on_the_day_itself_a_slot_that_has_begun_is_gone(tmp_path: Path) -> None:
    def same_day(tables: Tables) -> None:
        booking(tables)
        tables["appointments"]["days_ahead_min"] = 0

    with running(tmp_path, sample_hall("baishui-town", same_day)) as hall:
        guide = hall.log_in("g1")
        book(guide, "09:00", "2026-11-23").refused(409, "booking_too_late")
        book(guide, "09:30", "2026-11-23").ok(201)
