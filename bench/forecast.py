"""The wait forecast: how long a look at the whole hall takes, what the worker's process weighs, and
how good its promises are on made-up days.

    python bench/forecast.py [--quick]
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.machine import machine
from hall_server.domain.forecast.calibrate import Accuracy, accuracy
from hall_server.domain.forecast.learn import Visit, learn
from hall_server.domain.forecast.model import (
    EVERYTHING,
    Coming,
    Desk,
    Newcomer,
    Present,
    Rank,
    Taking,
    Times,
    Waiter,
)
from hall_server.domain.forecast.simulation import RUNS, simulate
from hall_server.forecaster.messages import Hello, Look, line_of
from hall_server.hallfile.build import build_hall
from tests.fakes.running_hall import running, sample_hall
from tests.support.forecast_rig import Rig
from tests.support.hall_world import HARD, LUNCH, Habits

SERVICES = [f"s{i}" for i in range(40)]
# Each service is asked about for everybody, for the green channel, and for four times of booking.
NEWCOMERS = [(0, 0.0), (1, 0.0), (2, -20.0), (2, 0.0), (2, 10.0), (2, 30.0)]
# Windows, people waiting, and the most milliseconds that the issue allows.
SIZES = [(1, 20, None), (20, 60, 20), (60, 300, 150)]
HALLS = [("baotou-township", 1), ("zichuan-town", 2), ("baotou-city", 10), ("jiyuan-home", 30)]


def hall_of(windows: int, waiting: int) -> Present:
    """A full hall: every window serves, three in four take three of eight groups of services, one
    in eight visitors has priority, and more of them come."""
    rng = random.Random(5)
    times = Times.nominal({s: rng.choice([5.0, 8.0, 10.0, 15.0]) for s in SERVICES})

    def desk(number: int) -> Desk:
        first = rng.randrange(8)
        mine = {(first + i) % 8 for i in range(3)}
        some = (Taking(frozenset(s for i, s in enumerate(SERVICES) if i % 8 in mine)),)
        takes = some if number % 4 else EVERYTHING
        return Desk(number, ((0.0, takes),), busy=rng.choice(SERVICES), elapsed=rng.uniform(0, 8))

    people = [
        Waiter(f"t{i}", rng.choice(SERVICES), int(rng.random() < 0.12), -40 + 40 * i / waiting)
        for i in range(waiting)
    ]
    each = windows * 0.12 / 12 / len(SERVICES)
    coming = [Coming(s, rank, each) for s in SERVICES for rank in (1, 2)]
    ranks = [Rank(), Rank(10, 3), Rank(10, 2)]
    return Present([desk(n) for n in range(1, windows + 1)], people, ranks, times, coming)


def time_looks() -> None:
    """Prints how long a look takes: P50 and P90 of everybody who waits and of each service."""
    asked = [Newcomer(s, r, base) for s in SERVICES for r, base in NEWCOMERS]
    for windows, waiting, allowed in SIZES:
        present = hall_of(windows, waiting)
        simulate(present, asked)
        took, worked = [], []
        for seed in range(25):
            began, cpu = time.perf_counter(), time.process_time()
            simulate(present, asked, seed=seed)
            took.append((time.perf_counter() - began) * 1000)
            worked.append((time.process_time() - cpu) * 1000)
        limit = f"  (allowed {allowed} ms)" if allowed else ""
        print(
            f"{windows:3} windows, {waiting:3} waiting, {RUNS} runs: median "
            f"{statistics.median(took):.1f} ms, slowest {max(took):.1f} ms, of processor time "
            f"{statistics.median(worked):.1f} ms{limit}"
        )


def time_learning() -> None:
    """Prints how long learning from three weeks of a large hall takes."""
    rng = random.Random(6)
    visits = []
    for n in range(6_000):
        at = n * 60_000
        end = at + round(rng.lognormvariate(2.2, 0.6) * 60_000)
        service, window = rng.choice(SERVICES), rng.randrange(1, 60)
        clerk = f"c{window}"
        visits.append(
            Visit(service, "ordinary", window, clerk, at - 900_000, at, at, end, True, False)
        )
    began = time.perf_counter()
    learn(visits, dict.fromkeys(SERVICES, 10.0))
    took = (time.perf_counter() - began) * 1000
    print(f"learning from {len(visits)} visits, every {len(visits) // 100} visits: {took:.0f} ms")


def weigh_worker() -> None:
    """Prints the memory of the worker's process, and how long it takes from a look to its answer,
    the database read included."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), "baotou-city") as hall:
        kiosk = hall.device()
        for number in range(1, 17):
            hall.clerk(number)
        services = list(hall.hall.services)
        for n in range(60):
            kiosk.issue(services[n % len(services)])
        worker = subprocess.Popen(
            [sys.executable, "-m", "hall_server.forecaster"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert worker.stdin is not None and worker.stdout is not None
        worker.stdin.write(line_of(Hello(hall.store.url, False, 1.0, 0)))
        now = hall.parts.commands.moment().at
        took = []
        for n in range(12):
            began = time.perf_counter()
            worker.stdin.write(line_of(Look(now + n * 1000)))
            worker.stdin.flush()
            answer = json.loads(worker.stdout.readline())
            took.append((time.perf_counter() - began) * 1000)
        rss = psutil.Process(worker.pid).memory_info().rss / 2**20
        worker.stdin.close()
        worker.wait()
        worker.stdout.close()
    print(
        f"worker: {rss:.0f} MiB resident; 16 windows, {len(answer['waits'])} waiting, look to "
        f"answer median {statistics.median(took[1:]):.1f} ms, the first with its start "
        f"{took[0]:.0f} ms"
    )


def score_halls(halls: list[tuple[str, int]], habits: Habits, seeds: range) -> None:
    """Prints the accuracy on days of halls that the forecaster was not tuned on, for each several
    times made up anew: who works there, what is asked for, how long it takes. The pool has all of
    these visitors together."""
    for name, every in halls:
        hall = build_hall(sample_hall(name))
        runs = [Rig(hall, seed, habits, every=every).run(5, 4) for seed in seeds]
        alone = [(accuracy(scores.ordinary), scores.figures.p90_coverage or 0.0) for scores in runs]
        coverage = [covered for _, covered in alone]
        ratios = [_ratio(ordinary) for ordinary, _ in alone]
        ordinary = accuracy([s for scores in runs for s in scores.ordinary])
        priority = accuracy([s for scores in runs for s in scores.priority])
        every_one = accuracy([s for scores in runs for s in scores.ordinary + scores.priority])
        print(
            f"{name}: {len(runs)} times, {every_one.n} calls, ordinary wait "
            f"{statistics.mean(s.mean_wait for s in runs):.1f} min, MAE {ordinary.mae_min:.1f} "
            f"min; P90 coverage {every_one.p90_coverage:.1%} (alone {min(coverage):.1%} to "
            f"{max(coverage):.1%}); MAE by that of people ahead x average: {_ratio(ordinary):.3f} "
            f"(alone median {statistics.median(ratios):.3f}, worst {max(ratios):.3f}, above a "
            f"quarter {sum(r > 0.25 for r in ratios)}); priority: {priority.n} calls, MAE "
            f"{priority.mae_min:.1f} min, coverage {priority.p90_coverage:.1%}"
        )


def _ratio(ordinary: Accuracy) -> float:
    return (ordinary.mae_min or 0.0) / (ordinary.yardstick_mae_min or 1.0)


def main() -> None:
    """Runs all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the two small halls only, twice each")
    quick = parser.parse_args().quick
    print(machine())
    time_looks()
    time_learning()
    weigh_worker()
    seeds = range(200, 202 if quick else 210)
    score_halls(HALLS[:2] if quick else HALLS, Habits(), seeds)
    for title, habits in (("long visits, many breaks", HARD), ("closed over the break", LUNCH)):
        print(f"{title}:")
        score_halls(HALLS[:2], habits, seeds)


if __name__ == "__main__":
    main()
