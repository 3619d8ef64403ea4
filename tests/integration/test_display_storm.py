"""Hundreds of calls over many panels: every panel ends right and never shows an older call."""

import random
from collections import defaultdict
from pathlib import Path

from display.virtual.server import VirtualPanels
from tests.fakes.display_hall import Display, eventually, port_of, virtual
from tests.fakes.hall_server_fake import FakeHall, call_event, small_hall, window

LINES, EACH, CALLS = 3, 10, 500
WINDOWS = range(1, LINES * EACH + 1)


def hung(tmp_path: Path) -> VirtualPanels:
    """Two RS-485 lines and one network converter, ten panels each."""
    listens = [f"pty:{tmp_path}/east", f"pty:{tmp_path}/west", "tcp:0"]
    return virtual(
        *(
            {
                "listen": listen,
                "panels": [
                    {"address": a, "out_dir": str(tmp_path / f"{at}-{a}")}
                    for a in range(1, EACH + 1)
                ],
            }
            for at, listen in enumerate(listens)
        )
    )


def lines(panels: VirtualPanels) -> list[dict[str, object]]:
    return [
        {
            "name": str(at),
            "port": port_of(address),
            "panels": [{"window": at * EACH + a, "address": a} for a in range(1, EACH + 1)],
        }
        for at, address in enumerate(panels.addresses)
    ]


def test_500_calls_over_30_panels_end_right_and_none_goes_back(tmp_path: Path) -> None:
    chance = random.Random(5)
    called: dict[int, list[str]] = defaultdict(list)
    panels = hung(tmp_path)
    try:
        with (
            FakeHall(small_hall(*(window(n) for n in WINDOWS))) as hall,
            Display(hall.url, lines(panels)) as display,
        ):
            hall.wait_for(lambda: hall.streams == 1)
            eventually(lambda: all(p.said for p in panels.panels), "the panels are there")
            for seq in range(1, CALLS + 1):
                number = chance.choice(WINDOWS)
                called[number].append(f"A{seq:03}")
                hall.push(call_event(seq, f"A{seq:03}", window(number)))
            last = {n: f"{called[n][-1]} 请到 {n}号窗口" for n in WINDOWS}
            at = dict(zip(WINDOWS, panels.panels, strict=True))
            eventually(lambda: all(at[n].card.text == last[n] for n in WINDOWS), "the last calls")
            eventually(
                lambda: all(called[n][-1] in display.part(f"panel {n}").text for n in WINDOWS),
                "every panel is known to show it",
            )
            for number, panel in at.items():
                shown = [words.split()[0] for words in panel.said if words.startswith("A")]
                assert shown == sorted(shown), number
                assert set(shown) <= set(called[number])
                assert (panel.card.crc_errors, panel.card.nacks) == (0, 0)
    finally:
        panels.stop()
