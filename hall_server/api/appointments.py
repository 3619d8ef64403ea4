"""Appointments: book, find, give back, import; and what was done after hours."""

from flask import Response

from hall_server.api.access import need_staff
from hall_server.api.appointment_bodies import (
    AppointmentQuery,
    BookBody,
    CodePath,
    DayQuery,
    ImportBody,
)
from hall_server.api.bodies import Command
from hall_server.api.document import (
    ADDRESS,
    BODY,
    NEEDS_ROLE,
    STAFF,
    STAFF_COMMAND,
    answers,
    blueprint,
)
from hall_server.api.parts import parts
from hall_server.api.replies import json_text, reply
from hall_server.domain.errors import Invalid
from hall_server.domain.instant import to_instant
from hall_server.service.after_hours import AfterHours
from hall_server.service.appointments import Wanted
from hall_server.service.appointments_answers import (
    Appointment,
    AppointmentList,
    AppointmentsImported,
)

api = blueprint("appointments")


@api.post(
    "/appointments",
    summary="Books a slot",
    security=STAFF_COMMAND,
    responses=answers(201, Appointment, *NEEDS_ROLE, *BODY, 404, 409),
)
def book(body: BookBody) -> Response:
    """Staff, for a visitor who is there, on the telephone or on the net."""
    person = need_staff()
    try:
        starts = to_instant(body.starts)
    except OverflowError:
        raise Invalid(
            "no_such_slot", "该时间没有可预约的时段", "no slot begins at this time"
        ) from None
    wanted = Wanted(body.service_id, starts, body.person, body.channel)
    text = parts().appointments.book(f"staff:{person.staff_no}", body.request_id, wanted)
    return json_text(text, 201)


@api.get(
    "/appointments",
    summary="A day's bookings",
    security=STAFF,
    responses=answers(200, AppointmentList, *NEEDS_ROLE, *ADDRESS),
)
def list_appointments(query: AppointmentQuery) -> Response:
    """Staff. With ``service_id`` also that service's slots and what they have left."""
    need_staff()
    day = query.day or parts().commands.moment().day
    return reply(parts().appointments.on(day, query.service_id))


@api.post(
    "/appointments/import",
    summary="Books all rows of a table, or none",
    security=STAFF_COMMAND,
    responses=answers(200, AppointmentsImported, *NEEDS_ROLE, *BODY, 409),
)
def import_appointments(body: ImportBody) -> Response:
    """Managers. Every row is checked; all that is wrong is told at once."""
    person = need_staff("manager")
    actor = f"staff:{person.staff_no}"
    return json_text(parts().appointments.import_csv(actor, body.request_id, body.csv))


@api.post(
    "/appointments/<code>/cancel",
    summary="Gives a booking back",
    security=STAFF_COMMAND,
    responses=answers(200, Appointment, *NEEDS_ROLE, *ADDRESS, *BODY, 409),
)
def cancel(path: CodePath, body: Command) -> Response:
    """Staff, for the visitor."""
    person = need_staff()
    actor = f"staff:{person.staff_no}"
    return json_text(parts().appointments.cancel(actor, body.request_id, path.code))


@api.get(
    "/after-hours",
    summary="What was done after hours on a day",
    security=STAFF,
    responses=answers(200, AfterHours, *NEEDS_ROLE, 422),
)
def list_after_hours(query: DayQuery) -> Response:
    """Managers: 延时服务, from the journal."""
    need_staff("manager")
    p = parts()
    day = query.day or p.commands.moment().day
    return reply(p.queries.after_hours(day))
