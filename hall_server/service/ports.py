"""What the use cases need of the store. A transaction is all or nothing."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from hall_server.domain.instant import Instant
from hall_server.domain.points import PriorityClass
from hall_server.domain.profile import Taken
from hall_server.domain.ticket import Ticket
from hall_server.domain.window import Window
from hall_server.service.appointments_ports import AppointmentReader, AppointmentTransaction
from hall_server.service.audit_ports import AuditReader
from hall_server.service.entry import Entry
from hall_server.service.forecasts_ports import ForecastTransaction
from hall_server.service.leases_ports import LeaseTransaction
from hall_server.service.notices_ports import NoticeReader, NoticeTransaction
from hall_server.service.quotas_ports import QuotaReader, QuotaTransaction
from hall_server.service.retention_ports import RetentionReader, RetentionTransaction
from hall_server.service.whatif_ports import WhatIfTransaction
from hallkit.wire.hall import Window as WindowMessage
from hallkit.wire.ticket import Ticket as TicketMessage

R = TypeVar("R")
# Who is told of the end of a command: its result, or why it failed.
Then = Callable[[R | None, Exception | None], None]


class StorageFailed(Exception):
    """The database could not make a command durable (full disk, broken card); nothing changed."""


class WriterStopped(Exception):
    """The server is stopping and takes no more commands."""


@dataclass(frozen=True)
class NewEvent:
    """A journal entry to be written; ``data`` is whatever else a reader of the journal should
    know."""

    type: str
    ticket: TicketMessage | None = None
    window: WindowMessage | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Remembered:
    """The first answer to a ``request_id``, and whose and which command that was."""

    actor: str
    command: str
    answer: str


@dataclass(frozen=True)
class StaffRecord:
    """A member of staff with what log-in needs."""

    staff_no: str
    name: str
    role: str
    pin_hash: str
    failures: int
    locked_until: Instant
    disabled: bool


@dataclass(frozen=True)
class SessionRecord:
    """A log-in. ``token_hash`` is SHA-256 of the cookie."""

    token_hash: str
    staff_no: str
    window: int | None
    csrf_token: str
    expires: Instant


@dataclass(frozen=True)
class DeviceRecord:
    """A device. Both hashes are SHA-256: of the secret it paired with, and of its token (None
    until it fetched one)."""

    id: str
    kind: str
    name: str
    state: str
    code: str
    secret_hash: str
    token_hash: str | None


class QueueReader(QuotaReader, AppointmentReader, NoticeReader, RetentionReader, Protocol):
    """The queue as it stands."""

    def ticket(self, ticket_id: str) -> Ticket | None: ...
    def ticket_by_token(self, token: str) -> Ticket | None: ...
    def tickets_by_number(self, day: str, series: str, sequence: int) -> list[Ticket]: ...
    def tickets_in(self, day: str, states: Collection[str], limit: int) -> list[Ticket]: ...
    def active_at(self, window: int) -> Ticket | None: ...
    def active(self) -> list[Ticket]:
        """Every ticket called or being served."""
        ...

    def waiting_before(
        self,
        ticket: Ticket,
        taken: Taken,
        windows: frozenset[int],
        now: Instant,
    ) -> Mapping[str, int]:
        """How many waiting tickets that ``windows``, which together take this, may call come
        before ``ticket`` in calling order, by service."""
        ...

    def windows(self) -> list[Window]: ...
    def windows_version(self) -> object | None:
        """Changes whenever a window or a profile does; None when that is not known here."""
        ...

    def window(self, number: int) -> Window | None: ...
    def profiles(self) -> dict[int, str]:
        """Profiles changed by a manager, as JSON text, by window."""
        ...

    def best_waiting(
        self,
        day: str,
        window: int | None,
        taken: Taken,
        now: Instant,
        limit: int,
    ) -> list[tuple[Ticket, float]]:
        """The tickets that ``window``, which takes this, may call, in calling order, with points.
        Without a window: every waiting ticket."""
        ...

    def profile(self, window: int) -> str | None:
        """A profile that a manager changed, as JSON text; None when it is the hall file's."""
        ...

    def held(self, day: str) -> list[Ticket]:
        """The day's waiting tickets that a missed call still holds back."""
        ...

    def recent_calls(self, day: str, limit: int) -> list[Ticket]: ...
    def last_seq(self) -> int: ...
    def entries_of_day(self, day: str) -> Sequence[Entry]:
        """The journal's entries of a business day, oldest first."""
        ...

    def entries_after(self, seq: int, limit: int) -> Sequence[Entry]:
        """The journal's entries after ``seq``, oldest first."""
        ...


class Reader(
    QueueReader,
    ForecastTransaction,
    QuotaTransaction,
    AppointmentTransaction,
    NoticeTransaction,
    LeaseTransaction,
    AuditReader,
    RetentionTransaction,
    WhatIfTransaction,
    Protocol,
):
    """Everything that is kept, on one consistent state; what changes something is refused outside
    a command."""

    def last_at(self) -> Instant:
        """The time of the journal's last entry, 0 when it is empty."""
        ...

    def save_profile(self, window: int, rules: str, at: Instant, actor: str) -> None: ...
    def drop_profiles(self) -> None:
        """Every window's profile is the hall file's again."""
        ...

    def leftovers(self, day: str) -> list[Ticket]:
        """Tickets of earlier days that are still open."""
        ...

    def meta(self, key: str) -> str | None: ...
    def set_meta(self, key: str, value: str) -> None: ...
    def add_hall(self, document: str, at: Instant, actor: str) -> None: ...
    def save_priorities(self, classes: Collection[PriorityClass]) -> None:
        """Stores the points rule of these classes, and of no others, where ``best_waiting`` finds
        it."""
        ...

    def hall_document(self) -> str | None:
        """The latest hall file as JSON text."""
        ...

    def staff(self, staff_no: str) -> StaffRecord | None: ...
    def all_staff(self) -> list[StaffRecord]: ...
    def session(self, token_hash: str) -> SessionRecord | None: ...
    def device_by_token(self, token_hash: str) -> DeviceRecord | None: ...
    def save_staff(self, record: StaffRecord) -> None: ...
    def add_session(self, record: SessionRecord) -> None: ...
    def drop_session(self, token_hash: str) -> None: ...
    def drop_sessions_before(self, at: Instant) -> None: ...
    def drop_sessions_of(self, staff_no: str) -> None: ...
    def device(self, device_id: str) -> DeviceRecord | None: ...
    def devices(self) -> list[DeviceRecord]: ...
    def save_device(self, record: DeviceRecord) -> None: ...


class Transaction(Reader, Protocol):
    """Reads and writes of one command."""

    def remembered(self, request_id: str) -> Remembered | None: ...
    def remember(self, request_id: str, entry: Remembered, at: Instant) -> None: ...
    def append(self, event: NewEvent, at: Instant, day: str, actor: str, request_id: str) -> None:
        """Adds to the journal."""
        ...

    def last_sequence(self, day: str, series: str) -> int:
        """The last number taken of the day's series, 0 when there is none."""
        ...

    def take_sequence(self, day: str, series: str, count: int = 1) -> int:
        """Takes the series' next numbers of the day, of which the first is 1; returns the first of
        those taken."""
        ...

    def release_targets(self, window: int) -> None:
        """Tickets waiting for this window alone may be called by others again."""
        ...

    def add_ticket(self, ticket: Ticket) -> None: ...
    def save_ticket(self, ticket: Ticket) -> None: ...
    def save_window(self, window: Window) -> None: ...


class Store(Protocol):
    """Where everything is kept. ``write`` answers only after its transaction is durable; it raises
    whatever ``work`` raises (then nothing changed), StorageFailed, WriterStopped. Name the
    ``request_id`` that the work will ask after: several are looked up together."""

    def write(self, work: Callable[[Transaction], R], request_id: str | None = None) -> R: ...
    def begin(
        self, work: Callable[[Transaction], R], then: Then[R], request_id: str | None = None
    ) -> None:
        """The same without waiting: ``then`` is told, in the thread that writes, and must not keep
        it. Raises WriterStopped, and then tells nobody."""
        ...

    def read(self, work: Callable[[Reader], R]) -> R: ...
