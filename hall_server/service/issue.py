"""Giving out a number."""

import random
import secrets
import string
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hall_server.domain.errors import Conflict, Invalid, NotFound
from hall_server.domain.hall import Hall, Service
from hall_server.domain.instant import MINUTE, Instant, Moment
from hall_server.domain.ticket import Ticket
from hall_server.service import views
from hall_server.service.appointments import base_of, check_in, class_of
from hall_server.service.context import Context
from hall_server.service.ports import Transaction
from hall_server.service.quotas import count_numbers
from hall_server.service.standing import Standing
from hallkit.wire.ids import timed_id
from hallkit.wire.ticket import Ticket as TicketMessage

# A position page's address: 64 bits that nobody guesses (the least that OWASP asks of a session's
# id), after the time in five characters, so that new ones stand together in the database's index
# and few pages of a card are written. 16 characters keep the QR coarse.
_TOKEN_BYTES = 8
_DIGITS = "".join(sorted(string.ascii_letters + string.digits + "-_"))
_DAY = 24 * 60 * MINUTE
_SEQ_BITS = (1 << 42) - 1
# An id is no secret: chance only keeps halls apart.
_chance = random.Random()  # noqa: S311


def _check(hall: Hall, service: Service, priority: str) -> None:
    if not hall.has_priority(priority):
        raise NotFound(
            "unknown_priority_class",
            f"没有优先类别“{priority}”",
            f"there is no priority class '{priority}'",
        )
    service.need_enabled()


def _need_open(hall: Hall, moment: Moment) -> None:
    if not hall.hours.open_at(moment.local):
        raise Conflict("service_closed", *views.closed_words(hall, moment))


def _ordered_id(now: Instant, journal_seq: int) -> str:
    """A UUID that sorts by the time of issue, and within a millisecond by the journal: the
    sequence in 42 of its bits and chance in the other 32."""
    return timed_id(now, (journal_seq & _SEQ_BITS) << 32 | _chance.getrandbits(32))


def new_token(now: Instant) -> str:
    """The secret part of the address of a position page."""
    base = len(_DIGITS)
    part_of_day = now * base**3 // _DAY
    time = "".join(_DIGITS[part_of_day // base**power % base] for power in (4, 3, 2, 1, 0))
    return time + secrets.token_urlsafe(_TOKEN_BYTES)


def _later(hall: Hall, first: str, more: Sequence[str]) -> str:
    for service_id in more:
        hall.service(service_id).need_enabled()
    if len({first, *more}) <= len(more):
        raise Invalid(
            "service_twice",
            "同一张号上的事项不能重复",
            "a service can be on a ticket only once",
            [{"field": "more_services", "message": "重复 / repeated"}],
        )
    return ",".join(more)


def _with_promise(ticket: Ticket, context: Context) -> Ticket:
    """With the wait that is forecast for such a number taken now, to be scored by its call."""
    found = context.forecasts.joining(ticket.service_id, context.now, ticket.priority, ticket.base)
    if found is None:
        return ticket
    return replace(ticket, forecast_p50=found.p50, forecast_p90=found.p90)


def issue(
    tx: Transaction,
    context: Context,
    service_id: str,
    priority: str,
    channel: str,
    more: Sequence[str] = (),
    appointment_code: str | None = None,
    desk: int | None = None,
) -> TicketMessage:
    """Gives the next number of the service's series; the services ``more`` are done after it, in
    turn, on the same ticket. With ``appointment_code`` a booking is used for it, which has its own
    time and place. ``desk`` is the window at which a clerk issues it. Raises NotFound, Conflict,
    Invalid."""
    hall, day = context.hall, context.moment.day
    service = hall.service(service_id)
    booking = None
    if appointment_code is not None:
        booking = check_in(tx, context, appointment_code, service_id)
        priority = class_of(hall, priority)
    else:
        _need_open(hall, context.moment)
    _check(hall, service, priority)
    later = _later(hall, service_id, more)
    count_numbers(tx, context, (service_id,), refuse=booking is None)
    count_numbers(tx, context, more)
    ticket = Ticket(
        id=_ordered_id(context.now, tx.last_seq()),
        day=day,
        series=service.series,
        sequence=tx.take_sequence(day, service.series),
        service_id=service.id,
        priority=priority,
        state="waiting",
        channel=channel,
        token=new_token(context.now),
        base=base_of(booking, priority, context.now) if booking else context.now,
        issued=context.now,
        later=later,
        appointment=booking.id if booking else None,
    )
    ticket = _with_promise(ticket, context)
    tx.add_ticket(ticket)
    ahead, wait = Standing(tx, hall, context.moment, context.layout(tx)).of(ticket)
    wait = context.forecasts.wait(ticket, context.now, wait)
    shown = views.ticket(ticket, hall, context.urls, ahead, wait)
    at: dict[str, Any] = {"desk": desk} if desk is not None else {}
    context.record_view(tx, "ticket.issued", shown, channel=channel, **at)
    return shown
