"""``config/printer.toml``: where the printers are and where jobs come in."""

import ipaddress
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from hallkit.link.server import ServerSettings
from hallkit.runtime.settings import Settings, did_you_mean
from ticket_printer.transport.address import Address, CupsAddress, parse_address
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
    poll_s: float = Field(default=0.8, ge=0.2, le=60)
    place: str = Field(default="", max_length=12)
    place_en: str = Field(default="", max_length=16)
    kiosks: list[str] = []
    desks: list[int] = []
    failover: list[str] = []
    roll_m: float = Field(default=0, ge=0, le=500)
    near_end_m: float = Field(default=3, ge=0, le=50)

    @cached_property
    def address(self) -> Address:
        """The transport, parsed."""
        return parse_address(self.transport)

    @property
    def words_for_place(self) -> tuple[str, str]:
        """Where its paper comes out, for the person who fetches it: Chinese, English."""
        zh = self.place or self.name
        return zh, self.place_en or zh

    @property
    def fixed_caps(self) -> Caps | None:
        """The capability set, None when it is to be found out. ``mute`` is what a printer is
        that answers nothing, and so is registered as write-only. A CUPS queue answers nothing
        either."""
        if isinstance(self.address, CupsAddress):
            return "write-only"
        if self.caps == "auto":
            return None
        return "write-only" if self.caps == "mute" else self.caps

    @property
    def raster(self) -> bool:
        """Whether tickets go out as pictures."""
        if self.mode == "auto":
            return self.address.bytes_per_s >= _RASTER_BYTES_PER_S
        return self.mode == "raster"

    @model_validator(mode="after")
    def _cups_answers_nothing(self) -> Any:
        silent = ("auto", "mute", "write-only")
        if isinstance(self.address, CupsAddress) and self.caps not in silent:
            raise ValueError(
                "CUPS 队列不回报任何状态，caps 请写 write-only / "
                "a CUPS queue reports nothing: write caps = write-only"
            )
        return self


class PrinterProgramSettings(Settings):
    """The whole file."""

    data_dir: str = Field(min_length=1)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    keep_days: int = Field(default=7, ge=1, le=3650)
    desk_printer: str = ""
    failover_after_s: float = Field(default=3, ge=0, le=600)
    slips_dir: str = ""
    intake: IntakeSettings = IntakeSettings()
    server: ServerSettings | None = None
    printers: list[PrinterSettings] = Field(min_length=1)

    @property
    def slips_folder(self) -> Path | None:
        """The folder of the hall's own slip layouts, None for the shipped ones."""
        return Path(self.slips_dir) if self.slips_dir else None

    def printer_of_kiosk(self, kiosk: str) -> str:
        """The printer of a kiosk that names none: the one that names it, else the first."""
        return next((p.name for p in self.printers if kiosk in p.kiosks), self.printers[0].name)

    def printer_of_desk(self, window: int | None) -> str:
        """The printer of whoever issues tickets at this window (None: at none), empty for none."""
        return next((p.name for p in self.printers if window in p.desks), self.desk_printer)

    @property
    def prints_for_desks(self) -> bool:
        """Whether any desk's tickets are printed here."""
        return bool(self.desk_printer) or any(p.desks for p in self.printers)

    @model_validator(mode="after")
    def _names(self) -> Any:
        names = [printer.name for printer in self.printers]
        problems = [
            *_twice(names, "打印机名称重复", "two printers have the name"),
            *_twice(
                [kiosk for p in self.printers for kiosk in p.kiosks],
                "同一台取号机写在两台打印机下",
                "two printers are for the kiosk",
            ),
            *_twice(
                [str(desk) for p in self.printers for desk in p.desks],
                "同一个窗口写在两台打印机下",
                "two printers are for the desk at window",
            ),
        ]
        if self.desk_printer:
            problems += _unknown("desk_printer", self.desk_printer, names)
        for printer in self.printers:
            problems += _bad_failover(printer, names)
        if problems:
            zh, en = zip(*problems, strict=True)
            raise ValueError(f"{'；'.join(zh)} / {'; '.join(en)}")
        return self


def _twice(entries: list[str], zh: str, en: str) -> list[tuple[str, str]]:
    twice = sorted({entry for entry in entries if entries.count(entry) > 1})
    return [(f"{zh}：{'、'.join(twice)}", f"{en} {twice[0]!r}")] if twice else []


def _unknown(key: str, name: str, names: list[str]) -> list[tuple[str, str]]:
    if name in names:
        return []
    zh, en = did_you_mean(name, names)
    return [
        (f"{key}“{name}”不在 printers 中{zh}", f"{key} {name!r} is not one of the printers{en}")
    ]


def _bad_failover(printer: PrinterSettings, names: list[str]) -> list[tuple[str, str]]:
    problems = []
    for name in printer.failover:
        problems += _unknown("failover", name, names)
    if printer.name in printer.failover:
        problems.append(
            (
                f"打印机“{printer.name}”的 failover 写了它自己",
                f"the failover of printer {printer.name!r} names itself",
            )
        )
    return problems
