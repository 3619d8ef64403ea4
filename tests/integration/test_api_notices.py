"""Notices: posted and withdrawn by managers, on the board at once, for as long as they should."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from hall_server.domain.notice import Notice
from hall_server.service.notices import MOST_RUNNING
from tests.fakes.running_hall import Client, RunningHall, running
from tests.fakes.store_rows import store_in
from tests.support.database import Database, check

# baishui-town is open 08:30-12:00 and 14:00-17:30 on Mondays to Fridays, Saturdays until 12:00.
TEXT = "3号窗口今天下午停办户籍业务"


@pytest.fixture
def hall(tmp_path: Path, database: Database) -> Iterator[RunningHall]:
    with running(tmp_path) as found:
        yield found


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[RunningHall]:
    """For what does not depend on the database."""
    with running(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHall]:
    """A hall in which everything is refused."""
    with running(tmp_path_factory.mktemp("hall")) as found:
        yield found
        assert found.journal("hall.changed")[1:] == []


def post(client: Client, **fields: Any) -> Any:
    """A notice that was posted."""
    body = {"text": TEXT, "places": ["board", "panels"]} | fields
    return client.command("notices", **body).ok(201)


def shown(hall: RunningHall) -> list[str]:
    """What everybody reads now."""
    return [n["text"] for n in hall.anyone().get("board").ok()["notices"]]


def test_a_notice_is_on_the_board_until_it_is_withdrawn(
    hall: RunningHall, database: Database
) -> None:
    manager = hall.manager()
    posted = post(manager, text_en="No registration this afternoon", places=["voice", "board"])
    public = {
        "id": posted["id"], "text": TEXT, "text_en": "No registration this afternoon",
        "places": ["board", "voice"], "posted_at": "2026-11-23T09:00:00+08:00",
        "until": "2026-11-23T17:30:00+08:00", "every_min": None,
    }  # fmt: skip
    private = {"posted_by": "主任", "state": "running", "ended_at": None, "withdrawn_by": None}
    assert posted == public | private
    assert hall.anyone().get("board").ok()["notices"] == [public]
    assert "主任" not in hall.anyone().get("board").text
    hall.later(seconds=1)
    longest = "第二条\u3000" + "通" * 54 + " 😀"
    post(manager, text=longest.replace(" ", "\u00a0"))
    hall.restart()
    assert shown(hall) == [longest, TEXT]
    hall.later(minutes=5)
    withdrawn = manager.command(f"notices/{posted['id']}/withdraw").ok()
    assert (withdrawn["state"], withdrawn["withdrawn_by"]) == ("withdrawn", "主任")
    assert withdrawn["ended_at"] == "2026-11-23T09:05:01+08:00"
    assert shown(hall) == [longest]
    listed = manager.get("notices").ok()
    assert [n["state"] for n in listed["notices"]] == ["running", "withdrawn"]
    assert (listed["business_day"], listed["day_closes"]) == ("2026-11-23", public["until"])
    manager.command(f"notices/{posted['id']}/withdraw").refused(409, "notice_over")
    assert check(database) > 0


def test_a_command_said_again_changes_nothing(hall: RunningHall) -> None:
    manager, request_id = hall.manager(), str(uuid4())
    first = post(manager, request_id=request_id)
    hall.restart()
    assert post(manager, request_id=request_id) == first
    other = {"request_id": request_id, "text": "别的", "places": ["board"]}
    manager.post("notices", other).refused(409, "request_id_reused")
    path, body = f"notices/{first['id']}/withdraw", {"request_id": str(uuid4())}
    assert manager.post(path, body).ok() == manager.post(path, body).ok()
    told = [(actor, b["data"]) for _, actor, b in hall.journal("hall.changed")[1:]]
    assert [(actor, d["withdrawn"]) for actor, d in told] == [
        ("staff:m1", False),
        ("staff:m1", True),
    ]
    lines = manager.get("journal?type=hall.changed").ok()["entries"]
    assert [(line["who"], line["text"]) for line in lines[:2]] == [
        ("主任", f"撤下通知“{TEXT}”"),
        ("主任", f"发布通知“{TEXT}”（大屏、窗口屏）"),
    ]
    assert lines[1]["text_en"] == f'notice posted: "{TEXT}" (board, window signs)'


def test_devices_are_told_and_the_public_learns_nothing_besides(alone: RunningHall) -> None:
    manager, seq = alone.manager(), alone.anyone().get("health").ok()["journal_seq"]
    post(manager, every_min=10, places=["voice"])
    with alone.device("display").follow(f"?after={seq}&topics=windows") as events:
        event = events.take(1)[0]
    assert (event["type"], event["data"]["notice"]["every_min"]) == ("hall.changed", 10)
    with alone.anyone().follow(f"?after={seq}&topics=windows") as events:
        assert "data" not in events.take(1)[0]


# When posted, what else, when it is still shown, and when no more.
ENDS: list[tuple[str, dict[str, Any], str, str]] = [
    ("2026-11-23T09:00:00", {}, "2026-11-23T17:29:59", "2026-11-23T17:30:00"),
    ("2026-11-23T17:30:00", {}, "2026-11-23T23:59:59", "2026-11-24T00:00:00"),
    (
        "2026-11-24T09:00:00",
        {"until": "2026-11-24T10:15:00+08:00"},
        "2026-11-24T10:14:59",
        "2026-11-24T10:15:00",
    ),
    (
        "2026-11-24T10:15:00",
        {"until": "2026-11-26T04:00:00Z"},
        "2026-11-26T11:59:59",
        "2026-11-26T12:00:00",
    ),
    ("2026-11-28T09:00:00", {}, "2026-11-28T11:59:59", "2026-11-28T12:00:00"),
    ("2026-11-29T09:00:00", {}, "2026-11-29T23:59:59", "2026-11-30T00:00:00"),
]


def test_a_notice_ends_by_the_halls_clock(hall: RunningHall) -> None:
    for posted, fields, last, over in ENDS:
        hall.at(posted)
        entry = post(hall.manager(), **fields)
        hall.at(last)
        assert shown(hall) == [TEXT], posted
        hall.at(over)
        assert shown(hall) == [], posted
        manager = hall.manager()
        manager.command(f"notices/{entry['id']}/withdraw").refused(409, "notice_over")
        newest = manager.get("notices").ok()["notices"][0]
        assert (newest["state"], newest["ended_at"]) == ("ended", entry["until"])
    hall.at("2026-12-02T08:00:00")
    assert hall.manager().get("notices").ok()["notices"] == []


def test_what_ended_is_forgotten_the_day_after_and_what_stays_is_not(hall: RunningHall) -> None:
    manager = hall.manager()
    post(manager)
    stays = post(manager, text="长期通知", stay=True)
    assert stays["until"] is None
    hall.at("2026-11-24T09:00:00")
    assert shown(hall) == ["长期通知"]
    left = hall.store.read(lambda tx: tx.notices_since(0))
    assert [notice.id for notice in left] == [stays["id"]]
    assert len(hall.journal("hall.changed")) == 3
    hall.at("2027-02-01T09:00:00")
    assert shown(hall) == ["长期通知"]
    hall.manager().command(f"notices/{stays['id']}/withdraw").ok()
    assert shown(hall) == []


def test_only_so_many_at_once(alone: RunningHall) -> None:
    manager = alone.manager()
    some = [post(manager, text=f"第{n}条") for n in range(MOST_RUNNING)]
    body = {"text": TEXT, "places": ["board"]}
    manager.command("notices", **body).refused(409, "too_many_notices")
    manager.command(f"notices/{some[3]['id']}/withdraw").ok()
    manager.command("notices", **body).ok(201)


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"text": ""}, "text", "1"),
        ({"text": "通" * 61}, "text", "60"),
        ({"text": "   "}, "text", "空格"),
        ({"text": "第一行\n第二行"}, "text", "控制字符"),
        ({"text": "响铃\x07"}, "text", "控制字符"),
        ({"text": "倒\u202e着写"}, "text", "看不见的字符"),
        ({"text_en": "x" * 121}, "text_en", "120"),
        ({"text_en": "a\tb"}, "text_en", "控制字符"),
        ({"places": []}, "places", "1"),
        ({"places": ["roof"]}, "places", ""),
        ({"places": ["board", "board"]}, "places", "两次"),
        ({"until": "2026-11-23T09:00:00+08:00"}, "until", "已经过去"),
        ({"until": "2026-11-23T12:00:00"}, "until", ""),
        ({"until": "2026-11-23T12:00:00+08:00", "stay": True}, "", "只能写一个"),
        ({"every_min": 4, "places": ["voice"]}, "every_min", "5"),
        ({"every_min": 10}, "", "语音播报"),
        ({"colour": "red"}, "colour", "没有这个字段"),
    ],
)
def test_what_cannot_be_a_notice(
    quiet: RunningHall, fields: dict[str, Any], field: str, words: str
) -> None:
    body = {"text": TEXT, "places": ["board"]} | fields
    refusal = quiet.manager().command("notices", **body).refused(422, "invalid_fields")
    details = refusal.json["error"]["details"]
    assert any(d["field"].startswith(field) and words in d["message"] for d in details), details
    assert all(" / " in d["message"] for d in details)


def test_managers_alone(quiet: RunningHall) -> None:
    body = {"text": TEXT, "places": ["board"]}
    for client, status, code in (
        (quiet.anyone(), 401, "login_needed"),
        (quiet.device("display"), 401, "login_needed"),
        (quiet.clerk(5, opened=False), 403, "not_allowed"),
        (quiet.log_in("g1"), 403, "not_allowed"),
    ):
        client.get("notices").refused(status, code)
        client.command("notices", **body).refused(status, code)
        client.command(f"notices/{uuid4()}/withdraw").refused(status, code)
    quiet.manager().command(f"notices/{uuid4()}/withdraw").refused(404, "unknown_notice")


_GOOD: dict[str, Any] = {
    "id": "n", "text": "通知", "text_en": "", "on_board": True, "on_panels": False,
    "on_voice": False, "posted": 1_000, "posted_by": "m1",
}  # fmt: skip


_WRONG: list[dict[str, Any]] = [
    {"text": ""},
    {"on_board": False},
    {"ends": 1_000},
    {"every_min": 10},
    {"every_min": 4, "on_voice": True},
    {"withdrawn": 2_000},
    {"withdrawn_by": "m1"},
]


@pytest.mark.usefixtures("database")
def test_the_database_keeps_the_rules_too(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        store.write(lambda tx: tx.add_notice(Notice(**_GOOD)))
        for wrong in _WRONG:
            bad = Notice(**_GOOD | {"id": "o"} | wrong)
            with pytest.raises(IntegrityError):
                store.write(lambda tx, bad=bad: tx.add_notice(bad))
        assert store.read(lambda tx: tx.notices_since(0)) == [Notice(**_GOOD)]
