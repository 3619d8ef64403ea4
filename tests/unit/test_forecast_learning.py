"""What past visits teach, how calls calibrate, and a hall that presses nothing."""

import os
import subprocess
import sys
from dataclasses import replace
from math import exp, inf
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hall_server.domain.forecast.calibrate import (
    NARROWEST,
    WIDEST,
    Scored,
    accuracy,
    calibrate,
)
from hall_server.domain.forecast.forecaster import Forecaster
from hall_server.domain.forecast.learn import Visit, learn, visit_of
from hall_server.domain.forecast.model import EVERYTHING, FAR_MIN, Taking
from hall_server.domain.forecast.present import Seen, coming_of, present_of, schedule_of
from hall_server.domain.forecast.throughput import pace, wait_behind
from hall_server.domain.instant import MINUTE, Instant, Moment, from_instant
from hall_server.domain.ticket import Ticket
from hall_server.domain.window import Window
from hall_server.hallfile.build import build_hall
from tests.fakes.running_hall import sample_hall

HALL = build_hall(sample_hall("baotou-township"))
SERVICE = next(iter(HALL.services))
SHANGHAI = ZoneInfo("Asia/Shanghai")
ROOT = Path(__file__).resolve().parents[2]
DAY = 24 * 60 * MINUTE
# Monday, 2026-11-23 at 09:30 in Shanghai.
NOW: Instant = 1_795_397_400_000


def visits(
    minutes: float,
    number: int = 40,
    *,
    clerk: str = "c1",
    window: int = 1,
    service: str = SERVICE,
    gap: float = 0.5,
    waited: float = 20.0,
) -> list[Visit]:
    """Visits of exactly so many minutes, one after the other, ending an hour before now."""
    found = []
    at = NOW - 60 * MINUTE - round(number * (minutes + gap) * MINUTE)
    for _ in range(number):
        end = at + round(minutes * MINUTE)
        issued = at - round(waited * MINUTE)
        found.append(
            Visit(service, "ordinary", window, clerk, issued, at, at, end, done=True, missed=False)
        )
        at = end + round(gap * MINUTE)
    return found


def ticket(n: int, **more: object) -> Ticket:
    base = Ticket(
        id=f"t{n}",
        day="2026-11-23",
        series="A",
        sequence=n,
        service_id=SERVICE,
        priority="ordinary",
        state="waiting",
        channel="kiosk",
        token="",
        base=NOW - n * MINUTE,
        issued=NOW - n * MINUTE,
    )
    return replace(base, **more)  # type: ignore[arg-type]


def moment(at: Instant = NOW) -> Moment:
    return Moment(at, from_instant(at, SHANGHAI))


def test_a_visit_is_learnt_from_its_first_call_unless_it_came_again() -> None:
    called = ticket(30).call(2, NOW - 20 * MINUTE).recall(NOW - 19 * MINUTE)
    done = called.start(NOW - 18 * MINUTE).finish(NOW - 8 * MINUTE)
    visit = visit_of(done, "c2")
    assert visit is not None and visit.minutes == 12
    assert (visit.window, visit.clerk, visit.done, visit.missed) == (2, "c2", True, False)
    sent_on = called.start(NOW - 18 * MINUTE).transfer(SERVICE, None)
    again = sent_on.call(3, NOW - 9 * MINUTE).start(NOW - 9 * MINUTE).finish(NOW - 4 * MINUTE)
    second = visit_of(again, "c3")
    assert second is not None and second.minutes == 5
    assert second.called != second.first_called
    assert visit_of(ticket(1), "") is None
    assert visit_of(ticket(1).call(1, NOW), "") is None


def test_service_times_are_shrunk_by_eight_visits() -> None:
    nominal = {"a": 10.0, "b": 10.0}
    few, many = (
        learn(visits(30, 2, service="a"), nominal),
        learn(visits(30, 400, service="a"), nominal),
    )
    assert 9 < few.times.minutes["a"] < 20
    assert many.times.minutes["a"] == pytest.approx(30, rel=0.03)
    # A service without visits follows the hall.
    assert many.times.minutes["b"] == pytest.approx(30, rel=0.06)
    assert learn([], nominal).times.minutes["a"] == pytest.approx(10 * exp(-(0.555**2) / 2))


def test_clerks_are_compared_with_the_others() -> None:
    slow, fast = visits(20, 50, clerk="s"), visits(10, 50, clerk="f", window=2)
    speeds = learn(slow + fast, {SERVICE: 15.0}).speeds
    # Half of the distance on a logarithmic scale, shrunk by 25 visits among 75.
    assert speeds["s"] == pytest.approx(2 ** (0.5 * 50 / 75), rel=0.02)
    assert speeds["f"] == pytest.approx(2 ** (-0.5 * 50 / 75), rel=0.02)


def test_long_waits_are_not_reckoned_on_beyond_experience() -> None:
    """Two who left after five hours say nothing about everybody else's wait."""
    usual = visits(10, 300, waited=20)
    gone = [replace(v, done=False, missed=True) for v in visits(1, 2, waited=300)]
    a, b = learn(usual + gone, {SERVICE: 10.0}).times.missing
    assert a + b * FAR_MIN < 0.2


def test_who_waits_for_hours_leaves_as_others_did() -> None:
    """On a day when most windows are closed, that decides how long the others wait."""
    usual, gone = visits(10, 300, waited=20), visits(1, 60, waited=400)
    past = usual + [replace(v, done=n % 3 == 0) for n, v in enumerate(gone)]
    times = learn(past, {SERVICE: 10.0}).times
    assert 0.5 < times.absent(400) < 0.7
    assert times.absent(400) < times.absent(800) < 1
    # They say nothing about usual waits, and the chance does not jump.
    assert times.absent(20) < 0.04 and times.absent(60) < 0.1
    assert times.absent(FAR_MIN) == pytest.approx(times.absent(FAR_MIN + 0.01), abs=0.001)
    # Where nobody waited so long they go on leaving as before.
    came = visits(10, 200, waited=5) + visits(10, 160, waited=60)
    left = [replace(v, done=False) for v in visits(1, 40, waited=60)]
    unknown = learn(came + left, {SERVICE: 10.0}).times
    a, b = unknown.missing
    assert a + b * FAR_MIN < unknown.absent(400) < a + b * 400


def test_who_never_came_depends_on_the_wait() -> None:
    came = visits(10, 200, waited=5) + visits(10, 140, waited=60)
    gone = [replace(v, done=False, missed=True) for v in visits(1, 60, waited=60)]
    a, b = learn(came + gone, {SERVICE: 10.0}).times.missing
    assert a + b * 5 < 0.04
    assert 0.2 < a + b * 60 < 0.35
    # Who missed a call but came later is no loss of work.
    back = [replace(v, missed=True) for v in came]
    assert learn(back, {SERVICE: 10.0}).times.missing[1] == pytest.approx(0, abs=0.001)


def test_gaps_reactions_and_what_comes_again() -> None:
    busy, idle = visits(10, 60, gap=2.0), visits(10, 60, gap=3.0, waited=1.0, window=2)
    times = learn(busy + idle, {SERVICE: 10.0}).times
    assert sorted(set(times.gaps)) == [2.0]
    assert sorted(set(times.reactions)) == [1.0]
    sent_on = [replace(v, first_called=v.first_called - 20 * MINUTE) for v in busy[:30]]
    assert learn(sent_on + idle, {SERVICE: 10.0}).times.again == pytest.approx(30 / 115)


def test_a_visit_that_nobody_finished_in_time_is_not_believed() -> None:
    times = learn(visits(600, 30), {SERVICE: 10.0}).times
    assert times.minutes[SERVICE] <= 150


def test_calibration_moves_by_every_call() -> None:
    kept, broken = Scored(10, 8, 12), Scored(20, 8, 12)
    assert calibrate(1.0, [kept]) == pytest.approx(exp(-0.004))
    assert calibrate(1.0, [broken]) == pytest.approx(exp(0.036))
    # One in ten keeps it where it is.
    assert calibrate(1.7, [broken, *[kept] * 9]) == pytest.approx(1.7)
    assert calibrate(1.0, [broken] * 500) == WIDEST
    assert calibrate(1.0, [kept] * 5000) == NARROWEST


def test_accuracy() -> None:
    assert accuracy([]).n == 0 and accuracy([]).mae_min is None
    found = accuracy([Scored(10, 14, 20, 30), Scored(20, 14, 19), Scored(12, 12, 15)])
    assert found.n == 3
    assert found.mae_min == pytest.approx(10 / 3)
    assert found.bias_min == pytest.approx(-2 / 3)
    assert found.p90_coverage == pytest.approx(2 / 3)
    assert found.yardstick_mae_min == 20


def test_throughput_is_shrunk_towards_history() -> None:
    assert pace(0.2, 12) == pytest.approx(0.2)
    assert pace(0.2, 0) == pytest.approx(150 * 0.2 / 210)
    assert wait_behind(3, 0.0) is None
    found = wait_behind(3, 0.2)
    assert found is not None and found.p50 == pytest.approx(20) and found.p90 > 30


def windows(*states: str) -> list[Window]:
    return [Window(n, s, f"c{n}", None, NOW - 90 * MINUTE) for n, s in enumerate(states, 1)]  # type: ignore[arg-type]


def everything(seen: Seen) -> dict[int, tuple[tuple[float, tuple[Taking, ...]], ...]]:
    return {w.number: ((0.0, EVERYTHING),) for w in seen.windows}


def test_a_hall_that_presses_finish_at_once_is_forecast_by_its_pace() -> None:
    pressed = [replace(v, ended=v.called + 1_000) for v in visits(10, 60, gap=0.0)] + [
        replace(v, ended=v.called + 1_000) for v in visits(10, 60, gap=0.0, window=2)
    ]
    forecaster = Forecaster(HALL)
    forecaster.add(pressed)
    seen = Seen(
        windows("open", "open", "closed", "closed"), {}, [ticket(n) for n in range(5, 0, -1)]
    )
    found = forecaster.look(moment(), seen, everything(seen), [(SERVICE, "ordinary")])
    ((_, mine),) = found.joining[SERVICE, "ordinary"]
    # Six turns at two windows that each call every ten minutes.
    assert mine is not None and 25 <= mine.p50 <= 45
    first = found.waits["t5"]
    assert first is not None and first.p50 < mine.p50 / 3


def test_the_present_is_read_from_windows_and_tickets() -> None:
    serving = ticket(40).call(1, NOW - 7 * MINUTE).start(NOW - 6 * MINUTE)
    held = ticket(50, held_until=2)
    late = ticket(3, priority="green")
    learnt = learn(visits(10, window=3), {SERVICE: 10.0})
    seen = Seen(
        windows("open", "paused", "closed", "open"),
        {1: serving},
        [held, late],
        {4: NOW - 2 * MINUTE},
    )
    found = present_of(HALL, moment(), seen, everything(seen), learnt)
    one, two, three, four = found.desks
    assert (one.busy, one.elapsed) == (SERVICE, 7)
    assert two.paused and three.opens > 24 * 60
    assert (four.busy, four.elapsed) == (None, 2)
    assert one.speed != 1.0 and two.speed == 1.0
    assert [(w.id, w.base, w.held) for w in found.waiting] == [("t50", -50, 2), ("t3", -3, 0)]
    green = next(p for p in HALL.priorities if p.id == "green")
    assert found.ranks[found.waiting[1].rank].rate == green.rate
    assert found.ranks[0].rate == 1


def test_schedules_follow_rules_that_begin_later() -> None:
    nothing: tuple[Taking, ...] = ()
    at_ten = schedule_of(lambda local: EVERYTHING if local.hour >= 10 else nothing, moment().local)
    assert at_ten == ((0.0, nothing), (30.0, EVERYTHING))


def test_priority_visitors_are_expected_as_on_other_days() -> None:
    day = [replace(v, priority="green") for v in visits(1, 6)]
    # Yesterday, three in the hour that comes and three in the one after.
    other = [replace(v, issued=NOW - DAY + (10 + 20 * i) * MINUTE) for i, v in enumerate(day)]
    found = coming_of(HALL, moment(), other, 1)
    rates = {(c.start, c.end): c.rate for c in found}
    assert rates[0.0, 60.0] == rates[60.0, 120.0] == pytest.approx(3 / 120)
    assert rates[120.0, 180.0] == 0
    assert coming_of(HALL, moment(), visits(1, 6), 1) == []


def test_nobody_is_expected_after_the_close() -> None:
    def ends(at: Instant) -> list[tuple[float, float]]:
        just_now = [ticket(n, priority="green", issued=at - n * MINUTE) for n in range(1, 5)]
        return [(c.start, c.end) for c in coming_of(HALL, moment(at), just_now, 1)]

    # It closes at half past five.
    assert ends(NOW) == [(0, 60), (60, 120), (120, 180), (180, 480)]
    assert ends(NOW + 7 * 60 * MINUTE) == [(0, 60)]
    assert ends(NOW + 450 * MINUTE) == [(0, 30)]
    assert ends(NOW + 480 * MINUTE) == []
    always = replace(HALL, hours=replace(HALL.hours, always=True))
    assert coming_of(always, moment(), [ticket(1, priority="green")], 1)[-1].end == inf


# Prints a forecast of a hall where priority visitors of many services were seen.
_LOOK = """
from dataclasses import replace
from hall_server.domain.forecast.forecaster import Forecaster
from hall_server.domain.forecast.present import Seen
from tests.unit import test_forecast_learning as t

seen = Seen(t.windows("open", "open"), {}, [t.ticket(n) for n in range(9, 0, -1)])
forecaster = Forecaster(t.HALL)
past = t.visits(10, 40)
some = [replace(v, service=s, priority="green") for s in t.HALL.services for v in past[:3]]
forecaster.add([replace(v, issued=v.issued - t.DAY + 540 * t.MINUTE) for v in past + some])
print(forecaster.look(t.moment(), seen, t.everything(seen)).waits)
"""


def test_every_process_gives_the_same_forecast() -> None:
    def look(hash_seed: str) -> str:
        env = {**os.environ, "PYTHONHASHSEED": hash_seed}
        return subprocess.check_output([sys.executable, "-c", _LOOK], env=env, cwd=ROOT, text=True)

    assert look("1") == look("2") != ""
