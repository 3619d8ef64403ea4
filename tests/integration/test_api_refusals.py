"""Bad input over HTTP: each gets a clear error in both languages, and nothing is changed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from hall_server.http.connection import MOST_BODY_BYTES
from tests.fakes.running_hall import Answer, Client, RunningHall, Tables, running, sample_hall


def _closing(tables: Tables) -> None:
    tables["categories"][0]["services"][0]["enabled"] = False


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHall]:
    with running(tmp_path_factory.mktemp("hall"), sample_hall("baishui-town", _closing)) as hall:
        yield hall


@pytest.fixture
def hall(shared: RunningHall) -> Iterator[RunningHall]:
    """The hall, which the test must leave as it was."""
    shared.at("2026-11-23T09:00:00")
    before = shared.journal()
    yield shared
    assert shared.journal() == before


@pytest.fixture(scope="module")
def kiosk(shared: RunningHall) -> Client:
    return shared.device()


@pytest.fixture(scope="module")
def clerk(shared: RunningHall) -> Client:
    return shared.clerk(5)


@pytest.fixture(scope="module")
def manager(shared: RunningHall) -> Client:
    return shared.manager()


def issue(client: Client, **fields: Any) -> Answer:
    body = {"request_id": str(uuid4()), "service_id": "pension-join", "channel": "kiosk"}
    return client.post("tickets", body | fields)


def test_an_unknown_service(hall: RunningHall, kiosk: Client) -> None:
    refusal = issue(kiosk, service_id="飞天").refused(404, "unknown_service")
    assert "飞天" in refusal.json["error"]["message"]


def test_wrong_fields_are_named_as_each_language_writes_a_list(
    hall: RunningHall, kiosk: Client
) -> None:
    refusal = issue(kiosk, service_id=1, channel="post").refused(422, "invalid_fields")
    assert refusal.json["error"]["message"] == "字段有误：service_id、channel"
    assert refusal.json["error"]["message_en"] == "invalid fields: service_id, channel"


def test_a_service_that_is_not_taken(hall: RunningHall, kiosk: Client) -> None:
    issue(kiosk, service_id="hukou").refused(409, "service_closed")
    services = kiosk.get("hall").ok()["categories"][0]["services"]
    assert services[0]["open"] is False
    assert services[0]["closed_reason"] == "此事项暂停受理"
    assert services[0]["closed_reason_en"] == "not taken for the time being"
    assert services[1]["open"] is True


@pytest.mark.parametrize(
    ("time", "opened"),
    [
        ("2026-11-23T08:29:59.999", False),
        ("2026-11-23T08:30:00", True),
        ("2026-11-23T11:59:59.999", True),
        ("2026-11-23T12:00:00", False),
        ("2026-11-23T14:00:00", True),
        ("2026-11-23T17:30:00", False),
        ("2026-11-28T09:00:00", True),  # a Saturday, market day
        ("2026-11-28T14:00:00", False),
        ("2026-11-29T09:00:00", False),
    ],
)
def test_numbers_are_given_in_opening_hours_only(tmp_path: Path, time: str, opened: bool) -> None:
    with running(tmp_path, at=f"{time}+08:00") as hall:
        kiosk = hall.device()
        policy = kiosk.get("hall").ok()["policy"]
        answer = issue(kiosk)
        assert policy["open_now"] is opened
        if opened:
            answer.ok(201)
            assert policy["closed_text"] == policy["closed_text_en"] == ""
        else:
            answer.refused(409, "service_closed")
            assert policy["hours_text"] in policy["closed_text"]
            assert policy["hours_text"] in answer.json["error"]["message"]
            reasons = {s["closed_reason"] for c in kiosk.get("hall").json["categories"]
                       for s in c["services"]}  # fmt: skip
            assert reasons == {policy["closed_text"]}
            reasons = {s["closed_reason_en"] for c in kiosk.get("hall").json["categories"]
                       for s in c["services"]}  # fmt: skip
            assert reasons == {policy["closed_text_en"]}
            assert policy["closed_text_en"] == answer.json["error"]["message_en"]
            assert not any("\u4e00" <= c <= "\u9fff" for c in policy["closed_text_en"])


def test_an_unknown_priority_class(hall: RunningHall, kiosk: Client) -> None:
    issue(kiosk, priority_class="vip").refused(404, "unknown_priority_class")


def test_an_appointment_that_nobody_made(hall: RunningHall, kiosk: Client) -> None:
    issue(kiosk, appointment_code="12345678").refused(404, "unknown_appointment")


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"service_id": 7}, ["service_id"]),
        ({"service_id": None, "channel": "post"}, ["service_id", "channel"]),
        ({"service_id": ""}, ["service_id"]),
        ({"service_id": "x" * 61}, ["service_id"]),
        ({"service_id": "\ud800"}, ["service_id"]),
        ({"priority_class": ["green"]}, ["priority_class"]),
        ({"request_id": "7"}, ["request_id"]),
        ({"request_id": 7}, ["request_id"]),
        ({"request_id": "{00000000-0000-0000-0000-000000000000}"}, ["request_id"]),
        ({"colour": "red"}, ["colour"]),
        ({"\ud800": 1}, [""]),
    ],
)
def test_fields_that_are_wrong_are_all_named(
    hall: RunningHall, kiosk: Client, change: dict[str, Any], fields: list[str]
) -> None:
    refusal = issue(kiosk, **change).refused(422, "invalid_fields")
    details = refusal.json["error"]["details"]
    assert [d["field"] for d in details] == fields
    for detail in details:
        zh, _, en = detail["message"].partition(" / ")
        assert any("\u4e00" <= c <= "\u9fff" for c in zh)
        assert en


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe{}",
        b'{"request_id": "\xc3\x28"}',
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'{"channel": ' + b"9" * 6_000 + b"}",
    ],
)
def test_bodies_that_are_no_json_object(hall: RunningHall, kiosk: Client, raw: bytes) -> None:
    kiosk.send("POST", "tickets", raw=raw).refused(400, "malformed_json")


def test_a_body_of_another_kind(hall: RunningHall, kiosk: Client) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = kiosk.send("POST", "tickets", raw=b"{}", Content_Type=kind)
        answer.refused(415, "json_needed")


def test_an_oversized_body(hall: RunningHall, kiosk: Client, manager: Client) -> None:
    big = json.dumps({"rules": [{"services": ["x" * (MOST_BODY_BYTES + 1)]}]}).encode()
    manager.send("PUT", "windows/5/profile", raw=big).refused(413, "too_large")
    kiosk.send("POST", "tickets", raw=big).refused(413, "too_large")


def test_a_body_full_of_unknown_fields_gets_a_short_answer(
    hall: RunningHall, kiosk: Client
) -> None:
    answer = issue(kiosk, **{f"f{i}": 1 for i in range(4_000)}).refused(422, "invalid_fields")
    assert len(answer.json["error"]["details"]) == 50
    assert len(answer.text) < 10_000


def test_the_addresses_that_there_are(hall: RunningHall, kiosk: Client) -> None:
    kiosk.get("nothing").refused(404, "not_found")
    kiosk.post("nothing").refused(404, "not_found")
    kiosk.get("windows/five").refused(404, "not_found")
    kiosk.get("windows/77").refused(404, "unknown_window")
    kiosk.get("windows/0").refused(422, "invalid_fields")
    kiosk.get(f"windows/{'9' * 3_000}").refused(422, "invalid_fields")
    kiosk.get("windows/77/profile").refused(404, "unknown_window")
    for name in ("%00", "%ff%fe", "%F0%9F%8E%AB", "..%2f..", "'%20or%201=1"):
        kiosk.get(f"tickets/{name}").refused(404, "unknown_ticket")
        kiosk.get(f"positions/{name}").refused(404, "unknown_ticket")
    refusal = kiosk.send("PATCH", "board").refused(405, "method_not_allowed")
    assert refusal.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_windows_and_verbs_that_there_are(
    hall: RunningHall, clerk: Client, manager: Client
) -> None:
    manager.verb(77, "open").refused(404, "unknown_window")
    manager.verb(1_000, "open").refused(422, "invalid_fields")
    clerk.verb(5, "dance").refused(422, "invalid_fields")
    clerk.verb(5, "call").refused(422, "invalid_fields")
    clerk.verb(5, "open", ticket_id="x").refused(422, "invalid_fields")
    clerk.verb(5, "call-next", service_id="pension-join").refused(422, "invalid_fields")
    clerk.verb(5, "pause", reason="长" * 61).refused(422, "invalid_fields")
    clerk.verb(5, "transfer", window="1").refused(422, "invalid_fields")
    clerk.verb(5, "call", ticket_id=str(uuid4())).refused(404, "unknown_ticket")
    clerk.post("windows/5/open", {}).refused(422, "invalid_fields")


def test_verbs_without_a_ticket_at_the_window(hall: RunningHall, clerk: Client) -> None:
    for verb in ("recall", "start", "finish", "no-show", "park"):
        clerk.verb(5, verb).refused(409, "no_ticket_at_window")


def test_a_window_that_is_not_open(hall: RunningHall, manager: Client) -> None:
    manager.verb(4, "call-next").refused(409, "window_not_open")
    manager.verb(4, "pause").refused(409, "window_not_open")
    assert manager.verb(4, "close").ok()["window"]["state"] == "closed"


def test_who_is_not_known(hall: RunningHall, clerk: Client) -> None:
    anyone = hall.anyone()
    issue(anyone).refused(401, "login_needed")
    anyone.verb(5, "call-next").refused(401, "login_needed")
    for path in ("tickets?number=E001", "tickets/x", "windows", "windows/5", "devices", "session",
                 "windows/5/profile"):  # fmt: skip
        anyone.get(path).refused(401, "login_needed")
    bad = Client(hall, {"Authorization": "Bearer made-up"})
    for path in ("windows", "hall", "events"):
        bad.get(path).refused(401, "bad_token")
    odd = Client(hall, {"Authorization": "Bearer t\xe4\xff"})
    odd.get("windows").refused(401, "bad_token")
    stale = Client(hall, {"Cookie": "hall_session=made-up", "X-CSRF-Token": "x"})
    stale.verb(5, "call-next").refused(401, "login_needed")


def test_the_scheme_of_a_token_may_be_written_small(hall: RunningHall, kiosk: Client) -> None:
    token = kiosk.headers["Authorization"].partition(" ")[2]
    Client(hall, {"Authorization": f"bearer {token}"}).get("windows").ok()


def test_the_csrf_token(hall: RunningHall, clerk: Client) -> None:
    cookie = {"Cookie": clerk.headers["Cookie"]}
    for headers in (cookie, cookie | {"X-CSRF-Token": "wrong"}, cookie | {"X-CSRF-Token": "\xe4"}):
        client = Client(hall, headers)
        client.verb(5, "call-next").refused(403, "csrf")
        client.send("DELETE", "session").refused(403, "csrf")
        client.get("windows").ok()


def test_who_may_do_what(hall: RunningHall, clerk: Client, kiosk: Client, manager: Client) -> None:
    guide = hall.log_in("g1")
    guide.verb(5, "call-next").refused(403, "not_allowed")
    clerk.verb(1, "open").refused(403, "not_your_window")
    hall.log_in("c1").verb(5, "call-next").refused(403, "not_your_window")
    kiosk.verb(5, "call-next").refused(401, "login_needed")
    profile = {"rules": [{"services": "*"}]}
    for person, status, code in (
        (clerk, 403, "not_allowed"),
        (guide, 403, "not_allowed"),
        (kiosk, 401, "login_needed"),
    ):
        person.send("PUT", "windows/5/profile", profile).refused(status, code)
    issue(hall.device("display")).refused(403, "not_allowed")
    other = hall.device("printer")
    status = {"version": "1", "parts": []}
    other.post(f"devices/{kiosk.device_id}/status", status).refused(403, "not_this_device")


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [{}],
        [{"services": "all"}],
        [{"services": [7]}],
        [{"services": "*", "from": "8:00"}],
        [{"services": "*", "from": "24:00"}],
        [{"services": "*", "weekdays": [0]}],
        [{"services": "*", "weekdays": ["1"]}],
        [{"services": "*", "weekdays": [1, 1]}],
        [{"services": "*", "colour": 1}],
        [{"services": "*"}] * 51,
    ],
)
def test_profiles_that_are_none(hall: RunningHall, manager: Client, rules: list[Any]) -> None:
    manager.send("PUT", "windows/5/profile", {"rules": rules}).refused(422, "invalid_fields")


def test_profiles_that_name_what_is_not_there(hall: RunningHall, manager: Client) -> None:
    rules = [
        {"services": ["pension-join", "flying", "category:none"]},
        {"services": "*", "from": "12:00", "to": "12:00"},
    ]
    refusal = manager.send("PUT", "windows/5/profile", {"rules": rules})
    refusal.refused(422, "invalid_profile")
    assert [d["field"] for d in refusal.json["error"]["details"]] == [
        "rules[0].services[1]",
        "rules[0].services[2]",
        "rules[1].to",
    ]
    manager.send("PUT", "windows/77/profile", {"rules": [{"services": "*"}]}).refused(
        404, "unknown_window"
    )


def test_a_replayed_clock_stays_within_reason(hall: RunningHall) -> None:
    anyone = hall.anyone()
    for now in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "2026-11-23T09:00:00", "soon",
                1e300):  # fmt: skip
        anyone.post("clock", {"now": now}).refused(422, "invalid_fields")


def test_the_clock_of_a_real_hall_is_nobody_s_to_move(tmp_path: Path) -> None:
    from hallkit.runtime.clock import SystemClock

    with running(tmp_path, clock=SystemClock()) as hall:
        answer = hall.anyone().post("clock", {"now": "2026-11-23T10:00:00+08:00"})
        answer.refused(404, "no_manual_clock")
