"""What the printer program has to do with the hall server: heartbeat and desk tickets."""

import threading
from collections.abc import Callable

from hallkit.link.client import ApiClient
from hallkit.link.member import DeviceLink
from hallkit.link.server import ServerSettings
from hallkit.wire.device import PartStatus
from ticket_printer.desk_tickets import DeskTickets
from ticket_printer.intake.desk import PrintDesk
from ticket_printer.spool.store import Spool


class ServerLink:
    """Finds the server, is let in, tells it how the printers are, prints desk tickets on
    ``desk_printer`` (none when empty). Without a server everything still prints."""

    def __init__(
        self,
        settings: ServerSettings,
        url: str | None,
        desk: PrintDesk,
        spool: Spool,
        desk_printer: str,
    ) -> None:
        self._desk = desk
        self._spool = spool
        self._desk_printer = desk_printer
        name = desk.printer_views()[0].name
        self._link = DeviceLink(
            settings, "printer", name, url, lambda: part_statuses(desk), self._begin
        )

    def start(self) -> None:
        """Starts looking for the server."""
        self._link.start()

    def stop(self) -> None:
        """Ends the link."""
        self._link.stop()

    def changed(self) -> None:
        """Says that a printer's state changed."""
        self._link.changed()

    def _begin(self, client: ApiClient, ending: threading.Event) -> Callable[[], None]:
        if not self._desk_printer:
            return lambda: None
        tickets = DeskTickets(
            client, self._desk, self._spool, self._desk_printer, ending, self._link.changed
        )
        tickets.start()
        return tickets.stop


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
