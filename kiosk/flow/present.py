"""From state to picture: which screen is shown, and its words."""

import math
from datetime import datetime

from hallkit.wire.hall import Hall
from kiosk.flow.choices import category_cards, service_cards
from kiosk.flow.inputs import Back, Extend, GoHome, Start, SwitchElder, SwitchLanguage
from kiosk.flow.inputs import SwitchLowReach as SwitchLow
from kiosk.flow.machine import is_away, remaining_s
from kiosk.flow.paging import Orientation
from kiosk.flow.state import (
    Categories,
    Comfort,
    Confirm,
    Home,
    Issued,
    Issuing,
    Notice,
    Rules,
    Services,
    State,
)
from kiosk.flow.ticketview import confirm_view, issued_view
from kiosk.flow.views import (
    Button,
    Frame,
    HomeView,
    MessageView,
    Picture,
    QueueLine,
    ScreenName,
    View,
)
from kiosk.flow.words import (
    AWAY,
    AWAY_BODY,
    AWAY_HINT,
    BACK,
    CLOSED_NOW,
    ELDER_OFF,
    ELDER_ON,
    EXTEND,
    HOME,
    HOME_IN,
    HOURS,
    ISSUING,
    ISSUING_HINT,
    ISSUING_SLOW,
    LOW_OFF,
    LOW_ON,
    MONTHS_EN,
    OTHER_LANGUAGE,
    PAIRING,
    PAIRING_CODE,
    PAIRING_HINT,
    PEOPLE,
    STARTING,
    STARTING_HINT,
    STILL_HERE,
    TAKE,
    TAKE_HINT,
    WAITING_NOW,
    WEEKDAYS_EN,
    WEEKDAYS_ZH,
    WELCOME,
    Language,
    named,
)


def picture(
    state: State, now: float, wall: datetime, orientation: Orientation, rules: Rules
) -> Picture:
    """The screen at ``now`` (monotonic seconds); ``wall`` is the hall's local date and time."""
    screen, view = _screen(state, now, orientation)
    ticket = state.stage.ticket.number if isinstance(state.stage, Issued) else None
    left = remaining_s(state, now, rules)
    if screen in ("starting", "pairing", "away"):
        left = None
    return Picture(screen, _frame(state, screen, left, wall, rules), view, ticket)


def _screen(state: State, now: float, orientation: Orientation) -> tuple[ScreenName, View]:
    language = state.comfort.language
    if state.pairing:
        words = (
            PAIRING_CODE.say(language, code=state.pairing),
            PAIRING.say(language),
            PAIRING_HINT.say(language),
        )
        return "pairing", MessageView(*words, mark="info")
    if is_away(state):
        words = (AWAY.say(language), AWAY_BODY.say(language), AWAY_HINT.say(language))
        return "away", MessageView(*words, mark="away")
    match state.stage:
        case Issuing(delayed=delayed):
            hint = ISSUING_SLOW if delayed else ISSUING_HINT
            return "issuing", MessageView(ISSUING.say(language), hint.say(language), "", "wait")
        case Issued() as issued:
            return "issued", issued_view(state, issued, issued.home_at - now)
        case Notice() as notice:
            return "notice", _notice(notice, language)
        case _ if state.hall is None:
            words = (STARTING.say(language), STARTING_HINT.say(language), "")
            return "starting", MessageView(*words, mark="wait")
        case Home():
            return "home", _home(state)
        case Categories(page=page):
            return "category", category_cards(state, page, orientation)
        case Services() as services:
            return "service", service_cards(state, services, orientation)
        case Confirm() as confirm:
            return "confirm", confirm_view(state, confirm)


def _notice(notice: Notice, language: Language) -> MessageView:
    zh = language == "zh"
    title = notice.title_zh if zh else notice.title_en
    return MessageView(title, notice.body_zh if zh else notice.body_en, "", notice.kind)


# ---- the frame around every page


def _date(wall: datetime, comfort: Comfort) -> str:
    """The date in words; in large letters there is no room for the year."""
    if comfort.language == "zh":
        day = f"{wall.month}月{wall.day}日 星期{WEEKDAYS_ZH[wall.weekday()]}"
        return day if comfort.elder else f"{wall.year}年{day}"
    day = WEEKDAYS_EN[wall.weekday()]
    # A Wednesday in September, written out, has no room beside the hall's name.
    month = MONTHS_EN[wall.month - 1][:3]
    if comfort.elder:
        return f"{day[:3]}, {wall.day} {month}"
    return f"{day}, {wall.day} {month} {wall.year}"


def _frame(
    state: State, screen: ScreenName, left: float | None, wall: datetime, rules: Rules
) -> Frame:
    comfort = state.comfort
    language = comfort.language
    hall = state.hall
    closing = left is not None and left <= rules.warn_s and screen not in ("home", "issued")
    extend = None
    if closing and screen != "notice":
        extend = Button("extend", EXTEND.say(language), Extend())
    seconds = max(0, math.ceil(left)) if left is not None else 0
    return Frame(
        hall_name=named(language, hall.name, hall.name_en) if hall is not None else "",
        time=f"{wall:%H:%M}",
        date=_date(wall, comfort),
        language=language,
        elder=comfort.elder,
        low_reach=comfort.low_reach,
        ways_back=() if extend else _ways_back(screen, language),
        switches=() if closing else _switches(state, screen),
        countdown=(HOME_IN if screen == "notice" else STILL_HERE).say(language, s=seconds)
        if closing
        else "",
        extend=extend,
    )


def _ways_back(screen: ScreenName, language: Language) -> tuple[Button, ...]:
    home = Button("home", HOME.say(language), GoHome())
    if screen in ("category", "service", "confirm"):
        return (Button("back", BACK.say(language), Back()), home)
    return (home,) if screen == "notice" else ()


def _switches(state: State, screen: ScreenName) -> tuple[Button, ...]:
    if screen in ("starting", "issuing"):
        return ()
    comfort = state.comfort
    language = comfort.language
    elder = (ELDER_OFF if comfort.elder else ELDER_ON).say(language)
    low = (LOW_OFF if comfort.low_reach else LOW_ON).say(language)
    return (
        Button("language", OTHER_LANGUAGE.say(language), SwitchLanguage()),
        Button("elder", elder, SwitchElder(), chosen=comfort.elder),
        Button("low-reach", low, SwitchLow(), chosen=comfort.low_reach),
    )


# ---- the start page


def _home(state: State) -> HomeView:
    hall = state.hall
    assert hall is not None
    language = state.comfort.language
    is_open = hall.policy.open_now
    take = Button(
        "take",
        (TAKE if is_open else CLOSED_NOW).say(language),
        Start(),
        note=TAKE_HINT.say(language) if is_open else "",
        enabled=is_open,
    )
    return HomeView(
        welcome=WELCOME.say(language),
        take=take,
        closed="" if is_open else _why_closed(hall, language),
        waiting_title=WAITING_NOW.say(language),
        lines=_lines(state),
        hours_title=HOURS.say(language),
        hours=named(language, hall.policy.hours_text, hall.policy.hours_text_en),
    )


def _why_closed(hall: Hall, language: Language) -> str:
    text = hall.policy.closed_text if language == "zh" else hall.policy.closed_text_en
    return text or CLOSED_NOW.say(language)


def _lines(state: State) -> tuple[QueueLine, ...]:
    hall = state.hall
    assert hall is not None
    language = state.comfort.language
    lines = []
    for category in hall.categories:
        waiting = state.line(category.id)
        if waiting is None:
            continue
        name = named(language, category.name, category.name_en)
        lines.append(QueueLine(name, PEOPLE.say(language, n=waiting.count)))
    return tuple(lines)
