"""Appointments (预约): when one can be made, given back and used.

booked → arrived | cancelled | no_show
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

from hall_server.domain.errors import Conflict, Invalid
from hall_server.domain.hours import Hours
from hall_server.domain.instant import MINUTE, Instant, Moment, to_instant

AppointmentState = Literal["booked", "arrived", "cancelled", "no_show"]

# The priority class of a booked visitor, where the hall has it.
APPOINTMENT_CLASS = "appointment"
_OVER: dict[str, tuple[str, str, str]] = {
    "arrived": ("appointment_used", "该预约已取过号", "a number was already taken with this code"),
    "cancelled": ("appointment_cancelled", "该预约已取消", "this appointment was cancelled"),
    "no_show": (
        "appointment_missed",
        "该预约已过时作废，请现场取号",
        "this appointment was missed; please take an ordinary number",
    ),
}


@dataclass(frozen=True)
class Appointment:
    """A booking of a slot. ``person`` is a keyed hash of what identifies the visitor, None once
    it is no longer needed; ``code`` is what the visitor types."""

    id: str
    code: str
    day: str
    service_id: str
    starts: Instant
    ends: Instant
    state: AppointmentState
    channel: str
    person: str | None
    created: Instant

    def need_booked(self) -> None:
        """Raises Conflict when it is over, in whichever way."""
        if self.state in _OVER:
            raise Conflict(*_OVER[self.state])

    def cancel(self) -> "Appointment":
        """Given back; who it was is forgotten."""
        self.need_booked()
        return replace(self, state="cancelled", person=None)

    def arrive(self) -> "Appointment":
        """A number was taken with it."""
        self.need_booked()
        return replace(self, state="arrived")


@dataclass(frozen=True)
class Slot:
    """A time that can be booked, up to but not including ``ends``."""

    starts: Instant
    ends: Instant


def _local(when: Instant, moment: Moment) -> datetime:
    return datetime.fromtimestamp(when / 1000, moment.local.tzinfo)


def _at(when: Instant, moment: Moment) -> str:
    local = _local(when, moment)
    return f"{local:%H:%M}" if local.date() == moment.local.date() else f"{local:%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class AppointmentRules:
    """What the hall file says about appointments. ``services``: ids, None for every one; a slot
    takes ``capacity`` people for each service."""

    enabled: bool = False
    days_ahead_min: int = 1
    days_ahead_max: int = 5
    per_person_per_day: int = 1
    cancel_before_h: int = 2
    early_min: int = 15
    late_min: int = 30
    slot_min: int = 30
    capacity: int = 2
    services: frozenset[str] | None = None

    def takes(self, service_id: str) -> bool:
        """Whether the service can be booked."""
        return self.enabled and (self.services is None or service_id in self.services)

    def slots(self, day: date, hours: Hours, moment: Moment) -> list[Slot]:
        """The slots of a day, in order: the opening sessions, cut. A slot that a change of the
        clock to summer time skips does not exist."""
        found = []
        length = timedelta(minutes=self.slot_min)
        for session in hours.on(day):
            start = datetime.combine(day, session.start)
            while start + length <= datetime.combine(day, session.end):
                local = start.replace(tzinfo=moment.local.tzinfo)
                starts = to_instant(local)
                if (
                    datetime.fromtimestamp(starts / 1000, local.tzinfo).replace(tzinfo=None)
                    == start
                ):
                    found.append(Slot(starts, starts + self.slot_min * MINUTE))
                start += length
        return found

    def days(self, hours: Hours, moment: Moment) -> tuple[date, date]:
        """The first and the last day that can be booked now."""
        today = moment.local.date()
        first = today + timedelta(days=self.days_ahead_min)
        return first, max(first, hours.calendar.add_workdays(today, self.days_ahead_max))

    def check_day(self, day: date, hours: Hours, moment: Moment) -> None:
        """Raises Conflict when the day is too near or too far to be booked."""
        first, last = self.days(hours, moment)
        if day < first:
            raise Conflict(
                "booking_too_late",
                f"须提前 {self.days_ahead_min} 天预约，最早 {first}",
                f"book {self.days_ahead_min} day(s) ahead; {first} is the first day",
            )
        if day > last:
            raise Conflict(
                "booking_too_far",
                f"只能预约 {self.days_ahead_max} 个工作日以内，最晚 {last}",
                f"only {self.days_ahead_max} working days ahead; {last} is the last day",
            )

    def slot_at(self, starts: Instant, hours: Hours, moment: Moment) -> Slot:
        """The slot that begins then. Raises Invalid when there is none, Conflict when its day is
        too near or too far."""
        day = _local(starts, moment).date()
        self.check_day(day, hours, moment)
        if starts <= moment.at:
            raise Conflict("booking_too_late", "该时段已经开始", "this slot has begun already")
        found = next((s for s in self.slots(day, hours, moment) if s.starts == starts), None)
        if found is None:
            raise Invalid(
                "no_such_slot",
                "该时间没有可预约的时段",
                "no slot begins at this time",
                [{"field": "starts", "message": "没有此时段 / no such slot"}],
            )
        return found

    def check_arrival(self, booking: Appointment, moment: Moment) -> None:
        """Raises Conflict when a number cannot be taken with it now."""
        booking.need_booked()
        # A number taken before midnight would be one of the day before.
        day = _local(booking.starts, moment).date()
        midnight = to_instant(datetime.combine(day, time.min, moment.local.tzinfo))
        opens = max(booking.starts - self.early_min * MINUTE, midnight)
        if moment.at < opens:
            raise Conflict(
                "appointment_too_early",
                f"预约时间是 {_at(booking.starts, moment)}，{_at(opens, moment)} 起可以取号",
                f"booked for {_at(booking.starts, moment)}; come from {_at(opens, moment)}",
            )
        if self.missed_at(booking, moment.at):
            raise Conflict(*_OVER["no_show"])

    def missed_at(self, booking: Appointment, now: Instant) -> bool:
        """Whether it is too late for somebody who booked and did not come."""
        return booking.state == "booked" and now > booking.starts + self.late_min * MINUTE

    def check_cancel(self, booking: Appointment, moment: Moment) -> None:
        """Raises Conflict when it is over, or so near that its place would stay empty."""
        booking.need_booked()
        last = booking.starts - self.cancel_before_h * 60 * MINUTE
        if moment.at > last:
            raise Conflict(
                "cancel_too_late",
                f"须在预约时间前 {self.cancel_before_h} 小时取消，已过 {_at(last, moment)}",
                f"cancel {self.cancel_before_h} h ahead; it is past {_at(last, moment)}",
            )
