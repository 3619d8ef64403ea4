"""Whatever visitors touch and the network does: one visit, one number, and always home again."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kiosk.flow.inputs import (
    Abandon,
    Back,
    ChooseCategory,
    ChoosePriority,
    ChooseService,
    Extend,
    GoHome,
    HallRead,
    Issue,
    IssueDelayed,
    PaperNews,
    ServerLost,
    Start,
    SwitchElder,
    SwitchLanguage,
    SwitchLowReach,
    TakeTicket,
    Tap,
    Tick,
    TicketGranted,
    TicketRefused,
    TurnPage,
)
from kiosk.flow.machine import started, step
from kiosk.flow.present import picture
from kiosk.flow.state import Confirm, Home, Issued, Issuing, Notice, PrintState, Rules
from tests.fakes.hall_server_fake import ticket
from tests.fakes.kiosk_fakes import board_of, hall_of, town_hall
from tests.unit.test_kiosk_view import MONDAY

RULES = Rules()
TOWN = town_hall()
CLOSED = town_hall(open_now=False, closed_text="现在是午休时间")
EMPTY = hall_of(TOWN.categories[1])

ACTIONS = st.sampled_from(
    [
        Start(),
        ChooseCategory("civil"),
        ChooseCategory("nowhere"),
        ChooseService("civil", "dibao"),
        ChooseService("civil", "closed"),
        ChooseService("social", "yanglao"),
        ChoosePriority("elderly"),
        ChoosePriority("nobody"),
        TakeTicket(),
        TurnPage(1),
        TurnPage(-4),
        TurnPage(99),
        Back(),
        GoHome(),
        Extend(),
        SwitchLanguage(),
        SwitchElder(),
        SwitchLowReach(),
    ]
)
# The likely way, so that many examples get as far as a number.
PATH = [Start(), ChooseCategory("civil"), ChooseService("civil", "dibao"), TakeTicket()]
WORLD = st.sampled_from(
    [
        "hall",
        "closed hall",
        "other hall",
        "lost",
        "granted",
        "refused",
        "delayed",
        "printed",
        "paper out",
        "tick",
    ]
)
EVENTS = st.lists(
    st.one_of(ACTIONS, WORLD, st.sampled_from(PATH), st.just("path")), min_size=1, max_size=40
)


def _input(what: Any, asked: list[str], count: int) -> Any:
    latest = asked[-1] if asked else "none"
    number = ticket("A012", id=latest, service_id="dibao")
    world = {
        "hall": HallRead(TOWN, board_of(TOWN, civil=3)),
        "closed hall": HallRead(CLOSED, board_of(CLOSED)),
        "other hall": HallRead(EMPTY, board_of(EMPTY)),
        "lost": ServerLost(),
        "granted": TicketGranted(latest, number),
        "refused": TicketRefused(latest, "不能取号", "no"),
        "delayed": IssueDelayed(latest),
        "printed": PaperNews(latest, PrintState("printed")),
        "paper out": PaperNews(latest, PrintState("trouble", "缺纸", "out of paper")),
        "tick": Tick(),
    }
    return world[what] if isinstance(what, str) else Tap(what, f"request-{count}")


@given(events=EVENTS, pause=st.floats(0, 30))
def test_never_two_numbers_for_one_visit_and_always_home_again(
    events: list[Any], pause: float
) -> None:
    state, now = started(RULES, 0), 0.0
    asked: list[str] = []
    flat = [e for event in events for e in (["hall", *PATH] if event == "path" else [event])]
    for count, what in enumerate(flat):
        now += pause
        before = state
        state, effects = step(state, _input(what, asked, count), now, RULES)
        for effect in effects:
            if isinstance(effect, Issue):
                assert isinstance(before.stage, Confirm)
                assert effect.request_id not in asked
                asked.append(effect.request_id)
            else:
                assert isinstance(effect, Abandon)
                assert isinstance(before.stage, Issuing)
        if isinstance(state.stage, Issued) and not isinstance(before.stage, Issued):
            assert isinstance(before.stage, Issuing | Notice)
        for orientation in ("portrait", "landscape"):
            assert picture(state, now, MONDAY, orientation, RULES).frame.time
    _comes_home(state, now)


def _comes_home(state: Any, now: float) -> None:
    for _ in range(4 * 60):
        now += 1
        state, _effects = step(state, Tick(), now, RULES)
    assert state.stage == Home()
    assert state.comfort.language == RULES.language
    assert not (state.comfort.elder or state.comfort.low_reach)
