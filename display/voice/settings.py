"""``[voice]`` of the display program's file."""

from typing import Literal

from pydantic import Field

from hallkit.runtime.settings import Settings


class VoiceSettings(Settings):
    """How calls are spoken. Speed is in espeak-ng's words a minute."""

    enabled: bool = Field(default=True, description="false: no call is spoken")
    engine: Literal["pyttsx3", "espeak-ng"] = Field(
        default="pyttsx3",
        description="pyttsx3 in a child process, or the espeak-ng command for each call",
    )
    repeat: int = Field(default=2, ge=1, le=3, description="how often each call is said")
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
