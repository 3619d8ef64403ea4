"""The pages of cards: categories, and the services of one."""

from kiosk.flow.inputs import ChooseCategory, ChooseService, TurnPage
from kiosk.flow.paging import Grid, Orientation, Page, fitted, grid_for, page_of
from kiosk.flow.state import Services, State
from kiosk.flow.views import Button, ChoicesView
from kiosk.flow.words import (
    CATEGORY_NOTE,
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
        note = CATEGORY_NOTE.say(
            language, n=len(category.services), wait=_waiting(state, category.id)
        )
        cards.append(
            Button(
                f"category:{category.id}",
                named(language, category.name, category.name_en),
                ChooseCategory(category.id),
                note=note if usable else NOT_OPEN.say(language),
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


def _waiting(state: State, category_id: str) -> str:
    line = state.line(category_id)
    language = state.comfort.language
    if line is None or line.count == 0:
        # Without a forecast no window that takes this is open: who comes now does wait.
        served = line is not None and line.p50_min is not None
        return (NOBODY if served else NO_WINDOW).say(language)
    return WAITING_N.say(language, n=line.count)


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
