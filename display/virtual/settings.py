"""Settings of ``hall display virtual --config``: many panels in one process."""

import re
from typing import Self

from pydantic import Field, field_validator, model_validator

from display.protocols import HasStrips, catalogue
from display.settings import Lamps
from display.virtual.faults import Fault
from hallkit.runtime.settings import Settings

_LISTEN = re.compile(r"^(tcp:([^:\s]+:)?\d{1,5}|pty:.+)$")


class VirtualPanelSettings(Settings):
    """``[[lines.panels]]``: what it draws and writes goes to ``out_dir``."""

    out_dir: str = Field(min_length=1)
    address: int = Field(default=1, ge=0, le=0x7FFF)
    width: int = Field(default=128, ge=16, le=1024, multiple_of=8)
    height: int = Field(default=32, ge=16, le=256)
    colours: Lamps = "red-green"
    rows: int | None = Field(default=None, ge=1, le=4)
    columns: int | None = Field(default=None, ge=3, le=64)
    fault: Fault = "none"


class VirtualLineSettings(Settings):
    """``[[lines]]``: ``listen`` is ``tcp:PORT``, ``tcp:HOST:PORT`` or ``pty:LINK``; port 0 takes
    a free one. With ``baud`` answers are as late as on a wire of that speed."""

    listen: str
    baud: int | None = Field(default=None, ge=1200, le=115200)
    protocol: str = "bx5k"
    panels: list[VirtualPanelSettings] = Field(min_length=1)

    @field_validator("listen")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if not _LISTEN.match(value):
            raise ValueError("应为 tcp:端口 或 pty:路径 / should be tcp:PORT or pty:PATH")
        return value

    @field_validator("protocol")
    @classmethod
    def _known(cls, value: str) -> str:
        return catalogue().known(value)

    @model_validator(mode="after")
    def _addresses_differ(self) -> Self:
        addresses = [panel.address for panel in self.panels]
        if len(set(addresses)) != len(addresses):
            raise ValueError("地址重复 / address used twice on one line")
        return self


class VirtualSettings(HasStrips):
    """The whole file."""

    lines: list[VirtualLineSettings] = Field(min_length=1)
