"""What a job must look like to be taken in; everything wrong with it is said at once."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, Tag, ValidationError

from hallkit.runtime.settings import problems_of
from hallkit.wire.message import Message
from hallkit.wire.printing import PrintJob
from hallkit.wire.slips import (
    BY_KIND,
    SLIP_KINDS,
    Name,
    OtherSlip,
    SlipTag,
    TicketSlip,
    Url,
)

# The most that a wrapped ticket can show on 30 cm of paper.
_JOB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
# Between a slip and its field a problem's key names the kind.
_KIND = re.compile(rf"^slip\.({'|'.join(SLIP_KINDS)})\.")
_NUMBER = re.compile(r"[A-Z]{0,3}[0-9]{1,6}")


def _job_id(text: str) -> str:
    if not _JOB_ID.fullmatch(text):
        raise ValueError(
            "应为 1–64 个字母、数字或 - _ . : / should be 1 to 64 letters, digits or - _ . :"
        )
    return text


def _number(text: str) -> str:
    if not _NUMBER.fullmatch(text):
        raise ValueError("应为字母加数字，如 A012 / should be letters and digits, such as A012")
    return text


Minutes = Annotated[int, Field(ge=0, le=100_000)]


class SlipIn(TicketSlip):
    """A ticket slip within what a ticket can show."""

    hall_name: Name
    area_name: str = Field(default="", max_length=60)
    service_name: Name
    more_services: list[Name] = Field(default=[], max_length=9)
    number: Annotated[str, AfterValidator(_number)]
    ahead: int = Field(ge=0, le=99_999)
    p50_min: Minutes | None = None
    p90_min: Minutes | None = None
    wait_at: str = Field(default="", max_length=60)
    missed_rule: str = Field(default="", max_length=300)
    tags: list[SlipTag] = Field(default=[], max_length=8)
    position_url: Url


AnySlipIn = Annotated[Annotated[SlipIn, Tag("ticket")] | OtherSlip, BY_KIND]


class SlipOnly(Message):
    """A slip by itself."""

    slip: AnySlipIn


class JobIn(PrintJob):
    """A print job as it is taken in."""

    job_id: Annotated[str, AfterValidator(_job_id)]
    printer: str = Field(default="", max_length=40)
    kiosk: str = Field(default="", max_length=40)
    slip: AnySlipIn


class ReprintIn(PrintJob):
    """Body of a reprint: the new job's id; who prints again, and why."""

    job_id: Annotated[str, AfterValidator(_job_id)]
    by: str = Field(default="", max_length=40)
    reason: str = Field(default="", max_length=100)
    slip: TicketSlip | None = None  # type: ignore[assignment]


def details_of(error: ValidationError, model: type[Any]) -> list[dict[str, str]]:
    """Everything that is wrong: field, Chinese, English."""
    return [
        {"field": _KIND.sub("slip.", problem.key), "message": problem.zh, "message_en": problem.en}
        for problem in problems_of(error, model, "")
    ]
