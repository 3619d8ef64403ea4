"""The points rule: its classes, changing them, and what that would cost."""

from flask import Response
from pydantic import Field

from hall_server.api.access import need_known, need_staff
from hall_server.api.bodies import Body, Id
from hall_server.api.document import (
    BODY,
    KNOWN,
    NEEDS_KNOWN,
    NEEDS_ROLE,
    STAFF_COMMAND,
    answers,
    blueprint,
)
from hall_server.api.parts import parts
from hall_server.api.replies import json_text, reply
from hall_server.service.priorities import Dial
from hall_server.service.priorities_answers import PricePreview, PriorityList

api = blueprint("priorities")


class DialBody(Body):
    """What a class gets. The limits are those of a hall file."""

    id: Id
    head: float = Field(ge=0, le=240)
    rate: float = Field(ge=1, le=10)


class PrioritiesBody(Body):
    """``PUT /priorities``. A class that is left out keeps its values."""

    classes: list[DialBody] = Field(min_length=1, max_length=20)

    def dials(self) -> list[Dial]:
        """The values given."""
        return [Dial(c.id, c.head, c.rate) for c in self.classes]


class PreviewBody(PrioritiesBody):
    """``POST /priorities/preview``. With a ``load`` (of what the windows can serve) it is
    simulated on made-up days, whatever the history."""

    load: float | None = Field(default=None, ge=0.3, le=1.3)


@api.get(
    "/priorities",
    summary="The classes of the points rule",
    security=KNOWN,
    responses=answers(200, PriorityList, *NEEDS_KNOWN),
)
def get_priorities() -> Response:
    """Staff and devices."""
    need_known()
    return reply(parts().priorities.classes())


@api.put(
    "/priorities",
    summary="Changes points, in force at the next call",
    security=STAFF_COMMAND,
    responses=answers(200, PriorityList, *NEEDS_ROLE, *BODY, 404),
)
def put_priorities(body: PrioritiesBody) -> Response:
    """Managers. The ordinary class stays at 0 and 1. The same values again change nothing."""
    person = need_staff("manager")
    return json_text(parts().priorities.change(f"staff:{person.staff_no}", body.dials()))


@api.post(
    "/priorities/preview",
    summary="What other points would cost ordinary visitors",
    security=STAFF_COMMAND,
    responses=answers(200, PricePreview, *NEEDS_ROLE, *BODY, 404, 409, 429),
)
def preview_priorities(body: PreviewBody) -> Response:
    """Managers. Simulated in a process of its own within a second or two; changes nothing."""
    need_staff("manager")
    return reply(parts().priorities.price(body.dials(), body.load))
