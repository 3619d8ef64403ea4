"""The two pages about one ticket: before it is taken, and when it is the visitor's."""

import math

from hallkit.wire.ticket import Ticket
from kiosk.flow.inputs import ChoosePriority, GoHome, TakeTicket
from kiosk.flow.places import serving_area, wait_place
from kiosk.flow.state import Confirm, Issued, PrintState, State
from kiosk.flow.views import Button, ConfirmView, Fact, IssuedView
from kiosk.flow.words import (
    AHEAD,
    AHEAD_0,
    AHEAD_1,
    AHEAD_N,
    AHEAD_OFFLINE,
    AHEAD_TICKET,
    AHEAD_TICKET_0,
    AHEAD_TICKET_1,
    AREA,
    CHECK,
    COLLECT_AT,
    CONFIRM,
    CONFIRM_CLOSED,
    DONE,
    EXPECTED,
    EXPECTED_ONE,
    EXPECTED_RANGE,
    EXPECTED_SOON,
    EXPECTED_WITHIN,
    GREEN,
    GREEN_CHOSEN,
    HOME_IN,
    NO_PAPER_HERE,
    NO_WINDOW_TAKES_IT,
    NO_WINDOW_TICKET,
    NO_WINDOW_WAIT,
    NOT_PRINTED,
    ORDINARY,
    PRINTED,
    PRINTER_AWAY,
    PRINTER_UNSURE,
    PRINTING,
    SCAN,
    SERVICE_CLOSED,
    WAIT_AT,
    WINDOWS,
    YOUR_NUMBER,
    Language,
    Text,
    named,
)


def expected(p50: int | None, p90: int | None, language: Language) -> str:
    """``约 P50–P90 分钟`` in words; empty when there is no honest forecast."""
    if p50 is None or p90 is None:
        return ""
    if p90 <= 0:
        return EXPECTED_SOON.say(language)
    if p50 <= 0:
        return EXPECTED_WITHIN.say(language, high=p90)
    if p50 == p90:
        return EXPECTED_ONE.say(language, high=p90)
    return EXPECTED_RANGE.say(language, low=p50, high=p90)


def _people(count: int, none: Text, one: Text, many: Text, language: Language) -> str:
    text = none if count == 0 else one if count == 1 else many
    return text.say(language, n=count)


def confirm_view(state: State, stage: Confirm) -> ConfirmView:
    """The page before 确认取号."""
    service = state.service(stage.category_id, stage.service_id)
    category = state.category(stage.category_id)
    assert service is not None and category is not None and state.hall is not None
    language = state.comfort.language
    facts = [Fact(AREA.say(language), serving_area(state.hall, language))]
    line = state.line(category.id)
    if line is not None and not service.window_open:
        # Alone, so that there is room for it in large letters too.
        facts = [Fact(WINDOWS.say(language), NO_WINDOW_TAKES_IT.say(language))]
    elif line is not None:
        ahead = _people(line.count, AHEAD_0, AHEAD_1, AHEAD_N, language)
        facts.append(Fact(AHEAD.say(language), ahead))
        wait = expected(line.p50_min, line.p90_min, language)
        facts.append(Fact(EXPECTED.say(language), wait))
    green = _green(state, stage)
    reason = service.closed_reason if language == "zh" else service.closed_reason_en
    return ConfirmView(
        title=CHECK.say(language),
        service=named(language, service.name, service.name_en),
        path=named(language, category.name, category.name_en),
        facts=tuple(f for f in facts if f.value),
        green_title=GREEN.say(language) if green else "",
        green=green,
        green_note=GREEN_CHOSEN.say(language) if stage.priority is not None else "",
        confirm=Button(
            "confirm",
            (CONFIRM if service.open else CONFIRM_CLOSED).say(language),
            TakeTicket(),
            note="" if service.open else (reason or SERVICE_CLOSED.say(language)),
            enabled=service.open,
        ),
    )


def _green(state: State, stage: Confirm) -> tuple[Button, ...]:
    assert state.hall is not None
    language = state.comfort.language
    classes = [c for c in state.hall.priority_classes if c.on_kiosk]
    if not classes:
        return ()
    ordinary = Button(
        "priority:none",
        ORDINARY.say(language),
        ChoosePriority(None),
        chosen=stage.priority is None,
    )
    return ordinary, *(
        Button(
            f"priority:{c.id}",
            named(language, c.name, c.name_en),
            ChoosePriority(c.id),
            chosen=stage.priority == c.id,
        )
        for c in classes
        if c.id != "ordinary"
    )


def issued_view(state: State, stage: Issued, left_s: float) -> IssuedView:
    """The page with the number, ``left_s`` seconds before it goes home by itself."""
    ticket, hall = stage.ticket, state.hall
    language = state.comfort.language
    service = hall.service(ticket.service_id) if hall is not None else None
    tag = ""
    if hall is not None:
        mine = [c for c in hall.priority_classes if c.id == ticket.priority_class and c.tag]
        tag = named(language, mine[0].tag, mine[0].name_en) if mine else ""
    text, hint = _paper_words(stage.paper, language)
    ahead, wait = _outlook(ticket, language)
    place = WAIT_AT.say(language, place=wait_place(hall, language)) if hall is not None else ""
    if not ticket.offline and ticket.p50_min is None:
        # Nobody needs to wait there before a window opens, and what to do needs the room.
        place = ""
    done = Button("done", DONE.say(language), GoHome())
    return IssuedView(
        caption=YOUR_NUMBER.say(language),
        number=ticket.number,
        service=named(language, ticket.service_name, service.name_en if service else ""),
        tag=tag,
        ahead=ahead,
        expected=wait,
        place=place,
        paper=stage.paper.word,
        paper_text=text,
        paper_hint=hint,
        qr=ticket.position_url,
        qr_text=SCAN.say(language),
        done=done,
        home_in="" if stage.paper.word == "printing" else home_in(left_s, language),
    )


def _outlook(ticket: Ticket, language: Language) -> tuple[str, str]:
    """Who comes before, and how long that takes. Without minutes no open window takes it."""
    if ticket.offline:
        return AHEAD_OFFLINE.say(language), ""
    if ticket.p50_min is None and not ticket.ahead:
        return NO_WINDOW_TICKET.say(language), NO_WINDOW_WAIT.say(language)
    ahead = _people(ticket.ahead, AHEAD_TICKET_0, AHEAD_TICKET_1, AHEAD_TICKET, language)
    if ticket.p50_min is None:
        return ahead, NO_WINDOW_TICKET.say(language)
    return ahead, expected(ticket.p50_min, ticket.p90_min, language) if ticket.ahead else ""


def _paper_words(paper: PrintState, language: Language) -> tuple[str, str]:
    own = paper.zh if language == "zh" else paper.en
    if paper.place_zh:
        place = named(language, paper.place_zh, paper.place_en)
        return COLLECT_AT.say(language, place=place), ""
    match paper.word:
        case "printing":
            return PRINTING.say(language), ""
        case "printed":
            return PRINTED.say(language), ""
        case "unsure":
            return own or PRINTED.say(language), PRINTER_UNSURE.say(language)
        case "trouble":
            return own or PRINTER_AWAY.say(language), NOT_PRINTED.say(language)
        case "no_printer":
            return NO_PAPER_HERE.say(language), NOT_PRINTED.say(language)


def home_in(seconds: float, language: Language) -> str:
    """``N 秒后返回首页``."""
    return HOME_IN.say(language, s=max(0, math.ceil(seconds)))
