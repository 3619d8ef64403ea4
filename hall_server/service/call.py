"""Calling people to a window."""

from hall_server.domain.errors import Conflict, NotFound
from hall_server.domain.points import Why, points
from hall_server.domain.profile import Taken
from hall_server.domain.ticket import Ticket
from hall_server.domain.window import Window
from hall_server.service import views
from hall_server.service.answers import VerbAnswer
from hall_server.service.answers import Why as WhyMessage
from hall_server.service.context import Context
from hall_server.service.layout import kind_of, may_call
from hall_server.service.ports import Transaction
from hall_server.service.profiles import taken_now


def answer(
    context: Context, window: Window, ticket: Ticket | None, why: Why | None = None
) -> VerbAnswer:
    """The answer of a verb: the window as it is now, and the ticket it was about."""
    active = ticket if ticket is not None and ticket.state in ("called", "serving") else None
    return VerbAnswer(
        window=views.window(context.hall, window, active),
        ticket=views.ticket(ticket, context.hall, context.urls) if ticket else None,
        why=WhyMessage(points=why.points, lead=why.lead, runner_up=why.runner_up) if why else None,
    )


def told(
    tx: Transaction, context: Context, type_: str, window: Window, ticket: Ticket
) -> VerbAnswer:
    """The answer of a verb, which the journal gets in the same words."""
    shown = answer(context, window, ticket)
    context.record_view(tx, type_, shown.ticket, shown.window)
    return shown


def need_free(tx: Transaction, window: Window) -> None:
    """Raises Conflict while the window has a ticket: a misclick must not cost a visit."""
    active = tx.active_at(window.number)
    if active is None:
        return
    if active.state == "serving":
        raise Conflict(
            "ticket_in_service",
            f"{active.number} 号正在办理，请先办结或挂起",
            f"{active.number} is being served; finish or park it first",
        )
    raise Conflict(
        "ticket_called",
        f"{active.number} 号已呼叫，请先开始办理或按过号",
        f"{active.number} has been called; start it or mark it missed first",
    )


def need_active(tx: Transaction, window: Window) -> Ticket:
    """The ticket at the window. Raises Conflict when there is none."""
    active = tx.active_at(window.number)
    if active is None:
        raise Conflict(
            "no_ticket_at_window",
            f"{window.number} 号窗口当前没有号码",
            f"window {window.number} has no ticket now",
        )
    return active


def need_ticket(tx: Transaction, context: Context, ticket_id: str) -> Ticket:
    """A ticket of today by id. Raises NotFound."""
    found = tx.ticket(ticket_id)
    if found is None or found.day != context.moment.day:
        raise NotFound("unknown_ticket", "没有这个号码", "there is no such ticket today")
    return found


def need_in_time(context: Context, ticket: Ticket) -> None:
    """Raises Conflict when a ticket was missed and its time to come back is over."""
    rule = context.hall.missed
    late = ticket.state == "no_show" and not rule.may_return(ticket, context.now)
    if late or rule.expired(ticket):
        raise Conflict(
            "missed_too_long_ago",
            f"{ticket.number} 号已超过保留时间，请重新取号",
            f"{ticket.number} was missed too long ago; please take a new number",
        )


def _taken(tx: Transaction, context: Context, number: int) -> Taken:
    return taken_now(tx, context.hall, context.hall.window(number), context.moment)


def _call(
    tx: Transaction,
    context: Context,
    window: Window,
    ticket: Ticket,
    taken: Taken,
    why: Why,
    *,
    by_hand: bool,
    **noted: str | None,
) -> VerbAnswer:
    called = ticket.call(window.number, context.now)
    tx.save_ticket(called)
    # Whoever missed a call and could have been called here is one call nearer to the next.
    for held in tx.held(called.day):
        if may_call(window.number, taken, kind_of(held, context.hall)):
            tx.save_ticket(held.one_call_nearer())
    shown = answer(context, window, called, why)
    context.record_view(
        tx,
        "ticket.called",
        shown.ticket,
        shown.window,
        why={"points": why.points, "lead": why.lead, "runner_up": why.runner_up},
        by_hand=by_hand,
        **noted,
    )
    return shown


def call_next(tx: Transaction, context: Context, number: int) -> VerbAnswer:
    """Calls whoever has the most points among the services the window takes now; with nobody
    waiting the answer has no ticket. Raises NotFound, Conflict."""
    window = context.window(tx, number)
    window.need_open()
    need_free(tx, window)
    taken = _taken(tx, context, number)
    best = tx.best_waiting(context.moment.day, number, taken, context.now, 2)
    if not best:
        return answer(context, window, None)
    (ticket, score), rest = best[0], best[1:]
    why = Why(
        points=round(score, 1),
        lead=round(score - rest[0][1], 1) if rest else None,
        runner_up=rest[0][0].number if rest else None,
    )
    return _call(tx, context, window, ticket, taken, why, by_hand=False)


def call_ticket(
    tx: Transaction, context: Context, number: int, ticket_id: str, reason: str | None = None
) -> VerbAnswer:
    """Calls this waiting or missed ticket out of turn; the journal says that it was by hand, why
    (``reason``), and who would have been called (``passed_over``). Raises NotFound, Conflict."""
    window = context.window(tx, number)
    window.need_open()
    need_free(tx, window)
    ticket = need_ticket(tx, context, ticket_id)
    need_in_time(context, ticket)
    score = points(ticket.base, context.hall.priority(ticket.priority), context.now)
    why, taken = Why(round(score, 1), None, None), _taken(tx, context, number)
    first = [t for t, _ in tx.best_waiting(context.moment.day, number, taken, context.now, 1)]
    passed_over = first[0].number if first and first[0].id != ticket.id else None
    return _call(
        tx,
        context,
        window,
        ticket,
        taken,
        why,
        by_hand=True,
        passed_over=passed_over,
        reason=reason or None,
    )


def recall(tx: Transaction, context: Context, number: int) -> VerbAnswer:
    """Calls the same ticket again. Raises NotFound, Conflict."""
    window = context.window(tx, number)
    called = need_active(tx, window).recall(context.now)
    tx.save_ticket(called)
    return told(tx, context, "ticket.recalled", window, called)
