"""Appointments as staff work with them: each method is one command or one look."""

from collections.abc import Callable
from datetime import date

from hall_server.domain.errors import Invalid, Refused
from hall_server.domain.instant import from_instant
from hall_server.service import appointments as use
from hall_server.service.appointments_answers import (
    Appointment,
    AppointmentList,
    AppointmentsImported,
    AppointmentSlot,
    rules,
    shown,
)
from hall_server.service.appointments_csv import Rows
from hall_server.service.commands import Commands
from hall_server.service.context import Context
from hall_server.service.ports import Store, Transaction
from hallkit.wire.message import Message


class Appointments:
    """Books, gives back, imports and lists appointments; thread-safe."""

    def __init__(self, store: Store, commands: Commands) -> None:
        self._store = store
        self._commands = commands

    def _run(
        self,
        actor: str,
        request_id: str,
        name: str,
        secret: str,
        case: Callable[[Transaction, Context], Message],
        **open_fields: object,
    ) -> str:
        """A command whose ``secret`` is not kept: a repeat is known by its keyed hash."""
        key = self._store.read(lambda tx: tx.meta(use.KEY))
        if key is None:
            key = self._store.write(use.person_key).hex()
        command = {**open_fields, "digest": use.digest(bytes.fromhex(key), request_id, secret)}
        return self._commands.run(actor, request_id, name, command, case)

    def book(self, actor: str, request_id: str, wanted: use.Wanted) -> str:
        """Books one; the answer is an Appointment as JSON. Raises NotFound, Conflict, Invalid."""

        def work(tx: Transaction, context: Context) -> Appointment:
            entry = use.book(tx, context, wanted)
            use.record_booked(tx, context, [entry])
            return shown(entry, context.hall, context.now)

        return self._run(
            actor,
            request_id,
            "book",
            wanted.person,
            work,
            service_id=wanted.service_id,
            starts=wanted.starts,
            channel=wanted.channel,
        )

    def cancel(self, actor: str, request_id: str, code: str) -> str:
        """Gives one back. Raises NotFound, Conflict."""
        return self._commands.run(
            actor,
            request_id,
            "cancel-appointment",
            {"code": code},
            lambda tx, context: use.cancel(tx, context, code),
        )

    def import_csv(self, actor: str, request_id: str, text: str) -> str:
        """Books all rows of a table, or none. Raises Conflict, and Invalid with everything that
        is wrong."""

        def work(tx: Transaction, context: Context) -> AppointmentsImported:
            table = Rows(text, context.hall.zone)
            entries = []
            for number, wanted in table.wanted:
                try:
                    entries.append(use.book(tx, context, wanted))
                except Refused as error:
                    table.refused(number, error)
            table.need_good()
            if entries:
                use.record_booked(tx, context, entries)
            return AppointmentsImported(
                booked=[shown(entry, context.hall, context.now) for entry in entries]
            )

        return self._run(actor, request_id, "import-appointments", text, work)

    def on(self, day: str, service_id: str | None) -> AppointmentList:
        """A day's bookings, and a service's slots with what they have left. Raises Invalid,
        NotFound."""
        hall, now = self._commands.hall, self._commands.today()
        when = _date(day)
        entries = self._store.read(lambda tx: tx.appointments_on(day))
        slots: list[AppointmentSlot] = []
        if service_id is not None and hall.appointments.takes(hall.service(service_id).id):
            first, last = hall.appointments.days(hall.hours, now)
            booked = self._store.read(lambda tx: tx.booked_by_slot(day, service_id))
            slots = [
                AppointmentSlot(
                    starts=from_instant(slot.starts, hall.zone),
                    ends=from_instant(slot.ends, hall.zone),
                    left=max(0, hall.appointments.capacity - booked.get(slot.starts, 0)),
                    bookable=first <= when <= last and slot.starts > now.at,
                )
                for slot in hall.appointments.slots(when, hall.hours, now)
            ]
        return AppointmentList(
            day=day,
            appointments=[shown(entry, hall, now.at) for entry in entries],
            slots=slots,
            estimated=not hall.hours.calendar.has_year(when.year),
            rules=rules(hall, now),
        )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(
            "invalid_fields",
            "字段有误：day",
            "invalid fields: day",
            [{"field": "day", "message": "没有这一天 / there is no such day"}],
        ) from None
