"""Where a printer is: the addresses a technician writes into the settings.

``tcp://10.0.0.31:9100`` · ``serial:///dev/ttyUSB0?baud=19200`` · ``file:///dev/usb/lp0``
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

DEFAULT_PORT = 9100
_BAUDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400)


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
    """A device file such as /dev/usb/lp0."""

    path: str

    @property
    def bytes_per_s(self) -> float:
        """What the line carries: USB 1.1 at least."""
        return 5e5


Address = TcpAddress | SerialAddress | FileAddress


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
    raise ValueError(
        "应为 tcp://主机:9100、serial:///dev/ttyUSB0?baud=9600 或 file:///dev/usb/lp0 / "
        "should be tcp://host:9100, serial:///dev/ttyUSB0?baud=9600 or file:///dev/usb/lp0"
    )
