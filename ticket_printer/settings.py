"""``config/printer.toml``: where the printers are and where jobs come in."""

import ipaddress
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from hallkit.link.server import ServerSettings
from hallkit.runtime.settings import Settings, did_you_mean
from ticket_printer.transport.address import Address, parse_address
from ticket_printer.transport.probe import Caps

# A raster ticket is about 60 kB: below this speed it would take longer than 4 s.
_RASTER_BYTES_PER_S = 15_000


def _loopback(host: str) -> str:
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        raise ValueError(
            "只能是本机地址（127.0.0.1）：任何人都能打印就会出假号 / "
            "should be a loopback address (127.0.0.1): nobody else may print tickets"
        )
    return host


def _address(text: str) -> str:
    parse_address(text)
    return text


class IntakeSettings(Settings):
    """``[intake]``: where kiosks on this machine hand in jobs."""

    host: Annotated[str, AfterValidator(_loopback)] = "127.0.0.1"
    port: int = Field(default=9180, ge=0, le=65535, description="0: any free port")


class PrinterSettings(Settings):
    """One of ``[[printers]]``."""

    name: str = Field(min_length=1, max_length=40)
    transport: Annotated[str, AfterValidator(_address)]
    width: Literal[80, 58] = 80
    caps: Literal["auto", "epson", "clone", "status-only", "mute", "write-only"] = "auto"
    mode: Literal["auto", "raster", "text"] = "auto"
    poll_s: float = Field(default=1.5, ge=0.2, le=60)

    @cached_property
    def address(self) -> Address:
        """The transport, parsed."""
        return parse_address(self.transport)

    @property
    def fixed_caps(self) -> Caps | None:
        """The capability set, None when it is to be found out. ``mute`` is what a printer is
        that answers nothing, and so is registered as write-only."""
        if self.caps == "auto":
            return None
        return "write-only" if self.caps == "mute" else self.caps

    @property
    def raster(self) -> bool:
        """Whether tickets go out as pictures."""
        if self.mode == "auto":
            return self.address.bytes_per_s >= _RASTER_BYTES_PER_S
        return self.mode == "raster"


class PrinterProgramSettings(Settings):
    """The whole file."""

    data_dir: str = Field(min_length=1)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    keep_days: int = Field(default=7, ge=1, le=3650)
    desk_printer: str = ""
    slips_dir: str = ""
    intake: IntakeSettings = IntakeSettings()
    server: ServerSettings | None = None
    printers: list[PrinterSettings] = Field(min_length=1)

    @property
    def slips_folder(self) -> Path | None:
        """The folder of the hall's own slip layouts, None for the shipped ones."""
        return Path(self.slips_dir) if self.slips_dir else None

    @model_validator(mode="after")
    def _names(self) -> Any:
        names = [printer.name for printer in self.printers]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(
                f"打印机名称重复：{'、'.join(twice)} / two printers have the name {twice[0]!r}"
            )
        if self.desk_printer and self.desk_printer not in names:
            zh, en = did_you_mean(self.desk_printer, names)
            raise ValueError(
                f"desk_printer“{self.desk_printer}”不在 printers 中{zh} / "
                f"desk_printer {self.desk_printer!r} is not one of the printers{en}"
            )
        return self
