"""What clients send about appointments."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from hall_server.api.bodies import Command, Id

_TIME = r"^2[0-9]{3}-"
Day = Annotated[str, Field(pattern=r"^2[0-9]{3}-[0-9]{2}-[0-9]{2}$")]


def _this_millennium(value: object) -> object:
    if isinstance(value, str) and value.startswith("2"):
        return value
    raise ValueError("应为带时区的时间 / should be a time with its offset")


class BookBody(Command):
    """``POST /appointments``. ``person`` is any text that identifies the visitor, as an identity
    number or a telephone number; it is hashed with a key of the hall and not kept."""

    model_config = ConfigDict(strict=False)

    service_id: Id
    starts: Annotated[
        AwareDatetime,
        BeforeValidator(_this_millennium),
        Field(json_schema_extra={"pattern": _TIME}),
    ]
    person: str = Field(min_length=1, max_length=64, pattern=r"\S")
    channel: Literal["desk", "phone", "web"]


class ImportBody(Command):
    """``POST /appointments/import``. ``csv`` has the header
    ``person,service_id,date,time,channel``."""

    csv: str = Field(min_length=1, max_length=60_000)


class CodePath(BaseModel):
    """An appointment's code."""

    code: str = Field(max_length=20)


class AppointmentQuery(BaseModel):
    """``GET /appointments``; with a service its slots are shown too. Without ``day``: today."""

    model_config = ConfigDict(extra="forbid")

    day: Day | None = None
    service_id: str | None = Field(default=None, max_length=60)


class DayQuery(BaseModel):
    """``GET /after-hours``. Without ``day``: today."""

    model_config = ConfigDict(extra="forbid")

    day: Day | None = None


class PriorityBody(Command):
    """``POST /tickets/{id}/priority``"""

    priority_class: Id
