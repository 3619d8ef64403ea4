"""PURE: the speaker's state in words, for the manager's device page."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from hallkit.wire.device import PartStatus

Fault = Literal["", "engine", "folder", "playback"]
PART = "voice"
# A call that waits longer than two others take is a backlog that somebody should know of.
BACKLOG_S = 20.0


@dataclass(frozen=True)
class Facts:
    """What is known of the speaker. ``card`` is whether a sound can be heard now."""

    enabled: bool = True
    speaking: str = ""
    waiting: int = 0
    oldest_s: float = 0.0
    dropped: int = 0
    dropped_at: float = 0.0
    fault: Fault = ""
    fallback: bool = False
    card: bool = True
    card_wanted: bool = True

    def changed(self, **changes: Any) -> "Facts":
        """The facts with these changes."""
        return replace(self, **changes)


_FAULTS: dict[str, tuple[str, str, str]] = {
    "engine": (
        "engine_failed",
        "语音合成失败，叫号无声音，请检查 espeak-ng",
        "speech synthesis failed, calls are not spoken: check espeak-ng",
    ),
    "folder": (
        "cannot_write",
        "语音文件无法写入，请检查存储空间和目录权限",
        "voice files cannot be written: check the disk and the folder",
    ),
    "playback": (
        "playback_failed",
        "声音播放失败，请检查声卡和音箱",
        "calls cannot be played: check the sound card and the loudspeaker",
    ),
}


def _base(facts: Facts) -> tuple[str, str, str, bool]:
    if not facts.enabled:
        return "off", "语音已关闭", "the voice is switched off", True
    if facts.fault:
        return *_FAULTS[facts.fault], False
    if not facts.card and facts.card_wanted:
        return "no_sound_card", "无声卡，只写文件", "no sound card, only files are written", False
    if facts.dropped:
        return "late", "叫号过多，语音跟不上", "more calls than can be spoken", False
    if facts.waiting and facts.oldest_s > BACKLOG_S:
        return "backlog", "叫号排队播报", "calls are waiting to be spoken", False
    if facts.speaking:
        return "speaking", f"正在播报：{facts.speaking}", f"speaking: {facts.speaking}", True
    if not facts.card_wanted:
        return "files_only", "只写文件，不播放", "only files are written", True
    return "ready", "正常", "ready", True


def part_status(facts: Facts) -> PartStatus:
    """The facts as a part of a device; what is worst gives the state word, counts are added."""
    state, zh, en, ok = _base(facts)
    if facts.waiting:
        zh += f"；等待播报 {facts.waiting} 条"
        en += f"; {facts.waiting} waiting"
    if facts.dropped:
        zh += f"；已放弃过时叫号 {facts.dropped} 条"
        en += f"; {facts.dropped} late calls were not spoken"
    if facts.enabled and facts.fallback:
        zh += "；备用语音引擎"
        en += "; on the stand-in speech engine"
    return PartStatus(name=PART, state=state, text=zh, text_en=en, ok=ok)
