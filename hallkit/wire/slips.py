"""Every slip that a hall prints on thermal paper. ``kind`` tells them apart; a slip without one is
a queue ticket, as all were when there was no other.

Texts are what a person reads, in Chinese; an empty one is left off the paper. Web addresses are
ASCII and become QR codes. No slip carries a person's identity number. What a queue ticket may
hold is checked where it is taken in, see :mod:`ticket_printer.intake.checks`.
"""

from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
)

from hallkit.wire.message import Message

SlipKind = Literal[
    "ticket",
    "materials",
    "receipt",
    "supplement",
    "refusal",
    "collection",
    "guide",
    "summary",
]
SLIP_KINDS: tuple[SlipKind, ...] = get_args(SlipKind)
# What each slip is called in a sentence, in Chinese and English.
SLIP_NAMES: dict[str, tuple[str, str]] = {
    "ticket": ("小票", "ticket"),
    "materials": ("一次性告知单", "list of papers"),
    "receipt": ("受理凭证", "receipt"),
    "supplement": ("补正告知单", "notice of supplement"),
    "refusal": ("退件告知", "notice of refusal"),
    "collection": ("领证凭条", "collection slip"),
    "guide": ("办事指南", "guide"),
    "summary": ("运行日报", "day's summary"),
}


def ascii_url(text: str) -> str:
    """The address as it is. Raises ValueError unless it is printable ASCII, or empty."""
    if text and not (text.isascii() and text.isprintable() and " " not in text):
        raise ValueError(
            "二维码网址只能用 ASCII 字符 / the address in the QR code should be printable ASCII"
        )
    return text


# The most that half a metre of paper can show.
MOST_ENTRIES = 40
Name = Annotated[str, Field(min_length=1, max_length=60)]
Short = Annotated[str, Field(max_length=60)]
Long = Annotated[str, Field(max_length=400)]
SlipTag = Annotated[str, Field(min_length=1, max_length=10)]
Url = Annotated[str, Field(max_length=400), AfterValidator(ascii_url)]


class BaseSlip(Message):
    """What every slip has: the hall's name, when it was made (the hall's own time), and ``tags``
    such as 绿色通道, 预约, 补打, 离线."""

    hall_name: str
    issued_at: AwareDatetime
    tags: list[str] = []


class TicketSlip(BaseSlip):
    """A queue ticket. ``wait_at`` is the window or area to wait in; ``position_url`` becomes the
    QR; ``more_services`` are done on the same number, in this order, after ``service_name``."""

    kind: Literal["ticket"] = "ticket"
    area_name: str = ""
    service_name: str
    more_services: list[str] = []
    number: str
    ahead: int
    p50_min: int | None = None
    p90_min: int | None = None
    wait_at: str = ""
    missed_rule: str = ""
    position_url: str


class Material(Message):
    """A paper that a matter needs; ``detail`` says in what form: 原件核验，复印件 1 份."""

    name: Name
    detail: Long = ""


Materials = Annotated[list[Material], Field(min_length=1, max_length=MOST_ENTRIES)]


class OfficeSlip(BaseSlip):
    """A slip that is not a queue ticket, within what paper can show."""

    hall_name: Name
    tags: list[SlipTag] = Field(default=[], max_length=8)


class MatterSlip(OfficeSlip):
    """A slip about one matter of one person. ``case_number`` is 受理编号 or 办件编号, ``applicant``
    a name; ``window`` and ``clerk`` who answers for it; ``url`` becomes the QR."""

    service_name: Name
    case_number: Short = ""
    applicant: Short = ""
    window: Short = ""
    clerk: Short = ""
    phone: Short = ""
    url: Url = ""


class MaterialsSlip(MatterSlip):
    """一次性告知单: all that the matter needs, told once. ``promised`` such as 5 个工作日,
    ``fee`` such as 不收费."""

    kind: Literal["materials"] = "materials"
    materials: Materials
    promised: Short = ""
    fee: Short = ""
    place: Short = ""
    hours: Short = ""


class ReceiptSlip(MatterSlip):
    """受理凭证: what was taken in, and by when it is done. ``due_estimated``: the calendar of that
    year is not known yet. ``delivery`` such as 窗口领取, 邮寄."""

    kind: Literal["receipt"] = "receipt"
    case_number: Name
    materials: list[Material] = Field(default=[], max_length=MOST_ENTRIES)
    promised: Short = ""
    due_on: date | None = None
    due_estimated: bool = False
    delivery: Short = ""


class SupplementSlip(MatterSlip):
    """补正告知单: ``missing`` are the papers to bring or to mend, each with what is wrong;
    ``reply_by`` the last day."""

    kind: Literal["supplement"] = "supplement"
    missing: Materials
    reply_by: date | None = None
    place: Short = ""


class RefusalSlip(MatterSlip):
    """退件告知: ``reason`` in words, ``basis`` the rule it rests on, ``materials`` what is given
    back, ``objection`` how to object (empty: the words of the hall's layout)."""

    kind: Literal["refusal"] = "refusal"
    reason: Annotated[Long, Field(min_length=1)]
    basis: Long = ""
    materials: list[Material] = Field(default=[], max_length=MOST_ENTRIES)
    objection: Long = ""


class CollectionSlip(MatterSlip):
    """领证凭条: with it the finished document is collected. ``bring`` are the papers to show."""

    kind: Literal["collection"] = "collection"
    result_name: Name
    copies: int = Field(default=1, ge=1, le=999)
    ready_on: date | None = None
    place: Short = ""
    hours: Short = ""
    bring: list[Short] = Field(default=[], max_length=MOST_ENTRIES)


class GuideElement(Message):
    """One element of a service guide, such as 受理条件 and its text."""

    name: Name
    text: Long


class GuideSlip(OfficeSlip):
    """办事指南（简版）: some elements of a guide's ``version``, then its materials."""

    kind: Literal["guide"] = "guide"
    service_name: Name
    item_code: Short = ""
    version: Short = ""
    elements: list[GuideElement] = Field(default=[], max_length=MOST_ENTRIES)
    materials: list[Material] = Field(default=[], max_length=MOST_ENTRIES)
    url: Url = ""


class Figure(Message):
    """A line of a summary: 取号 … 128 人."""

    name: Name
    value: Short


class FigureGroup(Message):
    """Lines under one heading, such as 各窗口."""

    title: Short = ""
    figures: list[Figure] = Field(max_length=MOST_ENTRIES)


Count = Annotated[int, Field(ge=0)]


class Tally(Message):
    """What one window or one service did on a day: numbers taken (None: not counted there),
    matters done, calls missed; minutes waited, None when nobody was called."""

    name: Name
    issued: Count | None = None
    served: Count
    missed: Count
    mean_min: Count | None = None
    p90_min: Count | None = None


class TallyTable(Message):
    """Windows, or services, side by side; ``title`` such as 各窗口."""

    title: Name
    rows: list[Tally] = Field(max_length=MOST_ENTRIES)


class SummarySlip(OfficeSlip):
    """The day in figures, for the manager. ``remarks`` are what needs a person's attention."""

    kind: Literal["summary"] = "summary"
    day: date
    groups: list[FigureGroup] = Field(max_length=MOST_ENTRIES)
    tables: list[TallyTable] = Field(default=[], max_length=8)
    remarks: list[Long] = Field(default=[], max_length=MOST_ENTRIES)


def kind_of(slip: Any) -> str:
    """The kind of a slip, or of its JSON; ``ticket`` when it says none."""
    if isinstance(slip, BaseModel):
        return str(getattr(slip, "kind", "ticket"))
    return str(slip.get("kind", "ticket")) if isinstance(slip, dict) else "ticket"


OtherSlip = (
    Annotated[MaterialsSlip, Tag("materials")]
    | Annotated[ReceiptSlip, Tag("receipt")]
    | Annotated[SupplementSlip, Tag("supplement")]
    | Annotated[RefusalSlip, Tag("refusal")]
    | Annotated[CollectionSlip, Tag("collection")]
    | Annotated[GuideSlip, Tag("guide")]
    | Annotated[SummarySlip, Tag("summary")]
)
BY_KIND = Discriminator(
    kind_of,
    custom_error_type="unknown_kind",
    custom_error_message=(
        f"没有这种单据，kind 只能是 {'、'.join(SLIP_KINDS)} / "
        f"there is no such slip: kind should be one of {', '.join(SLIP_KINDS)}"
    ),
)
Slip = Annotated[Annotated[TicketSlip, Tag("ticket")] | OtherSlip, BY_KIND]
_ANY: TypeAdapter[Slip] = TypeAdapter(Slip)


def slip_from(data: Any) -> Slip:
    """The slip in a dict. Raises ValidationError."""
    return _ANY.validate_python(data)


def slip_from_json(text: str | bytes) -> Slip:
    """The slip in a JSON text. Raises ValidationError."""
    return _ANY.validate_json(text)
