"""What clients send. The server refuses fields that it does not know."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, field_validator

from hall_server.hallfile.schema import ProfileRule
from hallkit.wire.device import DeviceKind, DeviceStatus
from hallkit.wire.ticket import Channel

WINDOW = Annotated[int, Field(ge=1, le=999)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class Body(BaseModel):
    """A request's JSON object. Types are exact: "3" is not a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Command(Body):
    """A command. ``request_id`` is a UUID made by the caller; the same again returns the first
    answer."""

    request_id: str = Field(json_schema_extra={"format": "uuid"})

    @field_validator("request_id")
    @classmethod
    def _uuid(cls, value: str) -> str:
        try:
            return str(UUID(value))
        except ValueError:
            raise ValueError("should be a UUID") from None


class IssueBody(Command):
    """``POST /tickets``"""

    service_id: Id
    priority_class: Id = "ordinary"
    appointment_code: str | None = Field(default=None, max_length=20)
    channel: Channel


class VerbBody(Command):
    """``POST /windows/{number}/{verb}``; each verb takes its own of the optional fields:
    ``call``, ``resume``, ``requeue`` a ticket, ``transfer`` a service or a window, ``pause`` a
    reason."""

    ticket_id: Id | None = None
    service_id: Id | None = None
    window: WINDOW | None = None
    reason: str | None = Field(default=None, max_length=60)


class ProfileBody(Body):
    """``PUT /windows/{number}/profile``"""

    model_config = ConfigDict(strict=False)

    rules: list[ProfileRule] = Field(min_length=1, max_length=50)


class LogInBody(Body):
    """``POST /session``"""

    staff_no: str = Field(min_length=1, max_length=40)
    pin: str = Field(min_length=1, max_length=64)
    window: WINDOW | None = None


class PairBody(Command):
    """``POST /devices/pair``"""

    kind: DeviceKind
    name: str = Field(min_length=1, max_length=60)


class StatusBody(DeviceStatus):
    """``POST /devices/{id}/status``"""

    model_config = ConfigDict(extra="forbid")


class ClockBody(Body):
    """``POST /clock``"""

    model_config = ConfigDict(strict=False)

    now: AwareDatetime


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


class EventQuery(BaseModel):
    """``GET /events``"""

    model_config = ConfigDict(extra="forbid")

    after: int | None = Field(default=None, ge=0, le=2**53)
    topics: str | None = Field(
        default=None,
        pattern=r"^(calls|tickets|windows|devices)(,(calls|tickets|windows|devices)){0,3}$",
    )
