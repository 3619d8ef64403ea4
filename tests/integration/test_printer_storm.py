"""Many tickets, faults at random moments, the program killed in between: whatever happens, a
number is on paper at most once, and a number that is not on paper is known as such."""

import os
import random
import signal
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

from tests.fakes.printer_rig import Intake, papers, virtual_printer
from tests.integration.test_printer_restart import hall_printer, write_config
from ticket_printer.virtual.faults import Faults
from ticket_printer.virtual.server import VirtualPrinter

_TICKETS = 40
_SETTLED = ("done", "unknown", "failed")


def _fault(chance: random.Random) -> dict[str, Any]:
    """A fault, or none."""
    choices: list[dict[str, Any]] = [
        {},
        {"rows_left": chance.randint(0, 600)},
        {"drop_after_bytes": chance.randint(30, 700)},
        {"power": "off"},
        {"cover": "open"},
        {"cutter": "error"},
        {"paper": "near-end"},
    ]
    return chance.choice(choices)


def _one_round(
    chance: random.Random,
    printer: VirtualPrinter,
    intake: Intake,
    process: subprocess.Popen[str],
    number: int,
) -> bool:
    """Hands in a ticket while something goes wrong; false when the program was killed."""
    slow = {"bytes_per_s": chance.choice([2_000, 8_000, None])}
    printer.switch(Faults.model_validate(slow))
    intake.submit(f"t-{number}", number=f"A{number:03d}")
    intake.wait_state(f"t-{number}", chance.choice(["sending", "done"]), *_SETTLED)
    printer.switch(Faults.model_validate(_fault(chance)))
    alive = chance.random() > 0.2
    if not alive:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    printer.switch(Faults())
    if alive:
        intake.wait_state(f"t-{number}", *_SETTLED)
    return alive


def test_no_number_is_on_paper_twice_and_none_is_missing_unknown(tmp_path: Path) -> None:
    chance = random.Random(20261123)
    out, number = tmp_path / "out", 0
    with virtual_printer(out) as printer:
        config = write_config(tmp_path, printer.address[1], 'mode = "text"\ncaps = "epson"\n')
        while number < _TICKETS:
            with hall_printer(config) as (process, intake):
                alive = True
                while alive and number < _TICKETS:
                    number += 1
                    alive = _one_round(chance, printer, intake, process, number)
        with hall_printer(config) as (_, intake):
            states = {n: intake.wait_state(f"t-{n}", *_SETTLED).state for n in range(1, number + 1)}
    printed = Counter(
        line for png in papers(out) for line in png.with_suffix(".txt").read_text().splitlines()
    )
    for n, state in states.items():
        times = printed[f"A{n:03d}"]
        assert times == 1 if state == "done" else times <= 1, f"A{n:03d} {state}: {times} times"
    assert "failed" not in states.values()
