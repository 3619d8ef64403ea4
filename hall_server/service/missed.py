"""Numbers kept for a while after a missed call (keep_minutes): void once their time is over."""

from dataclasses import replace

from hall_server.domain.hall import Hall
from hall_server.domain.instant import MINUTE, Instant, Moment
from hall_server.service.context import Context
from hall_server.service.day import SYSTEM
from hall_server.service.ports import Transaction

# More than any hall has missed calls in a day.
_MOST_TICKETS = 100_000


def void_expired(tx: Transaction, context: Context) -> Instant:
    """Makes void whoever did not come back in time; returns when to look again, which is before
    the time of any number is over, those missed from now on included."""
    rule, now = context.hall.missed, context.now
    again = now + rule.minutes * MINUTE
    context = replace(context, actor=SYSTEM)
    for ticket in tx.tickets_in(context.moment.day, ("no_show",), _MOST_TICKETS):
        kept_until = rule.kept_until(ticket)
        if kept_until is None:
            continue
        if now > kept_until:
            voided = ticket.void(now)
            tx.save_ticket(voided)
            context.record(tx, "ticket.void", voided, reason="kept_too_long")
        else:
            again = min(again, kept_until)
    return again


def look_due(hall: Hall, now: Moment, look_after: Instant) -> bool:
    """Whether numbers may have expired that nobody has made void."""
    return hall.missed.policy == "keep_minutes" and now.at > look_after
