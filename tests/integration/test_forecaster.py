"""The forecaster's process beside a real server: what people are shown while it works, when it
dies, and when time stands still."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hall_server.domain.forecast.model import Spread
from hall_server.forecaster.history import past
from hall_server.forecaster.keeper import META_KEY, Keeper, Task, in_turn
from hall_server.forecaster.worker import Worker
from hall_server.service.forecasts import Given
from tests.fakes.running_hall import RunningHall, running
from tests.support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("database")

HALL = "zichuan-town"
SERVICE = "pension-join"


def keeper_of(hall: RunningHall, every_s: float = 0.05) -> Keeper:
    commands = hall.parts.commands
    task = Task(
        hall.store.url,
        windows=len(hall.hall.windows),
        now=lambda: commands.moment().at,
        manual=True,
        every_s=every_s,
    )
    keeper = Keeper(task, hall.store, commands.forecasts)
    hall.store.publish_to(in_turn(hall.parts.feed.published, keeper.published))
    return keeper


@contextmanager
def forecasting(data: Path, **more: Any) -> Iterator[tuple[RunningHall, Keeper]]:
    with running(data, HALL, **more) as hall:
        keeper = keeper_of(hall)
        keeper.start()
        try:
            yield hall, keeper
        finally:
            keeper.stop()


def source(hall: RunningHall) -> str:
    return str(hall.anyone().get("health").ok()["forecast"]["source"])


def simulated(hall: RunningHall) -> bool:
    return source(hall) == "simulation"


def looked_since(hall: RunningHall, keys: list[str]) -> bool:
    """Whether the last forecast knows these tickets."""
    forecasts, now = hall.parts.commands.forecasts, hall.parts.commands.moment().at
    tickets = [hall.store.read(lambda tx, key=key: tx.ticket(key)) for key in keys]
    given = forecasts.last
    return given is not None and all(
        t is not None and t.id in given.waits and forecasts.of(t, now) is not None for t in tickets
    )


def test_without_a_forecaster_times_are_nominal_and_said_to_be(tmp_path: Path) -> None:
    with running(tmp_path, HALL) as hall:
        hall.clerk(2)
        ticket = hall.device().issue(SERVICE)
        assert ticket["p90_min"] == 5
        assert hall.anyone().get("health").ok()["forecast"] == {"source": "nominal", "age_s": None}
        assert hall.anyone().get("board").ok()["forecast"] == "nominal"
        stored = hall.store.read(lambda tx: tx.ticket(ticket["id"]))
        assert stored is not None and stored.forecast_p50 is None


def test_the_simulation_is_shown_wherever_a_wait_is(tmp_path: Path) -> None:
    with forecasting(tmp_path) as (hall, _):
        clerk, kiosk = hall.clerk(2), hall.device()
        tickets = [kiosk.issue(SERVICE) for _ in range(9)]
        clerk.call_next(2)
        wait_for("a forecast", lambda: looked_since(hall, [t["id"] for t in tickets[1:]]))
        assert simulated(hall)
        assert hall.anyone().get("health").ok()["forecast"]["age_s"] == 0
        # Seven visits of ten minutes and the rest of one come before the last of them.
        last = kiosk.get(f"tickets/{tickets[-1]['id']}").ok()
        assert 60 <= last["p50_min"] <= 95 and last["p90_min"] > last["p50_min"]
        listed = hall.manager().get("tickets?state=waiting").ok()["tickets"]
        assert [t["p50_min"] for t in listed if t["id"] == last["id"]] == [last["p50_min"]]
        token = last["position_url"].rpartition("/")[2]
        position = hall.anyone().get(f"positions/{token}").ok()
        assert (position["p50_min"], position["p90_min"]) == (last["p50_min"], last["p90_min"])
        hall.later(seconds=3)
        board = hall.anyone().get("board").ok()
        assert board["forecast"] == "simulation"
        line = next(w for w in board["waiting"] if w["category"] == "security")
        assert 70 <= line["p50_min"] <= 110

        # What is promised is kept, unrounded, to be scored.
        promised = kiosk.issue(SERVICE)
        stored = hall.store.read(lambda tx: tx.ticket(promised["id"]))
        assert stored is not None and stored.forecast_p50 is not None
        assert stored.forecast_p50 % 5 != 0
        assert abs(stored.forecast_p50 - promised["p50_min"]) <= 2.5
        assert stored.forecast_p90 is not None and stored.forecast_p90 <= promised["p90_min"]


def test_a_killed_forecaster_is_followed_by_another_and_calls_go_on(tmp_path: Path) -> None:
    with forecasting(tmp_path) as (hall, keeper):
        clerk, kiosk = hall.clerk(2), hall.device()
        for _ in range(5):
            kiosk.issue(SERVICE)
        wait_for("a forecast", lambda: simulated(hall))
        first = keeper.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        lost = {"source": "nominal", "age_s": None}
        wait_for(
            "the loss to be seen",
            lambda: hall.anyone().get("health").ok()["forecast"] == lost,
        )
        assert clerk.call_next(2) is not None
        assert kiosk.issue(SERVICE)["p50_min"] is not None
        wait_for("another forecaster", lambda: simulated(hall))
        assert keeper.pid not in (None, first)


def test_a_forecaster_that_hangs_is_behind_and_holds_nobody_up(tmp_path: Path) -> None:
    with forecasting(tmp_path) as (hall, keeper):
        clerk, kiosk = hall.clerk(2), hall.device()
        for _ in range(5):
            kiosk.issue(SERVICE)
        wait_for("a forecast", lambda: simulated(hall))
        pid = keeper.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        try:
            hall.later(minutes=1)
            assert source(hall) == "nominal"
            assert clerk.call_next(2) is not None
            assert kiosk.issue(SERVICE)["p50_min"] is not None
        finally:
            os.kill(pid, signal.SIGCONT)
        wait_for("the forecaster to catch up", lambda: simulated(hall))
        assert keeper.pid == pid


def test_it_learns_how_long_visits_take_here(tmp_path: Path) -> None:
    with running(tmp_path, HALL) as hall:
        clerk, kiosk = hall.clerk(2), hall.device()
        for _ in range(40):
            kiosk.issue(SERVICE)
        for _ in range(30):
            clerk.call_next(2)
            clerk.verb(2, "start").ok()
            hall.later(minutes=3)
            clerk.verb(2, "finish").ok()
            hall.later(seconds=6)
        nominal = kiosk.issue(SERVICE)["p50_min"]
        keeper = keeper_of(hall)
        keeper.start()
        try:
            wait_for("a forecast", lambda: simulated(hall))
            learnt = kiosk.issue(SERVICE)["p50_min"]
        finally:
            keeper.stop()
        # Eleven before it: ten minutes each by the hall file, three by experience.
        assert nominal >= 100
        assert 25 <= learnt <= 50


def test_calls_score_what_was_promised_and_the_calibration_is_kept(tmp_path: Path) -> None:
    with forecasting(tmp_path) as (hall, keeper):
        clerk, kiosk = hall.clerk(2), hall.device()
        wait_for("a forecast", lambda: simulated(hall))
        tickets = [kiosk.issue(SERVICE) for _ in range(2)]
        for _ in tickets:
            hall.later(minutes=40)
            clerk.call_next(2)
            clerk.verb(2, "start").ok()
            clerk.verb(2, "finish").ok()
        scores = hall.manager().get("forecast/accuracy").ok()
        assert scores["n"] == 2 and scores["p90_coverage"] == 0
        assert scores["bias_min"] == -scores["mae_min"] < -35
        assert scores["ahead_mae_min"] is not None
        by_category = {c["category"]: c["n"] for c in scores["categories"]}
        assert by_category["security"] == 2 and sum(by_category.values()) == 2

        def scored() -> bool:
            given = hall.parts.commands.forecasts.last
            return given is not None and given.k > 1.05

        wait_for("both to be scored", scored)
        keeper.stop()
        kept = hall.store.read(lambda tx: tx.meta(META_KEY))
        assert kept is not None and '"k": 1.07' in kept
        again = keeper_of(hall)
        again.start()
        wait_for("a forecast", lambda: simulated(hall))
        given = hall.parts.commands.forecasts.last
        # They are not counted twice.
        assert given is not None and 1.07 <= given.k < 1.08
        again.stop()


def test_accuracy_is_for_staff(tmp_path: Path) -> None:
    with running(tmp_path, HALL) as hall:
        assert hall.anyone().get("forecast/accuracy").status == 401
        nothing = hall.log_in("c2", 2).get("forecast/accuracy?days=1").ok()
        assert nothing["n"] == 0 and nothing["mae_min"] is None
        assert hall.manager().get("forecast/accuracy?days=32").status == 422


def test_an_old_forecast_is_counted_down_and_then_dropped(tmp_path: Path) -> None:
    with running(tmp_path, HALL) as hall:
        hall.clerk(2)
        kiosk = hall.device()
        ticket = kiosk.issue(SERVICE)
        forecasts, now = hall.parts.commands.forecasts, hall.parts.commands.moment().at
        joining = {(SERVICE, "ordinary"): [(0.0, Spread(33, 51))]}
        given = Given(now, False, {ticket["id"]: Spread(30.4, 44.0)}, joining)
        forecasts.give(given)
        shown = kiosk.get(f"tickets/{ticket['id']}").ok()
        assert (shown["p50_min"], shown["p90_min"]) == (30, 45)
        hall.later(seconds=30)
        shown = kiosk.get(f"tickets/{ticket['id']}").ok()
        assert (shown["p50_min"], shown["p90_min"]) == (30, 45)
        newer = kiosk.issue(SERVICE)
        assert (newer["p50_min"], newer["p90_min"]) == (35, 55)
        hall.later(seconds=1)
        shown = kiosk.get(f"tickets/{ticket['id']}").ok()
        assert (shown["p50_min"], shown["p90_min"]) == (0, 5)
        assert hall.anyone().get("health").ok()["forecast"] == {"source": "nominal", "age_s": 31}


def test_a_changed_dial_is_in_the_next_forecast(tmp_path: Path) -> None:
    """Behind a crowd that has waited for an hour a green visitor waits long, until the dial says
    otherwise."""
    with running(tmp_path, HALL) as hall:
        kiosk, clerk, manager = hall.device(), hall.clerk(2), hall.manager()
        for _ in range(12):
            kiosk.issue(SERVICE)
        clerk.call_next(2)
        clerk.verb(2, "start").ok()
        hall.later(minutes=60)
        green = kiosk.issue(SERVICE, priority_class="green")["id"]
        worker = Worker(hall.hall, 1.0, 0)
        now = hall.parts.commands.moment().at
        before = hall.store.read(lambda tx: worker.look(tx, now)).waits[green]
        dial = {"id": "green", "head": 240, "rate": 3}
        manager.send("PUT", "priorities", {"classes": [dial]}).ok()
        after = hall.store.read(lambda tx: worker.look(tx, now)).waits[green]
        assert before is not None
        assert after is not None
        assert after.p50 < before.p50 / 2


def test_the_last_days_are_read_in_their_order(tmp_path: Path) -> None:
    with running(tmp_path, HALL) as hall:
        kiosk = hall.device()
        for _ in range(3):
            clerk = hall.clerk(2)
            for _ in range(2):
                kiosk.issue(SERVICE)
                clerk.call_next(2)
                clerk.verb(2, "start").ok()
                hall.later(minutes=3)
                clerk.verb(2, "finish").ok()
            hall.later(days=1)
        moment = hall.parts.commands.moment()
        news = hall.store.read(lambda tx: past(tx, moment, 0))
        called = [visit.called for visit in news.visits]
        assert called == sorted(called) and len(called) == 6
        assert news.freed == {2: max(visit.ended for visit in news.visits)}
        assert {visit.clerk for visit in news.visits} == {"c2"}
