"""The clock of the pages' tests: no day of the hall ends while one of them runs."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.daytime import away_from_midnight

HALL = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("clock", "shown"),
    [
        ("15:39", "15:39"),
        ("15:45", "14:45"),
        ("15:59", "14:59"),
        ("16:00", "17:00"),
        ("16:19", "17:19"),
        ("16:20", "16:20"),
        ("09:00", "09:00"),
    ],
)
def test_near_midnight_in_the_hall_it_is_an_hour_away(clock: str, shown: str) -> None:
    now = datetime.fromisoformat(f"2026-11-23T{clock}:00").replace(tzinfo=UTC)
    seen = away_from_midnight(now)
    assert f"{seen:%H:%M}" == shown
    around = {(seen + timedelta(minutes=m)).astimezone(HALL).date() for m in (-17, 0, 17)}
    assert len(around) == 1
