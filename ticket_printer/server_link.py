"""What the printer program has to do with the hall server: heartbeat, desk tickets, reprints."""

import threading
from collections.abc import Callable, Sequence

from hallkit.link.client import ApiClient
from hallkit.link.member import DeviceLink
from hallkit.link.server import ServerSettings
from hallkit.wire.device import PartStatus
from hallkit.wire.printing import PrinterView
from ticket_printer.desk_tickets import DeskTickets
from ticket_printer.intake.desk import PrintDesk
from ticket_printer.intake.listing import names_of
from ticket_printer.reprint_news import ReprintNews
from ticket_printer.settings import PrinterProgramSettings
from ticket_printer.spool.lookup import Entry
from ticket_printer.spool.reprints import Reprints
from ticket_printer.spool.store import Spool

# As many numbers as a line of the device page can show; the server takes texts of this length.
_MOST_NAMES = 5
_MOST_CHARS = 400
_UNSETTLED_WORDS = (
    ("unknown", "不知是否出纸", "may or may not be on paper"),
    ("failed", "没有打出", "not printed"),
)


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
        """Says that there is a reprint to tell of, and one ticket less to look for."""
        self._link.changed()
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
    """One part of the device for each printer; not ok when somebody should look at it, or for a
    ticket that may not have come out."""
    unsettled = desk.unsettled()
    return [
        _part(printer, _unsettled_words(unsettled.get(printer.name, ())))
        for printer in desk.printer_views()
    ]


def _part(printer: PrinterView, more: list[tuple[str, str]]) -> PartStatus:
    zh, en = zip((printer.detail, printer.detail_en), *more, strict=True)
    return PartStatus(
        name=printer.name,
        state=printer.state,
        text="；".join(zh)[:_MOST_CHARS],
        text_en="; ".join(en)[:_MOST_CHARS],
        ok=printer.state == "ready" and not more,
    )


def _unsettled_words(entries: Sequence[Entry]) -> list[tuple[str, str]]:
    words = []
    for state, zh, en in _UNSETTLED_WORDS:
        names = [names_of(entry) for entry in entries if entry.job.state == state]
        if names:
            left_out = len(names) > _MOST_NAMES
            some = list(zip(*names[:_MOST_NAMES], strict=True))
            words.append(
                (
                    f"{len(names)} 张{zh}：{'、'.join(some[0])}{' 等' if left_out else ''}",
                    f"{len(names)} {en}: {', '.join(some[1])}{', …' if left_out else ''}",
                )
            )
    return words
