"""The hall as its devices see it: what can be chosen, and where it is served."""

from typing import Literal

from hallkit.wire.message import Message

WindowState = Literal["closed", "open", "paused"]
WindowKind = Literal["comprehensive", "dedicated", "certificate", "elder", "guide"]
ServiceKind = Literal["apply", "collect", "consult"]


class Service(Message):
    """A service (事项). ``minutes`` is the nominal time at a window; ``open`` is false when no
    ticket can be taken for it now, ``closed_reason`` then says why in Chinese and
    ``closed_reason_en`` in English; ``window_open`` is false while no open window takes it."""

    id: str
    name: str
    name_en: str = ""
    kind: ServiceKind
    minutes: int
    open: bool
    window_open: bool = True
    closed_reason: str = ""
    closed_reason_en: str = ""


class Category(Message):
    """A service category; its tickets carry the letter ``series``."""

    id: str
    series: str
    name: str
    name_en: str = ""
    services: list[Service]


class Area(Message):
    """A part of the hall where people wait or are served."""

    id: str
    name: str
    name_en: str = ""


class Window(Message):
    """A window and what it does now. ``ticket`` is the number it has called or serves."""

    id: str
    number: int
    name: str
    area: str
    state: WindowState
    kind: WindowKind
    ticket: str | None = None
    ticket_state: Literal["called", "serving"] | None = None
    pause_reason: str | None = None
    clerk: str | None = None


class PriorityClass(Message):
    """Points rule of a class of visitors: ``head`` points at once, then ``rate`` a minute.
    ``tag`` is printed on the ticket; classes with ``on_kiosk`` may be chosen by the visitor."""

    id: str
    name: str
    name_en: str = ""
    head: float
    rate: float
    tag: str = ""
    on_kiosk: bool = False


class MissedCallRule(Message):
    """What happens to a number that was called and did not come; ``text`` is the sentence in
    force, to be printed as it is."""

    policy: Literal["void", "requeue_after_k", "requeue_tail", "keep_minutes"]
    after_k: int
    minutes: int
    max_passes: int
    text: str
    text_en: str


class Policy(Message):
    """The hall's rules that visitors are told about; ``closed_text`` says why no numbers are given
    now; ``appointments``: numbers are given to those who booked, by their code."""

    missed_call: MissedCallRule
    open_now: bool
    closed_text: str = ""
    closed_text_en: str = ""
    hours_text: str = ""
    hours_text_en: str = ""
    appointments: bool = False


class Hall(Message):
    """Answer of ``GET /api/v1/hall``."""

    id: str
    name: str
    name_en: str = ""
    timezone: str = "Asia/Shanghai"
    areas: list[Area]
    categories: list[Category]
    windows: list[Window]
    priority_classes: list[PriorityClass]
    policy: Policy

    def service(self, service_id: str) -> Service | None:
        """The service with this id, or None."""
        return next(
            (s for c in self.categories for s in c.services if s.id == service_id),
            None,
        )
