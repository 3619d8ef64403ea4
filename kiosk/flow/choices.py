"""The pages of cards: categories, and the services of one."""

from hallkit.wire.hall import Category
from kiosk.flow.inputs import ChooseCategory, ChooseService, TurnPage
from kiosk.flow.paging import Grid, Orientation, Page, fitted, grid_for, page_of
from kiosk.flow.state import Services, State
from kiosk.flow.views import Button, ChoicesView
from kiosk.flow.words import (
    CATEGORY_NOTE,
    CATEGORY_SIZE,
    CHOOSE_CATEGORY,
    CHOOSE_SERVICE,
    NEXT,
    NO_WINDOW,
    NOBODY,
    NOT_OPEN,
    PAGE,
    PREVIOUS,
    WAITING_N,
    Language,
    named,
)


def category_cards(state: State, wanted: int, orientation: Orientation) -> ChoicesView:
    """The categories, with how many services and people each has."""
    hall = state.hall
    assert hall is not None
    language = state.comfort.language
    grid = fitted(grid_for(orientation, state.comfort), len(hall.categories), state.comfort)
    page = page_of(len(hall.categories), grid.size, wanted)
    cards = []
    for category in page.of(hall.categories):
        usable = any(s.open for s in category.services)
        cards.append(
            Button(
                f"category:{category.id}",
                named(language, category.name, category.name_en),
                ChooseCategory(category.id),
                note=_category_note(state, category) if usable else _why_not(category, language),
                enabled=usable,
            )
        )
    return _view(CHOOSE_CATEGORY.say(language), "", grid, tuple(cards), page, language)


def service_cards(state: State, stage: Services, orientation: Orientation) -> ChoicesView:
    """The services of the chosen category; a closed one says why and cannot be touched."""
    category = state.category(stage.category_id)
    assert category is not None
    language = state.comfort.language
    grid = fitted(grid_for(orientation, state.comfort), len(category.services), state.comfort)
    page = page_of(len(category.services), grid.size, stage.page)
    cards = []
    for service in page.of(category.services):
        reason = service.closed_reason if language == "zh" else service.closed_reason_en
        cards.append(
            Button(
                f"service:{service.id}",
                named(language, service.name, service.name_en),
                ChooseService(category.id, service.id),
                note="" if service.open else (reason or NOT_OPEN.say(language)),
                enabled=service.open,
            )
        )
    path = named(language, category.name, category.name_en)
    return _view(CHOOSE_SERVICE.say(language), path, grid, tuple(cards), page, language)


def _category_note(state: State, category: Category) -> str:
    """How many services, and who waits: nothing of that while the server is away."""
    line, language = state.line(category.id), state.comfort.language
    size = len(category.services)
    if line is None:
        return CATEGORY_SIZE.say(language, n=size)
    if line.count:
        wait = WAITING_N.say(language, n=line.count)
    else:
        # Who comes now does wait where no window is open.
        served = any(s.window_open for s in category.services if s.open)
        wait = (NOBODY if served else NO_WINDOW).say(language)
    return CATEGORY_NOTE.say(language, n=size, wait=wait)


def _why_not(category: Category, language: Language) -> str:
    """Why none of its services can be chosen, where that is the same for all."""
    reasons = {
        s.closed_reason if language == "zh" else s.closed_reason_en for s in category.services
    }
    common = reasons.pop() if len(reasons) == 1 else ""
    return common or NOT_OPEN.say(language)


def _view(
    title: str, path: str, grid: Grid, cards: tuple[Button, ...], page: Page, language: Language
) -> ChoicesView:
    several = page.count > 1
    return ChoicesView(
        title=title,
        path=path,
        grid=grid,
        cards=cards,
        page=PAGE.say(language, page=page.number + 1, pages=page.count) if several else "",
        previous=Button(
            "previous",
            PREVIOUS.say(language),
            TurnPage(page.number - 1),
            enabled=page.number > 0,
        )
        if several
        else None,
        next=Button(
            "next",
            NEXT.say(language),
            TurnPage(page.number + 1),
            enabled=page.number + 1 < page.count,
        )
        if several
        else None,
    )
