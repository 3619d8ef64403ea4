"""Giving a waiting ticket another priority class: the green channel, confirmed by staff."""

from hall_server.domain.errors import NotFound
from hall_server.service import views
from hall_server.service.call import need_ticket
from hall_server.service.context import Context
from hall_server.service.ports import Transaction
from hall_server.service.standing import Standing
from hallkit.wire.ticket import Ticket as TicketMessage


def reclass(tx: Transaction, context: Context, ticket_id: str, class_id: str) -> TicketMessage:
    """Puts a waiting ticket into the class; its number and its waiting so far stay. Raises
    NotFound, Conflict."""
    if not context.hall.has_priority(class_id):
        raise NotFound(
            "unknown_priority_class",
            f"没有优先类别“{class_id}”",
            f"there is no priority class '{class_id}'",
        )
    before = need_ticket(tx, context, ticket_id)
    ticket = before.reclass(class_id)
    tx.save_ticket(ticket)
    ahead, wait = Standing(tx, context.hall, context.moment, context.layout(tx)).of(ticket)
    shown = views.ticket(ticket, context.hall, context.urls, ahead, wait)
    context.record_view(tx, "ticket.reclassed", shown, before=before.priority)
    return shown
