"""Giving a number back."""

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
