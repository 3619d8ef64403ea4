"""Everything that is read without changing anything."""

import threading

from hall_server.domain.errors import NotFound
from hall_server.domain.hall import ORDINARY, Hall
from hall_server.domain.instant import MINUTE, Moment
from hall_server.domain.profile import EVERYTHING, WorkProfile
from hall_server.domain.ticket import Ticket
from hall_server.service import audit, views
from hall_server.service.accuracy import accuracy_of
from hall_server.service.after_hours import AfterHours, after_hours
from hall_server.service.alarms import alarms
from hall_server.service.answers import (
    ForecastAccuracy,
    Position,
    Profile,
    ProfileChange,
    WindowList,
    WindowLive,
)
from hall_server.service.audit import JournalPage
from hall_server.service.audit_ports import Wanted
from hall_server.service.board import MOST_TICKETS, fresh, make_board, public_pages
from hall_server.service.commands import Commands
from hall_server.service.layout import kind_of, may_call
from hall_server.service.ports import QueueReader, Store
from hall_server.service.profiles import profile_of
from hall_server.service.quotas import full_services
from hall_server.service.standing import Standing
from hall_server.service.stranded import after_profile, everybody_waiting, stranded
from hall_server.service.summary import day_summary
from hall_server.service.window import change_of
from hallkit.wire import hall as wire
from hallkit.wire.board import Board, PublicPages
from hallkit.wire.slips import SummarySlip
from hallkit.wire.ticket import Ticket as TicketMessage
from hallkit.wire.ticket import TicketList


class Queries:
    """Reads of the hall as it stands; thread-safe."""

    def __init__(self, store: Store, commands: Commands) -> None:
        self._store = store
        self._commands = commands
        self._board_lock = threading.Lock()
        self._board: tuple[int, range, Board] | None = None
        self._hall_lock = threading.Lock()
        self._hall: tuple[int, int, Hall, wire.Hall] | None = None

    def _standing(self, reader: QueueReader, moment: Moment) -> Standing:
        return Standing(reader, self._commands.hall, moment)

    def last_seq(self) -> int:
        """The journal's last sequence."""
        return self._store.read(lambda tx: tx.last_seq())

    def journal(self, wanted: Wanted) -> JournalPage:
        """A page of the journal."""
        return self._store.read(lambda tx: audit.page(tx, self._commands.hall, wanted))

    def kept(self) -> tuple[int, int]:
        """The sequence of the last journal entry that was removed (0: none), and of the last."""

        def work(reader: QueueReader) -> tuple[int, int]:
            anchor = reader.anchor()
            return anchor.seq if anchor is not None else 0, reader.last_seq()

        return self._store.read(work)

    def hall(self) -> wire.Hall:
        """The hall with its windows as they are now; made once per journal entry and minute, as
        hours and rules begin with one: every page and device asks when the hall has changed."""
        now, hall = self._commands.today(), self._commands.hall
        minute = now.at // MINUTE
        with self._hall_lock:
            seq, kept = self.last_seq(), self._hall
            if kept and kept[:2] == (seq, minute) and kept[2] is hall:
                return kept[3]
            made = self._make_hall(hall, now)
            self._hall = (seq, minute, hall, made)
            return made

    def _make_hall(self, hall: Hall, now: Moment) -> wire.Hall:
        def work(reader: QueueReader) -> wire.Hall:
            standing = self._standing(reader, now)
            windows = [
                views.window(hall, state, standing.active.get(number))
                for number, state in standing.layout.windows.items()
            ]
            unserved = [
                s for s in hall.services if not standing.layout.takers((s, ORDINARY, None)).opened
            ]
            return views.hall(hall, windows, now, full_services(reader, hall, now), unserved)

        return self._store.read(work)

    def board(self) -> Board:
        """What the public board shows; made at most once per journal entry and two seconds, and
        when a notice, the session or the day ends."""
        now = self._commands.today()
        with self._board_lock:
            seq = self.last_seq()
            kept = self._board
            if kept and kept[0] == seq and now.at in kept[1] and kept[2].business_day == now.day:
                return kept[2]
            hall, forecasts = self._commands.hall, self._commands.forecasts
            board = self._store.read(lambda tx: make_board(tx, hall, forecasts, now))
            self._board = (board.journal_seq, fresh(board, now), board)
            return board

    def public_pages(self) -> PublicPages:
        """The public pages of today."""
        return public_pages(self._commands.hall, self._commands.today())

    def forecast_accuracy(self, days: int) -> ForecastAccuracy:
        """How good the forecasts of the last ``days`` were, today included."""
        commands, now = self._commands, self._commands.today()
        return accuracy_of(self._store, commands.hall, commands.forecasts, now, days)

    def windows(self) -> WindowList:
        """Every window with what it takes now, and whom no open window may call."""
        now = self._commands.today()

        def work(reader: QueueReader) -> WindowList:
            standing, waiting = self._standing(reader, now), everybody_waiting(reader, now)
            return WindowList(
                windows=[self._live(standing, n, waiting) for n in standing.layout.windows],
                stranded=stranded(standing.layout, self._commands.hall, waiting),
                alarms=alarms(self._commands.hall, waiting, now),
            )

        return self._store.read(work)

    def window(self, number: int) -> WindowLive:
        """One window. Raises NotFound."""
        self._commands.hall.window(number)
        now = self._commands.today()

        def work(reader: QueueReader) -> WindowLive:
            waiting = [
                t for t, _ in reader.best_waiting(now.day, None, EVERYTHING, now.at, MOST_TICKETS)
            ]
            return self._live(self._standing(reader, now), number, waiting)

        return self._store.read(work)

    def _live(self, standing: Standing, number: int, waiting: list[Ticket]) -> WindowLive:
        hall = self._commands.hall
        taken = standing.layout.taken[number]
        active = standing.active.get(number)
        sign = views.window(hall, standing.layout.windows[number], active)
        mine = sum(1 for t in waiting if may_call(number, taken, kind_of(t, hall)))
        return WindowLive(
            **sign.model_dump(),
            profile=views.profile(standing.layout.profiles[number]),
            services_now=sorted(hall.services if taken.services is None else taken.services),
            waiting=mine,
            active=views.ticket(active, hall, self._commands.urls) if active else None,
        )

    def after_hours(self, day: str) -> AfterHours:
        """What was done after hours on a day."""
        return self._store.read(lambda tx: after_hours(tx, self._commands.hall, day))

    def summary(self, day: str) -> SummarySlip:
        """A day in figures. Raises NotFound."""
        hall, now = self._commands.hall, self._commands.today()
        return self._store.read(lambda tx: day_summary(tx, hall, day, now))

    def profile(self, number: int) -> Profile:
        """The work profile in force at a window. Raises NotFound."""
        place = self._commands.hall.window(number)
        return self._store.read(lambda tx: views.profile(profile_of(tx, place)))

    def try_profile(self, number: int, profile: WorkProfile) -> ProfileChange:
        """What it would do to give the window this profile; changes nothing."""
        hall, now = self._commands.hall, self._commands.today()
        left = self._store.read(lambda tx: after_profile(tx, hall, now, number, profile))
        return change_of(profile, left, dry_run=True)

    def ticket(self, ticket_id: str) -> TicketMessage:
        """A ticket by id. Raises NotFound."""

        now = self._commands.today()

        def work(reader: QueueReader) -> TicketMessage:
            found = reader.ticket(ticket_id)
            if found is None:
                raise NotFound("unknown_ticket", "没有这个号码", "there is no such ticket")
            return self._shown(self._standing(reader, now), found, now)

        return self._store.read(work)

    def _shown(self, standing: Standing, ticket: Ticket, now: Moment) -> TicketMessage:
        ahead, wait = standing.of(ticket)
        wait = self._commands.forecasts.wait(ticket, now.at, wait)
        return views.ticket(ticket, self._commands.hall, self._commands.urls, ahead, wait)

    def by_number(self, series: str, sequence: int) -> TicketList:
        """Today's ticket of this number, if there is one."""
        now = self._commands.today()

        def work(reader: QueueReader) -> list[TicketMessage]:
            found = reader.tickets_by_number(now.day, series, sequence)
            return [self._shown(self._standing(reader, now), t, now) for t in found]

        return TicketList(tickets=self._store.read(work))

    def in_states(
        self, states: list[str], service_id: str | None, window: int | None
    ) -> TicketList:
        """Today's tickets in these states: waiting ones in calling order, others by their issue.
        ``window``: only those that it may call (waiting) or that it called last."""
        now = self._commands.today()
        hall, urls = self._commands.hall, self._commands.urls
        if window is not None:
            hall.window(window)

        def work(reader: QueueReader) -> list[TicketMessage]:
            standing = self._standing(reader, now)
            taken = standing.layout.taken
            shown: list[TicketMessage] = []
            if "waiting" in states:
                queue = reader.best_waiting(now.day, None, EVERYTHING, now.at, MOST_TICKETS)
                for t, ahead, wait in standing.in_order([t for t, _ in queue]):
                    if window is None or may_call(window, taken[window], kind_of(t, hall)):
                        wait = self._commands.forecasts.wait(t, now.at, wait)
                        shown.append(views.ticket(t, hall, urls, ahead, wait))
            others = [s for s in states if s != "waiting"]
            if others:
                for t in reader.tickets_in(now.day, others, MOST_TICKETS):
                    if window is None or t.window == window:
                        shown.append(views.ticket(t, hall, urls))
            return [t for t in shown if service_id in (None, t.service_id)]

        return TicketList(tickets=self._store.read(work))

    def position(self, token: str) -> Position | None:
        """What the ticket's own page shows; None when no ticket has this token."""
        hall, now = self._commands.hall, self._commands.today()

        def work(reader: QueueReader) -> tuple[Ticket, TicketMessage, bool] | None:
            found = reader.ticket_by_token(token)
            if found is None:
                return None
            standing = self._standing(reader, now)
            opened = bool(standing.layout.takers(kind_of(found, hall)).opened)
            return found, self._shown(standing, found, now), opened

        read = self._store.read(work)
        if read is None:
            return None
        found, shown, opened = read
        active = found.state in ("called", "serving")
        return Position(
            hall_name=hall.name,
            number=shown.number,
            service_name=shown.service_name,
            state=shown.state,
            ahead=shown.ahead,
            window_open=opened,
            p50_min=shown.p50_min,
            p90_min=shown.p90_min,
            forecast=self._commands.forecasts.source(
                found, now.at, shown=shown.p50_min is not None
            ),
            window=shown.window if active else None,
            window_name=views.call(found, hall).window_name if active else None,
            more_services=shown.more_services,
            outcome=shown.outcome,
            missed_rule=hall.missed.text,
            issued_at=shown.issued_at,
        )
