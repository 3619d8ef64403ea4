"""The hall's day over HTTP: rest days, make-up workdays, closing time and after, midnight."""

import logging
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.running_hall import Client, RunningHall, Tables, running, sample_hall

FRIDAY = "2026-02-13T09:00:00+08:00"


def office(tables: Tables) -> None:
    """Open on Monday to Friday; window 5 takes its services on those days alone."""
    tables.pop("calendar", None)
    tables["hours"]["sessions"] = tables["hours"]["sessions"][:2]
    for window in tables["windows"]:
        if window["number"] == 5:
            window["rules"] = [{"services": ["category:social"], "weekdays": [1, 2, 3, 4, 5]}]


def ask(client: Client, **fields: Any) -> Any:
    return client.command("tickets", service_id="pension-join", channel="kiosk", **fields)


def refusal(client: Client) -> str:
    return str(ask(client).refused(409, "service_closed").json["error"]["message"])


def test_a_make_up_saturday_is_a_workday_for_hall_and_windows(tmp_path: Path) -> None:
    with running(tmp_path, sample_hall("baishui-town", office), at=FRIDAY) as hall:
        kiosk = hall.device()
        hall.at("2026-02-14T08:29:59")
        assert "不在取号时间" in refusal(kiosk)
        hall.at("2026-02-14T08:30:00")
        assert hall.anyone().get("hall").ok()["policy"]["open_now"] is True
        ask(kiosk).ok(201)
        assert hall.clerk(5).call_next(5)["number"] == "E001"
        hall.at("2026-02-14T17:30:00")
        assert "不在取号时间" in refusal(kiosk)
        # The festival begins; its Saturday, and its Monday, are closed.
        for day in ("2026-02-16", "2026-02-21"):
            hall.at(f"{day}T09:00:00")
            assert "今天放假" in refusal(kiosk)
            shown = hall.anyone().get("hall").ok()["policy"]
            assert (shown["open_now"], "今天放假" in shown["closed_text"]) == (False, True)
        hall.at("2026-02-24T09:00:00")
        assert ask(kiosk).ok(201)["number"] == "E001"
        assert hall.clerk(5).call_next(5)["number"] == "E001"


def test_a_rest_weekday_and_the_eve_of_it(tmp_path: Path) -> None:
    file = sample_hall("baishui-town", office)
    with running(tmp_path, file, at="2026-09-30T17:29:59+08:00") as hall:
        kiosk = hall.device()
        ask(kiosk).ok(201)
        hall.at("2026-10-01T09:00:00")
        assert "今天放假" in refusal(kiosk)
        hall.at("2026-10-10T09:00:00")  # a make-up Saturday
        assert ask(kiosk).ok(201)["number"] == "E001"


def test_a_year_without_a_table_is_reckoned_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = sample_hall("baishui-town", office)
    with running(tmp_path, file, at="2026-11-30T09:00:00+08:00") as hall:
        assert hall.anyone().get("health").ok()["notices"] == []
        hall.at("2026-12-01T00:00:00")
        (notice,) = hall.anyone().get("health").ok()["notices"]
        assert (notice["code"], "2027" in notice["text"]) == ("no_calendar_next_year", True)
        hall.at("2027-01-01T09:00:00")
        (notice,) = hall.anyone().get("health").ok()["notices"]
        assert notice["text"] == "本年度没有节假日表，日期按周一至周五估算"
        ask(hall.device()).ok(201)
        hall.at("2027-01-02T09:00:00")
        assert "不在取号时间" in refusal(hall.device())
        with caplog.at_level(logging.WARNING):
            hall.restart()
        assert "没有节假日表" in caplog.text


def test_a_hall_of_its_own_week_is_not_bothered(tmp_path: Path) -> None:
    with running(tmp_path, "village-station", at="2027-01-01T09:00:00+08:00") as hall:
        assert hall.anyone().get("health").ok()["notices"] == []


def test_work_after_closing_is_served_and_written_down(tmp_path: Path) -> None:
    with running(tmp_path, at="2026-11-23T17:29:00+08:00") as hall:
        kiosk, clerk, manager = hall.device(), hall.clerk(5), hall.manager()
        for _ in range(2):
            ask(kiosk).ok(201)
        clerk.call_next(5)
        clerk.verb(5, "start").ok()
        hall.at("2026-11-23T17:29:59")
        clerk.verb(5, "finish").ok()
        clerk.call_next(5)
        hall.at("2026-11-23T17:30:00")
        clerk.verb(5, "start").ok()
        clerk.verb(5, "finish").ok()
        found = [b["data"].get("after_hours", False) for _, _, b in hall.journal("ticket.finished")]
        assert found == [False, True]
        hall.at("2026-11-24T09:00:00")
        ask(kiosk).ok(201)
        manager = hall.manager()
        day = manager.get("after-hours?day=2026-11-23").ok()
        assert day["finished"] == 1
        assert [(e["type"], e["ticket"], e["window"], e["actor"]) for e in day["entries"]] == [
            ("ticket.started", "E002", 5, "staff:c5"),
            ("ticket.finished", "E002", 5, "staff:c5"),
        ]
        empty = {"day": "2026-11-24", "finished": 0, "entries": []}
        assert manager.get("after-hours").ok() == empty
        assert manager.get("after-hours?day=2026-11-22").ok()["entries"] == []
        hall.log_in("g1").get("after-hours").refused(403, "not_allowed")


def test_numbers_stop_before_closing_and_who_has_one_is_served(tmp_path: Path) -> None:
    def stopping(tables: Tables) -> None:
        tables["hours"]["stop_before_min"] = 15

    file = sample_hall("baishui-town", stopping)
    with running(tmp_path, file, at="2026-11-23T17:14:59+08:00") as hall:
        kiosk, clerk = hall.device(), hall.clerk(5)
        ask(kiosk).ok(201)
        hall.at("2026-11-23T17:15:00")
        assert "下班前15分钟停止取号" in refusal(kiosk)
        assert clerk.call_next(5)["number"] == "E001"


def test_midnight_begins_the_numbers_again(tmp_path: Path) -> None:
    with running(tmp_path, always_open=True, at="2026-11-23T23:59:59+08:00") as hall:
        kiosk = hall.device()
        assert [ask(kiosk).ok(201)["number"] for _ in range(2)] == ["E001", "E002"]
        hall.at("2026-11-24T00:00:00")
        assert ask(kiosk).ok(201)["number"] == "E001"
        assert len(hall.journal("ticket.void")) == 2


def test_the_hour_that_summer_time_skips_and_the_one_it_repeats(tmp_path: Path) -> None:
    def berlin(tables: Tables) -> None:
        tables["hall"]["timezone"] = "Europe/Berlin"
        tables["calendar"] = {"national": False}
        tables["hours"] = {
            "serve_all_taken": False,
            "sessions": [{"weekdays": [7], "from": "02:15", "to": "02:45"}],
        }
        for window in tables["windows"]:
            window["rules"] = [{"services": "*"}]

    file = sample_hall("baishui-town", berlin)
    with running(tmp_path, file, at="2026-03-29T01:59:59+01:00") as hall:
        kiosk = hall.device()
        refusal(kiosk)
        hall.later(seconds=1)
        refusal(kiosk)
        assert hall.journal("ticket") == []
        hall.at("2026-10-25T02:20:00")
        assert ask(kiosk).ok(201)["number"] == "E001"
        hall.later(minutes=25)
        hall.anyone().get("board").ok()
        assert len(hall.journal("ticket.void")) == 1
        # An hour later it is 02:20 again: the same day, the numbers go on.
        hall.later(minutes=35)
        assert ask(kiosk).ok(201)["number"] == "E002"
        hall.later(minutes=25)
        hall.anyone().get("board").ok()
        assert len(hall.journal("ticket.void")) == 2


def waits(hall: RunningHall, count: int) -> None:
    kiosk = hall.device()
    for _ in range(count):
        ask(kiosk).ok(201)


def test_managers_are_warned_of_many_and_of_long_waits(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        waits(hall, 10)
        manager = hall.manager()
        hall.later(minutes=15)
        assert manager.get("windows").ok()["alarms"] == []
        hall.later(seconds=1)
        (alarm,) = manager.get("windows").ok()["alarms"]
        assert (alarm["service_id"], alarm["waiting"], alarm["longest_min"]) == (
            "pension-join",
            10,
            15,
        )
        assert alarm["text"] == "最长已等 15 分钟，超过 15 分钟"
        waits(hall, 1)
        (alarm,) = manager.get("windows").ok()["alarms"]
        assert "等候 11 人，超过 10 人" in alarm["text"]


def test_the_green_channel_is_confirmed_by_staff(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, clerk, guide = hall.device(), hall.clerk(5), hall.log_in("g1")
        first, second = (ask(kiosk).ok(201) for _ in range(2))
        hall.later(minutes=5)
        path = f"tickets/{second['id']}/priority"
        kiosk.command(path, priority_class="green").refused(401, "login_needed")
        guide.command(path, priority_class="vip").refused(404, "unknown_priority_class")
        shown = guide.command(path, priority_class="green").ok()
        assert (shown["priority_class"], shown["number"], shown["ahead"]) == ("green", "E002", 0)
        ((_, actor, body),) = hall.journal("ticket.reclassed")
        assert (actor, body["data"]["before"]) == ("staff:g1", "ordinary")
        answer = clerk.verb(5, "call-next").ok()
        assert (answer["ticket"]["number"], answer["why"]["points"]) == ("E002", 25.0)
        guide.command(path, priority_class="ordinary").refused(409, "wrong_ticket_state")
        guide.command(f"tickets/{first['id']}x/priority", priority_class="green").refused(
            404, "unknown_ticket"
        )
