"""The start of a business day."""

from hall_server.domain.instant import MINUTE
from hall_server.service.context import Context
from hall_server.service.ports import Transaction

_DAY_KEY = "business_day"
# A device that was away for a day may still repeat its last command.
_REMEMBER_MINUTES = 3 * 24 * 60


def open_day(tx: Transaction, context: Context) -> None:
    """Voids what earlier days left open, and forgets answers that nobody will ask for again.

    Does nothing when the day was opened before.
    """
    if tx.meta(_DAY_KEY) == context.moment.day:
        return
    for ticket in tx.leftovers(context.moment.day):
        voided = ticket.void(context.now)
        tx.save_ticket(voided)
        context.record(tx, "ticket.void", voided, reason="day_closed")
    tx.forget_before(context.now - _REMEMBER_MINUTES * MINUTE)
    tx.drop_sessions_before(context.now)
    tx.set_meta(_DAY_KEY, context.moment.day)
