"""What can happen to the kiosk, and what it may ask of the world. All frozen."""

from dataclasses import dataclass

from hallkit.wire.board import Board
from hallkit.wire.hall import Hall
from hallkit.wire.ticket import Ticket
from kiosk.flow.state import PrintState

# ---- what a visitor touches


@dataclass(frozen=True)
class Start:
    """取号 on the home page."""


@dataclass(frozen=True)
class ChooseCategory:
    """A category's card."""

    category_id: str


@dataclass(frozen=True)
class ChooseService:
    """A service's card."""

    category_id: str
    service_id: str


@dataclass(frozen=True)
class ChoosePriority:
    """A priority class, or None for an ordinary number."""

    class_id: str | None


@dataclass(frozen=True)
class TakeTicket:
    """确认取号."""


@dataclass(frozen=True)
class TurnPage:
    """To this page, counted from 0."""

    page: int


@dataclass(frozen=True)
class Back:
    """返回: one page back."""


@dataclass(frozen=True)
class GoHome:
    """首页, or 完成 under the number."""


@dataclass(frozen=True)
class Extend:
    """继续办理, or a touch beside every button."""


@dataclass(frozen=True)
class SwitchLanguage:
    """中文 / English."""


@dataclass(frozen=True)
class SwitchElder:
    """长辈版 / 标准版."""


@dataclass(frozen=True)
class SwitchLowReach:
    """低位操作 / 全屏操作."""


Action = (
    Start
    | ChooseCategory
    | ChooseService
    | ChoosePriority
    | TakeTicket
    | TurnPage
    | Back
    | GoHome
    | Extend
    | SwitchLanguage
    | SwitchElder
    | SwitchLowReach
)

# ---- inputs of the machine


@dataclass(frozen=True)
class Tap:
    """A touch. ``fresh_id`` is a new UUID, the request id should this touch issue a number."""

    action: Action
    fresh_id: str


@dataclass(frozen=True)
class HallRead:
    """The server told what the hall is like now."""

    hall: Hall
    board: Board


@dataclass(frozen=True)
class ServerLost:
    """The server does not answer."""


@dataclass(frozen=True)
class PairingCode:
    """A manager has to compare ``code`` and approve this kiosk; empty when that is over."""

    code: str


@dataclass(frozen=True)
class TicketGranted:
    """The server has durably issued the ticket asked for by ``request_id``."""

    request_id: str
    ticket: Ticket


@dataclass(frozen=True)
class TicketRefused:
    """The server said no, for this reason."""

    request_id: str
    zh: str
    en: str


@dataclass(frozen=True)
class IssueDelayed:
    """The server did not answer yet; it is asked again with the same ``request_id``."""

    request_id: str


@dataclass(frozen=True)
class PaperNews:
    """The printer told about this ticket's paper."""

    ticket_id: str
    paper: PrintState


@dataclass(frozen=True)
class Tick:
    """Time went by."""


Input = (
    Tap
    | HallRead
    | ServerLost
    | PairingCode
    | TicketGranted
    | TicketRefused
    | IssueDelayed
    | PaperNews
    | Tick
)

# ---- effects


@dataclass(frozen=True)
class Issue:
    """Ask the server for a number, and print what it answers."""

    request_id: str
    service_id: str
    priority: str | None
    hall: Hall


@dataclass(frozen=True)
class Abandon:
    """Nobody waits for this request's answer any more: cancel whatever it becomes."""

    request_id: str


Effect = Issue | Abandon
