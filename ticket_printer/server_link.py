"""What the printer program has to do with the hall server: heartbeat and desk tickets."""

import logging
import threading

from hallkit.link.heartbeat import Heartbeat
from hallkit.link.pairing import enrol
from hallkit.link.server import ServerSettings
from hallkit.runtime.settings import ConfigError
from hallkit.wire.device import PartStatus
from ticket_printer.desk_tickets import DeskTickets
from ticket_printer.intake.desk import PrintDesk
from ticket_printer.spool.store import Spool

_log = logging.getLogger(__name__)


class ServerLink:
    """Finds the server, is let in, tells it how the printers are, prints desk tickets.

    ``changed`` is set by the printers when a state changed. Without a server everything still
    prints.
    """

    def __init__(
        self,
        settings: ServerSettings,
        url: str | None,
        desk: PrintDesk,
        spool: Spool,
        desk_printer: str,
        changed: threading.Event,
    ) -> None:
        self._settings = settings
        self._url = url
        self._desk = desk
        self._spool = spool
        self._desk_printer = desk_printer
        self._changed = changed
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="server-link", daemon=True)

    def start(self) -> None:
        """Starts looking for the server."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the link."""
        self._stopping.set()
        self._changed.set()
        self._thread.join()

    def _run(self) -> None:
        name = self._desk.printer_views()[0].name
        try:
            client = enrol(self._settings, "printer", name, self._url, self._stopping)
        except ConfigError as error:
            _log.error("no link to the server: %s", error)
            return
        if client is None:
            return
        heartbeat = Heartbeat(client, self._settings.device_id, lambda: part_statuses(self._desk))
        desk_tickets = DeskTickets(
            client, self._desk, self._spool, self._desk_printer, self._stopping
        )
        heartbeat.start()
        try:
            if self._desk_printer:
                desk_tickets.start()
            self._tell(heartbeat)
        finally:
            desk_tickets.stop()
            heartbeat.stop()
            client.close()

    def _tell(self, heartbeat: Heartbeat) -> None:
        while not self._stopping.is_set():
            self._changed.wait()
            self._changed.clear()
            heartbeat.changed()


def part_statuses(desk: PrintDesk) -> list[PartStatus]:
    """One part of the device for each printer; not ok when somebody should look at it."""
    return [
        PartStatus(
            name=printer.name,
            state=printer.state,
            text=printer.detail,
            text_en=printer.detail_en,
            ok=printer.state == "ready",
        )
        for printer in desk.printer_views()
    ]
