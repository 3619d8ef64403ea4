"""The shape of a hall file. What one entry must satisfy by itself is here; what entries must
satisfy together is in :mod:`hall_server.hallfile.rules`."""

import re
from datetime import date, time
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from hallkit.runtime.settings import Settings
from hallkit.wire.hall import ServiceKind, WindowKind

_HOUR_MINUTE = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_SLUG = r"^[a-z0-9][a-z0-9-]*$"
_SERIES = r"^[A-HJ-NPR-Z]$"


def _hour_minute(value: object) -> time:
    if isinstance(value, time) and value == time(value.hour, value.minute):
        return value
    if isinstance(value, str) and re.fullmatch(_HOUR_MINUTE, value):
        return time.fromisoformat(value)
    raise ValueError('应为 "HH:MM" 形式的时间，如 "08:30" / should be a time "HH:MM", as "08:30"')


def _slug(value: str) -> str:
    if not re.fullmatch(_SLUG, value):
        raise ValueError(
            "只能用小写字母、数字和连字符，且不以连字符开头"
            " / should be lower-case letters, digits and hyphens, not beginning with a hyphen"
        )
    return value


def _series(value: str) -> str:
    if not re.fullmatch(_SERIES, value):
        raise ValueError(
            "应为一个大写字母，不用 I、O、Q / should be one capital letter, never I, O or Q"
        )
    return value


def _one_line(value: str) -> str:
    if value != value.strip() or not value.replace("\u3000", " ").isprintable():
        raise ValueError(
            "应为一行文字，首尾不留空格 / should be one line of text without spaces at its ends"
        )
    return value


def _weekdays(value: list[int]) -> list[int]:
    if len(set(value)) < len(value):
        raise ValueError("同一天写了两次 / names a day twice")
    return value


def _classes(value: list[str]) -> list[str]:
    if len(set(value)) < len(value):
        raise ValueError("同一类别写了两次 / names a class twice")
    return value


def _services(value: object) -> object:
    if value == "*" or (isinstance(value, list) and all(isinstance(v, str) for v in value)):
        return value
    raise ValueError(
        '应为 "*"（全部事项），或事项编号、"category:类别编号"、"kind:collect" 的列表'
        ' / should be "*" (every service), or a list of service ids, "category:ID", "kind:KIND"'
    )


HourMinute = Annotated[
    time,
    BeforeValidator(_hour_minute),
    PlainSerializer(lambda t: f"{t:%H:%M}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": _HOUR_MINUTE}),
]
Slug = Annotated[
    str, Field(max_length=60, json_schema_extra={"pattern": _SLUG}), AfterValidator(_slug)
]
Series = Annotated[str, Field(json_schema_extra={"pattern": _SERIES}), AfterValidator(_series)]
Weekdays = Annotated[
    list[Annotated[int, Field(ge=1, le=7, strict=True)]],
    Field(min_length=1, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_weekdays),
]
Name = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_one_line)]
Words = Annotated[str, Field(max_length=120), AfterValidator(_one_line)]
# A generated service's id is a prefix, a hyphen and three digits; its name a subject and an act.
Prefix = Annotated[str, Field(max_length=56), AfterValidator(_slug)]
Half = Annotated[str, Field(min_length=1, max_length=30), AfterValidator(_one_line)]
ServiceChoice = Annotated[Literal["*"] | list[str], BeforeValidator(_services)]
ClassChoice = Annotated[
    list[Slug],
    Field(min_length=1, max_length=20, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_classes),
]


class HallInfo(Settings):
    """``[hall]``. ``source`` names the notice the hall comes from; ``level`` as in the notices."""

    id: Slug
    name: Name
    name_en: Words = ""
    level: Literal["city", "county", "district", "town", "street", "village"]
    timezone: str = "Asia/Shanghai"
    source: Words
    note: str = ""


class AreaEntry(Settings):
    """``[[areas]]``"""

    id: Slug
    name: Name
    name_en: Words = ""


class QuotaSlotEntry(Settings):
    """``[[categories.services.slots]]``: at most ``max`` numbers from … to (excluded)."""

    from_: HourMinute = Field(alias="from")
    to: HourMinute
    max: int = Field(ge=1, le=10_000)


class ServiceEntry(Settings):
    """``[[categories.services]]``. ``minutes`` is the nominal time at the window; days are working
    days, 0 for a matter that is settled at once (即办件); ``daily_max`` limits the day's numbers,
    ``slots`` those of parts of the day."""

    id: Slug
    name: Name
    name_en: Words = ""
    kind: ServiceKind = "apply"
    minutes: int = Field(default=10, ge=1, le=240)
    promised_days: int | None = Field(default=None, ge=0)
    legal_days: int | None = Field(default=None, ge=0)
    enabled: bool = True
    daily_max: int | None = Field(default=None, ge=1, le=10_000)
    slots: list[QuotaSlotEntry] = []


class GeneratedServices(Settings):
    """``[[categories.generated]]``: services made by rule where a notice gives only their number.

    Each of ``subjects`` is joined with each of ``acts`` in order until ``count`` are made; each
    service made has the limits ``daily_max`` and ``slots`` for itself.
    """

    prefix: Prefix
    count: int = Field(ge=1, le=400)
    subjects: list[Half] = Field(min_length=1)
    acts: list[Half] = Field(min_length=1)
    kind: ServiceKind = "apply"
    minutes: int = Field(default=10, ge=1, le=240)
    daily_max: int | None = Field(default=None, ge=1, le=10_000)
    slots: list[QuotaSlotEntry] = []


class CategoryEntry(Settings):
    """``[[categories]]``. ``series`` is the letter of its numbers: never I, O or Q, which are
    misread."""

    id: Slug
    series: Series
    name: Name
    name_en: Words = ""
    services: list[ServiceEntry] = []
    generated: list[GeneratedServices] = []


class ProfileRule(Settings):
    """One rule of a window's work profile: which services it takes, of whom, when.

    ``services`` is ``"*"`` (every one) or a list of service ids, ``category:ID`` and ``kind:KIND``
    (as ``kind:collect``: everything of that kind); ``classes`` the priority classes that it takes
    (absent: everybody); ``from`` and ``to`` are times of day (``to`` excluded), ``weekdays`` 1 =
    Monday … 7 = Sunday; ``while_closed`` the window for which this one stands in (AB岗): the rule
    is in force only while that window is closed or paused.
    """

    services: ServiceChoice
    classes: ClassChoice | None = None
    from_: HourMinute | None = Field(default=None, alias="from")
    to: HourMinute | None = None
    weekdays: Weekdays | None = None
    while_closed: int | None = Field(default=None, ge=1, le=999)


class WindowEntry(Settings):
    """``[[windows]]``. A window takes whatever any of its rules in force takes. ``clerk_a`` and
    ``clerk_b`` are posts (AB岗), not people's names."""

    number: int = Field(ge=1, le=999)
    name: Name
    name_en: Words = ""
    area: Slug
    kind: WindowKind = "comprehensive"
    rules: list[ProfileRule] = Field(min_length=1)
    clerk_a: Words = ""
    clerk_b: Words = ""


class PriorityClassEntry(Settings):
    """``[[priority_classes]]``. Exactly one has the id ``ordinary``."""

    id: Slug
    name: Name
    name_en: Words = ""
    head: float = Field(default=0, ge=0, le=240)
    rate: float = Field(default=1, ge=1, le=10)
    tag: Annotated[str, Field(max_length=8), AfterValidator(_one_line)] = ""
    on_kiosk: bool = False


class MissedCall(Settings):
    """``[missed_call]``: a number that was called and did not come (过号)."""

    policy: Literal["void", "requeue_after_k", "requeue_tail", "keep_minutes"] = "requeue_after_k"
    after_k: int = Field(default=3, ge=1, le=50)
    minutes: int = Field(default=30, ge=1, le=240)
    max_passes: int = Field(default=3, ge=1, le=20)


class Session(Settings):
    """``[[hours.sessions]]``: the hall is open on these weekdays from … to (excluded);
    ``appointment_only``: for those who booked."""

    weekdays: Weekdays
    from_: HourMinute = Field(alias="from")
    to: HourMinute
    appointment_only: bool = False


class Hours(Settings):
    """``[hours]``. ``serve_all_taken``: every number taken before closing is served (延时服务);
    otherwise those that still wait when the day's last session ends are void;
    ``stop_before_min``: no numbers in the last minutes before that; ``closing_soon_min``: from how
    many minutes before numbers stop boards and window signs say so, 0 for never."""

    sessions: list[Session] = Field(min_length=1)
    serve_all_taken: bool = True
    stop_before_min: int = Field(default=0, ge=0, le=240)
    closing_soon_min: int = Field(default=15, ge=0, le=120)
    note: str = ""


class CalendarEntry(Settings):
    """``[calendar]``. ``national``: the hall rests on the country's holidays and works on its
    make-up workdays (absent: it does when it is open to everybody on Monday to Friday alone);
    ``makeup_as``: the weekday whose sessions a make-up workday has; ``rest_days`` and
    ``workdays``: where this hall differs."""

    national: bool | None = None
    makeup_as: int = Field(default=1, ge=1, le=7)
    rest_days: list[date] = []
    workdays: list[date] = []


class AppointmentsEntry(Settings):
    """``[appointments]`` (预约). ``services``: ``"*"`` or ids and ``category:ID``; each slot of
    ``slot_min`` minutes takes ``capacity`` people for each service."""

    enabled: bool = False
    services: ServiceChoice = "*"
    days_ahead_min: int = Field(default=1, ge=0, le=30)
    days_ahead_max: int = Field(default=5, ge=1, le=60)
    per_person_per_day: int = Field(default=1, ge=1, le=5)
    cancel_before_h: int = Field(default=2, ge=0, le=72)
    early_min: int = Field(default=15, ge=0, le=120)
    late_min: int = Field(default=30, ge=0, le=240)
    slot_min: int = Field(default=30, ge=5, le=240)
    capacity: int = Field(default=2, ge=1, le=500)


class AlarmLimits(Settings):
    """``[alarms]``: when managers are warned about a service; 0 for never."""

    waiting: int = Field(default=10, ge=0, le=1_000)
    longest_min: int = Field(default=15, ge=0, le=480)


class RetentionEntry(Settings):
    """``[retention]``: for how many days the journal is kept, and the answers to commands (a
    device that was away that long may repeat one)."""

    journal_days: int = Field(default=730, ge=30, le=36_500)
    command_days: int = Field(default=3, ge=1, le=30)


class PublicRowEntry(Settings):
    """A row of a page: what it is, such as 值班领导, and what stands beside it."""

    label: Annotated[str, Field(min_length=1, max_length=20), AfterValidator(_one_line)]
    label_en: Annotated[str, Field(max_length=40), AfterValidator(_one_line)] = ""
    text: Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_one_line)]
    text_en: Annotated[str, Field(max_length=240), AfterValidator(_one_line)] = ""


PublicRows = Annotated[list[PublicRowEntry], Field(min_length=1, max_length=12)]


class DisclosureEntry(Settings):
    """``[[disclosures]]``: what the hall makes public (六公开), a page of the board each."""

    title: Annotated[str, Field(min_length=1, max_length=20), AfterValidator(_one_line)]
    title_en: Annotated[str, Field(max_length=60), AfterValidator(_one_line)] = ""
    rows: PublicRows


class DutyEntry(Settings):
    """``[[duty]]``: who is on duty, on these dates or on these weekdays (1 = Monday); entries for
    a date take the place of those for its weekday. The names are of staff, and public."""

    dates: list[date] = []
    weekdays: Weekdays | None = None
    rows: PublicRows


class HallFile(Settings):
    """A whole hall file, structurally sound."""

    hall: HallInfo
    areas: list[AreaEntry] = Field(min_length=1)
    categories: list[CategoryEntry] = Field(min_length=1)
    windows: list[WindowEntry] = Field(min_length=1)
    priority_classes: list[PriorityClassEntry] = Field(min_length=1)
    missed_call: MissedCall = MissedCall()
    hours: Hours
    calendar: CalendarEntry = CalendarEntry()
    appointments: AppointmentsEntry = AppointmentsEntry()
    alarms: AlarmLimits = AlarmLimits()
    retention: RetentionEntry = RetentionEntry()
    disclosures: Annotated[list[DisclosureEntry], Field(max_length=20)] = []
    duty: Annotated[list[DutyEntry], Field(max_length=400)] = []
