"""The kiosk's state machine, one rule after the other."""

from dataclasses import replace

import pytest

from hallkit.wire.hall import Category
from hallkit.wire.ticket import Ticket
from kiosk.flow.inputs import (
    Abandon,
    Action,
    Back,
    ChooseCategory,
    ChoosePriority,
    ChooseService,
    Extend,
    GoHome,
    HallRead,
    Issue,
    IssueDelayed,
    PairingCode,
    PaperNews,
    ServerLost,
    Start,
    SwitchElder,
    SwitchLanguage,
    TakeTicket,
    Tap,
    Tick,
    TicketGranted,
    TicketRefused,
    TurnPage,
)
from kiosk.flow.machine import Step, started, step
from kiosk.flow.state import (
    Categories,
    Comfort,
    Confirm,
    Home,
    Issued,
    Issuing,
    Notice,
    PrintState,
    Rules,
    Services,
    State,
)
from tests.fakes.hall_server_fake import ticket
from tests.fakes.kiosk_fakes import board_of, hall_of, service, town_hall

RULES = Rules()


def ready(hall=None) -> State:
    hall = hall or town_hall()
    return step(started(RULES, 0), HallRead(hall, board_of(hall, civil=4)), 0, RULES)[0]


def tap(state: State, *actions: Action, now: float = 1.0) -> Step:
    effects: tuple = ()
    for action in actions:
        state, effects = step(state, Tap(action, "request-1"), now, RULES)
    return state, effects


def at_confirm() -> State:
    return tap(ready(), Start(), ChooseCategory("civil"), ChooseService("civil", "dibao"))[0]


def issuing() -> State:
    return tap(at_confirm(), TakeTicket())[0]


def a_ticket() -> Ticket:
    return ticket("A012", service_id="dibao", service_name="城乡低保申请", ahead=4)


def issued() -> State:
    return step(issuing(), TicketGranted("request-1", a_ticket()), 2, RULES)[0]


def test_the_whole_way_asks_the_server_once() -> None:
    state, effects = tap(at_confirm(), ChoosePriority("elderly"), TakeTicket())
    assert isinstance(state.stage, Issuing)
    assert state.hall is not None
    assert effects == (Issue("request-1", "dibao", "elderly", state.hall),)
    again, more = tap(state, TakeTicket(), GoHome(), Back(), Start())
    assert again.stage == state.stage
    assert more == ()


def test_the_number_is_shown_then_the_kiosk_goes_home_by_itself() -> None:
    state = issued()
    assert isinstance(state.stage, Issued)
    assert state.stage.paper.word == "printing"
    state, _ = step(state, PaperNews(a_ticket().id, PrintState("printed")), 3, RULES)
    before, _ = step(state, Tick(), 3 + RULES.home_after_s - 0.1, RULES)
    assert isinstance(before.stage, Issued)
    after, _ = step(state, Tick(), 3 + RULES.home_after_s, RULES)
    assert after.stage == Home()


def test_a_number_that_is_not_on_paper_stays_longer() -> None:
    out = PrintState("trouble", "打印机缺纸", "out of paper")
    state, _ = step(issued(), PaperNews(a_ticket().id, out), 3, RULES)
    still, _ = step(state, Tick(), 3 + RULES.home_after_s + 1, RULES)
    assert isinstance(still.stage, Issued)
    assert still.stage.paper == out
    gone, _ = step(state, Tick(), 3 + RULES.unprinted_s, RULES)
    assert gone.stage == Home()


def test_a_printer_that_says_nothing_counts_as_away() -> None:
    state, _ = step(issued(), Tick(), 2 + RULES.paper_patience_s, RULES)
    assert isinstance(state.stage, Issued)
    assert state.stage.paper.word == "trouble"
    late, _ = step(state, PaperNews(a_ticket().id, PrintState("printed")), 20, RULES)
    assert isinstance(late.stage, Issued)
    assert late.stage.paper.word == "printed"


def test_where_to_fetch_a_ticket_is_told_at_once_and_long_enough() -> None:
    out = PrintState("trouble", "缺纸", "out of paper")
    state, _ = step(issued(), PaperNews(a_ticket().id, out), 3, RULES)
    there = PrintState("printing", place_zh="2 号取号机")
    state, _ = step(state, PaperNews(a_ticket().id, there), 5, RULES)
    assert isinstance(state.stage, Issued)
    assert (state.stage.paper, state.stage.home_at) == (there, 5 + RULES.paper_patience_s)
    printed = replace(there, word="printed")
    state, _ = step(state, PaperNews(a_ticket().id, printed), 7, RULES)
    assert isinstance(state.stage, Issued)
    assert (state.stage.paper, state.stage.home_at) == (printed, 7 + RULES.unprinted_s)


def test_a_ticket_that_comes_back_here_is_no_longer_fetched_elsewhere() -> None:
    there = PrintState("printing", place_zh="2 号取号机")
    state, _ = step(issued(), PaperNews(a_ticket().id, there), 3, RULES)
    state, _ = step(state, PaperNews(a_ticket().id, PrintState("printing")), 5, RULES)
    assert isinstance(state.stage, Issued)
    assert state.stage.paper.place_zh == ""


def test_news_about_another_ticket_changes_nothing() -> None:
    state = issued()
    assert step(state, PaperNews("other", PrintState("printed")), 3, RULES)[0] == state


def test_without_a_printer_the_number_is_to_be_remembered() -> None:
    rules = replace(RULES, has_printer=False)
    state, _ = step(issuing(), TicketGranted("request-1", a_ticket()), 2, rules)
    assert isinstance(state.stage, Issued)
    assert state.stage.paper.word == "no_printer"
    assert state.stage.home_at == 2 + rules.unprinted_s


def test_an_answer_to_another_request_is_ignored() -> None:
    state = issuing()
    assert step(state, TicketGranted("other", a_ticket()), 2, RULES)[0] == state
    assert step(state, TicketRefused("other", "不", "no"), 2, RULES)[0] == state


def test_a_refusal_is_shown_in_the_servers_words() -> None:
    state, _ = step(issuing(), TicketRefused("request-1", "今日已约满", "full today"), 2, RULES)
    assert isinstance(state.stage, Notice)
    assert (state.stage.body_zh, state.stage.body_en) == ("今日已约满", "full today")
    assert step(state, Tick(), 2 + RULES.notice_s, RULES)[0].stage == Home()


def test_a_silent_server_is_given_up_and_the_request_abandoned() -> None:
    state, _ = step(issuing(), IssueDelayed("request-1"), 2, RULES)
    assert isinstance(state.stage, Issuing) and state.stage.delayed
    state, effects = step(state, Tick(), 1 + RULES.give_up_s, RULES)
    assert isinstance(state.stage, Notice)
    assert effects == (Abandon("request-1"),)


def test_a_number_already_on_its_way_when_it_was_given_up_is_still_shown() -> None:
    state, _ = step(issuing(), Tick(), 1 + RULES.give_up_s, RULES)
    state, _ = step(state, TicketGranted("request-1", a_ticket()), 32, RULES)
    assert isinstance(state.stage, Issued)


def test_losing_the_server_sends_a_browsing_visitor_home() -> None:
    state, _ = step(at_confirm(), ServerLost(), 2, RULES)
    assert (state.stage, state.linked) == (Home(), False)
    assert tap(state, Start())[0].stage == Home()


def test_losing_the_server_does_not_take_away_a_number() -> None:
    for state in (issuing(), issued()):
        assert step(state, ServerLost(), 2, RULES)[0].stage == state.stage


def test_the_server_comes_back() -> None:
    lost, _ = step(ready(), ServerLost(), 2, RULES)
    hall = town_hall()
    state, _ = step(lost, HallRead(hall, board_of(hall)), 3, RULES)
    assert isinstance(tap(state, Start())[0].stage, Categories)


def test_a_server_that_is_never_found_is_told_after_a_while() -> None:
    state = started(RULES, 0)
    assert step(state, Tick(), RULES.start_patience_s, RULES)[0].linked is None
    assert step(state, Tick(), RULES.start_patience_s + 1, RULES)[0].linked is False


def test_the_pairing_code_is_kept_until_it_is_over() -> None:
    state, _ = step(started(RULES, 0), PairingCode("4711"), 1, RULES)
    assert state.pairing == "4711"
    assert step(state, PairingCode(""), 2, RULES)[0].pairing == ""


@pytest.mark.parametrize(
    "actions",
    [
        (Start(),),
        (Start(), ChooseCategory("civil")),
        (Start(), ChooseCategory("civil"), ChooseService("civil", "dibao")),
    ],
)
def test_every_page_goes_home_by_itself(actions: tuple[Action, ...]) -> None:
    state, _ = tap(ready(), SwitchElder(), SwitchLanguage(), *actions)
    kept, _ = step(state, Tick(), 1 + RULES.page_timeout_s - 0.1, RULES)
    assert kept.stage == state.stage
    gone, _ = step(state, Tick(), 1 + RULES.page_timeout_s, RULES)
    assert gone.stage == Home()
    assert gone.comfort == Comfort(language=RULES.language)


def test_a_touch_anywhere_gives_more_time() -> None:
    state, _ = tap(at_confirm(), Extend(), now=50)
    assert isinstance(step(state, Tick(), 100, RULES)[0].stage, Confirm)
    assert step(state, Tick(), 110, RULES)[0].stage == Home()


def test_a_language_chosen_on_the_start_page_is_forgotten_too() -> None:
    state, _ = tap(ready(), SwitchLanguage())
    assert step(state, Tick(), 61, RULES)[0].comfort.language == "zh"


def test_back_leads_one_page_back() -> None:
    state = at_confirm()
    for expected in (Services("civil"), Categories(), Home()):
        state, _ = tap(state, Back())
        assert state.stage == expected


def test_one_category_and_one_service_are_not_asked_for() -> None:
    only = Category(id="c", series="A", name="便民服务", services=[service("s", "一窗受理")])
    state, _ = tap(ready(hall_of(only)), Start())
    assert state.stage == Confirm("c", "s")
    assert tap(state, Back())[0].stage == Home()


def test_one_category_with_several_services_goes_straight_to_them() -> None:
    services = [service("s1", "甲"), service("s2", "乙")]
    only = Category(id="c", series="A", name="便民服务", services=services)
    state, _ = tap(ready(hall_of(only)), Start())
    assert state.stage == Services("c")
    assert tap(state, Back())[0].stage == Home()


def test_a_closed_service_cannot_be_chosen() -> None:
    state, _ = tap(ready(), Start(), ChooseCategory("civil"), ChooseService("civil", "closed"))
    assert state.stage == Services("civil")


def test_a_closed_hall_does_not_start() -> None:
    assert tap(ready(town_hall(open_now=False)), Start())[0].stage == Home()


def test_a_service_that_closes_under_the_finger_issues_nothing() -> None:
    hall = town_hall()
    services = [s.model_copy(update={"open": False}) for s in hall.categories[0].services]
    closed = hall.categories[0].model_copy(update={"services": services})
    hall = hall.model_copy(update={"categories": [closed, hall.categories[1]]})
    state, _ = step(at_confirm(), HallRead(hall, board_of(hall)), 2, RULES)
    state, effects = tap(state, TakeTicket())
    assert isinstance(state.stage, Confirm)
    assert effects == ()


def test_a_service_that_disappears_is_told() -> None:
    hall = town_hall()
    hall = hall.model_copy(update={"categories": hall.categories[1:]})
    state, _ = step(at_confirm(), HallRead(hall, board_of(hall)), 2, RULES)
    assert isinstance(state.stage, Notice)


def test_a_priority_class_that_is_not_offered_is_refused() -> None:
    state, _ = tap(at_confirm(), ChoosePriority("ordinary"))
    assert isinstance(state.stage, Confirm) and state.stage.priority is None
    state, _ = tap(state, ChoosePriority("pregnant"), ChoosePriority(None))
    assert isinstance(state.stage, Confirm) and state.stage.priority is None


def test_larger_letters_start_again_at_the_first_page() -> None:
    state, _ = tap(ready(), Start(), TurnPage(3), SwitchElder())
    assert state.stage == Categories(0)
