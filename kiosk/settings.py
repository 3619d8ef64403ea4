"""``config/kiosk.toml``."""

import ipaddress
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from hallkit.link.client import server_url
from hallkit.link.server import ServerSettings
from hallkit.runtime.settings import Settings
from kiosk.flow.state import Rules

_LISTEN = re.compile(r"^(?P<host>[^:]+|\[[^\]]+\]):(?P<port>\d{1,5})$")


def split_listen(listen: str) -> tuple[str, int]:
    """``127.0.0.1:9190`` as host and port. Raises ValueError unless it is a loopback address."""
    found = _LISTEN.match(listen)
    if found is None or int(found["port"]) > 65535:
        raise ValueError("应为 127.0.0.1:端口 / should be 127.0.0.1:PORT")
    host = found["host"].strip("[]")
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ValueError("只能是本机地址 / should be an address of this machine only")
    return host, int(found["port"])


def _loopback(listen: str) -> str:
    if listen:
        split_listen(listen)
    return listen


def _address(url: str) -> str:
    return server_url(url) if url else ""


class PrinterSettings(Settings):
    """``[printer]``: the ticket printer program on this machine."""

    url: Annotated[str, AfterValidator(_address)] = "http://127.0.0.1:9180"
    name: str = Field(default="", description="one of its printers; empty: its first")


class ScreenSettings(Settings):
    """``[screen]``. ``touch`` is where touches come from, exactly one source: with two, every
    press counts double."""

    width: int = Field(default=1080, ge=320, le=7680)
    height: int = Field(default=1920, ge=320, le=7680)
    orientation: Literal["auto", "portrait", "landscape"] = "auto"
    fullscreen: bool = True
    maxfps: int = Field(default=12, ge=5, le=60)
    touch: str = Field(default="auto", pattern=r"^(auto|window|probe|/dev/input/\S+)$")


class RemoteSettings(Settings):
    """``[remote]``: the remote hand, for demonstrations and tests; off when ``listen`` is empty."""

    listen: Annotated[str, AfterValidator(_loopback)] = ""


class KioskSettings(Settings):
    """Everything the kiosk program can be told."""

    name: str = Field(default="取号机", min_length=1, max_length=40)
    language: Literal["zh", "en"] = "zh"
    home_after_s: float = Field(default=7, ge=2, le=60)
    unprinted_s: float = Field(default=25, ge=5, le=300)
    page_timeout_s: float = Field(default=60, ge=5, le=600)
    warn_s: float = Field(default=20, ge=2, le=60)
    give_up_s: float = Field(default=30, ge=5, le=120)
    offline: bool = True
    server: ServerSettings = ServerSettings()
    printer: PrinterSettings = PrinterSettings()
    screen: ScreenSettings = ScreenSettings()
    remote: RemoteSettings = RemoteSettings()

    def rules(self) -> Rules:
        """What of this the flow needs."""
        return Rules(
            page_timeout_s=self.page_timeout_s,
            warn_s=min(self.warn_s, self.page_timeout_s),
            home_after_s=self.home_after_s,
            unprinted_s=self.unprinted_s,
            give_up_s=self.give_up_s,
            language=self.language,
            has_printer=bool(self.printer.url),
        )
