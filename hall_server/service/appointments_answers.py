"""Answers about appointments; they hold nothing about who booked."""

from pydantic import AwareDatetime

from hall_server.domain import appointment as domain
from hall_server.domain.hall import Hall
from hall_server.domain.instant import Moment, from_instant
from hallkit.wire.message import Message
from hallkit.wire.ticket import Channel


class Appointment(Message):
    """A booking. ``code`` is what the visitor types to take a number; ``state`` is booked,
    arrived, cancelled or no_show."""

    code: str
    service_id: str
    service_name: str
    starts: AwareDatetime
    ends: AwareDatetime
    state: domain.AppointmentState
    channel: Channel


class AppointmentSlot(Message):
    """A time on a day, and how many places it has left; ``bookable`` is false when it is too near
    or too far."""

    starts: AwareDatetime
    ends: AwareDatetime
    left: int
    bookable: bool


class AppointmentRules(Message):
    """What the hall allows now: the days that can be booked, how many minutes before and after the
    booked time a number is given, how many hours before it can be cancelled, bookings of a person
    on a day, and which services (ids; null: every one)."""

    enabled: bool
    first_day: str
    last_day: str
    early_min: int
    late_min: int
    cancel_before_h: int
    per_person_per_day: int
    services: list[str] | None


class AppointmentList(Message):
    """Answer of ``GET /appointments``. ``slots`` are those of the service that was asked for;
    ``estimated``: the day's year has no table of rest days."""

    day: str
    appointments: list[Appointment]
    slots: list[AppointmentSlot]
    estimated: bool
    rules: AppointmentRules


class AppointmentsImported(Message):
    """Answer of ``POST /appointments/import``, in the order of the rows."""

    booked: list[Appointment]


def rules(hall: Hall, moment: Moment) -> AppointmentRules:
    """The hall's rules as they are now."""
    of = hall.appointments
    first, last = of.days(hall.hours, moment)
    return AppointmentRules(
        enabled=of.enabled,
        first_day=first.isoformat(),
        last_day=last.isoformat(),
        early_min=of.early_min,
        late_min=of.late_min,
        cancel_before_h=of.cancel_before_h,
        per_person_per_day=of.per_person_per_day,
        services=None if of.services is None else sorted(of.services),
    )


def shown(entry: domain.Appointment, hall: Hall, now: int) -> Appointment:
    """A booking; one that nobody came for in time counts as missed at once."""
    service = hall.services.get(entry.service_id)
    missed = hall.appointments.missed_at(entry, now)
    return Appointment.model_validate(
        {
            "code": entry.code,
            "service_id": entry.service_id,
            "service_name": service.name if service else entry.service_id,
            "starts": from_instant(entry.starts, hall.zone),
            "ends": from_instant(entry.ends, hall.zone),
            "state": "no_show" if missed else entry.state,
            "channel": entry.channel,
        }
    )
