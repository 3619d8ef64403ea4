"""How often one address may try: 429, a time to wait, and room again later."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from hall_server.api.throttle import LOG_INS, PAIRINGS, POSITIONS, Rate
from tests.fakes.running_hall import PIN, Answer, Client, RunningHall, running


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RunningHall]:
    with running(tmp_path) as found:
        yield found


def ask_until_refused(ask: Callable[[], Answer], rate: Rate, status: int) -> None:
    """Asks until 429: a whole burst gets ``status`` first, and the refusal says when to come
    back."""
    answered = 0
    while (answer := ask()).status == status:
        answered += 1
        assert answered < rate.burst * 20
    assert answered >= rate.burst
    answer.refused(429, "too_many_requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60 / rate.per_minute + 1


def test_wrong_log_ins_from_one_address(hall: RunningHall) -> None:
    anyone = hall.anyone()
    ask_until_refused(
        lambda: anyone.post("session", {"staff_no": f"x{uuid4().hex}", "pin": "111111"}),
        LOG_INS,
        401,
    )


def test_right_log_ins_are_not_counted(hall: RunningHall) -> None:
    for _ in range(LOG_INS.burst + 5):
        hall.anyone().post("session", {"staff_no": "m1", "pin": PIN}).ok()


def test_pairing_from_one_address(hall: RunningHall) -> None:
    anyone = hall.anyone()
    ask_until_refused(
        lambda: anyone.command("devices/pair", kind="kiosk", name="取号机"), PAIRINGS, 201
    )


def test_positions_from_one_address(hall: RunningHall) -> None:
    with ThreadPoolExecutor(8) as pool:
        clients = [hall.anyone() for _ in range(8)]

        def ask(client: Client) -> set[int]:
            return {client.get("positions/made-up").status for _ in range(POSITIONS.burst)}

        statuses = set().union(*pool.map(ask, clients))
    # A machine too busy to ask faster than the bucket fills is never refused.
    assert statuses <= {404, 429}
