"""``[voice]`` of the display program's file."""

import re
from datetime import time
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from display.daytime import Hours, overlap
from hallkit.runtime.settings import Settings

# A zone's name is also a folder's.
_NAME = re.compile(r"^[\w-]+(?: [\w-]+)*$")


class VolumeSettings(Hours):
    """``[[voice.volumes]]``: softer speech at some hours of the day."""

    percent: int = Field(ge=5, le=100, description="percent of the volume that is set")


class ZoneSettings(Settings):
    """``[[voice.zones]]``: a loudspeaker and the windows whose calls it says. Without windows and
    areas it says all."""

    name: str = Field(min_length=1, max_length=20)
    device: str = Field(default="", description="ALSA device; empty: that of [voice]")
    windows: list[int] = Field(default=[], description="numbers of windows")
    areas: list[str] = Field(default=[], description="ids of areas of the hall file")
    volume: int | None = Field(default=None, ge=10, le=100, description="None: that of [voice]")

    @field_validator("name")
    @classmethod
    def _a_name(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError(
                "只能用汉字、字母、数字和连字符 / only letters, digits, hyphens, Chinese characters"
            )
        return value

    def says(self, window: int, area: str) -> bool:
        """Whether calls to this window are said here."""
        if not self.windows and not self.areas:
            return True
        return window in self.windows or area in self.areas


class VoiceSettings(Settings):
    """How calls are spoken. Speed is in espeak-ng's words a minute."""

    enabled: bool = Field(default=True, description="false: no call is spoken")
    engine: Literal["pyttsx3", "espeak-ng", "clips"] = Field(
        default="pyttsx3",
        description="pyttsx3 in a child process, the espeak-ng command for each call, or "
        "recordings of the hall's own, joined",
    )
    clips_dir: str = Field(default="", description="folder of the recordings")
    repeat: int = Field(default=2, ge=1, le=3, description="how often each call is said")
    english: bool = Field(default=False, description="true: once more in English")
    green_channel: bool = Field(
        default=False, description="true: 绿色通道 is said before a number with that tag"
    )
    most_behind_s: int = Field(
        default=30, ge=15, le=300, description="seconds after which a call should have been said"
    )
    rate: int = Field(default=180, ge=120, le=260, description="speed, words a minute")
    volume: int = Field(default=85, ge=10, le=100, description="percent of full scale")
    yao: bool = Field(default=False, description="true: 1 in a ticket number is said 幺, not 一")
    chime: bool = Field(default=True, description="a ding-dong before each call")
    out_dir: str = Field(
        default="", description="where one WAV file a call is written; empty: a temporary folder"
    )
    keep: int = Field(default=50, ge=1, le=10000, description="number of WAV files kept")
    player: Literal["auto", "aplay", "none"] = Field(
        default="auto",
        description="auto: aplay when there is a sound card; aplay: always; none: only files",
    )
    device: str = Field(default="", description="ALSA device for aplay, such as plughw:1,0")
    utterance_timeout_s: float = Field(
        default=4.0, ge=0.5, le=60, description="a synthesis that takes longer is ended, seconds"
    )
    zones: list[ZoneSettings] = []
    volumes: list[VolumeSettings] = []

    @model_validator(mode="after")
    def _recordings_somewhere(self) -> Self:
        if self.engine == "clips" and not self.clips_dir:
            raise ValueError("engine 为 clips 时应写 clips_dir / engine clips needs clips_dir")
        return self

    @model_validator(mode="after")
    def _zones_differ(self) -> Self:
        names = [zone.name for zone in self.zones]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"分区名重复：{'、'.join(twice)} / zone name used twice: {twice}")
        return self

    @model_validator(mode="after")
    def _zones_are_heard_apart(self) -> Self:
        devices = [zone.device or self.device for zone in self.zones]
        twice = sorted({device for device in devices if devices.count(device) > 1})
        if twice and self.player != "none":
            names = "、".join(device or "default" for device in twice)
            raise ValueError(
                f"多个分区用同一声卡 {names}，声音会重叠 / zones that share a sound card would be "
                "heard at once"
            )
        return self

    @model_validator(mode="after")
    def _one_volume_at_a_time(self) -> Self:
        at = overlap(self.volumes)
        if at:
            raise ValueError(f"音量时段重叠：{at} / volumes overlap at {at}")
        return self

    def volume_at(self, now: time, zone: ZoneSettings | None = None) -> int:
        """The volume at a time of the day, percent of full scale, at least 1."""
        usual = self.volume if zone is None or zone.volume is None else zone.volume
        percent = next((v.percent for v in self.volumes if v.holds(now)), 100)
        return max(1, usual * percent // 100)
