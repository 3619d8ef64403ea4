"""The kiosk's reserve of numbers: filled, spent while the server is away, handed in afterwards."""

import logging
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from hallkit.link.client import ApiClient, ServerRefused
from hallkit.runtime.logs import Outage
from hallkit.wire.board import Board
from hallkit.wire.device import PartStatus
from hallkit.wire.hall import Category, Hall, Service
from hallkit.wire.ids import new_id
from hallkit.wire.lease import Lease, SyncAnswer
from hallkit.wire.ticket import Ticket
from kiosk.flow.inputs import HallRead, Issue
from kiosk.settings import KioskSettings
from kiosk.work.offline import Asked, LeaseBook, Owner, rejected_words
from kiosk.work.reserve_part import ReserveState, part_of

_log = logging.getLogger(__name__)

# What the server takes in one call.
_MOST_TICKETS = 100
# How long a block that the server closed, or that a second machine has too, is held at most.
GREET_AGAIN_S = 300.0
# One lost answer looks like another machine with the same token, two in a row do not.
_SURE = 2
_NONE_LEFT = ("网络中断，请到导办台取号", "no network: please ask at the guide desk")
_NOT_NOW = ("现在不在取号时间", "outside opening hours")
_BOOK = "offline.db"


def open_book(settings: KioskSettings) -> LeaseBook | None:
    """The book beside the kiosk's token; None when it is switched off or cannot be used."""
    if not settings.offline or not settings.server.token_file:
        return None
    path = Path(settings.server.token_file).parent / _BOOK
    try:
        return LeaseBook(path)
    except (sqlite3.Error, OSError) as error:
        _log.error("%s 无法使用，断网时不能取号 / cannot be used: %s", path, error)
        return None


class Reserve:
    """The book and the server, whom the blocks are declared to anew after ``greet_again_s``.
    ``spent()`` is called after a number was given out offline, when the server may be back
    already; ``changed()`` when ``part`` did."""

    def __init__(
        self,
        book: LeaseBook,
        client: ApiClient,
        changed: Callable[[], None] = lambda: None,
        greet_again_s: float = GREET_AGAIN_S,
    ) -> None:
        self._greet_again_s = greet_again_s
        self._book = book
        self._client = client
        self._changed = changed
        self._owner = Owner(client.device_id, client.base_url)
        self.spent: Callable[[], None] = lambda: None
        self.away = True
        self._greeted_at: float | None = None
        self._others = 0
        self._state = ReserveState()
        self._told: set[str] = set()
        self._refused = Outage(_log, "reserve of numbers")
        self._time_lost = Outage(_log, "the time")

    @property
    def part(self) -> PartStatus:
        """How it is, for the manager."""
        return part_of(self._state)

    def with_server(self, hall: Hall) -> None:
        """The server is there: hands in what was given out and fills the reserve.
        Raises ServerAway."""
        self.away = False
        self._book.keep_hall(hall.model_dump_json())
        try:
            self._hand_in(hall.id)
            if hall.policy.open_now and self._others < _SURE:
                for category in hall.categories:
                    self._fill(category.series, hall.id)
        except ServerRefused as no:
            self._refused.failed(no)
        else:
            self._refused.recovered()
        self._time_lost.recovered()
        self._look(hall.id)

    def without_server(self) -> HallRead | None:
        """What can still be chosen; None when nothing can."""
        self.away, self._greeted_at = True, None
        document = self._book.hall()
        if document is None:
            return None
        if self._book.time() is None:
            self._time_lost.failed(
                "开机后还不知道时间，断网不能取号，请到导办台 / not known since this machine was "
                "switched on: no number is given out before the server is back"
            )
            return None
        hall = Hall.model_validate_json(document)
        categories = [self._as_it_is(category, hall) for category in hall.categories]
        if not any(service.open for category in categories for service in category.services):
            return None
        # How many wait is not known now: nothing is said of it.
        board = Board(business_day="", now_serving=[], recent_calls=[], waiting=[], journal_seq=0)
        policy = hall.policy.model_copy(update={"open_now": True, "closed_text": ""})
        return HallRead(hall.model_copy(update={"categories": categories, "policy": policy}), board)

    def issue(self, wanted: Issue) -> Ticket | None:
        """A number from the reserve, durable; None when there is none."""
        category = next(
            c for c in wanted.hall.categories for s in c.services if s.id == wanted.service_id
        )
        service = wanted.hall.service(wanted.service_id)
        draft = Ticket(
            id="",
            number="",
            series=category.series,
            sequence=0,
            service_id=wanted.service_id,
            service_name=service.name if service is not None else wanted.service_id,
            priority_class=wanted.priority or "ordinary",
            state="waiting",
            issued_at=datetime.now(UTC),
            position_url="",
        )
        try:
            ticket = self._book.spend(wanted.request_id, draft, self._owner)
        except sqlite3.Error as error:
            _log.error("no number could be given out offline: %s", error)
            return None
        if ticket is not None:
            _log.info("%s was given out while the server was away", ticket.number)
            self.spent()
        return ticket

    def take_back(self, asked: Asked) -> None:
        """The visitor had gone before the number was shown."""
        try:
            self._book.take_back(asked, self._client.device_id)
        except sqlite3.Error as error:
            _log.error("a number that nobody took will be called all the same: %s", error)

    def keep_asked(self, asked: Asked) -> None:
        """Keeps a request whose number is to be cancelled should nobody get it, also when this
        machine is switched off meanwhile."""
        try:
            self._book.keep_asked(asked, self._client.device_id)
        except sqlite3.Error as error:
            _log.error("an abandoned request is kept in memory only: %s", error)

    def forget_asked(self, request_id: str) -> bool:
        """Somebody gets the number, or it was cancelled; False when the book cannot be written,
        so that it would be cancelled once more."""
        try:
            self._book.forget_asked(request_id)
        except sqlite3.Error as error:
            _log.error("a settled request cannot be struck out: %s", error)
            return False
        return True

    def asked(self) -> list[Asked]:
        """The requests that were still open when the machine was switched off."""
        try:
            return self._book.asked(self._client.device_id)
        except sqlite3.Error as error:
            _log.error("abandoned requests cannot be read: %s", error)
            return []

    def _as_it_is(self, category: Category, hall: Hall) -> Category:
        if self._book.can_give(category.series, self._owner):
            services = [self._reopened(s, hall.policy.closed_text) for s in category.services]
        else:
            left, _ = self._book.left(category.series, self._owner)
            zh, en = _NOT_NOW if left else _NONE_LEFT
            services = [
                s.model_copy(update={"open": False, "closed_reason": zh, "closed_reason_en": en})
                for s in category.services
            ]
        return category.model_copy(update={"services": services})

    @staticmethod
    def _reopened(service: Service, closed_text: str) -> Service:
        """The hall was closed when it was read last, and by now it is not."""
        if service.open or not closed_text or service.closed_reason != closed_text:
            return service
        return service.model_copy(
            update={"open": True, "closed_reason": "", "closed_reason_en": ""}
        )

    def _hand_in(self, hall_id: str) -> None:
        shared = False
        while True:
            tickets = self._book.pending(_MOST_TICKETS + 1, hall_id)
            if not tickets and not self._greets():
                return
            batch, more = tickets[:_MOST_TICKETS], len(tickets) > _MOST_TICKETS
            blocks = self._book.declared(batch, hall_id)
            body = {
                "device_id": self._client.device_id,
                "tickets": [ticket.model_dump() for ticket in batch],
                "blocks": [block.model_dump(by_alias=True) for block in blocks],
                "contact": self._book.contact(self._client.device_id),
                "more": more,
            }
            answer = self._client.post("/tickets/sync", body, SyncAnswer)
            self._book.settle(answer, blocks, self._owner)
            shared = shared or answer.shared
            if answer.rejected:
                _log.error("the server did not take %s", rejected_words(answer, batch))
            elif batch:
                _log.info("%d tickets given out offline are in the queue", len(batch))
            if not more:
                self._greeted_at = time.monotonic()
                self._others = self._others + 1 if shared else 0
                return

    def _greets(self) -> bool:
        at = self._greeted_at
        return at is None or time.monotonic() - at >= self._greet_again_s

    def _fill(self, series: str, hall_id: str) -> None:
        left, size = self._book.left(series, self._owner)
        if left * 2 > size:
            return
        # The day's first number of a series should be 001.
        body = {"request_id": new_id(), "series": series, "begun_only": True}
        try:
            lease = self._client.post("/leases", body, Lease)
        except ServerRefused as no:
            if no.info.code != "series_not_begun":
                raise
        else:
            self._book.put(lease, self._owner, hall_id)

    def _look(self, hall_id: str) -> None:
        """Sees what the manager should know of, and says it once."""
        elsewhere = self._book.of_other_halls(hall_id)
        fresh = [number for number in elsewhere if number not in self._told]
        if fresh:
            _log.error("of another hall, kept and not handed in here: %s", ", ".join(fresh))
        self._told.update(fresh)
        state = ReserveState(
            tuple(self._book.not_taken()),
            tuple(elsewhere),
            shared=self._others >= _SURE,
            refused=self._refused.down,
        )
        if state != self._state:
            if state.shared and not self._state.shared:
                _log.error("another machine uses this one's token: no reserve of numbers")
            self._state = state
            self._changed()
