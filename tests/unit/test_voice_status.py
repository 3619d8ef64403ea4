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
        (Facts(dropped=2), "late", False, "已放弃过时叫号 2 条"),
        (Facts(waiting=3, oldest_s=BACKLOG_S + 1), "backlog", False, "等待播报 3 条"),
        (Facts(waiting=1, speaking="请"), "speaking", True, "等待播报 1 条"),
    ],
)
def test_each_state_has_a_word_and_both_languages(
    facts: Facts, state: str, ok: bool, says: str
) -> None:
    part = part_status(facts)
    assert (part.name, part.state, part.ok) == ("voice", state, ok)
    assert says in part.text
    assert part.text_en.isascii() or facts.speaking
