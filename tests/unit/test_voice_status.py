"""The speaker's state in words."""

import pytest

from display.voice.status import BACKLOG_S, Facts, part_status


@pytest.mark.parametrize(
    ("facts", "state", "ok", "says"),
    [
        (Facts(), "ready", True, "正常"),
        (Facts(enabled=False), "off", True, "语音已关闭"),
        (Facts(speaking="请A零一二号"), "speaking", True, "请A零一二号"),
        (Facts(card=False), "no_sound_card", False, "无声卡，只写文件"),
        (Facts(card=False, card_wanted=False), "files_only", True, "只写文件"),
        (Facts(fault="engine"), "engine_failed", False, "espeak-ng"),
        (Facts(fault="folder"), "cannot_write", False, "存储空间"),
        (Facts(fault="playback", speaking="请"), "playback_failed", False, "声卡"),
        (Facts(fallback=True), "ready", True, "备用语音引擎"),
        (Facts(late=2), "late", False, "播报过迟 2 条"),
        (Facts(brief=True), "brief", False, "简短播报"),
        (Facts(lost=1, late=2), "lost", False, "未播报 1 条"),
        (Facts(waiting=3, oldest_s=BACKLOG_S + 1), "backlog", False, "等待播报 3 条，最久 21 秒"),
        (Facts(waiting=1, speaking="请"), "speaking", True, "等待播报 1 条，最久 0 秒"),
        (Facts(missing=("A", "号")), "clips_missing", False, "缺少：A、号"),
        (Facts(missing=tuple("ABCDEFGH")), "clips_missing", False, "A、B、C、D、E、F 等 8 个"),
    ],
)
def test_each_state_has_a_word_and_both_languages(
    facts: Facts, state: str, ok: bool, says: str
) -> None:
    part = part_status(facts)
    assert (part.name, part.state, part.ok) == ("voice", state, ok)
    assert says in part.text
    assert part.text_en.isascii() or facts.speaking or facts.missing


def test_each_zone_has_its_own_name() -> None:
    assert part_status(Facts(zone="一楼")).name == "voice 一楼"
    assert part_status(Facts(zone="一楼", enabled=False)).name == "voice 一楼"
