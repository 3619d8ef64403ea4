"""The journal, for managers: who did what, when and why."""

from datetime import date

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from hall_server.api.access import need_staff
from hall_server.api.document import NEEDS_ROLE, STAFF, answers, blueprint
from hall_server.api.parts import parts
from hall_server.api.replies import reply
from hall_server.service.audit import JournalPage
from hall_server.service.audit_ports import Wanted

api = blueprint("journal")


class JournalQuery(BaseModel):
    """``GET /journal``: a day (today when absent), newest first. ``jumps``: only where somebody
    decided and not the rule (called by hand, transferred, requeued by hand, parked and resumed,
    priority changed)."""

    model_config = ConfigDict(extra="forbid")

    day: date | None = None
    type: str | None = Field(default=None, pattern=r"^[a-z]{1,20}\.[a-z_]{1,20}$")
    ticket: str | None = Field(default=None, pattern=r"^[A-HJ-NPR-Z][0-9]{3,6}$")
    jumps: bool = False
    before: int | None = Field(default=None, ge=1, le=2**53)
    limit: int = Field(default=50, ge=1, le=200)


@api.get(
    "/journal",
    summary="What was done on a day, newest first",
    security=STAFF,
    responses=answers(200, JournalPage, *NEEDS_ROLE, 422),
)
def read_journal(query: JournalQuery) -> Response:
    """Managers. ``before`` of an answer asks for its next page."""
    need_staff("manager")
    day = query.day.isoformat() if query.day is not None else parts().commands.today().day
    wanted = Wanted(day, query.type, query.ticket, query.jumps, query.before, query.limit)
    return reply(parts().queries.journal(wanted))
