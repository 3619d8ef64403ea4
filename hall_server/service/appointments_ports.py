"""What appointments need of the store."""

from typing import Protocol

from hall_server.domain.appointment import Appointment
from hall_server.domain.instant import Instant


class AppointmentReader(Protocol):
    """The bookings as they stand."""

    def appointment_by_code(self, code: str) -> Appointment | None: ...
    def appointments_on(self, day: str) -> list[Appointment]:
        """A day's bookings, by their time."""
        ...

    def booked_by_slot(self, day: str, service_id: str) -> dict[Instant, int]:
        """How many have booked a service, those who gave it back left out, by the slot's
        beginning."""
        ...


class AppointmentTransaction(AppointmentReader, Protocol):
    """Changes of the bookings."""

    def has_booked(self, day: str, person: str) -> bool:
        """Whether this hash of a person has a booking on the day that was not given back."""
        ...

    def add_appointment(self, entry: Appointment) -> None: ...
    def save_appointment(self, entry: Appointment) -> None: ...
    def miss_appointments(self, last: str) -> dict[str, int]:
        """Those still booked on ``last`` or an earlier day did not come: how many, by service."""
        ...

    def forget_people(self, since: str, before: str) -> None:
        """Forgets who booked on the days from ``since`` up to ``before``."""
        ...
