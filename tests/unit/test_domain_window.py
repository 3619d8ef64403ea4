"""The states of a window."""

import pytest

from hall_server.domain.errors import Conflict
from hall_server.domain.window import Window

NOW = 1_000_000
CLOSED = Window(3, "closed", None, None, 0)
OPEN = Window(3, "open", "1001", None, 5)
PAUSED = Window(3, "paused", "1001", "午餐", 7)


def test_opening() -> None:
    assert CLOSED.open("1001", NOW) == Window(3, "open", "1001", None, NOW)
    assert PAUSED.open("1001", NOW) == Window(3, "open", "1001", None, NOW)
    assert OPEN.open("1001", NOW) is OPEN


@pytest.mark.parametrize("taken", [OPEN, PAUSED])
def test_a_window_in_use_is_not_opened_by_another(taken: Window) -> None:
    with pytest.raises(Conflict) as refused:
        taken.open("1002", NOW)
    assert refused.value.code == "window_taken"
    assert "1001" in refused.value.zh
    assert "1001" in refused.value.en


def test_pausing() -> None:
    assert OPEN.pause("午餐", NOW) == Window(3, "paused", "1001", "午餐", NOW)
    assert OPEN.pause("", NOW).reason is None


@pytest.mark.parametrize(("window", "zh"), [(CLOSED, "关闭"), (PAUSED, "暂停")])
def test_what_is_not_open_neither_pauses_nor_calls(window: Window, zh: str) -> None:
    for act in (lambda: window.pause("", NOW), window.need_open):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "window_not_open"
        assert zh in refused.value.zh
        assert refused.value.details == [{"state": window.state}]


def test_an_open_window_may_call() -> None:
    OPEN.need_open()


@pytest.mark.parametrize("window", [OPEN, PAUSED])
def test_closing(window: Window) -> None:
    assert window.close(NOW) == Window(3, "closed", None, None, NOW)


def test_closing_twice_changes_nothing() -> None:
    assert CLOSED.close(NOW) is CLOSED
