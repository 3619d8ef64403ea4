"""Tickets: issue, find, cancel."""

from flask import Response

from hall_server.api.access import need_issuer, need_known, need_staff
from hall_server.api.bodies import Command, IssueBody, TicketPath, TicketQuery
from hall_server.api.document import (
    ADDRESS,
    BODY,
    KNOWN,
    KNOWN_COMMAND,
    NEEDS_KNOWN,
    NEEDS_ROLE,
    STAFF_COMMAND,
    answers,
    blueprint,
)
from hall_server.api.parts import parts
from hall_server.api.replies import json_text, reply
from hall_server.domain.errors import Conflict, Invalid
from hall_server.service.cancel import cancel
from hall_server.service.issue import issue
from hallkit.wire.ticket import Ticket, TicketList

api = blueprint("tickets")


@api.post(
    "/tickets",
    summary="Issues a number",
    security=KNOWN_COMMAND,
    responses=answers(201, Ticket, *NEEDS_ROLE, *BODY, 404, 409),
)
def issue_ticket(body: IssueBody) -> Response:
    """A kiosk or a member of staff. The number is durable before the answer is sent."""
    who = need_issuer()
    if body.appointment_code is not None:
        raise Conflict("no_appointments", "本厅未开通预约取号", "this hall takes no appointments")
    text = parts().commands.run(
        who.actor,
        body.request_id,
        "issue",
        body.model_dump(exclude={"request_id"}),
        lambda tx, context: issue(
            tx, context, body.service_id, body.priority_class, body.channel, body.more_services
        ),
    )
    return json_text(text, 201)


@api.get(
    "/tickets",
    summary="Finds today's tickets",
    security=KNOWN,
    responses=answers(200, TicketList, *NEEDS_KNOWN, *ADDRESS),
)
def find_tickets(query: TicketQuery) -> Response:
    """By ``number``, or by ``state`` (waiting ones in calling order)."""
    need_known()
    if query.number is not None:
        return reply(parts().queries.by_number(query.number[0], int(query.number[1:])))
    if query.state is None:
        raise Invalid("invalid_fields", "请给出号码或状态", "give a number or a state")
    return reply(parts().queries.in_states(query.state.split(","), query.service_id, query.window))


@api.get(
    "/tickets/<ticket_id>",
    summary="A ticket by id",
    security=KNOWN,
    responses=answers(200, Ticket, *NEEDS_KNOWN, *ADDRESS),
)
def get_ticket(path: TicketPath) -> Response:
    """A device or a member of staff."""
    need_known()
    return reply(parts().queries.ticket(path.ticket_id))


@api.post(
    "/tickets/<ticket_id>/cancel",
    summary="Gives a number back",
    security=STAFF_COMMAND,
    responses=answers(200, Ticket, *NEEDS_ROLE, *ADDRESS, *BODY, 409),
)
def cancel_ticket(path: TicketPath, body: Command) -> Response:
    """Staff only: a kiosk cannot know whose number it is."""
    person = need_staff()
    text = parts().commands.run(
        f"staff:{person.staff_no}",
        body.request_id,
        "cancel",
        {"ticket_id": path.ticket_id},
        lambda tx, context: cancel(tx, context, path.ticket_id),
    )
    return json_text(text)
