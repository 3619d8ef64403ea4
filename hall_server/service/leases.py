"""Sealing a block of numbers for a kiosk, and leaving it behind."""

import hashlib
import hmac
import secrets
from datetime import datetime, time, timedelta

from hall_server.domain.errors import NotFound
from hall_server.domain.hall import Hall
from hall_server.domain.instant import MINUTE, Instant, Moment, from_instant, to_instant
from hall_server.domain.lease import (
    LEAST_PER_HOUR,
    MOST_NUMBERS,
    Lease,
    block_size,
    in_words,
    ranges,
)
from hall_server.service.context import Context
from hall_server.service.ports import Transaction
from hallkit.wire.ids import new_id
from hallkit.wire.lease import Lease as LeaseMessage

_KEY = "lease_key"
_HOUR = 60 * MINUTE


def lease_key(tx: Transaction, lease_id: str) -> str:
    """The key of a lease's position pages, made from a secret of this server."""
    secret = tx.meta(_KEY)
    if secret is None:
        secret = secrets.token_hex(32)
        tx.set_meta(_KEY, secret)
    return hmac.new(bytes.fromhex(secret), lease_id.encode(), hashlib.sha256).hexdigest()


def _day_ends(hall: Hall, moment: Moment) -> Instant:
    tomorrow = moment.local.date() + timedelta(days=1)
    return to_instant(datetime.combine(tomorrow, time.min, hall.zone))


def _size(tx: Transaction, context: Context, series: str, count: int | None) -> int:
    if count is not None:
        return min(count, MOST_NUMBERS)
    recent = tx.issued_since(context.moment.day, series, context.now - _HOUR)
    return block_size(max(LEAST_PER_HOUR, recent))


def _close(tx: Transaction, context: Context, lease: Lease, reason: str) -> None:
    issued = tx.issued_in(lease.day, lease.series, lease.first, lease.last)
    unspent = ranges(set(range(lease.first, lease.last + 1)) - issued.keys())
    tx.close_lease(lease.id)
    context.record(
        tx,
        "lease.closed",
        lease=lease.id,
        device=lease.device_id,
        day=lease.day,
        series=lease.series,
        first=lease.first,
        last=lease.last,
        unspent=in_words(unspent),
        reason=reason,
    )


def grant(
    tx: Transaction, context: Context, device_id: str, series: str, count: int | None
) -> LeaseMessage:
    """Seals a block of the day's series for the device and closes the one it had. ``count`` None:
    as many as an outage of an hour needs at the recent rate. Raises NotFound."""
    hall, day = context.hall, context.moment.day
    if series not in {category.series for category in hall.categories}:
        raise NotFound(
            "unknown_series", f"没有号码字母“{series}”", f"there is no series '{series}'"
        )
    before = tx.open_lease(device_id, day, series)
    if before is not None:
        _close(tx, context, before, "replaced")
    size = _size(tx, context, series, count)
    first = tx.take_sequence(day, series, size)
    last = first + size - 1
    lease = Lease(
        new_id(), device_id, day, series, first, last, context.now, _day_ends(hall, context.moment)
    )
    tx.add_lease(lease)
    context.record(
        tx, "lease.granted", lease=lease.id, device=device_id, series=series, first=first, last=last
    )
    return LeaseMessage.model_validate(
        {
            "series": series,
            "from": first,
            "to": last,
            "expires": from_instant(lease.expires, hall.zone),
            "day": day,
            "server_time": context.moment.local,
            "position_url": context.urls.position(""),
            "key": lease_key(tx, lease.id),
        }
    )


def close_earlier(tx: Transaction, context: Context) -> None:
    """Closes the blocks of earlier days: what was not spent of them never will be."""
    for lease in tx.open_leases_before(context.moment.day):
        _close(tx, context, lease, "day_closed")
