"""Whether a printer's roll is new, or near its end by the paper counter."""

import logging
import sqlite3

from hallkit.runtime.clock import Clock
from hallkit.wire.printing import PrinterState
from ticket_printer.settings import PrinterSettings
from ticket_printer.spool.rolls import Roll, Rolls

_log = logging.getLogger(__name__)

Words = tuple[str, str]


class PaperWatch:
    """Follows a printer's states: paper after 缺纸 is a new roll; and says 纸将尽 for a printer
    whose ``roll_m`` is known."""

    def __init__(self, settings: PrinterSettings, rolls: Rolls, clock: Clock) -> None:
        self._settings = settings
        self._rolls = rolls
        self._clock = clock
        self._left_m: float | None = None

    @property
    def left_m(self) -> float | None:
        """Metres of paper left when last looked, None when the roll's length is not known."""
        return self._left_m

    def follow(self, state: PrinterState, words: Words) -> tuple[PrinterState, Words]:
        """The printer is in this state: the state and the words to show."""
        try:
            roll = self._followed(state)
        except sqlite3.Error as error:
            # Nothing depends on it, least of all the ticket that is out.
            _log.warning("printer %s: the paper counter: %s", self._settings.name, error)
            return state, words
        if not self._settings.roll_m:
            return state, words
        left = self._left_m = max(0.0, self._settings.roll_m - roll.used_mm / 1000)
        if state != "ready" or left > self._settings.near_end_m:
            return state, words
        return "paper_near_end", (
            f"纸将尽（按用量估计还剩 {left:.1f} 米），请准备纸卷",
            f"paper near its end (about {left:.1f} m left by the counter): have a roll ready",
        )

    def _followed(self, state: PrinterState) -> Roll:
        name = self._settings.name
        roll = self._rolls.of(name)
        if state == "paper_out" and not roll.ran_out:
            self._rolls.ran_out(name)
        elif state in ("ready", "paper_near_end") and roll.ran_out:
            self._rolls.loaded(name, self._clock.now())
            _log.info("printer %s: a new roll after %.1f m", name, roll.used_mm / 1000)
            return Roll()
        return roll
