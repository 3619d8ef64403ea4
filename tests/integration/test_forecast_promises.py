"""What a number is promised when it is taken: by its class, and by the time it was booked for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hall_server.domain.forecast.model import Spread
from hall_server.service.forecasts import Given
from tests.fakes.running_hall import RunningHall, Tables, running, sample_hall

SERVICE = "pension-join"
JOINING = {
    (SERVICE, "ordinary"): [(0.0, Spread(40.0, 60.0))],
    (SERVICE, "green"): [(0.0, Spread(12.0, 20.0))],
    (SERVICE, "appointment"): [
        (-20.0, Spread(4, 8)),
        (0.0, Spread(10, 16)),
        (30.0, Spread(34, 40)),
    ],
}


def booking(tables: Tables) -> None:
    tables["appointments"] = {"enabled": True, "capacity": 1, "services": ["category:social"]}
    tables["calendar"] = {"national": True}


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RunningHall]:
    with running(tmp_path, sample_hall("baishui-town", booking)) as found:
        yield found


def given(hall: RunningHall) -> None:
    now = hall.parts.commands.moment().at
    hall.parts.commands.forecasts.give(Given(now, False, {}, JOINING))


def promised(hall: RunningHall, ticket: dict[str, Any]) -> tuple[float | None, float | None]:
    stored = hall.store.read(lambda tx: tx.ticket(ticket["id"]))
    assert stored is not None
    return stored.forecast_p50, stored.forecast_p90


def book(hall: RunningHall, starts: str) -> str:
    person = {"person": "610527196001010018", "channel": "phone"}
    made = hall.log_in("g1").command("appointments", service_id=SERVICE, starts=starts, **person)
    return str(made.ok(201)["code"])


def test_a_number_is_promised_what_its_class_waits(hall: RunningHall) -> None:
    hall.clerk(5)
    given(hall)
    kiosk = hall.device()
    assert promised(hall, kiosk.issue(SERVICE)) == (40, 60)
    green = kiosk.issue(SERVICE, priority_class="green")
    assert promised(hall, green) == (12, 20)
    assert (green["p50_min"], green["p90_min"]) == (10, 20)


def test_an_early_visitor_is_promised_the_booked_time(hall: RunningHall) -> None:
    code = book(hall, "2026-11-24T09:30:00+08:00")
    # Half way between two of the times that were simulated.
    hall.later(days=1, minutes=15)
    hall.clerk(5)
    given(hall)
    early = hall.device().issue(SERVICE, appointment_code=code)
    assert promised(hall, early) == (22, 28)
    assert (early["p50_min"], early["p90_min"]) == (20, 30)


def test_priority_calls_are_scored(hall: RunningHall) -> None:
    clerk, kiosk = hall.clerk(5), hall.device()
    given(hall)
    for kind in ("ordinary", "green"):
        kiosk.issue(SERVICE, priority_class=kind)
    hall.later(minutes=18)
    for _ in range(2):
        clerk.call_next(5)
        clerk.verb(5, "start").ok()
        clerk.verb(5, "finish").ok()
    scores = hall.manager().get("forecast/accuracy").ok()
    # 40 and 12 minutes were promised.
    assert (scores["n"], scores["mae_min"], scores["p90_coverage"]) == (2, 14, 1)
