"""Which printer a job is for."""

import logging

from hallkit.runtime.settings import did_you_mean
from ticket_printer.intake.refused import Refused
from ticket_printer.settings import PrinterProgramSettings

_log = logging.getLogger(__name__)


class Routes:
    """The printers by name, by kiosk and by desk, as the settings say."""

    def __init__(self, settings: PrinterProgramSettings) -> None:
        self._settings = settings
        self._names = [printer.name for printer in settings.printers]
        self._kiosks = [kiosk for printer in settings.printers for kiosk in printer.kiosks]
        self._strange: set[str] = set()

    def printer(self, name: str, kiosk: str = "") -> str:
        """The printer of this name; without one, the kiosk's. Raises Refused."""
        if not name:
            self._tell_of(kiosk)
            return self._settings.printer_of_kiosk(kiosk)
        if name in self._names:
            return name
        zh, en = did_you_mean(name, self._names)
        known = "、".join(self._names)
        raise Refused(
            422,
            "unknown_printer",
            f"没有名为“{name}”的打印机，现有：{known}{zh}",
            f"there is no printer {name!r}{en}",
            [
                {
                    "field": "printer",
                    "message": f"没有这台打印机{zh}",
                    "message_en": f"no such printer{en}",
                }
            ],
        )

    def present(self, name: str) -> str:
        """The printer that was once of this name: it, or the first when the settings name none such
        any more."""
        return name if name in self._names else self._names[0]

    def _tell_of(self, kiosk: str) -> None:
        """Once, of a kiosk that no printer names though others are named."""
        if not kiosk or not self._kiosks or kiosk in self._kiosks or kiosk in self._strange:
            return
        if len(self._strange) < len(self._kiosks):
            self._strange.add(kiosk)
            zh, en = did_you_mean(kiosk, self._kiosks)
            _log.warning(
                "取号机“%s”没有写在任何打印机的 kiosks 里，用第一台打印%s / "
                "no printer's kiosks names the kiosk %r: it prints at the first%s",
                kiosk, zh, kiosk, en,
            )  # fmt: skip
