"""Answers that only the staff's and the public's pages need (devices use ``hallkit.wire``)."""

from typing import Literal

from pydantic import AwareDatetime, Field

from hallkit.wire.device import Device
from hallkit.wire.hall import Window
from hallkit.wire.message import Message
from hallkit.wire.ticket import LaterService, Ticket, TicketState

Role = Literal["clerk", "guide", "manager"]


class Staff(Message):
    """A member of staff, as shown to staff."""

    staff_no: str
    name: str
    role: Role


class SessionInfo(Message):
    """Answer of ``POST /session`` and ``GET /session``. ``csrf_token`` goes into the header
    ``X-CSRF-Token`` of everything that is not a GET."""

    staff: Staff
    window: int | None
    csrf_token: str


class Rule(Message):
    """A rule of a work profile, see the hall file. ``services``: ``"*"`` or a list of service ids,
    ``category:ID`` and ``kind:KIND``; ``classes``: the priority classes taken (null: everybody);
    ``while_closed``: the window for which it stands in while that is not open."""

    services: Literal["*"] | list[str]
    classes: list[str] | None = None
    from_: str | None = Field(default=None, alias="from")
    to: str | None = None
    weekdays: list[int] | None = None
    while_closed: int | None = None


class Profile(Message):
    """A window's work profile."""

    rules: list[Rule]


class Stranded(Message):
    """People who wait and whom no open window may call. ``numbers`` are the first five of
    ``count``; ``class_name`` is set when only people of this class are meant; ``windows`` could
    call them once they are open."""

    service_id: str
    service_name: str
    class_name: str | None
    count: int
    numbers: list[str]
    reason: str
    reason_en: str
    windows: list[int]


class ProfileChange(Profile):
    """Answer of ``PUT /windows/{number}/profile``. ``left_behind``: who waits and can no longer
    be called because of the change; a ``dry_run`` changes nothing."""

    left_behind: list[Stranded]
    dry_run: bool


class WindowLive(Window):
    """A window, with what it takes now. ``services_now`` are ids; ``waiting`` counts the people
    whom this window could call now; ``active`` is the ticket called or being served."""

    profile: Profile
    services_now: list[str]
    waiting: int
    active: Ticket | None


class Alarm(Message):
    """A service for which too many people wait, or somebody too long; ``text`` says which, and
    how much the hall file allows."""

    service_id: str
    service_name: str
    waiting: int
    longest_min: int
    text: str
    text_en: str


class Notice(Message):
    """Something that whoever runs the hall should know."""

    code: str
    text: str
    text_en: str


class WindowList(Message):
    """Answer of ``GET /windows``. ``stranded``: everybody who waits and whom no open window may
    call now; ``alarms``: services beyond the hall's limits, the longest wait first."""

    windows: list[WindowLive]
    stranded: list[Stranded]
    alarms: list[Alarm] = []


class Why(Message):
    """Why this ticket: its points when it was called, its lead over the next one, and who that
    was (None when nobody else was waiting)."""

    points: float
    lead: float | None
    runner_up: str | None


class VerbAnswer(Message):
    """Answer of every verb at a window. ``left_behind``: who waits and can no longer be called
    because this window closed or paused."""

    window: Window
    ticket: Ticket | None
    why: Why | None = None
    left_behind: list[Stranded] = []


class Position(Message):
    """What a ticket's own page shows, ``GET /positions/{token}``; no personal data. ``forecast``:
    where the minutes come from, as in ``ForecastState``; null without any. ``window_open``: an open
    window takes what it waits for."""

    hall_name: str
    number: str
    service_name: str
    state: TicketState
    ahead: int
    window_open: bool
    p50_min: int | None
    p90_min: int | None
    forecast: Literal["simulation", "nominal"] | None
    window: int | None
    window_name: str | None
    more_services: list[LaterService]
    outcome: Literal["supplement"] | None
    missed_rule: str
    issued_at: AwareDatetime


class ForecastState(Message):
    """Where waiting times come from: the simulation of the hall, or, while the forecaster is behind
    or gone, nominal minutes. ``age_s`` is the last simulation's, null when there is none."""

    source: Literal["simulation", "nominal"]
    age_s: int | None


class ForecastScore(Message):
    """How good the forecasts of ``n`` calls were: mean absolute and mean error of P50 in minutes
    (positive: people waited less), the share of waits within P90; ``ahead_mae_min`` is the error
    that the people ahead times an average visit would have made. Null where nothing was scored."""

    n: int
    mae_min: float | None
    bias_min: float | None
    p90_coverage: float | None
    ahead_mae_min: float | None


class CategoryScore(ForecastScore):
    """The same for the tickets of one category."""

    category: str
    category_name: str


class ForecastAccuracy(ForecastScore):
    """Answer of ``GET /forecast/accuracy``: over the last ``days``, today included."""

    days: int
    categories: list[CategoryScore]
    forecast: ForecastState


class Health(Message):
    """Answer of ``GET /health``. While the machine's clock is behind the journal's last entry, the
    hall's time stands still; ``clock_behind_s`` says by how much. ``notices``: what whoever runs
    the hall should know, as that the year has no table of rest days."""

    status: Literal["ok"]
    version: str
    schema_: str = Field(alias="schema")
    business_day: str
    journal_seq: int
    uptime_s: int
    clock_behind_s: int
    notices: list[Notice] = []
    forecast: ForecastState


class ClockNow(Message):
    """Answer of ``POST /clock``."""

    now: AwareDatetime


class DeviceList(Message):
    """Answer of ``GET /devices``."""

    devices: list[Device]


class Done(Message):
    """Answer of something that has no other answer."""

    ok: bool = True
