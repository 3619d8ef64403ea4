"""Making, giving back and using appointments (预约), each inside one command."""

import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from hall_server.domain.appointment import APPOINTMENT_CLASS, Appointment
from hall_server.domain.errors import Conflict, Invalid, NotFound
from hall_server.domain.hall import ORDINARY, Hall
from hall_server.domain.instant import Instant, from_instant
from hall_server.service import appointments_answers as answers
from hall_server.service.context import Context
from hall_server.service.ports import Transaction
from hallkit.wire.ids import new_id

KEY = "appointment_key"
# Guessing one of a day's 500 takes 100,000 tries on average, at six a minute.
_CODE_DIGITS = 8


def person_key(tx: Transaction) -> bytes:
    """The secret with which the hall hashes people; made when it is first needed."""
    found = tx.meta(KEY)
    if found is None:
        found = secrets.token_hex(32)
        tx.set_meta(KEY, found)
    return bytes.fromhex(found)


def normal(person: str) -> str:
    """The same person typed in another way: wide or narrow, with or without spaces."""
    return "".join(unicodedata.normalize("NFKC", person).split()).upper()


def digest(key: bytes, *parts: str) -> str:
    """A keyed hash: 64 hexadecimal digits."""
    return hmac.new(key, "\x1f".join(parts).encode(), "sha256").hexdigest()


@dataclass(frozen=True)
class Wanted:
    """A booking that somebody asks for. ``person`` is whatever text identifies the visitor."""

    service_id: str
    starts: Instant
    person: str
    channel: str


def book(tx: Transaction, context: Context, wanted: Wanted) -> Appointment:
    """Books a slot; the caller journals it. Raises NotFound, Conflict, Invalid."""
    hall, rules = context.hall, context.hall.appointments
    _need_enabled(hall)
    service = hall.service(wanted.service_id)
    service.need_enabled()
    if not rules.takes(service.id):
        raise Conflict(
            "not_bookable",
            f"“{service.name}”不接受预约",
            f"{service.in_english} cannot be booked",
        )
    slot = rules.slot_at(wanted.starts, hall.hours, context.moment)
    day = from_instant(slot.starts, hall.zone).date().isoformat()
    if tx.booked_by_slot(day, service.id).get(slot.starts, 0) >= rules.capacity:
        raise Conflict("slot_full", "该时段已约满", "this slot is fully booked")
    entry = Appointment(
        id=new_id(),
        code=_new_code(tx),
        day=day,
        service_id=service.id,
        starts=slot.starts,
        ends=slot.ends,
        state="booked",
        channel=wanted.channel,
        person=_place_of_person(tx, hall, day, wanted.person),
        created=context.now,
    )
    tx.add_appointment(entry)
    return entry


def _need_enabled(hall: Hall) -> None:
    if not hall.appointments.enabled:
        raise Conflict("no_appointments", "本厅未开通预约", "this hall takes no appointments")


def _place_of_person(tx: Transaction, hall: Hall, day: str, person: str) -> str:
    """The hash under which this booking of the person on this day is kept: another one for each
    day and each booking, so that nothing links them."""
    most, key = hall.appointments.per_person_per_day, person_key(tx)
    for place in range(most):
        found = digest(key, day, str(place), normal(person))
        if not tx.has_booked(day, found):
            return found
    raise Conflict(
        "already_booked",
        f"同一人一天只能预约 {most} 次",
        f"one person can book {most} time(s) a day",
    )


def _new_code(tx: Transaction) -> str:
    while True:
        code = str(10 ** (_CODE_DIGITS - 1) + secrets.randbelow(9 * 10 ** (_CODE_DIGITS - 1)))
        if tx.appointment_by_code(code) is None:
            return code


def record_booked(tx: Transaction, context: Context, entries: list[Appointment]) -> None:
    """Journals bookings: how many of which service, and nothing about who."""
    services: dict[str, int] = {}
    for entry in entries:
        services[entry.service_id] = services.get(entry.service_id, 0) + 1
    context.record(tx, "appointment.booked", count=len(entries), services=services)


def find(tx: Transaction, code: str) -> Appointment:
    """The booking with this code. Raises NotFound."""
    found = tx.appointment_by_code(code)
    if found is None:
        raise NotFound(
            "unknown_appointment",
            "没有这个预约号，请核对",
            "there is no appointment with this code",
        )
    return found


def cancel(tx: Transaction, context: Context, code: str) -> answers.Appointment:
    """Gives a booking back. Raises NotFound, Conflict."""
    entry = find(tx, code)
    context.hall.appointments.check_cancel(entry, context.moment)
    cancelled = entry.cancel()
    tx.save_appointment(cancelled)
    context.record(tx, "appointment.cancelled", count=1, services={entry.service_id: 1})
    return answers.shown(cancelled, context.hall, context.now)


def check_in(tx: Transaction, context: Context, code: str, service_id: str) -> Appointment:
    """Uses a booking of today for a number of this service. Raises NotFound, Conflict, Invalid."""
    _need_enabled(context.hall)
    entry = find(tx, code)
    if entry.service_id != service_id:
        booked = context.hall.services.get(entry.service_id)
        name = booked.name if booked else entry.service_id
        raise Invalid(
            "wrong_service",
            f"预约的事项是“{name}”",
            f"the appointment is for {entry.service_id}",
            [{"field": "service_id", "message": f"应为 / should be {entry.service_id}"}],
        )
    context.hall.appointments.check_arrival(entry, context.moment)
    arrived = entry.arrive()
    tx.save_appointment(arrived)
    return arrived


def class_of(hall: Hall, asked: str) -> str:
    """The priority class of somebody who booked: the hall's class for them, unless another one
    (as the green channel) was asked for."""
    booked = asked == ORDINARY and hall.has_priority(APPOINTMENT_CLASS)
    return APPOINTMENT_CLASS if booked else asked


def base_of(booking: Appointment, class_id: str, now: Instant) -> Instant:
    """From when a booked visitor earns points: the booked time; in another class never later than
    without a booking."""
    return booking.starts if class_id in (APPOINTMENT_CLASS, ORDINARY) else min(now, booking.starts)


def end_of_day(tx: Transaction, context: Context, last: str) -> None:
    """Whoever is still booked on ``last`` or before did not come; journaled by count."""
    missed = tx.miss_appointments(last)
    if missed:
        context.record(tx, "appointment.no_show", count=sum(missed.values()), services=missed)


def start_of_day(tx: Transaction, context: Context, previous: str) -> None:
    """Ends the days since ``previous``, and forgets who booked on them."""
    today = context.moment.local.date()
    end_of_day(tx, context, (today - timedelta(days=1)).isoformat())
    tx.forget_people(previous, today.isoformat())
