"""A ticket and every step it may take.

waiting → called → serving → done; called → no_show → waiting | void; serving → parked → serving;
serving | called → waiting by transfer; serving → waiting for the next of several services;
done for now (papers missing) → waiting; waiting → cancelled; anything open → void at day's end.
"""

from dataclasses import dataclass, replace
from typing import Literal

from hall_server.domain.errors import Conflict
from hall_server.domain.instant import Instant
from hall_server.domain.numbering import ticket_number

State = Literal["waiting", "called", "serving", "done", "no_show", "parked", "cancelled", "void"]
Outcome = Literal["done", "supplement"]

STATE_WORDS: dict[str, tuple[str, str]] = {
    "waiting": ("等候中", "waiting"),
    "called": ("已呼叫", "called"),
    "serving": ("办理中", "being served"),
    "done": ("已办结", "done"),
    "no_show": ("已过号", "missed"),
    "parked": ("已挂起", "parked"),
    "cancelled": ("已取消", "cancelled"),
    "void": ("已作废", "void"),
}
FINAL = frozenset({"done", "cancelled", "void"})


@dataclass(frozen=True)
class Ticket:
    """One visit's place in the queue.

    ``base`` is the time from which points count; ``window`` the number of the window that called
    it last; ``passes`` how many calls it missed for the service it waits for; ``held_until`` how
    many more calls, at windows that may call it, a requeued ticket waits for (until then it is
    called only if nobody else waits); ``target`` the only window that may call it (a transfer to a
    window); ``token`` the secret part of its position page's address.
    ``later`` are the services still to be done on the same ticket, comma-joined (一票多事);
    ``outcome`` is ``supplement`` when it was finished for now because papers are missing (补正);
    ``first_called`` the time of its first call ever; ``forecast_p50`` and ``forecast_p90`` the
    minutes of waiting promised when it was issued, unrounded, to be scored by that call.
    """

    id: str
    day: str
    series: str
    sequence: int
    service_id: str
    priority: str
    state: State
    channel: str
    token: str
    base: Instant
    issued: Instant
    window: int | None = None
    called: Instant | None = None
    started: Instant | None = None
    ended: Instant | None = None
    passes: int = 0
    held_until: int = 0
    target: int | None = None
    offline: bool = False
    later: str = ""
    outcome: str | None = None
    appointment: str | None = None
    first_called: Instant | None = None
    forecast_p50: float | None = None
    forecast_p90: float | None = None

    @property
    def number(self) -> str:
        """What the visitor reads and hears, such as ``A012``."""
        return ticket_number(self.series, self.sequence)

    @property
    def more_services(self) -> tuple[str, ...]:
        """The ids of the services still to be done after this one, in turn."""
        return tuple(self.later.split(",")) if self.later else ()

    @property
    def lacks_papers(self) -> bool:
        """Whether it is finished for now only: it may come back the same day (补正)."""
        return self.state == "done" and self.outcome == "supplement"

    def _need(self, *states: State) -> None:
        if self.state not in states:
            zh, en = STATE_WORDS[self.state]
            raise Conflict(
                "wrong_ticket_state",
                f"{self.number} 号{zh}，不能进行此操作",
                f"ticket {self.number} is {en}; this cannot be done now",
                [{"state": self.state}],
            )

    def call(self, window: int, now: Instant) -> "Ticket":
        """Called to a window."""
        self._need("waiting", "no_show")
        return replace(
            self,
            state="called",
            window=window,
            called=now,
            first_called=self.first_called if self.first_called is not None else now,
            ended=None,
            held_until=0,
            target=None,
        )

    def recall(self, now: Instant) -> "Ticket":
        """Called again, the same window."""
        self._need("called")
        return replace(self, called=now)

    def start(self, now: Instant) -> "Ticket":
        """The visitor came to the window."""
        self._need("called")
        return replace(self, state="serving", started=now)

    def finish(self, now: Instant, outcome: Outcome = "done") -> "Ticket":
        """Served; or, with ``supplement``, for now, because papers are missing."""
        self._need("serving")
        lacking = "supplement" if outcome == "supplement" else None
        return replace(self, state="done", ended=now, outcome=lacking)

    def wait_for_next(self) -> "Ticket":
        """One service is done, the next of ``more_services`` is waited for; number and base time
        stay, and missed calls are counted anew."""
        self._need("serving")
        return replace(self._with_next_service(), state="waiting", started=None)

    def go_on(self, now: Instant) -> "Ticket":
        """One service is done, the next of ``more_services`` is served at once, where it is."""
        self._need("serving")
        return replace(self._with_next_service(), started=now)

    def _with_next_service(self) -> "Ticket":
        if not self.later:
            raise Conflict(
                "no_next_service",
                f"{self.number} 号没有其他要办的事项",
                f"ticket {self.number} has no other service to be done",
            )
        following, *rest = self.more_services
        return replace(self, service_id=following, later=",".join(rest), passes=0)

    def come_back(self) -> "Ticket":
        """Back with the papers that were missing, in the old place."""
        if not self.lacks_papers:
            self._need()
        return replace(self, state="waiting", ended=None, started=None, outcome=None)

    def miss(self, now: Instant) -> "Ticket":
        """Called and did not come."""
        self._need("called")
        return replace(self, state="no_show", ended=now, passes=self.passes + 1)

    def requeue(self, *, base: Instant, held_until: int) -> "Ticket":
        """Back among the waiting after a missed call."""
        self._need("no_show")
        return replace(self, state="waiting", ended=None, base=base, held_until=held_until)

    def one_call_nearer(self) -> "Ticket":
        """Somebody else was called where this ticket could have been."""
        return replace(self, held_until=max(0, self.held_until - 1))

    def park(self) -> "Ticket":
        """Set aside at its window while something is fetched."""
        self._need("serving")
        return replace(self, state="parked")

    def resume(self, window: int) -> "Ticket":
        """Taken up again after parking."""
        self._need("parked")
        return replace(self, state="serving", window=window)

    def transfer(self, service_id: str, target: int | None) -> "Ticket":
        """On to another service or window; number and base time stay."""
        self._need("called", "serving")
        later = ",".join(id_ for id_ in self.more_services if id_ != service_id)
        return replace(
            self, state="waiting", service_id=service_id, later=later, target=target, started=None
        )

    def reclass(self, priority: str) -> "Ticket":
        """Of another priority class; number and waiting so far stay."""
        self._need("waiting")
        return replace(self, priority=priority)

    def cancel(self, now: Instant) -> "Ticket":
        """Given back by the visitor."""
        self._need("waiting")
        return replace(self, state="cancelled", ended=now)

    def void(self, now: Instant) -> "Ticket":
        """No longer valid."""
        if self.state in FINAL:
            self._need()
        return replace(self, state="void", ended=now)
