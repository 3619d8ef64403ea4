"""Another hall file is put into force between two runs of the server."""

from pathlib import Path

import pytest

from hall_server.domain.errors import Conflict
from hall_server.hallfile.build import build_hall
from hall_server.hallfile.schema import HallFile
from hall_server.service.install import install_hall
from tests.fakes.running_hall import RunningHall, Tables, running, sample_hall


def put_into_force(hall: RunningHall, file: HallFile) -> None:
    """Restarts the server with another hall file."""
    install_hall(hall.store, file, "admin", hall.clock.now)
    hall.hall = build_hall(file)
    hall.restart()


def without_window_six(tables: Tables) -> None:
    tables["windows"] = [w for w in tables["windows"] if w["number"] != 6]
    tables["priority_classes"] = [p for p in tables["priority_classes"] if p["id"] != "appointment"]
    green = next(p for p in tables["priority_classes"] if p["id"] == "green")
    green["head"] = 60


def test_what_the_new_file_says_is_in_force(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        manager, five = hall.manager(), hall.clerk(5)
        hall.clerk(6)
        manager.send("PUT", "windows/5/profile", {"rules": [{"services": "*"}]}).ok()
        hall.device().issue("pension-join", priority_class="appointment")
        hall.later(minutes=20)
        hall.device().issue("pension-join", priority_class="green")
        put_into_force(hall, sample_hall("baishui-town", without_window_six))
        assert [body["data"]["id"] for _, _, body in hall.journal("hall.changed")] == [
            "baishui-town",
            "baishui-town",
        ]
        manager.get("windows/6").refused(404, "unknown_window")
        assert five.get("windows/5/profile").ok()["rules"][0]["services"] == ["category:social"]
        answer = five.verb(5, "call-next").ok()
        assert answer["ticket"]["number"] == "E002"
        assert answer["why"] == {"points": 60.0, "lead": 40.0, "runner_up": "E001"}
        # The window that is gone was open: the next day must begin all the same.
        hall.at("2026-11-24T09:00:00")
        assert hall.device().issue("pension-join")["number"] == "E001"
        closed = [body["window"]["number"] for _, _, body in hall.journal("window.closed")]
        assert closed == [5]


def without_pensions(tables: Tables) -> None:
    for category in tables["categories"]:
        category["services"] = [s for s in category["services"] if s["id"] != "pension-join"]


def without_window_five(tables: Tables) -> None:
    tables["windows"] = [w for w in tables["windows"] if w["number"] != 5]
    tables["windows"][0]["rules"] = [{"services": "*"}]


def without_window_one(tables: Tables) -> None:
    tables["windows"] = [w for w in tables["windows"] if w["number"] != 1]
    tables["windows"][0]["rules"] = [{"services": "*"}]


def test_nobody_with_a_number_is_stranded(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, five = hall.device(), hall.clerk(5)
        kiosk.issue("pension-join")
        five.call_next(5)
        before = hall.journal()
        for change in (without_pensions, without_window_five):
            with pytest.raises(Conflict) as refused:
                install_hall(
                    hall.store, sample_hall("baishui-town", change), "admin", hall.clock.now
                )
            assert refused.value.code == "tickets_in_the_way"
            assert refused.value.details == ["E001"]
        assert hall.journal() == before
        five.verb(5, "start").ok()
        five.verb(5, "finish").ok()
        install_hall(
            hall.store, sample_hall("baishui-town", without_pensions), "admin", hall.clock.now
        )


def test_who_was_sent_to_a_window_needs_it_who_was_there_does_not(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        kiosk, one, five = hall.device(), hall.clerk(1), hall.clerk(5)
        kiosk.issue("pension-join")
        five.call_next(5)
        five.verb(5, "transfer", service_id="pension-join").ok()
        install_hall(
            hall.store, sample_hall("baishui-town", without_window_five), "admin", hall.clock.now
        )
        five.call_next(5)
        five.verb(5, "transfer", window=1).ok()
        with pytest.raises(Conflict) as refused:
            install_hall(
                hall.store, sample_hall("baishui-town", without_window_one), "admin", hall.clock.now
            )
        assert refused.value.details == ["E001"]
        # A window that closes gives back who was sent to it.
        one.verb(1, "close").ok()
        install_hall(
            hall.store, sample_hall("baishui-town", without_window_one), "admin", hall.clock.now
        )
