"""The dial over HTTP: points changed at the next call, and what that would cost."""

import json
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from hall_server.admin.hall import export_hall
from hall_server.domain.errors import Conflict, TooMany
from hall_server.domain.whatif import Compared, Effect, Waits, compare
from hall_server.domain.whatif_days import MadeUp
from hall_server.service.priorities import Dial, Priorities
from hall_server.service.whatif_process import Classes, Source, WhatIfFailed, run_in_process
from tests.fakes.running_hall import Client, RunningHall, running


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RunningHall]:
    with running(tmp_path) as found:
        yield found


def dial(id_: str, head: float, rate: float) -> dict[str, Any]:
    """A class as it is sent."""
    return {"id": id_, "head": head, "rate": rate}


def values(client: Client) -> dict[str, tuple[float, float]]:
    """Every class's points."""
    classes = client.get("priorities").ok()["classes"]
    return {c["id"]: (c["head"], c["rate"]) for c in classes}


def put(client: Client, *dials: dict[str, Any]) -> Any:
    """Changes the dial."""
    return client.send("PUT", "priorities", {"classes": list(dials)})


def test_the_dial_is_in_force_at_the_next_call(hall: RunningHall) -> None:
    kiosk, clerk, manager = hall.device(), hall.clerk(1), hall.manager()
    assert values(kiosk)["green"] == (10, 3)
    kiosk.issue("hukou")
    hall.later(minutes=30)
    green = kiosk.issue("hukou", priority_class="green")
    assert green["ahead"] == 1
    put(manager, dial("green", 60, 3)).ok()
    assert kiosk.get(f"tickets/{green['id']}").ok()["ahead"] == 0
    answer = clerk.verb(1, "call-next").ok()
    assert answer["ticket"]["number"] == green["number"]
    assert answer["why"] == {"points": 60.0, "lead": 30.0, "runner_up": "A001"}
    shown = {c["id"]: c for c in kiosk.get("hall").ok()["priority_classes"]}
    assert (shown["green"]["head"], shown["green"]["tag"]) == (60, "绿色通道")


def test_the_dial_is_journaled_and_survives_a_restart_and_an_export(hall: RunningHall) -> None:
    manager = hall.manager()
    put(manager, dial("green", 20, 6)).ok()
    put(manager, dial("green", 20, 6)).ok()  # no news
    changes = [
        body["data"] for _, actor, body in hall.journal("hall.changed") if actor == "staff:m1"
    ]
    assert len(changes) == 1
    assert dial("green", 20, 6) in changes[0]["priorities"]
    assert dial("green", 10, 3) in changes[0]["before"]
    hall.stop()
    try:
        exported = tomllib.loads(export_hall(hall.data, None))
    finally:
        hall.start()
    classes = {c["id"]: (c["head"], c["rate"]) for c in exported["priority_classes"]}
    assert classes["green"] == (20, 6)
    document = hall.store.read(lambda tx: tx.hall_document())
    assert document is not None
    kept = {c["id"]: c["head"] for c in json.loads(document)["priority_classes"]}
    assert kept["green"] == 20


def test_dials_that_make_no_sense(hall: RunningHall) -> None:
    manager, clerk = hall.manager(), hall.clerk(1)
    before = values(manager)
    put(manager, dial("ordinary", 5, 1)).refused(422, "ordinary_is_fixed")
    put(manager, dial("ordinary", 0, 2)).refused(422, "ordinary_is_fixed")
    put(manager, dial("nobody", 5, 2)).refused(404, "unknown_priority_class")
    put(manager, dial("green", 5, 2), dial("green", 6, 2)).refused(422, "class_twice")
    put(manager, dial("green", 5, 0.5)).refused(422, "invalid_fields")
    put(manager, dial("green", 241, 1)).refused(422, "invalid_fields")
    put(manager).refused(422, "invalid_fields")
    put(clerk, dial("green", 20, 6)).refused(403, "not_allowed")
    put(hall.anyone(), dial("green", 20, 6)).refused(401, "login_needed")
    clerk.post("priorities/preview", {"classes": [dial("green", 20, 6)]}).refused(
        403, "not_allowed"
    )
    assert values(manager) == before
    assert put(manager, dial("ordinary", 0, 1), dial("green", 5, 2)).ok()["classes"]
    assert values(manager)["green"] == (5, 2)


def _preview(client: Client, *dials: dict[str, Any], **more: Any) -> Any:
    return client.post("priorities/preview", {"classes": list(dials), **more}).ok()


def test_without_history_the_price_is_on_nominal_minutes_at_a_stated_load(
    hall: RunningHall,
) -> None:
    manager = hall.manager()
    found = _preview(manager, dial("green", 240, 10))
    basis = found["basis"]
    assert (basis["kind"], basis["load"], basis["windows"]) == ("nominal", 0.95, 6)
    assert "95%" in basis["text"]
    ordinary, green = found["classes"][:2]
    assert (ordinary["id"], green["id"]) == ("ordinary", "green")
    assert ordinary["mean_diff"] > 0
    assert green["mean_diff"] < 0
    assert ordinary["text"] == f"普通群众平均多等 {ordinary['mean_diff']} 分钟"
    assert green["text"] == f"绿色通道平均少等 {-green['mean_diff']} 分钟"
    assert ordinary["mean_diff"] == pytest.approx(
        ordinary["mean_then"] - ordinary["mean_now"], abs=0.11
    )
    # Asked about, not done.
    assert values(manager)["green"] == (10, 3)
    quiet = _preview(manager, dial("green", 240, 10), load=0.3)
    assert quiet["basis"]["load"] == 0.3
    assert quiet["classes"][0]["mean_now"] < ordinary["mean_now"]


def _work(hall: RunningHall, people: int) -> None:
    """A morning at window 1: a visitor a minute, every fourth one green, three minutes each."""
    kiosk, clerk = hall.device(), hall.clerk(1)
    for number in range(people):
        kiosk.issue("hukou", priority_class="green" if number % 4 == 3 else "ordinary")
        hall.later(minutes=1)
        if number % 3 == 0:
            clerk.call_next(1)
            clerk.verb(1, "start").ok()
        elif number % 3 == 2:
            clerk.verb(1, "finish").ok()


def test_with_history_the_price_is_on_the_hall_s_own_days(hall: RunningHall) -> None:
    for day in (23, 24):
        hall.at(f"2026-11-{day}T09:00:00")
        _work(hall, 105)
    hall.at("2026-11-25T09:00:00")
    manager = hall.manager()
    found = _preview(manager, dial("green", 240, 10))
    basis = found["basis"]
    assert (basis["kind"], basis["load"], basis["days"]) == ("history", None, 2)
    assert (basis["windows"], basis["people"]) == (1, 70)
    ordinary, green = found["classes"]
    assert ordinary["people"] + green["people"] == 70
    assert green["mean_then"] <= green["mean_now"]
    assert ordinary["mean_then"] >= ordinary["mean_now"]
    same = _preview(manager, dial("green", 10, 3))
    assert [c["mean_diff"] for c in same["classes"]] == [0, 0]
    assert same["classes"][0]["text"] == "普通群众平均等候不变"
    # A load that is asked for goes before the history.
    assert _preview(manager, dial("green", 10, 3), load=0.8)["basis"]["kind"] == "nominal"


def _here(source: Source, now: Classes, then: Classes) -> Compared:
    return compare(source.days() if isinstance(source, MadeUp) else source, now, then)


def test_the_difference_is_that_of_the_figures_shown(hall: RunningHall) -> None:
    def simulated(_source: Source, _now: Classes, _then: Classes) -> Compared:
        before, after = Waits(34.649, 60.04, 70.06), Waits(34.851, 60.06, 70.04)
        return Compared(1, (Effect("ordinary", 9, before, after),))

    [ordinary] = Priorities(hall.store, hall.parts.commands, simulated).price([]).classes
    assert (ordinary.mean_now, ordinary.mean_then, ordinary.mean_diff) == (34.6, 34.9, 0.3)
    assert (ordinary.p90_now, ordinary.p90_then, ordinary.p90_diff) == (60.0, 60.1, 0.1)
    assert (ordinary.p95_now, ordinary.p95_then, ordinary.p95_diff) == (70.1, 70.0, -0.1)
    assert ordinary.text == "普通群众平均多等 0.3 分钟"
    assert ordinary.text_en == "ordinary visitors wait 0.3 min longer on average"


def test_one_preview_at_a_time(hall: RunningHall) -> None:
    begun, go_on = Event(), Event()

    def slowly(source: Source, now: Classes, then: Classes) -> Compared:
        begun.set()
        assert go_on.wait(60)
        return _here(source, now, then)

    priorities = Priorities(hall.store, hall.parts.commands, slowly)
    dials = [Dial("green", 20, 6)]
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(priorities.price, dials)
        assert begun.wait(60)
        try:
            with pytest.raises(TooMany, match="preview_busy"):
                priorities.price(dials)
        finally:
            go_on.set()
        assert first.result().classes
    assert priorities.price(dials).classes


def test_a_preview_that_fails_says_so_and_the_next_may_succeed(hall: RunningHall) -> None:
    answers: list[Callable[..., Compared]] = [_here]

    def sometimes(source: Source, now: Classes, then: Classes) -> Compared:
        if answers:
            return answers.pop()(source, now, then)
        raise WhatIfFailed("no memory")

    priorities = Priorities(hall.store, hall.parts.commands, sometimes)
    assert priorities.price([Dial("green", 20, 6)]).classes
    with pytest.raises(Conflict, match="preview_failed"):
        priorities.price([Dial("green", 20, 6)])
    answers.append(_here)
    assert priorities.price([Dial("green", 20, 6)]).classes


def test_the_process_says_what_the_simulation_says(hall: RunningHall) -> None:
    """Every part of a day, made up or recorded, survives the way into the process."""
    seen: list[tuple[Source, Classes, Classes]] = []

    def note(source: Source, now: Classes, then: Classes) -> Compared:
        seen.append((source, now, then))
        return _here(source, now, then)

    manager = hall.manager()
    rules = [
        {"services": "*", "classes": ["green"]},
        {"services": ["hukou"], "from": "10:00"},
    ]
    manager.send("PUT", "windows/1/profile", {"rules": rules}).ok()
    Priorities(hall.store, hall.parts.commands, note).price([Dial("green", 20, 6)])
    ((source, now, then),) = seen
    assert isinstance(source, MadeUp)
    two_days = list(source.days())[:2]
    assert run_in_process(two_days, now, then) == compare(two_days, now, then)
    made_up = run_in_process(source, now, then)
    some = list(source.days())[: made_up.days]
    assert made_up == compare(some, now, then)
