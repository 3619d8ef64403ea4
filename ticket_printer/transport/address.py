"""Where a printer is: the addresses a technician writes into the settings.

``tcp://10.0.0.31:9100`` · ``serial:///dev/ttyUSB0?baud=19200`` · ``usb://04b8:0e15/SERIAL`` ·
``file:///dev/usb/lp0`` · ``cups://QUEUE``
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urlsplit

DEFAULT_PORT = 9100
_BAUDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400)
_USB_ID = re.compile(r"([0-9a-fA-F]{4}):([0-9a-fA-F]{4})")
# What CUPS allows in the name of a queue, less what a shell or an option would read otherwise.
_QUEUE = re.compile(r"[^\s/#\\?'\"\-][^\s/#\\?'\"]{0,126}")


@dataclass(frozen=True)
class TcpAddress:
    """A printer with a network card; 9100 is the usual port."""

    host: str
    port: int

    @property
    def bytes_per_s(self) -> float:
        """What the line carries."""
        return 1e6


@dataclass(frozen=True)
class SerialAddress:
    """A printer on an RS-232 line, 8N1, flow control by RTS/CTS, XON/XOFF or none."""

    path: str
    baud: int
    flow: str

    @property
    def bytes_per_s(self) -> float:
        """What the line carries: ten bits a byte."""
        return self.baud / 10


@dataclass(frozen=True)
class FileAddress:
    """A device file such as /dev/usb/lp0, the kernel's own USB printer driver."""

    path: str

    @property
    def bytes_per_s(self) -> float:
        """What the line carries: USB 1.1 at least."""
        return 5e5


@dataclass(frozen=True)
class UsbAddress:
    """A printer on USB, spoken to without the kernel's driver; ``serial`` is empty when it is the
    only one of its kind."""

    vendor: int
    product: int
    serial: str = ""

    @property
    def bytes_per_s(self) -> float:
        """What the line carries: USB 1.1 at least."""
        return 5e5

    def __str__(self) -> str:
        serial = f"/{quote(self.serial, safe='')}" if self.serial else ""
        return f"usb://{self.vendor:04x}:{self.product:04x}{serial}"


@dataclass(frozen=True)
class CupsAddress:
    """A queue of CUPS: it takes a ticket as it is, and answers nothing."""

    queue: str

    @property
    def bytes_per_s(self) -> float:
        """What the line carries: CUPS takes a ticket at once."""
        return 5e5


Address = TcpAddress | SerialAddress | FileAddress | UsbAddress | CupsAddress


def _number(text: str, zh: str, en: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{zh}“{text}” / {en} '{text}'") from None


def _serial(path: str, query: str) -> SerialAddress:
    options = {key: values[-1] for key, values in parse_qs(query).items()}
    baud = _number(options.pop("baud", "9600"), "波特率不是数字", "the baud rate is not a number")
    flow = options.pop("flow", "rtscts")
    if options:
        name = next(iter(options))
        raise ValueError(f"未知的串口选项“{name}” / unknown serial option '{name}'")
    if baud not in _BAUDS:
        raise ValueError(f"不支持的波特率 {baud} / no such baud rate {baud}")
    if flow not in ("rtscts", "xonxoff", "none"):
        raise ValueError(
            "flow 只能是 rtscts、xonxoff 或 none / flow should be rtscts, xonxoff or none"
        )
    return SerialAddress(path, baud, flow)


def _usb(netloc: str, path: str) -> UsbAddress:
    ids = _USB_ID.fullmatch(netloc)
    serial = path.removeprefix("/")
    if ids is None or "/" in serial:
        raise ValueError(
            f"usb:// 后面应为 厂商号:产品号[/序列号]，如 usb://04b8:0e15（{netloc}{path}） / "
            f"after usb:// should be VENDOR:PRODUCT[/SERIAL], like usb://04b8:0e15 ({netloc}{path})"
        )
    return UsbAddress(int(ids[1], 16), int(ids[2], 16), unquote(serial))


def _cups(queue: str) -> CupsAddress:
    if not _QUEUE.fullmatch(queue):
        raise ValueError(
            f"cups:// 后面应为打印队列的名称（{queue}） / "
            f"after cups:// should be the name of a queue ({queue})"
        )
    return CupsAddress(queue)


def parse_address(text: str) -> Address:
    """The address in ``text``. Raises ValueError with a message ``中文 / English``."""
    parts = urlsplit(text)
    if parts.scheme == "tcp" and parts.hostname and not parts.path.strip("/"):
        try:
            port = parts.port
        except ValueError:
            raise ValueError(f"端口无效：{text} / invalid port: {text}") from None
        return TcpAddress(parts.hostname, DEFAULT_PORT if port is None else port)
    if parts.scheme == "serial" and parts.path.startswith("/") and not parts.netloc:
        return _serial(parts.path, parts.query)
    if parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc:
        return FileAddress(parts.path)
    if parts.scheme == "usb" and not parts.query:
        return _usb(parts.netloc, parts.path)
    if parts.scheme == "cups":
        return _cups(unquote(text.partition("://")[2]))
    raise ValueError(
        "应为 tcp://主机:9100、serial:///dev/ttyUSB0?baud=9600、usb://04b8:0e15、"
        "file:///dev/usb/lp0 或 cups://队列 / "
        "should be tcp://host:9100, serial:///dev/ttyUSB0?baud=9600, usb://04b8:0e15, "
        "file:///dev/usb/lp0 or cups://QUEUE"
    )
