"""What every use case is given besides its transaction: the hall, the moment, who asks."""

from dataclasses import dataclass, field
from typing import Any

from hall_server.domain.hall import Hall
from hall_server.domain.instant import Moment
from hall_server.domain.ticket import Ticket
from hall_server.domain.window import Window
from hall_server.service import views
from hall_server.service.forecasts import Forecasts
from hall_server.service.layout import Layout, Layouts
from hall_server.service.ports import NewEvent, Transaction
from hallkit.wire.hall import Window as WindowMessage
from hallkit.wire.ticket import Ticket as TicketMessage

# What counts as after-hours work (延时服务) once the day's last session is over.
_WORK = frozenset({"ticket.called", "ticket.started", "ticket.finished"})


@dataclass(frozen=True)
class Context:
    """One command: in which hall, when, by whom, under which ``request_id``."""

    hall: Hall
    moment: Moment
    actor: str
    request_id: str
    urls: views.Urls
    forecasts: Forecasts = field(default_factory=Forecasts)
    layouts: Layouts = field(default_factory=Layouts)

    def layout(self, tx: Transaction) -> Layout:
        """The windows at the moment of the command."""
        return self.layouts.at(tx, self.hall, self.moment)

    @property
    def now(self) -> int:
        """The instant of the command."""
        return self.moment.at

    @property
    def stamp(self) -> tuple[int, str, str, str]:
        """What every journal entry of the command carries: time, day, actor, ``request_id``."""
        return self.now, self.moment.day, self.actor, self.request_id

    def window(self, tx: Transaction, number: int) -> Window:
        """The window's state, closed if it never opened. Raises NotFound."""
        self.hall.window(number)
        return tx.window(number) or Window(number, "closed", None, None, self.now)

    def record(
        self,
        tx: Transaction,
        type_: str,
        ticket: Ticket | None = None,
        window: Window | None = None,
        active: Ticket | None = None,
        **data: Any,
    ) -> None:
        """Appends to the journal what happened to ``ticket`` and ``window``; ``active`` is the
        ticket that the window then has."""
        view = views.ticket(ticket, self.hall, self.urls) if ticket is not None else None
        sign = views.window(self.hall, window, active) if window is not None else None
        self.record_view(tx, type_, view, sign, **data)

    def record_view(
        self,
        tx: Transaction,
        type_: str,
        ticket: TicketMessage | None,
        window: WindowMessage | None = None,
        **data: Any,
    ) -> None:
        """The same with ticket and window as the caller sees them, the place in the queue
        included; not the address of the ticket's page, which opens to whoever knows it."""
        if ticket is not None:
            ticket = ticket.model_copy(update={"position_url": ""})
        if type_ in _WORK and self.hall.hours.over_at(self.moment.local):
            data["after_hours"] = True
        tx.append(NewEvent(type_, ticket, window, data), *self.stamp)
