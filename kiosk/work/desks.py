"""All worker threads of the kiosk, started once the server is known and stopped in order."""

import threading
from collections.abc import Callable

from hallkit.link.client import ApiClient
from hallkit.link.member import DeviceLink
from hallkit.wire.device import PartStatus
from hallkit.wire.slip import slip_of
from hallkit.wire.ticket import Ticket
from kiosk.flow.inputs import Effect, Input, Issue, PairingCode, ServerLost
from kiosk.settings import KioskSettings
from kiosk.work.halldata import HallData
from kiosk.work.paper import PaperDesk
from kiosk.work.reserve import Reserve, open_book
from kiosk.work.tickets import TicketDesk

_SCREEN = PartStatus(name="screen", state="ready", text="正常", text_en="working", ok=True)


class Desks:
    """Finds the server in the background, then runs the desks; effects of the flow go to them."""

    def __init__(
        self, settings: KioskSettings, server_url: str | None, post: Callable[[Input], None]
    ) -> None:
        self._post = post
        self._tickets: TicketDesk | None = None
        self._link = DeviceLink(
            settings.server,
            "kiosk",
            settings.name,
            server_url,
            self._parts,
            self._begin,
            lambda code: post(PairingCode(code)),
        )
        self._book = open_book(settings)
        self._reserve: Reserve | None = None
        self._paper: PaperDesk | None = None
        if settings.printer.url:
            printer = ApiClient(settings.printer.url, prefix="")
            self._paper = PaperDesk(
                printer, settings.printer.name, settings.name, post, self._link.changed
            )

    def start(self) -> None:
        """Starts looking for the server; returns at once."""
        if self._paper is not None:
            self._paper.start()
        self._link.start()

    def stop(self) -> None:
        """Stops every thread and waits for it."""
        self._link.stop()
        if self._paper is not None:
            self._paper.stop()
        if self._book is not None:
            self._book.close()

    def do(self, effect: Effect) -> None:
        """Carries out an effect of the flow; returns at once."""
        tickets = self._tickets
        if tickets is not None:
            tickets.do(effect)

    def _parts(self) -> list[PartStatus]:
        reserve, paper = self._reserve, self._paper
        return [
            _SCREEN,
            *([paper.part] if paper is not None else []),
            *([reserve.part] if reserve is not None else []),
        ]

    def _begin(self, client: ApiClient, _ending: threading.Event) -> Callable[[], None]:
        reserve = None
        if self._book is not None:
            reserve = Reserve(self._book, client, self._link.changed)
        self._reserve = reserve
        tickets = TicketDesk(client, self._post, self._granted, reserve)
        data = HallData(client, self._post, self._link.changed, reserve)
        if reserve is not None:
            reserve.spent = data.look
        tickets.start()
        self._tickets = tickets
        data.start()

        def end() -> None:
            data.stop()
            self._tickets = None
            tickets.stop()
            # Until the server is there again nobody can take a number here.
            self._post(ServerLost())

        return end

    def _granted(self, wanted: Issue, ticket: Ticket) -> None:
        if self._paper is not None:
            self._paper.print(ticket.id, slip_of(wanted.hall, ticket))
