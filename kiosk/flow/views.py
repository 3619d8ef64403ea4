"""What each screen shows: frozen view models, words ready to draw."""

from dataclasses import dataclass
from typing import Literal

from kiosk.flow.inputs import Action
from kiosk.flow.paging import Grid
from kiosk.flow.state import PrintWord
from kiosk.flow.words import Language

ScreenName = Literal[
    "starting",
    "pairing",
    "home",
    "category",
    "service",
    "confirm",
    "issuing",
    "issued",
    "notice",
    "away",
]


@dataclass(frozen=True)
class Button:
    """Something to touch. ``id`` is stable, for tests and demonstrations."""

    id: str
    title: str
    action: Action
    note: str = ""
    enabled: bool = True
    chosen: bool = False


@dataclass(frozen=True)
class Frame:
    """What surrounds every page. ``countdown`` is empty until the page is about to fall back."""

    hall_name: str
    time: str
    date: str
    language: Language
    elder: bool
    low_reach: bool
    ways_back: tuple[Button, ...]
    switches: tuple[Button, ...]
    countdown: str = ""
    extend: Button | None = None


@dataclass(frozen=True)
class QueueLine:
    """People waiting in one category."""

    name: str
    count: str


@dataclass(frozen=True)
class HomeView:
    """The start page. ``closed`` says why no number can be taken; ``take`` is then disabled."""

    welcome: str
    take: Button
    closed: str
    waiting_title: str
    lines: tuple[QueueLine, ...]
    hours_title: str
    hours: str


@dataclass(frozen=True)
class ChoicesView:
    """A page of cards: categories or services."""

    title: str
    path: str
    grid: Grid
    cards: tuple[Button, ...]
    page: str
    previous: Button | None
    next: Button | None


@dataclass(frozen=True)
class Fact:
    """A caption and its value."""

    caption: str
    value: str


@dataclass(frozen=True)
class ConfirmView:
    """The choice, what to expect, and the button that takes the number."""

    title: str
    service: str
    path: str
    facts: tuple[Fact, ...]
    green_title: str
    green: tuple[Button, ...]
    green_note: str
    confirm: Button


@dataclass(frozen=True)
class MessageView:
    """A page that says one thing. ``mark`` names its picture."""

    title: str
    body: str
    hint: str
    mark: Literal["wait", "problem", "away", "info"]


@dataclass(frozen=True)
class IssuedView:
    """The number. ``paper_ok`` is False when the visitor must remember it."""

    caption: str
    number: str
    service: str
    tag: str
    ahead: str
    expected: str
    place: str
    paper: PrintWord
    paper_text: str
    paper_hint: str
    qr: str
    qr_text: str
    done: Button
    home_in: str


View = HomeView | ChoicesView | ConfirmView | MessageView | IssuedView


@dataclass(frozen=True)
class Picture:
    """The whole screen at one moment."""

    screen: ScreenName
    frame: Frame
    view: View
    ticket: str | None = None
