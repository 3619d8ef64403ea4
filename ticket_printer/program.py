"""The ticket printer program: puts its parts together, starts and stops them."""

import fcntl
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from hallkit.runtime.clock import Clock, SystemClock
from hallkit.runtime.fonts import face
from hallkit.runtime.service import Service
from ticket_printer.intake.app import IntakeApp
from ticket_printer.intake.desk import PrintDesk
from ticket_printer.intake.routes import Routes
from ticket_printer.intake.server import IntakeServer
from ticket_printer.layouts import load_layouts
from ticket_printer.render.layout import Layouts
from ticket_printer.render.sheet import Typeface
from ticket_printer.render.slips import Renderer
from ticket_printer.settings import PrinterProgramSettings
from ticket_printer.spool.failover import Failover
from ticket_printer.spool.store import Spool, SpoolError
from ticket_printer.spool.strays import take_in_strays
from ticket_printer.spool.worker import PrinterWorker
from ticket_printer.transport.confirm import Patience

if TYPE_CHECKING:
    from ticket_printer.server_link import ServerLink

_log = logging.getLogger(__name__)


class Program:
    """Everything of ``hall printer`` but its command line.

    ``start`` raises ConfigError (a slip's layout), SpoolError, FontMissing or OSError (the port is
    taken); what was started until then is stopped by ``service.close()``. ``intake_address`` is
    known after it.
    """

    def __init__(
        self,
        settings: PrinterProgramSettings,
        server_url: str | None,
        service: Service,
        clock: Clock | None = None,
        patience: Patience = Patience(),  # noqa: B008 - frozen
    ) -> None:
        self._settings = settings
        self._server_url = server_url
        self._service = service
        self._clock = clock or SystemClock()
        self._patience = patience
        self._link: ServerLink | None = None
        self._failover: Failover | None = None
        self.intake_address: tuple[str, int] = ("", 0)

    def start(self) -> None:
        """Opens the spool, starts the printers, the intake and the link to the server."""
        settings = self._settings
        layouts = load_layouts(settings.slips_folder)
        folder = Path(settings.data_dir)
        self._service.add("data folder", hold(folder).close)
        spool = Spool(folder)
        self._service.add("spool", spool.close)
        for job_id in spool.recover(self._clock.now()):
            _log.warning("job %s: the program ended while it was being printed", job_id)
        take_in_strays(spool, [printer.name for printer in settings.printers], self._clock.now())
        workers = self._workers(spool, Typeface(face(), face("bold")), layouts)
        failover = Failover(
            spool,
            workers,
            {printer.name: printer.failover for printer in settings.printers},
            settings.failover_after_s,
            self._clock,
        )
        self._failover = failover
        desk = PrintDesk(
            spool, workers, Routes(settings), self._clock, settings.keep_days, failover.look,
            self._reprinted,
        )  # fmt: skip
        # The port is taken before anything prints: a busy one ends the program at once.
        intake = IntakeServer(IntakeApp(desk), settings.intake.host, settings.intake.port)
        self._service.add("intake", intake.stop)
        for worker in workers:
            worker.start()
        self._service.add("printers", lambda: _stop_all(workers))
        failover.start()
        self._service.add("failover", failover.stop)
        intake.start()
        self.intake_address = intake.address
        _log.info("taking jobs on http://%s:%d", *self.intake_address)
        self._start_link(spool, desk)

    def _workers(self, spool: Spool, typeface: Typeface, layouts: Layouts) -> list[PrinterWorker]:
        return [
            PrinterWorker(
                printer,
                spool,
                Renderer(printer.width, printer.raster, typeface, layouts),
                self._clock,
                self._state_changed,
                self._patience,
            )
            for printer in self._settings.printers
        ]

    def _start_link(self, spool: Spool, desk: PrintDesk) -> None:
        server = self._settings.server
        if server is None and self._server_url is None:
            return
        from hallkit.link.server import ServerSettings
        from ticket_printer.server_link import ServerLink

        link = ServerLink(
            server or ServerSettings(),
            self._server_url,
            desk,
            spool,
            self._settings,
        )
        self._link = link
        link.start()
        self._service.add("server link", link.stop)

    def _reprinted(self) -> None:
        if self._link is not None:
            self._link.reprinted()

    def _state_changed(self) -> None:
        if self._failover is not None:
            self._failover.look()
        # A printer may change before the link is made; the first heartbeat then says it.
        if self._link is not None:
            self._link.changed()


def _stop_all(workers: Sequence[PrinterWorker]) -> None:
    # Told together: each may still wait some seconds for its ticket.
    for worker in workers:
        worker.ask_to_stop()
    for worker in workers:
        worker.stop()


def hold(folder: Path) -> IO[bytes]:
    """Holds the data folder for this program until the file is closed: two programs on one spool
    would print tickets twice. Raises SpoolError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("wb")
    except OSError as error:
        raise SpoolError(
            f"{folder}: 无法使用数据目录 / cannot be used: {error.strerror}"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise SpoolError(
            f"{folder}: 另一个打印程序正在使用 / another printer program is using it"
        ) from None
    return lock
