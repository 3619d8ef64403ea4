"""How much paper each printer has used since its roll was loaded: durable, by printer name.

The length of a ticket is added by :meth:`Spool.start_sending` in the transaction that makes it
*sending*: what may be on paper counts as paper.
"""

from dataclasses import dataclass
from datetime import datetime

from ticket_printer.spool.store import Spool


@dataclass(frozen=True)
class Roll:
    """The roll in a printer: millimetres used, whether it ran out and no new one was seen yet,
    when it was loaded (ISO 8601, empty when that is not known)."""

    used_mm: float = 0
    ran_out: bool = False
    loaded_at: str = ""


class Rolls:
    """The rolls of a spool's printers. Every method raises sqlite3.Error."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def of(self, printer: str) -> Roll:
        """The roll in a printer, as far as it is known."""
        with self._spool.read() as db:
            row = db.execute(
                "SELECT used_mm, ran_out, loaded_at FROM rolls WHERE printer = ?", (printer,)
            ).fetchone()
        return Roll(row[0], bool(row[1]), row[2]) if row else Roll()

    def ran_out(self, printer: str) -> None:
        """The paper is out: the next time there is some it is a new roll."""
        with self._spool.change() as db:
            db.execute(
                "INSERT INTO rolls (printer, ran_out) VALUES (?, 1)"
                " ON CONFLICT (printer) DO UPDATE SET ran_out = 1",
                (printer,),
            )

    def loaded(self, printer: str, now: datetime) -> None:
        """A new roll was loaded."""
        with self._spool.change() as db:
            db.execute(
                "INSERT OR REPLACE INTO rolls (printer, loaded_at) VALUES (?, ?)",
                (printer, now.isoformat()),
            )
