"""Tells the hall server of reprints, so that its journal has them; none is lost while the server,
the line or this program is away, and none is told twice."""

import logging
import sqlite3
import threading

from pydantic import ValidationError

from hallkit.link.backoff import Backoff
from hallkit.link.client import ApiClient, LinkError, ServerRefused
from hallkit.runtime.logs import Outage
from hallkit.wire.message import Message
from hallkit.wire.printing import ReprintReport
from ticket_printer.spool.reprints import Reprints

_log = logging.getLogger(__name__)

# A report that is refused now is refused by the same server later too, unless it is updated.
_REFUSED_MOST_S = 60.0
# Answers after which a report is not sent again: the server has it already (told by this printer
# before it was paired anew), or will never take it.
_FINAL = (409, 422)


class Taken(Message):
    """The server's answer; its content does not matter to the device."""


class ReprintNews:
    """A thread that hands in reports, oldest first, until stopped."""

    def __init__(self, client: ApiClient, reprints: Reprints) -> None:
        self._client = client
        self._reprints = reprints
        self._wake = threading.Event()
        self._stopping = False
        self._outage = Outage(_log, "reports of reprints")
        self._thread = threading.Thread(target=self._run, name="reprints", daemon=True)

    def start(self) -> None:
        """Starts telling what is still to be told. A client without a device id tells nothing."""
        if self._client.device_id:
            self._thread.start()

    def stop(self) -> None:
        """Stops and waits for the thread."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> None:
        """Says that there may be a new report."""
        self._wake.set()

    def _run(self) -> None:
        backoff = Backoff(most_s=_REFUSED_MOST_S)
        while True:
            # In this order: a stop that comes between the two still ends the wait below.
            self._wake.clear()
            if self._stopping:
                return
            try:
                wait_s = None if self._tell() else 0.0
                backoff.reset()
                self._outage.recovered()
            except (LinkError, sqlite3.Error) as error:
                self._outage.failed(error)
                wait_s = backoff.next_s()
            self._wake.wait(wait_s)

    def _tell(self) -> bool:
        """Hands in the oldest report; returns whether there was none. Raises LinkError,
        sqlite3.Error."""
        found = self._reprints.first()
        if found is None:
            return True
        seq, text = found
        try:
            report = ReprintReport.model_validate_json(text)
        except ValidationError as error:
            _log.warning("the report of a reprint cannot be read and is not told: %s", error)
        else:
            self._hand_in(report)
        self._reprints.told(seq)
        return False

    def _hand_in(self, report: ReprintReport) -> None:
        """Raises LinkError when it is to be tried again."""
        try:
            self._client.post(f"/devices/{self._client.device_id}/reprints", report, Taken)
        except ServerRefused as refused:
            if refused.status not in _FINAL:
                raise
            _log.warning("the reprint of %s is not taken: %s", report.number, refused)
