"""Tickets: issue, find, cancel, put into another priority class."""

from flask import Response

from hall_server.api.access import need_issuer, need_known, need_staff
from hall_server.api.appointment_bodies import PriorityBody
from hall_server.api.bodies import CancelBody, IssueBody, TicketPath, TicketQuery
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
from hall_server.api.replies import Later, json_text, reply
from hall_server.domain.errors import Invalid, NotFound
from hall_server.service.cancel import cancel, cancel_own
from hall_server.service.context import Context
from hall_server.service.issue import issue
from hall_server.service.ports import Transaction
from hall_server.service.reclass import reclass
from hallkit.wire.ticket import Ticket, TicketList

api = blueprint("tickets")


@api.post(
    "/tickets",
    summary="Issues a number",
    security=KNOWN_COMMAND,
    responses=answers(201, Ticket, *NEEDS_ROLE, *BODY, 404, 409, 429),
)
def issue_ticket(body: IssueBody) -> Response:
    """A kiosk or a member of staff. The number is durable before the answer is sent. With
    ``appointment_code`` a booking of this service is used for it."""
    who = need_issuer()
    commands = parts().commands
    asked = body.model_dump(exclude={"request_id"})

    def work(tx: Transaction, context: Context) -> Ticket:
        return issue(
            tx,
            context,
            body.service_id,
            body.priority_class,
            body.channel,
            body.more_services,
            body.appointment_code,
            who.person.window if who.person is not None else None,
        )

    if body.appointment_code is None:
        return Later(
            lambda t: commands.begin(who.actor, body.request_id, "issue", asked, work, t), 201
        )
    codes = parts().throttles.codes
    codes.take(who.actor)
    guessed = False
    try:
        return json_text(commands.run(who.actor, body.request_id, "issue", asked, work), 201)
    except NotFound as error:
        guessed = error.code == "unknown_appointment"
        raise
    finally:
        if not guessed:
            codes.give_back(who.actor)


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
    security=KNOWN_COMMAND,
    responses=answers(200, Ticket, *NEEDS_ROLE, *ADDRESS, *BODY, 409),
)
def cancel_ticket(path: TicketPath, body: CancelBody) -> Response:
    """Staff; and a kiosk that asked for the number itself (``issued_by``), when its visitor had
    given up: it cannot know whose any other number is."""
    issued_by = body.issued_by
    who = need_issuer()
    if issued_by is None or who.device is None:
        need_staff()

    def work(tx: Transaction, context: Context) -> Ticket:
        if issued_by is not None:
            return cancel_own(tx, context, path.ticket_id, issued_by)
        return cancel(tx, context, path.ticket_id)

    given = body.model_dump(exclude={"request_id"}, exclude_none=True)
    text = parts().commands.run(
        who.actor, body.request_id, "cancel", {"ticket_id": path.ticket_id, **given}, work
    )
    return json_text(text)


@api.post(
    "/tickets/<ticket_id>/priority",
    summary="Gives a waiting number another priority class",
    security=STAFF_COMMAND,
    responses=answers(200, Ticket, *NEEDS_ROLE, *ADDRESS, *BODY, 409),
)
def reclass_ticket(path: TicketPath, body: PriorityBody) -> Response:
    """Staff: the green channel, confirmed at the guide desk or a window."""
    person = need_staff()
    text = parts().commands.run(
        f"staff:{person.staff_no}",
        body.request_id,
        "priority",
        {"ticket_id": path.ticket_id, "priority_class": body.priority_class},
        lambda tx, context: reclass(tx, context, path.ticket_id, body.priority_class),
    )
    return json_text(text)
