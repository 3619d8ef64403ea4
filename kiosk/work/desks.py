"""All worker threads of the kiosk, started once the server is known and stopped in order."""

import logging
import threading
from collections.abc import Callable

from hallkit.link.heartbeat import Heartbeat
from hallkit.link.pairing import enrol
from hallkit.runtime.settings import ConfigError
from hallkit.wire.device import PartStatus
from hallkit.wire.ticket import Ticket
from kiosk.flow.inputs import Effect, Input, Issue, PairingCode, ServerLost
from kiosk.flow.slip import slip_of
from kiosk.settings import KioskSettings
from kiosk.work.halldata import HallData
from kiosk.work.paper import PaperDesk
from kiosk.work.printerlink import PrinterLink
from kiosk.work.tickets import TicketDesk

_log = logging.getLogger(__name__)

_SCREEN = PartStatus(name="screen", state="ready", text="正常", text_en="working", ok=True)


class Desks:
    """Finds the server in the background, then runs the desks; effects of the flow go to them."""

    def __init__(
        self, settings: KioskSettings, server_url: str | None, post: Callable[[Input], None]
    ) -> None:
        self._settings = settings
        self._server_url = server_url
        self._post = post
        self._stopping = threading.Event()
        self._stops: list[Callable[[], None]] = []
        self._tickets: TicketDesk | None = None
        self._heartbeat: Heartbeat | None = None
        self._paper = self._paper_desk()
        self._connecting = threading.Thread(target=self._connect, name="connect", daemon=True)

    def start(self) -> None:
        """Starts looking for the server; returns at once."""
        if self._paper is not None:
            self._paper.start()
        self._connecting.start()

    def stop(self) -> None:
        """Stops every thread, the newest first, and waits for it."""
        self._stopping.set()
        self._connecting.join()
        while self._stops:
            self._stops.pop()()
        if self._paper is not None:
            self._paper.stop()

    def do(self, effect: Effect) -> None:
        """Carries out an effect of the flow; returns at once."""
        if self._tickets is not None:
            self._tickets.do(effect)

    def _paper_desk(self) -> PaperDesk | None:
        printer = self._settings.printer
        if not printer.url:
            return None
        return PaperDesk(PrinterLink(printer.url), printer.name, self._post, self._part_changed)

    def _part_changed(self) -> None:
        if self._heartbeat is not None:
            self._heartbeat.changed()

    def _parts(self) -> list[PartStatus]:
        return [_SCREEN, *([self._paper.part] if self._paper is not None else [])]

    def _connect(self) -> None:
        try:
            client = enrol(
                self._settings.server,
                "kiosk",
                self._settings.name,
                self._server_url,
                self._stopping,
                lambda code: self._post(PairingCode(code)),
            )
        except ConfigError as error:
            _log.error("no link to the server: %s", error)
            self._post(ServerLost())
            return
        if client is None:
            return
        self._stops.append(client.close)
        self._tickets = TicketDesk(client, self._post, self._granted)
        self._tickets.start()
        self._stops.append(self._tickets.stop)
        data = HallData(client, self._post)
        data.start()
        self._stops.append(data.stop)
        self._heartbeat = Heartbeat(client, self._settings.server.device_id, self._parts)
        self._heartbeat.start()
        self._stops.append(self._heartbeat.stop)

    def _granted(self, wanted: Issue, ticket: Ticket) -> None:
        if self._paper is not None:
            self._paper.print(ticket.id, slip_of(wanted.hall, ticket))
