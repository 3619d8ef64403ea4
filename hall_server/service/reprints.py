"""A paper printed again: a person's act at a printer, which the journal keeps."""

from typing import Any

from hall_server.service.answers import Done
from hall_server.service.context import Context
from hall_server.service.ports import Transaction


def note_reprint(tx: Transaction, context: Context, ticket_id: str, told: dict[str, Any]) -> Done:
    """Journals ``ticket.reprinted`` with what the printer ``told``: kind of slip, number, printer,
    who and why. A ticket that this server does not know (it was issued offline and not handed in
    yet) is journaled by its number alone."""
    ticket = tx.ticket(ticket_id) if ticket_id else None
    context.record(tx, "ticket.reprinted", ticket, **told)
    return Done()
