"""The what-if in a process of its own, at a low priority: it takes most of a second of arithmetic,
and no call may wait for that.

``python -m hall_server.service.whatif_process`` reads a task as JSON from its input and writes the
effects to its output.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from hall_server.domain.points import PriorityClass
from hall_server.domain.profile import Part, Taken
from hall_server.domain.whatif import Day, Desk, Effect, Visit, Waits, compare

Classes = Mapping[str, PriorityClass]

# What the days may take; a busy Raspberry Pi needs as long again to start.
BUDGET_S = 0.8
_PATIENCE_S = 20.0
_NICENESS = 10


class WhatIfFailed(Exception):
    """The process came to no result; the message says why."""


def run_in_process(days: Iterable[Day], now: Classes, then: Classes) -> list[Effect]:
    """``whatif.compare`` in a process of its own, over as many days as it gets through in 0.8 s,
    but one at least. Raises WhatIfFailed."""
    task = {"days": [_of_day(day) for day in days], "now": _plain(now), "then": _plain(then)}
    command = [sys.executable, "-m", "hall_server.service.whatif_process"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(task),
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=True,
        )
        return [_effect(row) for row in json.loads(done.stdout)]
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or [str(error.returncode)])[-1]
        raise WhatIfFailed(reason) from None
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        raise WhatIfFailed(str(error)) from None


def _plain(classes: Classes) -> list[list[Any]]:
    return [[c.id, c.head, c.rate] for c in classes.values()]


def _classes(rows: list[list[Any]]) -> dict[str, PriorityClass]:
    return {
        id_: PriorityClass(id_, "", "", head, rate, "", on_kiosk=False) for id_, head, rate in rows
    }


def _of_day(day: Day) -> dict[str, Any]:
    visits = [[v.arrives, v.base, v.service, v.class_id, v.minutes] for v in day.visits]
    desks = [
        [d.opens, d.closes, [[at, _of_taken(taken)] for at, taken in d.takes]] for d in day.desks
    ]
    return {"visits": visits, "desks": desks}


def _of_taken(taken: Taken) -> list[Any]:
    return [
        [
            None if part.services is None else sorted(part.services),
            None if part.classes is None else sorted(part.classes),
        ]
        for part in taken.parts
    ]


def _day(plain: dict[str, Any]) -> Day:
    visits = tuple(Visit(*row) for row in plain["visits"])
    desks = tuple(
        Desk(opens, closes, tuple((at, _taken(parts)) for at, parts in takes))
        for opens, closes, takes in plain["desks"]
    )
    return Day(visits, desks)


def _taken(rows: list[Any]) -> Taken:
    return Taken(
        tuple(
            Part(
                None if services is None else frozenset(services),
                None if classes is None else frozenset(classes),
            )
            for services, classes in rows
        )
    )


def _effect(row: dict[str, Any]) -> Effect:
    return Effect(row["class_id"], row["people"], Waits(**row["now"]), Waits(**row["then"]))


def main() -> None:
    """The process."""
    os.nice(_NICENESS)
    task = json.load(sys.stdin)
    until = time.monotonic() + BUDGET_S
    effects = compare(
        (_day(day) for day in task["days"]),
        _classes(task["now"]),
        _classes(task["then"]),
        lambda: time.monotonic() < until,
    )
    json.dump([asdict(effect) for effect in effects], sys.stdout)


if __name__ == "__main__":
    main()
