"""The start of a business day."""

from dataclasses import replace

from hall_server.domain.instant import MINUTE
from hall_server.service.context import Context
from hall_server.service.ports import Transaction

_DAY_KEY = "business_day"
# Who acts in the journal when nobody asked for it.
SYSTEM = "system"
# A device that was away for a day may still repeat its last command.
_REMEMBER_MINUTES = 3 * 24 * 60


def open_day(tx: Transaction, context: Context) -> None:
    """Voids the tickets and closes the windows that earlier days left open, and forgets answers
    that nobody will ask for again.

    Does nothing when the day was opened before.
    """
    if tx.meta(_DAY_KEY) == context.moment.day:
        return
    context = replace(context, actor=SYSTEM)
    for ticket in tx.leftovers(context.moment.day):
        voided = ticket.void(context.now)
        tx.save_ticket(voided)
        context.record(tx, "ticket.void", voided, reason="day_closed")
    there = {place.number for place in context.hall.windows}
    for window in tx.windows():
        if window.state != "closed":
            closed = window.close(context.now)
            tx.save_window(closed)
            # A window that an earlier hall file had is nobody's news.
            if window.number in there:
                context.record(tx, "window.closed", None, closed, reason="day_closed")
    tx.forget_before(context.now - _REMEMBER_MINUTES * MINUTE)
    tx.drop_sessions_before(context.now)
    tx.set_meta(_DAY_KEY, context.moment.day)
