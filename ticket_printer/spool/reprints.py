"""Reprints that the hall server has still to be told of, oldest first; kept until it knows."""

from ticket_printer.spool.store import Spool


class Reprints:
    """The reports that :meth:`Spool.accept` kept. Every method raises sqlite3.Error."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def first(self) -> tuple[int, str] | None:
        """Sequence and report of the oldest one."""
        with self._spool.read() as db:
            row = db.execute("SELECT seq, report FROM reprints ORDER BY seq LIMIT 1").fetchone()
        return (row[0], row[1]) if row else None

    def told(self, seq: int) -> None:
        """The server has it."""
        with self._spool.change() as db:
            db.execute("DELETE FROM reprints WHERE seq = ?", (seq,))
