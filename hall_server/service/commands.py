"""How a command runs: once per ``request_id``, in one transaction, durable before its answer."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from hall_server.domain.errors import Conflict
from hall_server.domain.hall import Hall
from hall_server.domain.instant import MINUTE, Instant, Moment, moment, to_instant
from hall_server.service.clock_watch import ClockWatch, Steady
from hall_server.service.context import Context
from hall_server.service.day import SYSTEM, begin_phase, phase_of
from hall_server.service.forecasts import Forecasts
from hall_server.service.layout import Layouts
from hall_server.service.missed import look_due, void_expired
from hall_server.service.ports import (
    NewEvent,
    Remembered,
    StorageFailed,
    Store,
    Then,
    Transaction,
    WriterStopped,
)
from hall_server.service.views import Urls
from hallkit.runtime.clock import Clock
from hallkit.wire.message import Message

_log = logging.getLogger(__name__)
# NTP may correct by a few seconds; more means that the clock was wrong before, or is now.
CLOCK_BEHIND_S = 60

UseCase = Callable[[Transaction, Context], Message]


@dataclass(frozen=True)
class _Begun:
    """What a command starts with, and until when no kept number expires."""

    context: Context
    look_after: Instant


class Commands:
    """Runs use cases on the hall; thread-safe."""

    def __init__(
        self, store: Store, hall: Hall, clock: Clock, urls: Urls, steady: Steady | None = None
    ) -> None:
        self.hall = hall
        self.urls = urls
        self.forecasts = Forecasts()
        self._layouts = Layouts()
        self._store = store
        self._clock = clock
        # Time never runs backwards in the journal, whatever the clock does.
        self._last_at = store.read(lambda tx: tx.last_at())
        self._phase: str | None = None
        # The phase of a minute: phases begin and end with one.
        self._phase_at: tuple[int, str] = (-1, "")
        self._look_after: Instant = 0
        self._told_behind = False
        self._watch = ClockWatch(steady, CLOCK_BEHIND_S)
        self._watch.jumped_s(to_instant(clock.now()))
        # When the clock was set forward last, and by how much.
        self.jump: tuple[Moment, int] | None = None

    def moment(self) -> Moment:
        """Now, as the next command would see it."""
        return moment(self._clock.now(), self.hall.zone, self._last_at)

    def today(self) -> Moment:
        """Now, with the business day begun (or closed), so that readers never see what is over.
        Raises StorageFailed, WriterStopped."""
        self._look_at_clock()
        now = self.moment()
        if not self._begins(now):
            return now

        def work(tx: Transaction) -> _Begun:
            return self._begin(tx, SYSTEM, str(uuid4()))

        begun = self._store.write(work)
        self._done(begun)
        return begun.context.moment

    def behind_s(self) -> int:
        """By how many seconds the machine's clock is behind the journal, 0 when it is not. The
        hall's time stands still until the clock has caught up."""
        return max(0, self._last_at - to_instant(self._clock.now())) // 1000

    def _look_at_clock(self) -> None:
        """Writes down that the clock was set forward, in a transaction of its own: the command
        that finds it may be refused."""
        ahead = self._watch.jumped_s(to_instant(self._clock.now()))
        if not ahead:
            return

        def work(tx: Transaction) -> Moment:
            begun = self._begin(tx, SYSTEM, str(uuid4()))
            data = {"clock_jump_s": ahead}
            tx.append(NewEvent("hall.changed", data=data), *begun.context.stamp)
            return begun.context.moment

        try:
            self.jump = (self._store.write(work), ahead)
        except (StorageFailed, WriterStopped):
            self._watch.take_back(ahead)
            raise
        _log.warning("the clock was set forward by %d s", ahead)

    def _phase_of(self, now: Moment) -> str:
        minute = now.at // MINUTE
        known = self._phase_at
        if known[0] != minute:
            known = self._phase_at = (minute, phase_of(self.hall, now))
        return known[1]

    def _begins(self, now: Moment) -> bool:
        """Whether time alone has changed something that is not written down yet."""
        return self._phase != self._phase_of(now) or look_due(self.hall, now, self._look_after)

    def _begin(self, tx: Transaction, actor: str, request_id: str) -> "_Begun":
        """What a command starts with. The devices write to the journal too, so what counts as
        its last entry is what the transaction finds."""
        self._last_at = max(self._last_at, tx.last_at())
        context = Context(
            self.hall,
            self.moment(),
            actor,
            request_id,
            self.urls,
            self.forecasts,
            self._layouts,
        )
        if self._phase != self._phase_of(context.moment):
            begin_phase(tx, context)
        look_after = self._look_after
        if look_due(self.hall, context.moment, look_after):
            look_after = void_expired(tx, context)
        if self.behind_s() > CLOCK_BEHIND_S and not self._told_behind:
            data = {"clock_behind_s": self.behind_s()}
            tx.append(NewEvent("hall.changed", data=data), *context.stamp)
        return _Begun(context, look_after)

    def _done(self, begun: "_Begun") -> None:
        self._phase = self._phase_of(begun.context.moment)
        self._look_after = begun.look_after
        behind = self.behind_s()
        if behind > CLOCK_BEHIND_S and not self._told_behind:
            _log.warning("the clock was set back by %d s: the hall's time stands still", behind)
        self._told_behind = behind > CLOCK_BEHIND_S

    def run(
        self, actor: str, request_id: str, name: str, arguments: Mapping[str, Any], case: UseCase
    ) -> str:
        """Runs a use case and returns its answer as JSON text.

        The same ``request_id`` again returns the first answer and changes nothing; with another
        command or from somebody else it raises Conflict. Raises whatever the use case refuses.
        """
        self._look_at_clock()
        work = self._work(actor, request_id, name, arguments, case)
        answer, begun = self._store.write(work, request_id)
        if begun is not None:
            self._done(begun)
        return answer

    def begin(
        self,
        actor: str,
        request_id: str,
        name: str,
        arguments: Mapping[str, Any],
        case: UseCase,
        then: Then[str],
    ) -> None:
        """The same without waiting: ``then`` is told the answer once it is durable, or what was
        raised. Raises StorageFailed, WriterStopped, and then tells nobody."""
        self._look_at_clock()

        def ended(result: tuple[str, _Begun | None] | None, error: Exception | None) -> None:
            answer, begun = result if result is not None else (None, None)
            try:
                if begun is not None:
                    self._done(begun)
            finally:
                then(answer, error)

        work = self._work(actor, request_id, name, arguments, case)
        self._store.begin(work, ended, request_id)

    def _work(
        self, actor: str, request_id: str, name: str, arguments: Mapping[str, Any], case: UseCase
    ) -> Callable[[Transaction], tuple[str, _Begun | None]]:
        command = json.dumps({"command": name, **arguments}, sort_keys=True, ensure_ascii=False)

        def work(tx: Transaction) -> tuple[str, _Begun | None]:
            before = tx.remembered(request_id)
            if before is not None:
                return _first_answer(before, actor, command), None
            begun = self._begin(tx, actor, request_id)
            context = begun.context
            answer = case(tx, context).model_dump_json(by_alias=True)
            tx.remember(request_id, Remembered(actor, command, answer), context.now)
            self._last_at = context.now
            return answer, begun

        return work


def _first_answer(before: Remembered, actor: str, command: str) -> str:
    if before.actor != actor or before.command != command:
        raise Conflict(
            "request_id_reused",
            "该请求编号已用于另一项操作",
            "this request_id was used for another command",
        )
    return before.answer
