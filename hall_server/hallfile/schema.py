"""The shape of a hall file. What one entry must satisfy by itself is here; what entries must
satisfy together is in :mod:`hall_server.hallfile.rules`."""

from datetime import time
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from hallkit.runtime.settings import Settings
from hallkit.wire.hall import ServiceKind, WindowKind


def _hour_minute(value: object) -> object:
    if isinstance(value, str):
        try:
            return time.fromisoformat(value)
        except ValueError:
            raise ValueError('应为 "HH:MM" 形式的时间 / should be a time "HH:MM"') from None
    return value


HourMinute = Annotated[
    time, BeforeValidator(_hour_minute), PlainSerializer(lambda t: f"{t:%H:%M}", return_type=str)
]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]
Weekday = Annotated[int, Field(ge=1, le=7)]
Name = Annotated[str, Field(min_length=1, max_length=60)]


class HallInfo(Settings):
    """``[hall]``. ``source`` names the notice the hall comes from; ``level`` as in the notices."""

    id: Slug
    name: Name
    name_en: str = ""
    level: Literal["city", "county", "district", "town", "street", "village"]
    timezone: str = "Asia/Shanghai"
    source: str
    note: str = ""


class AreaEntry(Settings):
    """``[[areas]]``"""

    id: Slug
    name: Name
    name_en: str = ""


class ServiceEntry(Settings):
    """``[[categories.services]]``. ``minutes`` is the nominal time at the window; days are working
    days, 0 for a matter that is settled at once (即办件)."""

    id: Slug
    name: Name
    name_en: str = ""
    kind: ServiceKind = "apply"
    minutes: int = Field(default=10, ge=1, le=240)
    promised_days: int | None = Field(default=None, ge=0)
    legal_days: int | None = Field(default=None, ge=0)
    enabled: bool = True


class GeneratedServices(Settings):
    """``[[categories.generated]]``: services made by rule where a notice gives only their number.

    Each of ``subjects`` is joined with each of ``acts`` in order until ``count`` are made.
    """

    prefix: Slug
    count: int = Field(ge=1, le=400)
    subjects: list[Name] = Field(min_length=1)
    acts: list[Name] = Field(min_length=1)
    kind: ServiceKind = "apply"
    minutes: int = Field(default=10, ge=1, le=240)


class CategoryEntry(Settings):
    """``[[categories]]``. ``series`` is the letter of its numbers: never I, O or Q, which are
    misread."""

    id: Slug
    series: str = Field(pattern=r"^[A-HJ-NPR-Z]$")
    name: Name
    name_en: str = ""
    services: list[ServiceEntry] = []
    generated: list[GeneratedServices] = []


class ProfileRule(Settings):
    """One rule of a window's work profile: which services it takes, when.

    ``services`` is ``"*"`` (every one) or a list of service ids and ``category:ID``; ``from`` and
    ``to`` are times of day (``to`` excluded), ``weekdays`` 1 = Monday … 7 = Sunday.
    """

    services: Literal["*"] | list[str]
    from_: HourMinute | None = Field(default=None, alias="from")
    to: HourMinute | None = None
    weekdays: list[Weekday] | None = Field(default=None, min_length=1)


class WindowEntry(Settings):
    """``[[windows]]``. ``clerk_a`` and ``clerk_b`` are posts (AB岗), not people's names."""

    number: int = Field(ge=1, le=999)
    name: Name
    area: Slug
    kind: WindowKind = "comprehensive"
    rules: list[ProfileRule] = Field(min_length=1)
    clerk_a: str = ""
    clerk_b: str = ""


class PriorityClassEntry(Settings):
    """``[[priority_classes]]``. Exactly one has the id ``ordinary``."""

    id: Slug
    name: Name
    name_en: str = ""
    head: float = Field(default=0, ge=0, le=240)
    rate: float = Field(default=1, ge=1, le=10)
    tag: str = ""
    on_kiosk: bool = False


class MissedCall(Settings):
    """``[missed_call]``: a number that was called and did not come (过号)."""

    policy: Literal["void", "requeue_after_k", "requeue_tail", "keep_minutes"] = "requeue_after_k"
    after_k: int = Field(default=3, ge=1, le=50)
    minutes: int = Field(default=30, ge=1, le=240)
    max_passes: int = Field(default=3, ge=1, le=20)


class Session(Settings):
    """``[[hours.sessions]]``: the hall is open on these weekdays from … to (excluded)."""

    weekdays: list[Weekday] = Field(min_length=1)
    from_: HourMinute = Field(alias="from")
    to: HourMinute


class Hours(Settings):
    """``[hours]``. ``serve_all_taken``: every number taken before closing is served (延时服务)."""

    sessions: list[Session] = Field(min_length=1)
    serve_all_taken: bool = True
    note: str = ""


class HallFile(Settings):
    """A whole hall file, structurally sound."""

    hall: HallInfo
    areas: list[AreaEntry] = Field(min_length=1)
    categories: list[CategoryEntry] = Field(min_length=1)
    windows: list[WindowEntry] = Field(min_length=1)
    priority_classes: list[PriorityClassEntry] = Field(min_length=1)
    missed_call: MissedCall = MissedCall()
    hours: Hours
