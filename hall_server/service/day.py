"""The start of a business day, and its close."""

from dataclasses import replace

from hall_server.domain.errors import Conflict
from hall_server.domain.hall import Hall
from hall_server.domain.instant import Moment
from hall_server.domain.ticket import Ticket
from hall_server.service.appointments import end_of_day, start_of_day
from hall_server.service.context import Context
from hall_server.service.leases import close_earlier
from hall_server.service.ports import Transaction

_DAY_KEY = "business_day"
# Nobody who waits is served any more; the hours are over, and the grace of those who booked.
_CLOSED, _OVER = " closed", " over"
# More than any hall has waiting at its close.
_MOST_TICKETS = 100_000
# Who acts in the journal when nobody asked for it.
SYSTEM = "system"


def phase_of(hall: Hall, moment: Moment) -> str:
    """The business day, marked once nobody who booked can come any more: and why."""
    if hall.hours.sends_home_at(moment.local):
        return moment.day + _CLOSED
    over = hall.hours.over_at(moment.local, hall.appointments.late_min)
    return moment.day + _OVER if over else moment.day


def begin_phase(tx: Transaction, context: Context) -> None:
    """Opens the business day or closes it, once each."""
    before, now = tx.meta(_DAY_KEY) or "", phase_of(context.hall, context.moment)
    if before == now:
        return
    context = replace(context, actor=SYSTEM)
    day, last = context.moment.day, before.partition(" ")[0]
    if last != day:
        start_of_day(tx, context, last)
        _open_day(tx, context)
    if now != day:
        end_of_day(tx, context, day)
    if now.endswith(_CLOSED):
        waiting = tx.tickets_in(day, ("waiting",), _MOST_TICKETS)
        _void(tx, context, waiting, "hall_closed")
    tx.set_meta(_DAY_KEY, now)


def void_after_close(tx: Transaction, context: Context, waiting: Ticket) -> Ticket:
    """A ticket that waits again: void at once where whoever waits is sent home by now, as those
    were who waited when the hall closed. Returns it as it is then."""
    if not context.hall.hours.sends_home_at(context.moment.local):
        return waiting
    _void(tx, context, [waiting], "hall_closed")
    return waiting.void(context.now)


def need_line(context: Context, ticket: Ticket) -> None:
    """Raises Conflict ``hall_closed`` where whoever waits is sent home by now: nobody is put back
    into the line by hand, as a misclick would cost the visit."""
    if context.hall.hours.sends_home_at(context.moment.local):
        raise Conflict(
            "hall_closed",
            f"本厅已下班，{ticket.number} 号不能再排队；请在窗口直接办完，或请改日再来",
            f"the hall has closed and {ticket.number} cannot wait any more; serve the visitor at "
            "once, or ask them to come another day",
        )


def _void(tx: Transaction, context: Context, tickets: list[Ticket], reason: str) -> None:
    for ticket in tickets:
        voided = ticket.void(context.now)
        tx.save_ticket(voided)
        context.record(tx, "ticket.void", voided, reason=reason)


def _open_day(tx: Transaction, context: Context) -> None:
    """Voids the tickets, closes the windows and the sealed blocks that earlier days left open."""
    _void(tx, context, tx.leftovers(context.moment.day), "day_closed")
    there = {place.number for place in context.hall.windows}
    for window in tx.windows():
        if window.state != "closed":
            closed = window.close(context.now)
            tx.save_window(closed)
            # A window that an earlier hall file had is nobody's news.
            if window.number in there:
                context.record(tx, "window.closed", None, closed, reason="day_closed")
    close_earlier(tx, context)
    tx.drop_notices(context.moment.day_start)
    tx.drop_sessions_before(context.now)
