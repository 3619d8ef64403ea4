"""PURE: the speaker's state in words, for the manager's device page."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from hallkit.wire.device import PartStatus

Fault = Literal["", "engine", "folder", "playback"]
PART = "voice"
# A call that waits longer than two others take is a backlog that somebody should know of.
BACKLOG_S = 20.0
# More names than these make the line too long.
_MOST_NAMES = 6


@dataclass(frozen=True)
class Facts:
    """What is known of a speaker. ``late`` counts calls said later than they should have been,
    ``lost`` those that could not be said at all, both lately; ``brief`` is whether calls are said
    in fewest words now; ``missing`` names recordings that cannot be used; ``card`` is whether a
    sound can be heard now."""

    zone: str = ""
    enabled: bool = True
    speaking: str = ""
    waiting: int = 0
    oldest_s: float = 0.0
    late: int = 0
    lost: int = 0
    brief: bool = False
    missing: tuple[str, ...] = ()
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


def _trouble(facts: Facts) -> tuple[str, str, str] | None:
    """What somebody should look at, the worst first."""
    if facts.fault:
        return _FAULTS[facts.fault]
    if not facts.card and facts.card_wanted:
        return "no_sound_card", "无声卡，只写文件", "no sound card, only files are written"
    if facts.lost:
        return "lost", "有叫号未能播报", "calls were not spoken"
    if facts.late:
        return "late", "叫号过多，语音跟不上", "more calls than can be spoken in time"
    if facts.brief:
        return "brief", "叫号过多，改用简短播报", "many calls at once, said in few words"
    if facts.waiting and facts.oldest_s > BACKLOG_S:
        return "backlog", "叫号排队播报", "calls are waiting to be spoken"
    if facts.missing:
        return (
            "clips_missing",
            "录音不全，相关叫号用合成语音",
            "recordings are missing, such calls are synthesized",
        )
    return None


def _well(facts: Facts) -> tuple[str, str, str]:
    if facts.speaking:
        return "speaking", f"正在播报：{facts.speaking}", f"speaking: {facts.speaking}"
    if not facts.card_wanted:
        return "files_only", "只写文件，不播放", "only files are written"
    return "ready", "正常", "ready"


def _counts(facts: Facts) -> list[tuple[str, str]]:
    """What is added to the state."""
    said = []
    if facts.waiting:
        oldest = f"{facts.oldest_s:.0f}"
        said.append(
            (f"等待播报 {facts.waiting} 条，最久 {oldest} 秒",
             f"{facts.waiting} waiting, the oldest for {oldest} s")
        )  # fmt: skip
    if facts.late:
        said.append((f"播报过迟 {facts.late} 条", f"{facts.late} spoken too late"))
    if facts.lost:
        said.append((f"未播报 {facts.lost} 条", f"{facts.lost} not spoken"))
    if facts.missing:
        names = "、".join(facts.missing[:_MOST_NAMES])
        more = len(facts.missing) - _MOST_NAMES
        zh, en = (f" 等 {len(facts.missing)} 个", f" and {more} more") if more > 0 else ("", "")
        said.append((f"缺少：{names}{zh}", f"missing: {names}{en}"))
    if facts.fallback:
        said.append(("备用语音引擎", "on the stand-in speech engine"))
    return said


def part_status(facts: Facts) -> PartStatus:
    """The facts as a part of a device; what is worst gives the state word, counts are added."""
    name = f"{PART} {facts.zone}" if facts.zone else PART
    if not facts.enabled:
        text, text_en = "语音已关闭", "the voice is switched off"
        return PartStatus(name=name, state="off", text=text, text_en=text_en, ok=True)
    trouble = _trouble(facts)
    state, zh, en = trouble or _well(facts)
    more = _counts(facts)
    return PartStatus(
        name=name,
        state=state,
        text="；".join([zh, *(words for words, _ in more)]),
        text_en="; ".join([en, *(words for _, words in more)]),
        ok=trouble is None,
    )
