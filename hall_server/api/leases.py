"""Numbers for the time when the server is away: sealed blocks, and what was issued from them."""

from typing import Annotated
from uuid import uuid4

from flask import Response
from pydantic import Field, StringConstraints

from hall_server.api.access import need_known
from hall_server.api.bodies import Body, Command, Id, RequestId
from hall_server.api.document import BODY, DEVICE, NEEDS_ROLE, answers, blueprint
from hall_server.api.parts import parts
from hall_server.api.replies import json_text
from hall_server.domain.errors import Forbidden
from hall_server.service.leases import grant
from hall_server.service.ports import DeviceRecord
from hall_server.service.sync import sync
from hallkit.wire.lease import Block, Lease, OfflineTicket, SyncAnswer

api = blueprint("leases")

# One transaction: more would keep a call waiting.
MOST_TICKETS = 100
# Those of the tickets, and the one that is spent of each letter.
MOST_BLOCKS = MOST_TICKETS + 30
_Text = Annotated[str, StringConstraints(min_length=1, max_length=40)]


_Series = Annotated[str, StringConstraints(min_length=1, max_length=1)]
_Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class LeaseBody(Command):
    """``POST /leases``. Without ``count`` the block is as large as an outage of an hour needs at
    the rate of the last hour; it is never of more than 200 numbers. With ``begun_only`` it is
    refused (``series_not_begun``) until a number of the series was given or sealed that day."""

    series: _Series
    count: int | None = Field(default=None, ge=1, le=9999)
    begun_only: bool = False


class OfflineTicketBody(Body):
    """A ticket of ``POST /tickets/sync``. ``issued_at`` is ISO 8601 with its offset."""

    id: RequestId
    number: _Text
    service_id: Id
    priority_class: Id = "ordinary"
    issued_at: _Text
    replaces: RequestId | None = None
    lease: RequestId | None = None


class BlockBody(Body):
    """A block that the kiosk holds, as ``POST /leases`` answered it."""

    id: RequestId
    series: _Series
    day: _Day
    from_: int = Field(alias="from", ge=1, le=999_999)
    to: int = Field(ge=1, le=999_999)
    key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class SyncBody(Body):
    """``POST /tickets/sync``. ``blocks``: those that the kiosk holds and those that the tickets
    are of. ``contact`` is the last answer's. ``more``: the next call brings the rest of the same
    outage."""

    device_id: Id
    tickets: list[OfflineTicketBody] = Field(max_length=MOST_TICKETS)
    blocks: list[BlockBody] = Field(default_factory=list, max_length=MOST_BLOCKS)
    contact: _Text | None = None
    more: bool = False


def _kiosk() -> DeviceRecord:
    device = need_known().device
    if device is None or device.kind != "kiosk":
        raise Forbidden("not_allowed", "只有取号机可以这样做", "only a kiosk may do this")
    return device


@api.post(
    "/leases",
    summary="Seals a block of numbers",
    security=DEVICE,
    responses=answers(200, Lease, *NEEDS_ROLE, *BODY, 404, 409),
)
def take_lease(body: LeaseBody) -> Response:
    """A kiosk: numbers of today that nobody else gets, for the time when the server is away. The
    kiosk's block of this series before, if any, is closed; what is left of it stays unused."""
    device = _kiosk()
    text = parts().commands.run(
        f"device:{device.id}",
        body.request_id,
        "lease",
        {"series": body.series, "count": body.count, "begun_only": body.begun_only},
        lambda tx, context: grant(
            tx, context, device.id, body.series, body.count, begun_only=body.begun_only
        ),
    )
    return json_text(text)


@api.post(
    "/tickets/sync",
    summary="Hands in tickets issued while the server was away",
    security=DEVICE,
    responses=answers(200, SyncAnswer, *NEEDS_ROLE, *BODY),
)
def sync_tickets(body: SyncBody) -> Response:
    """A kiosk, for itself. Each ticket is taken or rejected by itself; handing one in again is
    harmless. A block that this server does not know (it was restored from a backup, or set up
    anew) is passed over by its series and spent no further."""
    device = _kiosk()
    if body.device_id != device.id:
        raise Forbidden("not_this_device", "不是该设备的令牌", "this is not the device's token")
    tickets = [OfflineTicket(**one.model_dump()) for one in body.tickets]
    blocks = [Block(**one.model_dump(by_alias=True)) for one in body.blocks]
    text = parts().commands.run(
        f"device:{device.id}",
        str(uuid4()),
        "sync",
        {"tickets": len(tickets)},
        lambda tx, context: sync(
            tx, context, device.id, tickets, blocks, body.contact, more=body.more
        ),
    )
    return json_text(text)
