"""One panel's place on its line: what is due when, and when it counts as failed."""

from display.bus.delivery import Slot
from display.led.codec import Nack
from display.led.content import Block, Screen

SCREEN = Screen((Block("A012", 0, 0, 64, 32, 32, None),))
OTHER = Screen((Block("A013", 0, 0, 64, 32, 32, None),))
CALM = Screen((Block("热情为您服务", 0, 0, 96, 32, 16, None),))
REFRESH_S = 30.0
INTERVAL_S = 1.0


def test_nothing_wanted_is_never_due() -> None:
    assert Slot(1).due_at(REFRESH_S) is None


def test_the_first_frame_is_due_at_once_the_next_after_the_interval() -> None:
    slot = Slot(1)
    slot.want(SCREEN, (b"1",), 100.0)
    assert slot.due_at(REFRESH_S) == 0.0
    slot.sending(100.0, INTERVAL_S)
    slot.accepted(SCREEN)
    assert slot.due_at(REFRESH_S) == 130.0
    slot.want(OTHER, (b"2",), 100.2)
    assert slot.due_at(REFRESH_S) == 101.0


def test_the_latest_wins_and_keeps_its_place() -> None:
    slot = Slot(1)
    slot.want(SCREEN, (b"1",), 100.0)
    slot.want(OTHER, (b"2",), 105.0)
    assert (slot.frames, slot.wanted_at) == ((b"2",), 100.0)


def test_a_call_does_not_wait_for_a_panel_that_has_answered() -> None:
    slot = Slot(1)
    slot.want(CALM, (b"calm",), 100.0)
    slot.sending(100.0, INTERVAL_S)
    slot.want(SCREEN, (b"1",), 100.1, urgent=True)
    assert slot.due_at(REFRESH_S) == 101.0
    slot.accepted(CALM)
    assert slot.due_at(REFRESH_S) == 0.0
    slot.want(CALM, (b"calm",), 100.2)
    assert slot.due_at(REFRESH_S) == 101.0


def test_only_one_call_is_hurried_at_a_time() -> None:
    slot = Slot(1)
    slot.want(CALM, (b"calm",), 100.0)
    slot.sending(100.0, INTERVAL_S)
    slot.accepted(CALM)
    slot.want(SCREEN, (b"1",), 100.1, urgent=True)
    slot.sending(100.1, INTERVAL_S)
    slot.accepted(SCREEN)
    slot.want(OTHER, (b"2",), 100.2, urgent=True)
    assert slot.due_at(REFRESH_S) == 101.1
    slot.sending(101.1, INTERVAL_S)
    slot.accepted(OTHER)
    slot.want(SCREEN, (b"1",), 101.2, urgent=True)
    assert slot.due_at(REFRESH_S) == 0.0


def test_one_retry_then_failed_then_rarer_and_rarer() -> None:
    slot = Slot(1)
    slot.want(SCREEN, (b"1",), 0.0)
    slot.sending(0.0, INTERVAL_S)
    slot.unanswered(2.0)
    assert slot.delivery.state == "sent" and slot.due_at(REFRESH_S) == 1.0
    waits = []
    now = 2.0
    for _ in range(8):
        slot.sending(now, INTERVAL_S)
        now += 2.0
        slot.unanswered(now)
        assert slot.delivery.state == "failed" and "无应答" in slot.delivery.zh
        due = slot.due_at(REFRESH_S)
        assert due is not None
        waits.append(due - now)
        now = due
    assert 1.4 < waits[0] < 2.6 and 14 < waits[-1] < 26
    slot.accepted(SCREEN)
    assert (slot.delivery.state, slot.delivery.shown) == ("acked", "A012")
    assert not slot.suspect


def test_a_refusal_is_named() -> None:
    slot = Slot(1)
    slot.want(SCREEN, (b"1",), 0.0)
    for now in (0.0, 1.0):
        slot.sending(now, INTERVAL_S)
        slot.refused(Nack(1, 12, False, "缺少所需字库", "a font is missing"), now)
    assert slot.delivery.zh == "屏拒绝：缺少所需字库"


def test_a_refusal_is_no_silence_even_the_first_time() -> None:
    slot = Slot(1)
    slot.want(SCREEN, (b"1",), 0.0)
    slot.sending(0.0, INTERVAL_S)
    slot.refused(Nack(1, 3, True, "控制卡忙", "the controller is busy"), 0.0)
    assert (slot.delivery.state, slot.delivery.zh) == ("sent", "屏拒绝：控制卡忙")


def test_a_panel_that_need_not_answer_is_left_alone_after_a_refusal() -> None:
    slot = Slot(1)
    slot.want(SCREEN, (b"1",), 0.0)
    slot.sending(0.0, 0.0)
    slot.refused(Nack(1, 3, True, "控制卡忙", "the controller is busy"), 0.0)
    slot.sending(1.0, 0.0)
    slot.sent_blind(SCREEN)
    assert slot.due_at(REFRESH_S) == 31.0 and not slot.suspect


def test_nothing_is_sent_while_an_older_answer_may_come() -> None:
    slot = Slot(1)
    slot.want(SCREEN, (b"1",), 0.0)
    slot.sending(0.0, 0.0)
    slot.rest(2.0)
    slot.unanswered(0.6)
    slot.want(OTHER, (b"2",), 0.7, urgent=True)
    assert slot.due_at(REFRESH_S) == 2.0


def test_a_lost_line_forgets_and_sends_again() -> None:
    slot = Slot(1)
    slot.want(SCREEN, (b"1",), 0.0)
    slot.sending(0.0, INTERVAL_S)
    slot.accepted(SCREEN)
    slot.line_lost("线路断开", "the line is away")
    assert slot.dirty and slot.due_at(REFRESH_S) == 0.0
    assert (slot.delivery.state, slot.delivery.shown) == ("unknown", "")
