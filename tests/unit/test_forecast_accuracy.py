"""The forecast scored on made-up days of real halls that it was not tuned on.

The days come from ``tests.support.hall_world``: service times from mixtures of gamma distributions,
clerks of different speeds who rest and stay away, visitors in waves who miss calls and are sent on.
The forecaster sees tickets and windows alone.
"""

import pytest

from hall_server.hallfile.build import build_hall
from tests.fakes.running_hall import sample_hall
from tests.support.forecast_rig import Rig
from tests.support.hall_world import Habits

# Hall, seed, of how many tickets one is promised a wait, habits.
DAYS = [
    ("baotou-township", 11, 1, Habits(load=0.9)),
    ("zichuan-town", 12, 2, Habits()),
    ("zichuan-town", 13, 2, Habits(load=0.88, long=0.3, shape=1.2, pause=0.1, green=0.25)),
    ("baotou-city", 14, 10, Habits()),
    ("jiyuan-home", 15, 30, Habits(load=0.9, no_show=0.08, sent_on=0.08)),
]


@pytest.mark.parametrize(("name", "seed", "every", "habits"), DAYS)
def test_promises_are_kept(name: str, seed: int, every: int, habits: Habits) -> None:
    scores = Rig(build_hall(sample_hall(name)), seed, habits, every=every).run(5, 4)
    found = scores.figures
    assert found.n >= 100
    assert scores.mean_wait >= 10
    assert found.mae_min is not None and found.yardstick_mae_min is not None
    assert found.p90_coverage is not None
    assert 0.85 <= found.p90_coverage <= 0.95
    assert found.mae_min <= found.yardstick_mae_min / 4
