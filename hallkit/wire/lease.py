"""What a kiosk and the server say to each other about numbers given out while the server is away.

``POST /api/v1/leases`` answers a :class:`Lease`: a block of numbers of one series that nobody
else gets. The kiosk spends it from ``from`` up to and including ``to``, marks each ticket 离线,
and hands them in with ``POST /api/v1/tickets/sync``, which answers :class:`SyncAnswer`.
"""

import base64
import hashlib
import hmac

from pydantic import AwareDatetime, Field

from hallkit.wire.message import Message

# As many characters as the server's own position tokens have: 96 bits.
_TOKEN_BYTES = 12


class Lease(Message):
    """A sealed block of a day's numbers. ``server_time`` is the server's clock when it answered:
    the kiosk measures by how much its own is off. ``position_url`` and ``key`` make the address
    of an offline ticket's position page, see :func:`offline_position_url`."""

    series: str
    from_: int = Field(alias="from")
    to: int
    expires: AwareDatetime
    day: str = ""
    server_time: AwareDatetime
    position_url: str = ""
    key: str = ""


class OfflineTicket(Message):
    """A ticket that a kiosk gave out by itself. ``id`` is the kiosk's UUID; ``issued_at`` is its
    clock corrected by the offset it measured, ISO 8601. ``replaces`` is the ``request_id`` with
    which the kiosk had asked for a number before, without an answer: should the server have given
    one after all, it is cancelled."""

    id: str
    number: str
    service_id: str
    priority_class: str
    issued_at: str
    replaces: str | None = None


class Rejected(Message):
    """A ticket that the server does not take, and why: ``not_leased``, ``number_taken``,
    ``id_taken``, ``unknown_service``, ``wrong_series``, ``unknown_priority_class``, ``bad_time``,
    ``too_old``. Sending it again does not help."""

    id: str
    code: str


class SyncAnswer(Message):
    """What became of each ticket that was handed in; ids that the server had already are accepted
    again. ``server_time`` as in :class:`Lease`."""

    accepted: list[str]
    rejected: list[Rejected]
    server_time: AwareDatetime


def offline_token(key: str, number: str) -> str:
    """The secret part of an offline ticket's position page: HMAC-SHA256 of its number under the
    lease's key, 16 URL-safe characters."""
    mac = hmac.new(key.encode(), number.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac[:_TOKEN_BYTES]).decode()


def offline_position_url(lease: Lease, number: str) -> str:
    """The address of the position page; it answers once the ticket was handed in."""
    return lease.position_url + offline_token(lease.key, number)
