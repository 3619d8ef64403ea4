"""How a command runs: once per ``request_id``, in one transaction, durable before its answer."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from hall_server.domain.errors import Conflict
from hall_server.domain.hall import Hall
from hall_server.domain.instant import Moment, moment
from hall_server.service.context import Context
from hall_server.service.day import open_day
from hall_server.service.ports import Remembered, Store, Transaction
from hall_server.service.views import Urls
from hallkit.runtime.clock import Clock
from hallkit.wire.message import Message

UseCase = Callable[[Transaction, Context], Message]


class Commands:
    """Runs use cases on the hall; thread-safe."""

    def __init__(self, store: Store, hall: Hall, clock: Clock, urls: Urls) -> None:
        self.hall = hall
        self.urls = urls
        self._store = store
        self._clock = clock
        # Time never runs backwards in the journal, whatever the clock does.
        self._last_at = store.read(lambda tx: tx.last_at())
        self._open_day: str | None = None

    def moment(self) -> Moment:
        """Now, as the next command would see it."""
        return moment(self._clock.now(), self.hall.zone, self._last_at)

    def run(
        self, actor: str, request_id: str, name: str, arguments: Mapping[str, Any], case: UseCase
    ) -> str:
        """Runs a use case and returns its answer as JSON text.

        The same ``request_id`` again returns the first answer and changes nothing; with another
        command or from somebody else it raises Conflict. Raises whatever the use case refuses.
        """
        command = json.dumps({"command": name, **arguments}, sort_keys=True, ensure_ascii=False)

        def work(tx: Transaction) -> tuple[str, Moment]:
            before = tx.remembered(request_id)
            if before is not None:
                return _first_answer(before, actor, command), self.moment()
            now = self.moment()
            context = Context(self.hall, now, actor, request_id, self.urls)
            if self._open_day != now.day:
                open_day(tx, context)
            answer = case(tx, context).model_dump_json(by_alias=True)
            tx.remember(request_id, Remembered(actor, command, answer), now.at)
            self._last_at = now.at
            return answer, now

        answer, now = self._store.write(work)
        self._open_day = now.day
        return answer


def _first_answer(before: Remembered, actor: str, command: str) -> str:
    if before.actor != actor or before.command != command:
        raise Conflict(
            "request_id_reused",
            "该请求编号已用于另一项操作",
            "this request_id was used for another command",
        )
    return before.answer
