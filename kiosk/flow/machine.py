"""The kiosk's state machine: ``step(state, input, now, rules)`` → the next state and effects.

::

    Home → Categories → Services → Confirm → Issuing → Issued → Home
                                                └→ Notice → Home

A hall with one category skips Categories, a category with one service skips Services. Only
TakeTicket in Confirm leads to Issuing, and Issuing ignores every touch: one visit issues once.
"""

from dataclasses import replace

from kiosk.flow.inputs import (
    Abandon,
    Back,
    ChooseCategory,
    ChoosePriority,
    ChooseService,
    Effect,
    Extend,
    GoHome,
    HallRead,
    Input,
    Issue,
    IssueDelayed,
    PairingCode,
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
from kiosk.flow.state import (
    BROWSING,
    VISITING,
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
    Stage,
    State,
)
from kiosk.flow.words import CHANGED, NO_ANSWER, NOT_TAKEN, PRINTER_SILENT, Text

Step = tuple[State, tuple[Effect, ...]]


def step(state: State, happened: Input, now: float, rules: Rules) -> Step:
    """What follows from ``happened`` at ``now`` (monotonic seconds)."""
    match happened:
        case Tap():
            return _tapped(replace(state, touched_at=now), happened, now, rules)
        case HallRead(hall, board):
            known = replace(state, hall=hall, waiting=tuple(board.waiting), linked=True)
            return _revised(known, now, rules), ()
        case PairingCode(code):
            return replace(state, pairing=code), ()
        case ServerLost():
            lost = replace(state, linked=False)
            return (_went_home(lost, now, rules) if isinstance(lost.stage, VISITING) else lost), ()
        case TicketGranted() | TicketRefused() | IssueDelayed():
            return _answered(state, happened, now, rules), ()
        case PaperNews(ticket_id, paper):
            return _paper(state, ticket_id, paper, now, rules), ()
        case Tick():
            return _ticked(state, now, rules)


def started(rules: Rules, now: float) -> State:
    """The state of a kiosk that was just switched on."""
    return State(comfort=Comfort(language=rules.language), touched_at=now)


def remaining_s(state: State, now: float, rules: Rules) -> float | None:
    """Seconds until the page falls back by itself; None when it does not."""
    match state.stage:
        case Issued(home_at=home_at) | Notice(home_at=home_at):
            return home_at - now
        case Issuing():
            return None
        case Home() if state.comfort == Comfort(language=rules.language):
            return None
        case _:
            return state.touched_at + rules.page_timeout_s - now


def _went_home(state: State, now: float, rules: Rules) -> State:
    comfort = Comfort(language=rules.language)
    return replace(state, stage=Home(), comfort=comfort, touched_at=now)


def _notice(title: Text, zh: str, en: str, now: float, rules: Rules) -> Notice:
    return Notice(title.zh, title.en, zh, en, now + rules.notice_s)


# ---- touches


def _tapped(state: State, tap: Tap, now: float, rules: Rules) -> Step:
    match tap.action:
        case SwitchLanguage() | SwitchElder() | SwitchLowReach():
            return _switched(state, tap.action), ()
        case Extend():
            return state, ()
        case TakeTicket():
            return _take(state, tap.fresh_id, now)
        case GoHome() if not isinstance(state.stage, Issuing):
            return _went_home(state, now, rules), ()
        case Back():
            return _back(state, now, rules), ()
        case _ if state.linked:
            return replace(state, stage=_chosen(state, tap.action)), ()
        case _:
            return state, ()


def _switched(state: State, action: SwitchLanguage | SwitchElder | SwitchLowReach) -> State:
    comfort = state.comfort
    match action:
        case SwitchLanguage():
            comfort = replace(comfort, language="en" if comfort.language == "zh" else "zh")
        case SwitchElder():
            comfort = replace(comfort, elder=not comfort.elder)
        case SwitchLowReach():
            comfort = replace(comfort, low_reach=not comfort.low_reach)
    stage = state.stage
    if isinstance(stage, Categories | Services):  # another number of cards fits on a page now
        stage = replace(stage, page=0)
    return replace(state, comfort=comfort, stage=stage)


def _chosen(state: State, action: object) -> Stage:
    match action, state.stage:
        case Start(), Home() if state.hall is not None and state.hall.policy.open_now:
            return _first_choice(state)
        case ChooseCategory(category_id), Categories():
            return _into_category(state, category_id)
        case ChooseService(category_id, service_id), Services():
            service = state.service(category_id, service_id)
            if service is not None and service.open:
                return Confirm(category_id, service_id)
        case ChoosePriority(class_id), Confirm() as confirm:
            if class_id is None or class_id in offered_classes(state):
                return replace(confirm, priority=class_id)
        case TurnPage(page), (Categories() | Services()) as stage:
            return replace(stage, page=max(0, page))
    return state.stage


def offered_classes(state: State) -> tuple[str, ...]:
    """The ids of the priority classes that a visitor may declare at the kiosk."""
    classes = state.hall.priority_classes if state.hall is not None else []
    return tuple(c.id for c in classes if c.on_kiosk)


def _first_choice(state: State) -> Stage:
    categories = state.hall.categories if state.hall is not None else []
    return _into_category(state, categories[0].id) if len(categories) == 1 else Categories()


def _into_category(state: State, category_id: str) -> Stage:
    category = state.category(category_id)
    if category is None or not category.services:
        return state.stage
    services = category.services
    if len(services) == 1 and services[0].open:
        return Confirm(category_id, services[0].id)
    return Services(category_id)


def _back(state: State, now: float, rules: Rules) -> State:
    match state.stage:
        case Confirm(category_id=category_id):
            category = state.category(category_id)
            if category is not None and len(category.services) > 1:
                return replace(state, stage=Services(category_id))
            return _back(replace(state, stage=Services(category_id)), now, rules)
        case Services():
            several = state.hall is not None and len(state.hall.categories) > 1
            return replace(state, stage=Categories() if several else Home())
        case Categories():
            return replace(state, stage=Home())
        case Issued() | Notice():
            return _went_home(state, now, rules)
        case _:
            return state


def _take(state: State, request_id: str, now: float) -> Step:
    stage = state.stage
    if not (isinstance(stage, Confirm) and state.linked and state.hall is not None):
        return state, ()
    service = state.service(stage.category_id, stage.service_id)
    if service is None or not service.open:
        return state, ()
    issuing = Issuing(request_id, stage.service_id, stage.priority, now)
    effect = Issue(request_id, stage.service_id, stage.priority, state.hall)
    return replace(state, stage=issuing), (effect,)


# ---- answers


def _answered(
    state: State, answer: TicketGranted | TicketRefused | IssueDelayed, now: float, rules: Rules
) -> State:
    stage = state.stage
    match stage:
        case Issuing(request_id=asked):
            expected = asked == answer.request_id
        case Notice(abandoned=asked):
            expected = asked == answer.request_id and isinstance(answer, TicketGranted)
        case _:
            expected = False
    if not expected:
        return state
    match answer:
        case TicketGranted(ticket=ticket) if rules.has_printer:
            patience = now + rules.paper_patience_s
            return replace(state, stage=Issued(ticket, PrintState("printing"), patience))
        case TicketGranted(ticket=ticket):
            paper = PrintState("no_printer")
            return replace(state, stage=Issued(ticket, paper, now + rules.unprinted_s))
        case TicketRefused(zh=zh, en=en):
            return replace(state, stage=_notice(NOT_TAKEN, zh, en, now, rules))
        case IssueDelayed():
            assert isinstance(stage, Issuing)
            return replace(state, stage=replace(stage, delayed=True))


def _paper(state: State, ticket_id: str, paper: PrintState, now: float, rules: Rules) -> State:
    stage = state.stage
    if not isinstance(stage, Issued) or stage.ticket.id != ticket_id or stage.paper == paper:
        return state
    if paper.word == "printing":
        if not paper.place_zh and not stage.paper.place_zh:
            return state
        stays = rules.paper_patience_s
    else:
        here = paper.word == "printed" and not paper.place_zh
        stays = rules.home_after_s if here else rules.unprinted_s
    return replace(state, stage=replace(stage, paper=paper, home_at=now + stays))


def _revised(state: State, now: float, rules: Rules) -> State:
    """The stage again, after the hall changed under the visitor's hands."""
    match state.stage:
        case Services(category_id=category_id):
            gone = state.category(category_id) is None
        case Confirm(category_id=category_id, service_id=service_id):
            gone = state.service(category_id, service_id) is None
        case _:
            gone = False
    if gone:
        return replace(state, stage=_notice(NOT_TAKEN, CHANGED.zh, CHANGED.en, now, rules))
    stage = state.stage
    if isinstance(stage, Confirm) and stage.priority not in (None, *offered_classes(state)):
        return replace(state, stage=replace(stage, priority=None))
    return state


# ---- time


def _ticked(state: State, now: float, rules: Rules) -> Step:
    stage = state.stage
    if state.linked is None and now - state.touched_at > rules.start_patience_s:
        return replace(state, linked=False), ()
    if isinstance(stage, Issuing):
        if now - stage.since < rules.give_up_s:
            return state, ()
        sorry = _notice(NOT_TAKEN, NO_ANSWER.zh, NO_ANSWER.en, now, rules)
        sorry = replace(sorry, abandoned=stage.request_id)
        return replace(state, stage=sorry), (Abandon(stage.request_id),)
    left = remaining_s(state, now, rules)
    if left is None or left > 0:
        return state, ()
    if isinstance(stage, Issued) and stage.paper.word == "printing":
        silent = PrintState("trouble", PRINTER_SILENT.zh, PRINTER_SILENT.en)
        return _paper(state, stage.ticket.id, silent, now, rules), ()
    return _went_home(state, now, rules), ()


def is_away(state: State) -> bool:
    """Whether the page "no numbers at the moment" hides what is being browsed."""
    return state.linked is False and isinstance(state.stage, BROWSING)
