"""What happens to a ticket at a window after the call."""

from hall_server.domain.errors import Conflict, Invalid
from hall_server.domain.ticket import Outcome, Ticket
from hall_server.domain.window import Window
from hall_server.service import views
from hall_server.service.answers import VerbAnswer
from hall_server.service.call import (
    answer,
    need_active,
    need_free,
    need_in_time,
    need_ticket,
    told,
)
from hall_server.service.context import Context
from hall_server.service.day import need_line, void_after_close
from hall_server.service.layout import kind_of, may_call
from hall_server.service.ports import Transaction
from hall_server.service.profiles import taken_now


def start(tx: Transaction, context: Context, number: int) -> VerbAnswer:
    """The visitor came. Raises NotFound, Conflict."""
    window = context.window(tx, number)
    ticket = need_active(tx, window).start(context.now)
    tx.save_ticket(ticket)
    return told(tx, context, "ticket.started", window, ticket)


def finish(
    tx: Transaction,
    context: Context,
    number: int,
    outcome: Outcome = "done",
    *,
    keep: bool = False,
) -> VerbAnswer:
    """A service is done, or (``supplement``) cannot go on until papers are brought.

    With services left on the ticket it waits for the next one in its old place; ``keep`` goes on
    with that at this window instead. The services left stay with a ticket that lacks papers.
    Raises NotFound, Conflict, Invalid.
    """
    window = context.window(tx, number)
    ticket = need_active(tx, window)
    finished = ticket.finish(context.now, outcome)
    if finished.lacks_papers or not ticket.later:
        after = finished
    elif keep:
        after = ticket.go_on(context.now)
    else:
        after = ticket.wait_for_next()
    if keep:
        _need_next_here(tx, context, window, after, ticket)
    following = after.service_id if after is not finished else None
    tx.save_ticket(after)
    context.record(
        tx,
        "ticket.finished",
        finished,
        window,
        after if keep else None,
        service_id=finished.service_id,
        next_service_id=following,
        outcome=outcome,
    )
    if keep:
        context.record(tx, "ticket.started", after, window, after, reason="next_service")
    elif following is not None:
        context.record(tx, "ticket.requeued", after, reason="next_service")
        after = void_after_close(tx, context, after)
    return answer(context, window, after)


def _need_next_here(
    tx: Transaction, context: Context, window: Window, after: Ticket, before: Ticket
) -> None:
    if after.state != "serving":
        raise Conflict(
            "no_next_service",
            f"{before.number} 号没有接着要办的事项",
            f"{before.number} has no service to go on with",
        )
    taken = taken_now(tx, context.hall, context.hall.window(window.number), context.moment)
    if not may_call(window.number, taken, kind_of(after, context.hall)):
        raise Conflict(
            "service_elsewhere",
            "下一事项不在本窗口办理，请办结后让其继续等候",
            "this window does not take the next service; finish without keeping the visitor",
        )


def no_show(tx: Transaction, context: Context, number: int) -> VerbAnswer:
    """Did not come: the hall's missed-call rule decides what follows. Raises NotFound, Conflict."""
    window = context.window(tx, number)
    missed = need_active(tx, window).miss(context.now)
    context.record(tx, "ticket.no_show", missed, window)
    after = context.hall.missed.apply(missed, context.now)
    tx.save_ticket(after)
    if after.state == "void":
        context.record(tx, "ticket.void", after, reason="missed")
    elif after.state == "waiting":
        context.record(tx, "ticket.requeued", after, policy=context.hall.missed.policy)
        after = void_after_close(tx, context, after)
    return answer(context, window, after)


def requeue(tx: Transaction, context: Context, number: int, ticket_id: str) -> VerbAnswer:
    """A visitor who missed the call, or went for missing papers, came back the same day and waits
    again with the old base time. Raises NotFound, Conflict."""
    window = context.window(tx, number)
    ticket = need_ticket(tx, context, ticket_id)
    need_in_time(context, ticket)
    if ticket.lacks_papers:
        back, policy = ticket.come_back(), "supplement"
    else:
        back, policy = ticket.requeue(base=ticket.base, held_until=0), "by_hand"
    need_line(context, ticket)
    tx.save_ticket(back)
    context.record(tx, "ticket.requeued", back, policy=policy)
    # The window may be serving somebody else meanwhile.
    shown = answer(context, window, tx.active_at(number))
    return shown.model_copy(update={"ticket": views.ticket(back, context.hall, context.urls)})


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
    need_line(context, ticket)
    tx.save_ticket(moved)
    context.record(tx, "ticket.transferred", moved, window, to_window=to_window)
    return answer(context, window, moved)
