"""Each way of saying a call, as sound: heard, and as long as its syllables take."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from display.voice.backlog import AROUND_S, PAUSE_S, PLAIN, QUICK, Costs
from display.voice.phrases import (
    Announcement,
    Manner,
    Phrase,
    english,
    joined,
    phrase,
    short,
)
from display.voice.render import Order, Renderer
from display.voice.settings import VoiceSettings
from display.voice.sound import level, seconds
from display.voice.synthesis import ENGINE_COMMAND

# One syllable at 180 words a minute, at the least and at the most.
SYLLABLE_S = (0.18, 0.30)


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    made = Renderer(VoiceSettings(), ENGINE_COMMAND)
    yield made
    made.close()


def call(ticket: str, window: int, **more: Any) -> Announcement:
    return Announcement.model_validate({"ticket": ticket, "window": window} | more)


GREEN = Manner(green=True)
TEN = [call(f"A{at:03}", at, window_kind="comprehensive") for at in range(1, 11)]
CASES: dict[str, Phrase] = {
    "comprehensive": phrase(call("A012", 3, window_kind="comprehensive")),
    "window as a number": phrase(call("B107", 112)),
    "yao": phrase(call("A110", 11), Manner(yao=True)),
    "elder": phrase(call("D099", 1, window_kind="elder")),
    "certificate": phrase(call("L001", 10, window_kind="certificate")),
    "collect": phrase(call("L002", 2, window_kind="comprehensive", collect=True)),
    "guide desk": phrase(call("Z003", 12, window_kind="guide")),
    "green channel": phrase(call("A012", 3, green=True), GREEN),
    "green window": phrase(call("A012", 9, window_kind="elder", green_window=True)),
    "two letters": phrase(call("AB012", 3)),
    "shortest": phrase(call("A1", 1, window_kind="guide")),
    "two joined": joined(TEN[:2]),
    "four joined": joined(TEN[:4]),
    "one short": short(TEN[:1]),
    "four short": short(TEN[:4]),
}


@pytest.mark.parametrize("said", CASES.values(), ids=CASES)
def test_it_is_heard_and_lasts_as_long_as_its_syllables(renderer: Renderer, said: Phrase) -> None:
    (part,), words_s = renderer.call(Order(said, rate=180, volume=85))
    least, most = (each * said.syllables for each in SYLLABLE_S)
    assert least <= words_s <= most + said.pauses * 2 * PAUSE_S
    assert 0 <= seconds(part.samples) - words_s < AROUND_S
    assert level(part.samples) > 1_000
    assert part.caption == said.caption
    assert not renderer.fallback


def test_english_follows_the_chinese_and_has_its_own_caption(renderer: Renderer) -> None:
    once_more = english(call("A012", 3))
    order = Order(CASES["comprehensive"], 180, 85, repeat=2, chime=False, english=once_more)
    parts, _ = renderer.call(order)
    chinese = CASES["comprehensive"].caption
    assert [p.caption for p in parts] == [chinese, chinese, "Ticket A012, please go to window 3"]
    assert 2.0 < seconds(parts[2].samples) < 6.0
    assert level(parts[2].samples) > 1_000


@pytest.mark.parametrize("words", [joined, short])
@pytest.mark.parametrize("form", [PLAIN, QUICK])
def test_what_a_merged_call_costs_is_not_more_than_reckoned(
    renderer: Renderer, words: Callable[..., Phrase], form: Any
) -> None:
    """So ten windows at once, reckoned in tests/unit/test_voice_backlog.py, are heard in time."""
    costs = Costs()
    for group in (TEN[:4], TEN[4:8], TEN[8:], [TEN[9]]):
        said = words(group)
        parts, _ = renderer.call(Order(said, costs.speed(form), 85))
        heard_s = sum(seconds(part.samples) for part in parts)
        assert heard_s <= costs.before_s(form) + costs.words_s(said, form)
