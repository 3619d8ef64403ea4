"""What a kiosk and the server say to each other about numbers given out while the server is away.

``POST /api/v1/leases`` answers a :class:`Lease`: a block of numbers of one series that nobody
else gets. The kiosk spends it from ``from`` up to and including ``to``, marks each ticket 离线,
and hands them in with ``POST /api/v1/tickets/sync``, which answers :class:`SyncAnswer`. There it
also declares the blocks that it holds: a server that was restored from a backup learns of them,
and the kiosk learns which of them it may go on spending.
"""

import base64
import hashlib
import hmac

from pydantic import AwareDatetime, Field

from hallkit.wire.message import Message

# As many characters as the server's own position tokens have: 96 bits.
_TOKEN_BYTES = 12


class Span(Message):
    """From a time up to but not including another."""

    from_: AwareDatetime = Field(alias="from")
    to: AwareDatetime


class Lease(Message):
    """A sealed block of a day's numbers. It may be spent within ``open``, the times of the day at
    which numbers are given, and never from ``expires`` on, the end of the last of them.
    ``server_time`` is the server's clock when it answered: the kiosk goes by it. ``position_url``
    and ``key`` make the address of an offline ticket's position page, see
    :func:`offline_position_url`."""

    id: str = ""
    series: str
    from_: int = Field(alias="from")
    to: int
    expires: AwareDatetime
    open: list[Span] = Field(default_factory=list)
    day: str = ""
    server_time: AwareDatetime
    position_url: str = ""
    key: str = ""


class Block(Message):
    """A block that a kiosk holds, or has given numbers from: the numbers ``from`` to ``to`` of its
    :class:`Lease`. ``key`` shows that it was given that lease, under whatever device id."""

    id: str
    series: str
    day: str
    from_: int = Field(alias="from")
    to: int
    key: str


class OfflineTicket(Message):
    """A ticket that a kiosk gave out by itself. ``id`` is the kiosk's UUID; ``issued_at`` is its
    clock corrected by the offset it measured, ISO 8601. ``replaces`` is the ``request_id`` with
    which the kiosk had asked for a number before, without an answer: should the server have given
    one after all, it is cancelled. ``lease`` is the id of the block that the number is of."""

    id: str
    number: str
    service_id: str
    priority_class: str
    issued_at: str
    replaces: str | None = None
    lease: str | None = None


class Rejected(Message):
    """A ticket that the server does not take, and why: ``not_leased``, ``number_taken``,
    ``id_taken``, ``unknown_service``, ``wrong_series``, ``unknown_priority_class``, ``bad_time``,
    ``too_old``. Sending it again does not help."""

    id: str
    code: str


class SyncAnswer(Message):
    """What became of each ticket that was handed in; ids that the server had already are accepted
    again. ``server_time`` as in :class:`Lease`. ``spendable`` are the ids of the declared blocks
    that the kiosk may go on spending. ``contact`` is to be sent with the next call; ``shared``:
    what was sent is not what this device was told last, so another machine may have its token."""

    accepted: list[str]
    rejected: list[Rejected]
    server_time: AwareDatetime
    spendable: list[str] = Field(default_factory=list)
    contact: str = ""
    shared: bool = False


def offline_token(key: str, number: str) -> str:
    """The secret part of an offline ticket's position page: HMAC-SHA256 of its number under the
    lease's key, 16 URL-safe characters."""
    mac = hmac.new(key.encode(), number.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac[:_TOKEN_BYTES]).decode()


def offline_position_url(lease: Lease, number: str) -> str:
    """The address of the position page; it answers once the ticket was handed in."""
    return lease.position_url + offline_token(lease.key, number)
