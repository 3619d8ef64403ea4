"""``config/server.toml``: the hall server's settings."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from hallkit.runtime.settings import Settings

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def port_number(text: str) -> int:
    """A port given as an argument. Raises ValueError."""
    number = int(text)
    if not 0 <= number <= 65_535:
        raise ValueError(text)
    return number


def http_url(host: str, port: int) -> str:
    """The address of a web server; an IPv6 address is put into brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class ServerSettings(Settings):
    """Every setting of the hall server; see the comments in ``config/server.toml``."""

    hall_file: Path = Field(
        default=Path("halls/baishui-town.toml"),
        description="imported when the data folder holds no hall yet; relative to this file",
    )
    data_dir: Path = Path("/var/lib/yichuang")
    host: str = "0.0.0.0"  # noqa: S104 - the hall's devices are on its LAN
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = Field(
        default="", pattern=r"^(https?://[!-~]+[^/])?$", description="as phones reach the server"
    )
    announce: bool = True
    hours: Literal["real", "always"] = "real"
    max_streams: int = Field(default=64, ge=4, le=400)
    max_public_streams: int = Field(default=24, ge=0, le=400)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
