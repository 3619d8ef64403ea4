"""Giving a number back."""

import json

from hall_server.domain.errors import Forbidden
from hall_server.service import views
from hall_server.service.call import need_ticket
from hall_server.service.context import Context
from hall_server.service.ports import Transaction
from hall_server.service.quotas import give_back
from hallkit.wire.ticket import Ticket as TicketMessage


def cancel(tx: Transaction, context: Context, ticket_id: str) -> TicketMessage:
    """Cancels a waiting ticket. Raises NotFound, Conflict."""
    ticket = need_ticket(tx, context, ticket_id).cancel(context.now)
    tx.save_ticket(ticket)
    give_back(tx, context, ticket)
    context.record(tx, "ticket.cancelled", ticket)
    return views.ticket(ticket, context.hall, context.urls)


def issued_for(tx: Transaction, actor: str, request_id: str) -> str | None:
    """The id of the ticket that ``actor`` got for this request; None when there is none."""
    before = tx.remembered(request_id)
    if before is None or before.actor != actor:
        return None
    if json.loads(before.command)["command"] != "issue":
        return None
    return str(json.loads(before.answer)["id"])


def cancel_own(tx: Transaction, context: Context, ticket_id: str, issued_by: str) -> TicketMessage:
    """Cancels a number that the caller itself asked for, as nobody took it. Raises NotFound,
    Conflict, Forbidden ``not_your_ticket``."""
    if issued_for(tx, context.actor, issued_by) != ticket_id:
        raise Forbidden(
            "not_your_ticket", "不是本机取的号", "this device did not ask for this number"
        )
    return cancel(tx, context, ticket_id)
