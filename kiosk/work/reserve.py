"""The kiosk's reserve of numbers: filled, spent while the server is away, handed in afterwards."""

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

from hallkit.link.client import ApiClient, ServerRefused
from hallkit.runtime.logs import Outage
from hallkit.wire.board import Board
from hallkit.wire.hall import Category, Hall
from hallkit.wire.ids import new_id
from hallkit.wire.lease import Lease, SyncAnswer
from hallkit.wire.ticket import Ticket, TicketList
from kiosk.flow.inputs import HallRead, Issue
from kiosk.settings import KioskSettings
from kiosk.work.offline import LeaseBook, rejected_words

_log = logging.getLogger(__name__)

# What the server takes in one call.
_MOST_TICKETS = 100
_NONE_LEFT = "网络中断，请到导办台取号"
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
    """The book and the server. ``spent()`` is called after a number was given out offline, when
    the server may be back already."""

    def __init__(self, book: LeaseBook, client: ApiClient) -> None:
        self._book = book
        self._client = client
        self.spent: Callable[[], None] = lambda: None
        self.away = True
        self._greeted = False
        self._refused = Outage(_log, "reserve of numbers")

    def with_server(self, hall: Hall) -> None:
        """The server is there: hands in what was given out and fills the reserve.
        Raises ServerAway."""
        self.away = False
        self._book.keep_hall(hall.model_dump_json())
        try:
            self._hand_in()
            if hall.policy.open_now:
                for category in hall.categories:
                    self._fill(category.series)
        except ServerRefused as no:
            self._refused.failed(no)
        else:
            self._refused.recovered()

    def without_server(self) -> HallRead | None:
        """What can still be chosen; None when nothing can."""
        self.away, self._greeted = True, False
        document = self._book.hall()
        if document is None:
            return None
        hall = Hall.model_validate_json(document)
        categories = [self._as_it_is(category) for category in hall.categories]
        if not any(service.open for category in categories for service in category.services):
            return None
        # How many wait is not known now: nothing is said of it.
        board = Board(business_day="", now_serving=[], recent_calls=[], waiting=[], journal_seq=0)
        return HallRead(hall.model_copy(update={"categories": categories}), board)

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
            issued_at=self._book.time(),
            position_url="",
        )
        try:
            ticket = self._book.spend(wanted.request_id, draft)
        except sqlite3.Error as error:
            _log.error("no number could be given out offline: %s", error)
            return None
        if ticket is not None:
            _log.info("%s was given out while the server was away", ticket.number)
            self.spent()
        return ticket

    def take_back(self, request_id: str) -> None:
        """The visitor had gone before the number was shown."""
        self._book.take_back(request_id)

    def _as_it_is(self, category: Category) -> Category:
        if self._book.left(category.series)[0] > 0:
            return category
        closed = [
            s.model_copy(update={"open": False, "closed_reason": _NONE_LEFT})
            for s in category.services
        ]
        return category.model_copy(update={"services": closed})

    def _hand_in(self) -> None:
        while True:
            tickets = self._book.pending(_MOST_TICKETS + 1)
            if not tickets and self._greeted:
                return
            batch, more = tickets[:_MOST_TICKETS], len(tickets) > _MOST_TICKETS
            body = {
                "device_id": self._client.device_id,
                "tickets": [ticket.model_dump() for ticket in batch],
                "more": more,
            }
            answer = self._client.post("/tickets/sync", body, SyncAnswer)
            self._book.settle(answer)
            self._book.learn_time(answer.server_time)
            if answer.rejected:
                _log.error("the server did not take %s", rejected_words(answer, batch))
            elif batch:
                _log.info("%d tickets given out offline are in the queue", len(batch))
            if not more:
                self._greeted = True
                return

    def _fill(self, series: str) -> None:
        left, size = self._book.left(series)
        if left * 2 > size or not self._begun(series):
            return
        body = {"request_id": new_id(), "series": series}
        lease = self._client.post("/leases", body, Lease)
        self._book.put(lease)
        self._book.learn_time(lease.server_time)

    def _begun(self, series: str) -> bool:
        """Whether the day's first number of the series was given: it should be 001."""
        found = self._client.get("/tickets", TicketList, number=f"{series}001")
        return bool(found.tickets)
