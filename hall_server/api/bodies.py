"""What clients send. The server refuses fields that it does not know."""

import re
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from hall_server.domain.ticket import Outcome
from hall_server.hallfile.schema import ProfileRule
from hallkit.wire.device import DeviceKind, DeviceStatus, PartStatus
from hallkit.wire.slips import SlipKind
from hallkit.wire.ticket import Channel

WINDOW = Annotated[int, Field(ge=1, le=999)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=60)]
RequestId = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
    ),
    Field(json_schema_extra={"format": "uuid"}),
    AfterValidator(str.lower),
]
# When a replay may be: what every calculation with a day before and after can bear.
_REPLAYED = r"^2[0-9]{3}-"


class Body(BaseModel):
    """A request's JSON object. Types are exact: "3" is not a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Command(Body):
    """A command. ``request_id`` is a UUID made by the caller; the same again returns the first
    answer."""

    request_id: RequestId


class CancelBody(Command):
    """``POST /tickets/{id}/cancel``. A kiosk names the request with which it asked for the number:
    it may give back only what nobody took from it."""

    issued_by: RequestId | None = None


class IssueBody(Command):
    """``POST /tickets``. ``more_services`` are done in turn after the first, on the same
    ticket."""

    service_id: Id
    priority_class: Id = "ordinary"
    more_services: list[Id] = Field(default=[], max_length=8)
    appointment_code: str | None = Field(default=None, max_length=20)
    channel: Channel


class VerbBody(Command):
    """``POST /windows/{number}/{verb}``; each verb takes its own of the optional fields:
    ``call``, ``resume``, ``requeue`` a ticket (``call`` a reason too, for the journal),
    ``transfer`` a service or a window, ``pause`` a reason, ``finish`` an outcome
    and whether to ``keep`` the visitor for the next service."""

    ticket_id: Id | None = None
    service_id: Id | None = None
    window: WINDOW | None = None
    reason: str | None = Field(default=None, max_length=60)
    outcome: Outcome | None = None
    keep: bool | None = None


class ProfileBody(Body):
    """``PUT /windows/{number}/profile``"""

    model_config = ConfigDict(strict=False)

    rules: list[ProfileRule] = Field(min_length=1, max_length=50)
    dry_run: bool = False


class LogInBody(Body):
    """``POST /session``"""

    staff_no: str = Field(min_length=1, max_length=40)
    pin: str = Field(min_length=1, max_length=64)
    window: WINDOW | None = None


class PairBody(Command):
    """``POST /devices/pair``"""

    kind: DeviceKind
    name: str = Field(min_length=1, max_length=60)


class PartBody(PartStatus):
    """One part of a device."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(max_length=80)
    state: str = Field(max_length=40)
    text: str = Field(max_length=400)
    text_en: str = Field(max_length=400)


class StatusBody(Body):
    """``POST /devices/{id}/status``"""

    version: str = Field(max_length=60)
    parts: list[PartBody] = Field(default=[], max_length=200)

    def status(self) -> DeviceStatus:
        """The heartbeat as the hall's programs know it."""
        return DeviceStatus(version=self.version, parts=list(self.parts))


class ReprintBody(Command):
    """``POST /devices/{id}/reprints``, as ``ReprintReport`` of the printer program. ``ticket_id``
    is empty for a slip that is not a queue ticket; ``number`` is the ticket's or the case's."""

    kind: SlipKind
    number: str = Field(max_length=60)
    ticket_id: str = Field(default="", max_length=60)
    printer: str = Field(min_length=1, max_length=40)
    by: str = Field(default="", max_length=40)
    reason: str = Field(default="", max_length=100)
    reprinted_at: Annotated[AwareDatetime, Field(strict=False)]


def _replayed(value: object) -> object:
    if isinstance(value, str) and re.match(_REPLAYED, value):
        return value
    raise ValueError(
        "应为 2000 至 2999 年间带时区的时间 / should be a time of 2000 to 2999 with its offset"
    )


Time = Annotated[
    AwareDatetime,
    BeforeValidator(_replayed),
    Field(json_schema_extra={"pattern": _REPLAYED}),
]


class ClockBody(Body):
    """``POST /clock``"""

    model_config = ConfigDict(strict=False)

    now: Time


class TicketPath(BaseModel):
    """A ticket's id."""

    ticket_id: str = Field(max_length=60)


class WindowPath(BaseModel):
    """A window's number."""

    number: int = Field(ge=1, le=999)


class VerbPath(WindowPath):
    """A verb at a window."""

    verb: Literal[
        "open",
        "close",
        "pause",
        "call-next",
        "call",
        "recall",
        "start",
        "finish",
        "no-show",
        "park",
        "resume",
        "transfer",
        "requeue",
    ]


class DevicePath(BaseModel):
    """A device's id."""

    device_id: str = Field(max_length=60)


class TokenPath(BaseModel):
    """The secret part of a position page's address."""

    token: str = Field(max_length=60)


class TicketQuery(BaseModel):
    """``GET /tickets``: by number (today), or by state, and then by service or window."""

    model_config = ConfigDict(extra="forbid")

    number: str | None = Field(default=None, pattern=r"^[A-HJ-NPR-Z][0-9]{3,6}$")
    state: str | None = Field(
        default=None,
        pattern=r"^(waiting|called|serving|done|no_show|parked|cancelled|void)"
        r"(,(waiting|called|serving|done|no_show|parked|cancelled|void)){0,7}$",
        description="one state, or several with commas",
    )
    service_id: str | None = Field(default=None, max_length=60)
    window: int | None = Field(default=None, ge=1, le=999)


class EventHeader(BaseModel):
    """What ``GET /events`` reads of the headers."""

    last_event_id: str | None = Field(
        default=None,
        alias="Last-Event-ID",
        pattern=r"^[0-9]{1,15}$",
        description="the id of the last event received; goes before after",
    )


class EventQuery(BaseModel):
    """``GET /events``"""

    model_config = ConfigDict(extra="forbid")

    after: int | None = Field(default=None, ge=0, le=2**53)
    topics: str | None = Field(
        default=None,
        pattern=r"^(calls|tickets|windows|devices)(,(calls|tickets|windows|devices)){0,3}$",
    )
