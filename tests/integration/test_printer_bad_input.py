"""What the intake refuses, and in which words; nothing of it is printed."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hallkit.runtime.ports import free_port
from tests.fakes.printer_rig import Intake, program, settings, slip

GOOD = {"job_id": "t-1", "slip": slip().model_dump(mode="json")}


@pytest.fixture(scope="module")
def intake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Intake]:
    """A program whose printer is absent."""
    with program(settings(tmp_path_factory.mktemp("spool"), free_port())) as running:
        yield running


def _error(answer: tuple[int, dict[str, Any]], status: int, code: str) -> dict[str, Any]:
    assert answer[0] == status, answer
    error: dict[str, Any] = answer[1]["error"]
    assert error["code"] == code
    assert any("\u4e00" <= char <= "\u9fff" for char in error["message"])
    assert error["message_en"].isascii() or code == "unknown_printer"
    return error


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[" * 20_000, b'{"job_id": NaN', b'"\\ud800']
)
def test_malformed_json(intake: Intake, body: bytes) -> None:
    _error(intake.call("POST", "/jobs", body), 400, "malformed_json")


@pytest.mark.parametrize("body", [b"null", b"[]", b"1", b'"x"'])
def test_json_that_is_no_object(intake: Intake, body: bytes) -> None:
    _error(intake.call("POST", "/jobs", body), 422, "invalid_fields")


def test_a_body_over_64_kb_with_and_without_its_length(intake: Intake) -> None:
    big = json.dumps({"job_id": "x" * 70_000}).encode()
    _error(intake.call("POST", "/jobs", big), 413, "too_large")
    answer = intake._pool.request(
        "POST",
        intake.url + "/jobs",
        body=iter([big]),
        headers={"Content-Type": "application/json"},
        chunked=True,
    )
    _error((answer.status, json.loads(answer.data)), 413, "too_large")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_content_type(intake: Intake, kind: str) -> None:
    body = json.dumps(GOOD).encode()
    _error(intake.call("POST", "/jobs", body, Content_Type=kind), 415, "not_json")


def test_all_wrong_fields_are_named_at_once(intake: Intake) -> None:
    wrong = {
        "job_id": "a b",
        "slip": GOOD["slip"]
        | {
            "number": "十二",
            "ahead": -1,
            "hall_name": "",
            "position_url": "http://例子.cn",
            "issued_at": "2026-11-23T09:32:00",
            "tags": ["绿" * 30],
        },
    }
    error = _error(intake.post("/jobs", wrong), 422, "invalid_fields")
    assert {detail["field"] for detail in error["details"]} == {
        "job_id",
        "slip.number",
        "slip.ahead",
        "slip.hall_name",
        "slip.position_url",
        "slip.issued_at",
        "slip.tags[0]",
    }
    assert all(detail["message"] and detail["message_en"] for detail in error["details"])


@pytest.mark.parametrize("field", ["job_id", "slip"])
def test_a_missing_field(intake: Intake, field: str) -> None:
    body = {name: value for name, value in GOOD.items() if name != field}
    error = _error(intake.post("/jobs", body), 422, "invalid_fields")
    assert error["details"] == [{"field": field, "message": "缺少此项", "message_en": "is missing"}]


def test_an_unknown_printer_a_job_an_address_and_a_method(intake: Intake) -> None:
    error = _error(intake.post("/jobs", GOOD | {"printer": "三楼"}), 422, "unknown_printer")
    assert "三楼" in error["message"]
    _error(intake.call("GET", "/jobs/nothing"), 404, "unknown_job")
    _error(intake.call("GET", "/jobs/..%2F..%2Fetc"), 404, "unknown_job")
    _error(intake.post("/jobs/nothing/reprint", {"job_id": "x"}), 404, "unknown_job")
    _error(intake.call("GET", "/"), 404, "not_found")
    _error(intake.call("DELETE", "/jobs"), 405, "wrong_method")


def test_a_web_page_must_not_print(intake: Intake) -> None:
    body = json.dumps(GOOD).encode()
    origin = intake.call("POST", "/jobs", body, Origin="http://evil.example")
    _error(origin, 403, "web_page")
    _error(intake.call("POST", "/jobs", body, Origin="null"), 403, "web_page")
    # A name that an attacker's DNS points to this machine.
    _error(intake.call("GET", "/printers", Host="evil.example"), 403, "foreign_host")
    _error(intake.call("GET", "/printers", Host="evil.example:9180"), 403, "foreign_host")
    assert intake.call("GET", "/printers", Host="localhost:9180")[0] == 200


def test_nothing_that_was_refused_is_waiting(intake: Intake) -> None:
    assert intake.printers()["P"].waiting_jobs == 0
    assert intake.call("GET", "/jobs/t-1")[0] == 404


def test_a_client_that_stalls_does_not_hold_the_others_up(intake: Intake) -> None:
    host, port = intake.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as stalled:
        stalled.sendall(b"POST /jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{")
        assert intake.call("GET", "/printers")[0] == 200


def test_garbage_on_the_port_is_survived(intake: Intake, tmp_path: Path) -> None:
    host, port = intake.url.removeprefix("http://").split(":")
    for garbage in (b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"\x00" * 5000):
        with socket.create_connection((host, int(port))) as raw:
            raw.sendall(garbage)
    assert intake.call("GET", "/printers")[0] == 200


def test_unknown_fields_are_ignored_as_devices_do(intake: Intake) -> None:
    status, _ = intake.post("/jobs", GOOD | {"job_id": "new-kiosk", "colour": "blue"})
    assert status == 202
