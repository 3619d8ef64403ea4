"""The forecast scored on made-up days of real halls that it was not tuned on.

The days come from ``tests.support.hall_world``: service times from mixtures of gamma distributions,
clerks of different speeds who rest and stay away, visitors in waves who miss calls and are sent on.
The forecaster sees tickets and windows alone.
"""

import pytest

from hall_server.domain.forecast.calibrate import accuracy
from hall_server.hallfile.build import build_hall
from tests.fakes.running_hall import sample_hall
from tests.support.forecast_rig import Rig
from tests.support.hall_world import Habits

# Hall, of how many tickets one is promised a wait, habits, seeds.
HARD = Habits(load=0.88, long=0.3, shape=1.2, pause=0.1, green=0.25)
# Windows close over the hall's break; without it they work through, whatever the hall file says.
LUNCH = Habits(lunch=True)
RESTLESS = Habits(load=0.9, no_show=0.08, sent_on=0.08)
DAYS = [
    ("baotou-township", 1, Habits(), range(11, 17)),
    # Of these the forecaster once expected those who were away all day back after the break.
    ("baotou-township", 1, Habits(), (105, 108)),
    ("baotou-township", 1, HARD, range(21, 23)),
    ("baotou-township", 1, LUNCH, range(11, 14)),
    ("zichuan-town", 2, Habits(), range(11, 15)),
    ("zichuan-town", 2, HARD, range(13, 14)),
    ("zichuan-town", 2, LUNCH, range(11, 12)),
    ("baotou-city", 10, Habits(), range(14, 15)),
    ("jiyuan-home", 30, RESTLESS, range(15, 16)),
]
CASES = [(name, every, habits, seed) for name, every, habits, seeds in DAYS for seed in seeds]


@pytest.mark.parametrize(("name", "every", "habits", "seed"), CASES)
def test_promises_are_kept(name: str, every: int, habits: Habits, seed: int) -> None:
    scores = Rig(build_hall(sample_hall(name)), seed, habits, every=every).run(5, 4)
    found, ordinary = scores.figures, accuracy(scores.ordinary)
    assert found.n >= 150
    assert found.p90_coverage is not None
    assert 0.85 <= found.p90_coverage <= 0.95
    assert ordinary.mae_min is not None and ordinary.yardstick_mae_min is not None
    assert ordinary.mae_min <= ordinary.yardstick_mae_min / 4


def test_promises_to_priority_visitors_are_kept() -> None:
    """A single hall has too few of them: those of several made-up halls together."""
    hall = build_hall(sample_hall("baotou-township"))
    calls = [s for seed in range(31, 36) for s in Rig(hall, seed).run(5, 4).priority]
    found = accuracy(calls)
    assert found.n >= 250
    assert found.mae_min is not None and found.p90_coverage is not None
    assert 0.85 <= found.p90_coverage <= 0.95
    assert found.mae_min <= 5
