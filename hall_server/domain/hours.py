"""When the hall is open."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from hall_server.domain.calendar import Calendar

# More days than anybody looks at between two starts of the server, and few enough to keep.
_MOST_KEPT = 1_024
_SATURDAY = 6


@dataclass(frozen=True)
class OpeningSession:
    """Open on ``weekdays`` (1 = Monday) from ``start`` up to but not including ``end``;
    ``appointment_only``: numbers are given to those who booked, and to nobody else."""

    weekdays: frozenset[int]
    start: time
    end: time
    appointment_only: bool = False

    def holds(self, local: datetime) -> bool:
        """Whether the hall is in this session at this local time."""
        return local.isoweekday() in self.weekdays and self.spans(_clock(local))

    def spans(self, clock: time) -> bool:
        """Whether this time of day is in the session."""
        return self.start <= clock < self.end


def _clock(local: datetime) -> time:
    return local.time().replace(tzinfo=None)


def by_weekdays(sessions: tuple[OpeningSession, ...]) -> bool:
    """Whether everybody may come on Monday to Friday alone: such a hall rests and works with the
    country, unless its file says otherwise."""
    return all(max(s.weekdays) < _SATURDAY for s in sessions if not s.appointment_only)


@dataclass(frozen=True)
class Hours:
    """The hall's week, and its days that differ.

    ``always`` opens it at any hour (a demonstration); ``serve_all_taken``: whoever has a number
    when it closes is still served; ``national``: it rests on the calendar's holidays and works on
    its make-up workdays (the hall's own days hold in any case); on a make-up workday it has the
    sessions, and its windows the rules, of the weekday ``makeup_as``; ``stop_before_min``: no
    numbers in the last so many minutes before the day's close; ``closing_soon_min``: from how many
    minutes before the end of a session's numbers everybody is told of it.
    """

    sessions: tuple[OpeningSession, ...]
    always: bool = False
    serve_all_taken: bool = True
    calendar: Calendar = field(default_factory=Calendar)
    national: bool = True
    makeup_as: int = 1
    stop_before_min: int = 0
    closing_soon_min: int = 15

    @cached_property
    def _days(self) -> dict[date, tuple[OpeningSession, ...]]:
        return {}

    @cached_property
    def _in_force(self) -> Calendar:
        return self.calendar if self.national else replace(self.calendar, years={})

    def weekday(self, day: date) -> int:
        """The weekday (1 = Monday) whose sessions and rules hold on this day."""
        return self.makeup_as if self._in_force.is_makeup(day) else day.isoweekday()

    def rests(self, day: date) -> bool:
        """Whether it is a holiday by name on which the hall rests."""
        return self._in_force.is_holiday(day)

    def as_weekday(self, local: datetime) -> datetime:
        """This local time, moved to a day with the weekday whose rules hold."""
        moved = self.weekday(local.date()) - local.isoweekday()
        return local + timedelta(days=moved) if moved else local

    def on(self, day: date) -> tuple[OpeningSession, ...]:
        """The day's sessions in order; none when the hall rests."""
        found = self._days.get(day)
        if found is None:
            if len(self._days) >= _MOST_KEPT:
                self._days.clear()
            found = self._days[day] = self._sessions_on(day)
        return found

    def _sessions_on(self, day: date) -> tuple[OpeningSession, ...]:
        if self.rests(day):
            return ()
        weekday = self.weekday(day)
        own = [s for s in self.sessions if weekday in s.weekdays]
        return tuple(sorted(own, key=lambda s: s.start))

    def _at(self, local: datetime) -> OpeningSession | None:
        clock = _clock(local)
        return next((s for s in self.on(local.date()) if s.spans(clock)), None)

    def open_at(self, local: datetime) -> bool:
        """Whether numbers are given at this local time to whoever comes."""
        if self.always:
            return True
        session = self._at(local)
        if session is None or session.appointment_only:
            return False
        return not self.stop_before_min or _clock(local) < self._last_number(local.date())

    def closes_at(self, local: datetime) -> datetime | None:
        """When the numbers of this local time's session end: with it, or ``stop_before_min``
        earlier; None while no numbers are given, and where the hall never closes."""
        session = None if self.always else self._at(local)
        if session is None:
            return None
        end = session.end
        if self.stop_before_min and not session.appointment_only:
            end = min(end, self._last_number(local.date()))
        return datetime.combine(local, end, local.tzinfo) if _clock(local) < end else None

    def day_closes(self, local: datetime) -> datetime:
        """When the last session of this local day ends; where it has, and where there is none,
        when the day does."""
        day, sessions = local.date(), () if self.always else self.on(local.date())
        if sessions and _clock(local) < sessions[-1].end:
            return datetime.combine(day, sessions[-1].end, local.tzinfo)
        return datetime.combine(day + timedelta(days=1), time.min, local.tzinfo)

    def _last_number(self, day: date) -> time:
        close = datetime.combine(day, self.on(day)[-1].end)
        last = close - timedelta(minutes=self.stop_before_min)
        return last.time() if last.date() == day else time.min

    def spans(self, day: date, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
        """The times of the day at which numbers are given to whoever comes, in order, each from
        its beginning up to but not including its end; exactly those of ``open_at``."""
        if self.always:
            midnight = datetime.combine(day, time.min, zone)
            tomorrow = datetime.combine(day + timedelta(days=1), time.min, zone)
            return [(midnight, tomorrow)]
        last = self._last_number(day) if self.stop_before_min and self.on(day) else time.max
        found = [
            (datetime.combine(day, s.start, zone), datetime.combine(day, min(s.end, last), zone))
            for s in self.on(day)
            if not s.appointment_only
        ]
        return [(start, end) for start, end in found if start < end]

    def why_closed(self, local: datetime) -> tuple[str, str]:
        """Why no numbers are given to whoever comes, beyond the hours themselves, in Chinese and
        English; empty when there is nothing more to say."""
        if self.rests(local.date()):
            return "今天放假", "closed today, a holiday"
        session = self._at(local)
        if session is None:
            return "", ""
        if session.appointment_only:
            return "此时段只接待预约群众", "now for those who booked only"
        return f"下班前{self.stop_before_min}分钟停止取号", (
            f"numbers stop {self.stop_before_min} minutes before closing"
        )

    def over_at(self, local: datetime, for_min: int = 0) -> bool:
        """Whether the day's last session is over, and has been for so many minutes; on a day
        without sessions from the beginning."""
        day = local.date()
        if for_min:
            local = max(
                local - timedelta(minutes=for_min), datetime.combine(day, time.min, local.tzinfo)
            )
        clock = _clock(local)
        return not self.always and all(clock >= s.end for s in self.on(day))

    def sends_home_at(self, local: datetime) -> bool:
        """Whether the day's last session is over in a hall that then serves nobody who waits."""
        has_day = bool(self.on(local.date()))
        return has_day and not self.serve_all_taken and self.over_at(local)
