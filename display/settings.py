"""Settings of the display program: ``config/display.toml``."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import time
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from display.daytime import Hours, overlap
from display.led.codec import CharacterCapability, Shows
from display.led.content import Colour
from display.led.onbon.cards import USUAL, Card
from display.protocols import HasStrips, catalogue
from display.strips import Baud
from display.voice.settings import VoiceSettings
from hallkit.link.server import ServerSettings
from hallkit.runtime.settings import Settings

Lamps = Literal["red", "green", "yellow", "red-green"]
COLOURS: dict[str, tuple[Colour, ...]] = {
    "red": (Colour.RED,),
    "green": (Colour.GREEN,),
    "yellow": (Colour.YELLOW,),
    "red-green": (Colour.RED, Colour.GREEN, Colour.YELLOW),
}
_PORT = re.compile(r"^(/.+|(socket|rfc2217)://[^\s/:]+:(\d{1,5})([/?]\S*)?)$")
_MOST_TCP_PORT = 65535


def is_port(text: str) -> bool:
    """Whether a line can be there: a device's path, or socket:// or rfc2217://HOST:PORT."""
    match = _PORT.match(text)
    return match is not None and 0 < int(match[3] or 1) <= _MOST_TCP_PORT


class PanelSettings(Settings):
    """``[[lines.panels]]``: a panel above a window. Sizes in pixels (lamps)."""

    window: int = Field(ge=1, le=999, description="the window's number in the hall")
    address: int = Field(default=1, ge=0, le=0x7FFF, description="the panel's own address")
    width: int = Field(default=128, ge=48, le=1024, multiple_of=8)
    height: int = Field(default=32, ge=16, le=256)
    colours: Lamps = Field(default="red", description="the lamps: one colour, or red and green")
    rows: int | None = Field(default=None, ge=1, le=4, description="panels of characters only")
    columns: int | None = Field(default=None, ge=3, le=64, description="panels of characters only")
    drop_letters: bool = Field(
        default=False, description="panels of digits only: show 012 for A012"
    )


class LineSettings(Settings):
    """``[[lines]]``: a serial line or a network connection and the panels on it."""

    name: str = Field(min_length=1, max_length=40)
    port: str = Field(description="/dev/ttyUSB0, or socket://host:5005")
    baud: Baud | None = Field(default=None, description="serial lines only; else as usual")
    rs485: bool = Field(
        default=False, description="a transceiver on the board that the kernel must switch"
    )
    protocol: str = Field(default="bx5k", description="docs/panels.md lists them")
    unverified: bool = Field(
        default=False, description="true: a protocol that was never seen on a real panel is used"
    )
    card: Card = Field(default=USUAL, description="bx6e only: which graphic card")
    panels: list[PanelSettings] = Field(min_length=1)

    @field_validator("port")
    @classmethod
    def _a_port(cls, value: str) -> str:
        if not is_port(value):
            raise ValueError(
                "应为串口路径或 socket://主机:端口 / should be a device path or socket://host:port"
            )
        return value

    @field_validator("protocol")
    @classmethod
    def _known(cls, value: str) -> str:
        return catalogue().known(value)

    @model_validator(mode="after")
    def _addresses_differ(self) -> Self:
        twice = _twice(str(panel.address) for panel in self.panels)
        if twice:
            raise ValueError(
                f"线路“{self.name}”上地址重复：{twice} / address used twice on one line: {twice}"
            )
        return self

    @model_validator(mode="after")
    def _the_protocol_fits(self) -> Self:
        doubt = catalogue().doubt(self.protocol)
        if doubt and not self.unverified:
            raise ValueError(
                f"{doubt[0]}；确要使用，请在此线路写 unverified = true / "
                f"{doubt[1]}; to use it, write unverified = true for this line"
            )
        can = catalogue().codec(self.protocol, self.card).capabilities
        if not can.addressed and len(self.panels) > 1:
            raise ValueError(
                f"协议 {self.protocol} 没有地址，一条线路只能带一块屏 / "
                f"protocol {self.protocol} has no addresses: one panel a line"
            )
        wrong = [p.address for p in self.panels if p.address not in can.addresses]
        if wrong:
            first, last = can.addresses[0], can.addresses[-1]
            raise ValueError(
                f"协议 {self.protocol} 的地址是 {first}–{last}，没有 {wrong[0]} / "
                f"protocol {self.protocol} has addresses {first} to {last}, not {wrong[0]}"
            )
        _rows_and_columns_fit(self.protocol, can.shows, self.panels)
        return self


def _rows_and_columns_fit(protocol: str, shows: Shows, panels: list[PanelSettings]) -> None:
    if not isinstance(shows, CharacterCapability):
        return
    if shows.most_columns and any((p.columns or 0) > shows.most_columns for p in panels):
        raise ValueError(
            f"协议 {protocol} 的屏最多 {shows.most_columns} 位 / "
            f"panels of protocol {protocol} have at most {shows.most_columns} columns"
        )
    if any((p.rows or 0) > shows.most_rows for p in panels):
        raise ValueError(
            f"协议 {protocol} 的屏最多 {shows.most_rows} 行 / "
            f"panels of protocol {protocol} have at most {shows.most_rows} row(s)"
        )


class BrightnessSettings(Hours):
    """``[[panels.brightness]]``: how bright the panels are at some hours of the day."""

    level: int = Field(ge=0, le=15, description="0 (darkest) to 15")


class PanelTimes(Settings):
    """``[panels]``: times in seconds, and brightness by the time of day."""

    refresh_s: float = Field(default=30, ge=5, le=600, description="send again after that long")
    expire_s: int = Field(
        default=60, ge=30, le=3600, description="a number that is not sent again vanishes"
    )
    lost_after_s: float = Field(
        default=30, ge=1, le=600, description="without the server, numbers vanish after that long"
    )
    brightness: list[BrightnessSettings] = []

    @model_validator(mode="after")
    def _one_brightness_at_a_time(self) -> Self:
        at = overlap(self.brightness)
        if at:
            raise ValueError(f"亮度时段重叠：{at} / brightness hours overlap at {at}")
        return self

    def level_at(self, now: time) -> int | None:
        """The brightness at a time of the day; None where nothing is said of it and it is left as
        the panel has it, 15 at other hours when some hours have their own."""
        level = next((entry.level for entry in self.brightness if entry.holds(now)), None)
        return 15 if level is None and self.brightness else level


class DisplaySettings(HasStrips):
    """The whole file."""

    server: ServerSettings = ServerSettings()
    panels: PanelTimes = PanelTimes()
    lines: list[LineSettings] = []
    voice: VoiceSettings = VoiceSettings()

    @model_validator(mode="after")
    def _lines_differ(self) -> Self:
        for key, zh, en in (("name", "线路名", "line name"), ("port", "端口", "port")):
            twice = _twice(str(getattr(line, key)) for line in self.lines)
            if twice:
                raise ValueError(f"{zh}重复：{twice} / {en} used twice: {twice}")
        if self.panels.expire_s < 2 * self.panels.refresh_s:
            raise ValueError(
                "expire_s 至少应为 refresh_s 的两倍 / expire_s should be at least twice refresh_s"
            )
        return self


def _twice(values: Iterable[str]) -> str:
    counted = Counter(values)
    return "、".join(value for value, count in counted.items() if count > 1)
