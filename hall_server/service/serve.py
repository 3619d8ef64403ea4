"""What happens to a ticket at a window after the call."""

from hall_server.domain.errors import Conflict, Invalid
from hall_server.service.answers import VerbAnswer
from hall_server.service.call import answer, need_active, need_free, need_ticket
from hall_server.service.context import Context
from hall_server.service.ports import Transaction


def start(tx: Transaction, context: Context, number: int) -> VerbAnswer:
    """The visitor came. Raises NotFound, Conflict."""
    window = context.window(tx, number)
    ticket = need_active(tx, window).start(context.now)
    tx.save_ticket(ticket)
    context.record(tx, "ticket.started", ticket, window, ticket)
    return answer(context, window, ticket)


def finish(tx: Transaction, context: Context, number: int) -> VerbAnswer:
    """Served. Raises NotFound, Conflict."""
    window = context.window(tx, number)
    ticket = need_active(tx, window).finish(context.now)
    tx.save_ticket(ticket)
    context.record(tx, "ticket.finished", ticket, window)
    return answer(context, window, ticket)


def no_show(tx: Transaction, context: Context, number: int) -> VerbAnswer:
    """Did not come: the hall's missed-call rule decides what follows. Raises NotFound, Conflict."""
    window = context.window(tx, number)
    missed = need_active(tx, window).miss(context.now)
    context.record(tx, "ticket.no_show", missed, window)
    calls = tx.calls(missed.day, missed.series)
    after = context.hall.missed.apply(missed, context.now, calls)
    tx.save_ticket(after)
    if after.state == "void":
        context.record(tx, "ticket.void", after, reason="missed")
    elif after.state == "waiting":
        context.record(tx, "ticket.requeued", after, policy=context.hall.missed.policy)
    return answer(context, window, after)


def requeue(tx: Transaction, context: Context, number: int, ticket_id: str) -> VerbAnswer:
    """A missed visitor came back and waits again with the old base time.
    Raises NotFound, Conflict."""
    window = context.window(tx, number)
    ticket = need_ticket(tx, context, ticket_id)
    if not context.hall.missed.may_return(ticket, context.now):
        raise Conflict(
            "missed_too_long_ago",
            f"{ticket.number} 号已超过保留时间，请重新取号",
            f"{ticket.number} was missed too long ago; please take a new number",
        )
    back = ticket.requeue(base=ticket.base, held_until=0)
    tx.save_ticket(back)
    context.record(tx, "ticket.requeued", back, policy="by_hand")
    return answer(context, window, back)


def park(tx: Transaction, context: Context, number: int) -> VerbAnswer:
    """Sets the visitor aside, so that the window is free. Raises NotFound, Conflict."""
    window = context.window(tx, number)
    ticket = need_active(tx, window).park()
    tx.save_ticket(ticket)
    context.record(tx, "ticket.parked", ticket, window)
    return answer(context, window, ticket)


def resume(tx: Transaction, context: Context, number: int, ticket_id: str) -> VerbAnswer:
    """Takes up a parked visitor again, at this window. Raises NotFound, Conflict."""
    window = context.window(tx, number)
    window.need_open()
    need_free(tx, window)
    ticket = need_ticket(tx, context, ticket_id).resume(number)
    tx.save_ticket(ticket)
    context.record(tx, "ticket.started", ticket, window, ticket, resumed=True)
    return answer(context, window, ticket)


def transfer(
    tx: Transaction,
    context: Context,
    number: int,
    service_id: str | None,
    to_window: int | None,
) -> VerbAnswer:
    """Sends the visitor on: to another service, or to one window that alone may call them.
    Number and base time stay. Raises NotFound, Conflict, Invalid."""
    if (service_id is None) == (to_window is None):
        raise Invalid(
            "one_target_needed",
            "请指定转往的事项或窗口（二选一）",
            "name either the service or the window to transfer to",
        )
    window = context.window(tx, number)
    ticket = need_active(tx, window)
    if service_id is not None:
        context.hall.service(service_id).need_enabled()
    if to_window is not None:
        context.window(tx, to_window).need_open()
        if to_window == number:
            raise Invalid("same_window", "已在本窗口", "the visitor is at this window already")
    moved = ticket.transfer(service_id or ticket.service_id, to_window)
    tx.save_ticket(moved)
    context.record(tx, "ticket.transferred", moved, window, to_window=to_window)
    return answer(context, window, moved)
