"""What a 代办登记表 holds: a matter that the hall's agents handle for somebody, step by step."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from hallkit.runtime.settings import Settings
from hallkit.wire.slips import Long, Name, Short

STEPS = ("asked", "accepted", "handled", "replied", "published")
# A page has room for about twenty; a year of a busy village station.
_MOST_MATTERS = 500


class Step(Settings):
    """One of the five steps: when, by whom, what was done."""

    on: date
    by: Short = ""
    text: Long = ""


class AgencyMatter(Settings):
    """A matter: 问事 ``asked`` → 受理 ``accepted`` → 承办 ``handled`` → 回复 ``replied`` → 公示
    ``published``. ``rating`` is 5 (best) to 1, None where nobody rated; ``due_on`` the day it was
    promised for, ``late_reason`` why it took longer."""

    number: Short = ""
    applicant: Name
    phone: Short = ""
    address: Short = ""
    service_name: Name
    agent: Short = ""
    materials: Annotated[list[Short], Field(max_length=20)] = []
    due_on: date | None = None
    asked: Step | None = None
    accepted: Step | None = None
    handled: Step | None = None
    replied: Step | None = None
    published: Step | None = None
    rating: Literal[1, 2, 3, 4, 5] | None = None
    comment: Long = ""
    late_reason: Long = ""

    def steps(self) -> list[Step | None]:
        """The five steps in their order."""
        return [self.asked, self.accepted, self.handled, self.replied, self.published]

    def late(self, today: date) -> bool:
        """Whether the reply came, or has not come, after the promised day."""
        answered = self.replied.on if self.replied else today
        return self.due_on is not None and answered > self.due_on

    @model_validator(mode="after")
    def _in_order(self) -> Any:
        days = [step.on for step in self.steps() if step is not None]
        if days != sorted(days):
            raise ValueError(
                "五个环节的日期前后颠倒 / the dates of the five steps are not in their order"
            )
        return self


class AgencyForm(Settings):
    """The form of one matter, made on a day."""

    hall_name: Name
    made_on: date
    matter: AgencyMatter


class AgencyMonth(Settings):
    """The register of a month, ``month`` as ``2026-11``, made on a day."""

    hall_name: Name
    made_on: date
    month: str = Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")
    matters: Annotated[list[AgencyMatter], Field(max_length=_MOST_MATTERS)] = []
