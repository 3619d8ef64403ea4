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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from hall_server.domain.points import PriorityClass
from hall_server.domain.profile import Part, Taken
from hall_server.domain.whatif import Compared, Day, Desk, Effect, Visit, Waits, compare
from hall_server.domain.whatif_days import MadeUp

Classes = Mapping[str, PriorityClass]
Source = Sequence[Day] | MadeUp

# What the days may take; a busy Raspberry Pi needs as long again to start.
BUDGET_S = 0.8
_PATIENCE_S = 20.0
_NICENESS = 10


class WhatIfFailed(Exception):
    """The process came to no result; the message says why."""


def run_in_process(source: Source, now: Classes, then: Classes) -> Compared:
    """``whatif.compare`` in a process of its own, over as many days as it gets through in 0.8 s,
    but one at least. Raises WhatIfFailed."""
    task = {**_of_source(source), "now": _plain(now), "then": _plain(then)}
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
        answer = json.loads(done.stdout)
        return Compared(answer["days"], tuple(_effect(row) for row in answer["effects"]))
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


def _of_source(source: Source) -> dict[str, Any]:
    if not isinstance(source, MadeUp):
        return {"days": [_of_day(day) for day in source]}
    plain = {
        "desks": _of_desks(source.desks),
        "minutes": dict(source.minutes),
        "shares": dict(source.shares),
        "start": source.start,
        "load": source.load,
    }
    return {"made_up": plain}


def _of_day(day: Day) -> dict[str, Any]:
    visits = [[v.arrives, v.base, v.service, v.class_id, v.minutes] for v in day.visits]
    return {"visits": visits, "desks": _of_desks(day.desks)}


def _of_desks(desks: Sequence[Desk]) -> list[Any]:
    return [[d.opens, d.closes, [[at, _of_taken(taken)] for at, taken in d.takes]] for d in desks]


def _of_taken(taken: Taken) -> list[Any]:
    return [
        [
            None if part.services is None else sorted(part.services),
            None if part.classes is None else sorted(part.classes),
        ]
        for part in taken.parts
    ]


def _days(task: dict[str, Any]) -> Iterator[Day]:
    if "made_up" in task:
        plain = task["made_up"]
        yield from MadeUp(**plain | {"desks": _desks(plain["desks"])}).days()
    for plain in task.get("days", ()):
        yield Day(tuple(Visit(*row) for row in plain["visits"]), _desks(plain["desks"]))


def _desks(rows: list[Any]) -> tuple[Desk, ...]:
    return tuple(
        Desk(opens, closes, tuple((at, _taken(parts)) for at, parts in takes))
        for opens, closes, takes in rows
    )


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
    compared = compare(
        _days(task),
        _classes(task["now"]),
        _classes(task["then"]),
        lambda: time.monotonic() < until,
    )
    json.dump(asdict(compared), sys.stdout)


if __name__ == "__main__":
    main()
