"""Bookings in the database."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from hall_server.domain.appointment import Appointment
from hall_server.domain.instant import Instant
from hall_server.store.tables import appointment


def _appointment(row: Row[Any]) -> Appointment:
    return Appointment(**row._mapping)


class AppointmentTables:
    """The bookings' part of a transaction; see ``service.appointments_ports``."""

    _conn: Connection

    def appointment_by_code(self, code: str) -> Appointment | None:
        row = self._conn.execute(select(appointment).where(appointment.c.code == code)).first()
        return _appointment(row) if row is not None else None

    def appointments_on(self, day: str) -> list[Appointment]:
        statement = (
            select(appointment)
            .where(appointment.c.day == day)
            .order_by(appointment.c.starts, appointment.c.service_id, appointment.c.created)
        )
        return [_appointment(row) for row in self._conn.execute(statement)]

    def booked_by_slot(self, day: str, service_id: str) -> dict[Instant, int]:
        statement = (
            select(appointment.c.starts, func.count())
            .where(
                appointment.c.day == day,
                appointment.c.service_id == service_id,
                appointment.c.state != "cancelled",
            )
            .group_by(appointment.c.starts)
        )
        return {row[0]: row[1] for row in self._conn.execute(statement)}

    def has_booked(self, day: str, person: str) -> bool:
        statement = select(appointment.c.id).where(
            appointment.c.day == day,
            appointment.c.person == person,
            appointment.c.state.in_(("booked", "arrived")),
        )
        return self._conn.execute(statement.limit(1)).first() is not None

    def add_appointment(self, entry: Appointment) -> None:
        self._conn.execute(appointment.insert(), asdict(entry))

    def save_appointment(self, entry: Appointment) -> None:
        values = asdict(entry)
        key = values.pop("id")
        self._conn.execute(update(appointment).where(appointment.c.id == key).values(**values))

    def miss_appointments(self, last: str) -> dict[str, int]:
        statement = (
            update(appointment)
            # Whoever is still booked has a hash: so the index of those alone is used.
            .where(
                appointment.c.day <= last,
                appointment.c.state == "booked",
                appointment.c.person.is_not(None),
            )
            .values(state="no_show", person=None)
            .returning(appointment.c.service_id)
        )
        return dict(Counter(row[0] for row in self._conn.execute(statement)))

    def forget_people(self, since: str, before: str) -> None:
        statement = update(appointment).where(
            appointment.c.day >= since,
            appointment.c.day < before,
            appointment.c.person.is_not(None),
        )
        self._conn.execute(statement.values(person=None))
