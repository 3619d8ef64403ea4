"""Where a visitor is, and what the kiosk knows. Frozen; times are monotonic seconds."""

from dataclasses import dataclass, field
from typing import Literal

from hallkit.wire.board import WaitingLine
from hallkit.wire.hall import Category, Hall, Service
from hallkit.wire.ticket import Ticket
from kiosk.flow.words import Language

PrintWord = Literal["printing", "printed", "unsure", "trouble", "no_printer"]
# Whose fault a notice is: decides its picture, never its meaning.
NoticeKind = Literal["info", "problem"]


@dataclass(frozen=True)
class Home:
    """Waiting for a visitor."""


@dataclass(frozen=True)
class Categories:
    """Choosing a category; ``page`` counts from 0."""

    page: int = 0


@dataclass(frozen=True)
class Services:
    """Choosing a service of a category; ``page`` counts from 0."""

    category_id: str
    page: int = 0


@dataclass(frozen=True)
class Confirm:
    """Checking the choice. ``priority`` is a priority class the visitor declared, or None."""

    category_id: str
    service_id: str
    priority: str | None = None


@dataclass(frozen=True)
class Issuing:
    """The server was asked for a number at ``since``; ``delayed`` once it did not answer."""

    request_id: str
    service_id: str
    priority: str | None
    since: float
    delayed: bool = False


@dataclass(frozen=True)
class PrintState:
    """What became of the paper; ``zh`` and ``en`` are the printer's own words, if any;
    ``place_zh`` and ``place_en`` where it comes out, when that is not here."""

    word: PrintWord
    zh: str = ""
    en: str = ""
    place_zh: str = ""
    place_en: str = ""


@dataclass(frozen=True)
class Issued:
    """The number is the visitor's. ``home_at`` is when the kiosk goes home by itself."""

    ticket: Ticket
    paper: PrintState
    home_at: float


@dataclass(frozen=True)
class Notice:
    """Something to read before going home at ``home_at``. ``abandoned`` is the request whose
    answer did not come in time; should it have been on its way already, it is still shown."""

    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    home_at: float
    kind: NoticeKind = "problem"
    abandoned: str = ""


Stage = Home | Categories | Services | Confirm | Issuing | Issued | Notice
BROWSING = (Home, Categories, Services, Confirm)
# Stages that fall back to the start when nobody touches the screen.
VISITING = (Categories, Services, Confirm)


@dataclass(frozen=True)
class Comfort:
    """How this visitor wants the screen; forgotten when the visitor leaves."""

    language: Language = "zh"
    elder: bool = False
    low_reach: bool = False


@dataclass(frozen=True)
class Rules:
    """Times in seconds. ``unprinted_s`` is how long a number stays that is not on paper,
    ``paper_patience_s`` how long a printer may take before it counts as silent, and
    ``start_patience_s`` how long the server may be looked for before visitors are told."""

    page_timeout_s: float = 60
    warn_s: float = 20
    home_after_s: float = 7
    unprinted_s: float = 25
    paper_patience_s: float = 12
    give_up_s: float = 30
    notice_s: float = 12
    start_patience_s: float = 8
    language: Language = "zh"
    has_printer: bool = True


@dataclass(frozen=True)
class State:
    """All that the next step depends on. ``linked`` is None until the first answer or failure,
    ``pairing`` the code to show while this kiosk waits to be approved, ``touched_at`` is when
    somebody last touched the screen."""

    stage: Stage = field(default_factory=Home)
    hall: Hall | None = None
    waiting: tuple[WaitingLine, ...] = ()
    linked: bool | None = None
    pairing: str = ""
    comfort: Comfort = field(default_factory=Comfort)
    touched_at: float = 0.0

    def category(self, category_id: str) -> Category | None:
        """The hall's category with this id, or None."""
        if self.hall is None:
            return None
        return next((c for c in self.hall.categories if c.id == category_id), None)

    def service(self, category_id: str, service_id: str) -> Service | None:
        """The category's service with this id, or None."""
        category = self.category(category_id)
        if category is None:
            return None
        return next((s for s in category.services if s.id == service_id), None)

    def line(self, category_id: str) -> WaitingLine | None:
        """Who waits in this category, or None when the server does not say."""
        return next((w for w in self.waiting if w.category == category_id), None)
