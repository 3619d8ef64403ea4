"""A printer's state: from the fault to the kiosk and to the server, in seconds.

    python bench/printer_states.py [--rounds 5]

A real server, printer program and kiosk's desk; the virtual printer's faults are switched by hand.
The manager's page shows what the server has as soon as its event stream says so.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.machine import machine
from hallkit.link.client import ApiClient
from kiosk.work.paper import PaperDesk
from tests.fakes.printer_rig import program, settings, until, virtual_printer
from tests.support.web_hall import plain_tables, web_hall
from ticket_printer.settings import PrinterSettings
from ticket_printer.transport.confirm import Patience
from ticket_printer.virtual.faults import Faults, Then

CHANGES = [
    (Faults(paper="near-end"), "paper_near_end"),
    (Faults(paper="out"), "paper_out"),
    (Faults(cover="open"), "cover_open"),
    (Faults(silent=True), "unknown"),
    (Faults(paper="out"), "paper_out"),
    (Faults(power="off"), "offline"),
    (Faults(), "ready"),
]


def measure(folder: Path, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Seconds to the kiosk and to the server, by the state they were to show."""
    took: dict[str, list[tuple[float, float]]] = defaultdict(list)
    usual = {"poll_s": PrinterSettings.model_fields["poll_s"].default}
    with (
        web_hall(plain_tables(), folder) as hall,
        virtual_printer(folder / "out") as printer,
        program(
            settings(
                folder / "spool",
                printer.address[1],
                printer=usual,
                server={"url": hall.url, "token_file": str(folder / "token")},
            ),
            # A ticket whose confirmation was lost ends soon; the waits for an answer are the usual.
            patience=Patience(confirm_s=4.0),
        ) as intake,
    ):
        hall.let_in()
        link = ApiClient(intake.url, prefix="")
        desk = PaperDesk(link, "", "取号机", lambda _: None, lambda: None)
        desk.start()
        until(lambda: desk.part.state == "ready" == hall.first_part(), "everything to begin")

        def time_until(state: str) -> tuple[float, float]:
            began = time.monotonic()
            until(lambda: desk.part.state == state, "the kiosk")
            at_kiosk = time.monotonic() - began
            until(lambda: hall.first_part() == state, "the server")
            return at_kiosk, time.monotonic() - began

        for turn in range(rounds * len(CHANGES)):
            faults, state = CHANGES[turn % len(CHANGES)]
            # Not in step with what asks.
            time.sleep(0.3 + 0.17 * (turn % 5))
            printer.switch(faults)
            took[state].append(time_until(state))
        for turn in range(rounds):
            printer.switch(Faults(then=Then(at=0, silent=True)))
            intake.submit(f"out-{turn}")
            intake.wait_state(f"out-{turn}", "sending")
            took["unknown, ticket out"].append(time_until("unknown"))
            printer.switch(Faults())
            intake.wait_state(f"out-{turn}", "done", "unknown")
            time_until("ready")
        desk.stop()
    return took


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        took = measure(Path(folder), args.rounds)
    print(f"{'state (at most 2 s)':<22}{'kiosk: median, worst':>22}{'server: median, worst':>24}")
    for state, pairs in took.items():
        told = [f"{statistics.median(t):.2f} {max(t):.2f} s" for t in zip(*pairs, strict=True)]
        print(f"{state:<22}{told[0]:>22}{told[1]:>24}")


if __name__ == "__main__":
    main()
