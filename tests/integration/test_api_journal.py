"""Who did what, and why: the journal for managers."""

from pathlib import Path
from typing import Any

from hall_server.admin.verify import verify
from tests.fakes.running_hall import Client, RunningHall, Tables, running, sample_hall


def entries(manager: Client, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = manager.get(f"journal{query}").ok()["entries"]
    return found


def jumps(hall: RunningHall) -> Client:
    """Every way to put somebody before others by hand; returns the manager."""
    kiosk, clerk, manager = hall.device(), hall.clerk(5), hall.manager()
    tickets = [kiosk.issue("pension-join") for _ in range(4)]
    clerk.call_next(5)
    clerk.verb(5, "start").ok()
    clerk.verb(5, "park").ok()
    third = tickets[2]["id"]
    clerk.verb(5, "call", ticket_id=third, reason="孕妇，身体不适").ok()
    clerk.verb(5, "start").ok()
    clerk.verb(5, "transfer", service_id="pension-join").ok()
    clerk.verb(5, "resume", ticket_id=tickets[0]["id"]).ok()
    clerk.verb(5, "finish").ok()
    clerk.verb(5, "call", ticket_id=tickets[1]["id"]).ok()
    return manager


def test_every_queue_jump_says_who_and_why(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        manager = jumps(hall)
        found = entries(manager, "?jumps=true")
        texts = [entry["text"] for entry in found]
        assert texts == [
            # Nobody was passed over: E002 would have been called anyway.
            "5 号窗口手工呼叫 E002",
            "5 号窗口继续办理 E001",
            "5 号窗口转到“城乡居民养老保险参保”：E003",
            "5 号窗口手工呼叫 E003，越过 E002，原因：孕妇，身体不适",
            "5 号窗口挂起 E001",
        ]
        assert {(e["actor"], e["who"]) for e in found} == {("staff:c5", "窗口员")}
        called = found[3]
        assert called["text_en"] == "E003 called by hand at window 5, before E002: 孕妇，身体不适"
        assert called["data"]["reason"] == "孕妇，身体不适"
        assert called["data"]["passed_over"] == "E002"
        assert called["data"]["by_hand"] is True
        assert (called["ticket"], called["window"]) == ("E003", 5)
        assert "完好" in verify(tmp_path)


def keeping(tables: Tables) -> None:
    """A missed number is kept until its visitor says that they are back."""
    tables["missed_call"] = {"policy": "keep_minutes", "minutes": 20, "max_passes": 3}


def test_every_way_to_the_front_is_told_in_both_languages(tmp_path: Path) -> None:
    file = sample_hall("baishui-town", keeping)
    with running(tmp_path, file) as hall:
        kiosk, clerk, manager = hall.device(), hall.clerk(5), hall.manager()
        tickets = [kiosk.issue("pension-join") for _ in range(4)]
        clerk.call_next(5)
        clerk.verb(5, "start").ok()
        clerk.verb(5, "finish", outcome="supplement").ok()
        clerk.verb(5, "requeue", ticket_id=tickets[0]["id"]).ok()
        clerk.verb(5, "call", ticket_id=tickets[2]["id"]).ok()
        clerk.verb(5, "no-show").ok()
        clerk.verb(5, "requeue", ticket_id=tickets[2]["id"]).ok()
        path = f"tickets/{tickets[3]['id']}/priority"
        manager.command(path, priority_class="green").ok()
        told = [(e["text"], e["text_en"]) for e in entries(manager, "?jumps=true")]
        assert told == [
            ("由“普通”改为“绿色通道”：E004", "E004 put into another class"),
            ("手工重新排队 E003", "E003 back in the queue by hand"),
            (
                "5 号窗口手工呼叫 E003，越过 E001，未说明原因",
                "E003 called by hand at window 5, before E001: no reason given",
            ),
            ("补正回来，重新排队 E001", "E001 back with the missing papers"),
        ]
        whole = {e["type"]: e["text_en"] for e in entries(manager, "?limit=200")}
        assert whole["ticket.started"] == "E001 started at window 5"


def test_what_the_rule_does_is_not_told_as_by_hand(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, clerk, manager = hall.device(), hall.clerk(5), hall.manager()
        kiosk.issue("pension-join")
        clerk.call_next(5)
        clerk.verb(5, "no-show").ok()
        (back,) = entries(manager, "?type=ticket.requeued")
        assert (back["text"], back["text_en"]) == ("重新排队 E001", "E001 back in the queue")


def test_pages_follow_each_other_without_gap_or_repeat(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        manager = jumps(hall)
        whole = [e["seq"] for e in entries(manager, "?limit=200")]
        assert whole == sorted(whole, reverse=True)
        paged: list[int] = []
        before: int | None = None
        while True:
            page = manager.get(f"journal?limit=4{f'&before={before}' if before else ''}").ok()
            paged += [e["seq"] for e in page["entries"]]
            before = page["before"]
            if before is None:
                break
        assert paged == whole
        assert len(whole) > 12


def test_one_kind_one_ticket_one_day(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        manager = jumps(hall)
        issued = entries(manager, "?type=ticket.issued")
        assert [e["ticket"] for e in issued] == ["E004", "E003", "E002", "E001"]
        assert {e["who"][:5] for e in issued} == {"kiosk"}
        third = entries(manager, "?ticket=E003")
        assert [e["type"] for e in third] == [
            "ticket.transferred",
            "ticket.started",
            "ticket.called",
            "ticket.issued",
        ]
        hall.at("2026-11-24T09:00:00")
        manager = hall.manager()
        first_day = entries(manager, "?day=2026-11-23&limit=200")
        today = entries(manager)
        assert {e["at"][:10] for e in first_day} == {"2026-11-23"}
        assert {e["at"][:10] for e in today} == {"2026-11-24"}
        assert {e["type"] for e in today} == {"ticket.void", "window.closed"}
        assert len(first_day) + len(today) == len(hall.journal())
        assert entries(manager, "?day=2026-11-22") == []
        assert entries(manager, "?day=2027-11-22") == []


def test_it_is_for_managers(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        hall.anyone().get("journal").refused(401, "login_needed")
        hall.clerk(5).get("journal").refused(403, "not_allowed")
        hall.device().get("journal").refused(401, "login_needed")
        manager = hall.manager()
        for query in ("limit=0", "limit=201", "day=today", "type=%25", "ticket=A%25", "x=1"):
            manager.get(f"journal?{query}").refused(422, "invalid_fields")


def test_only_a_call_takes_a_reason(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        clerk = hall.clerk(5)
        clerk.verb(5, "call-next", reason="急").refused(422, "invalid_fields")
