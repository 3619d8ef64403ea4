"""What the printer program has to do with the hall server: heartbeat, desk tickets, reprints."""

import threading
from collections.abc import Callable

from hallkit.link.client import ApiClient
from hallkit.link.member import DeviceLink
from hallkit.link.server import ServerSettings
from hallkit.wire.device import PartStatus
from ticket_printer.desk_tickets import DeskTickets
from ticket_printer.intake.desk import PrintDesk
from ticket_printer.reprint_news import ReprintNews
from ticket_printer.settings import PrinterProgramSettings
from ticket_printer.spool.reprints import Reprints
from ticket_printer.spool.store import Spool


class ServerLink:
    """Finds the server, is let in, tells it how the printers are and what was printed again,
    prints desk tickets where the ``program`` settings want them. Without a server everything still
    prints."""

    def __init__(
        self,
        settings: ServerSettings,
        url: str | None,
        desk: PrintDesk,
        spool: Spool,
        program: PrinterProgramSettings,
    ) -> None:
        self._desk = desk
        self._spool = spool
        self._program = program
        self._news: ReprintNews | None = None
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

    def reprinted(self) -> None:
        """Says that there may be a reprint to tell of."""
        news = self._news
        if news is not None:
            news.look()

    def _begin(self, client: ApiClient, ending: threading.Event) -> Callable[[], None]:
        news = self._news = ReprintNews(client, Reprints(self._spool))
        news.start()
        if not self._program.prints_for_desks:
            return news.stop
        tickets = DeskTickets(
            client,
            self._desk,
            self._spool,
            self._program.printer_of_desk,
            ending,
            self._link.changed,
        )

        def end() -> None:
            news.stop()
            tickets.stop()

        try:
            tickets.start()
        except BaseException:
            news.stop()
            raise
        return end


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
