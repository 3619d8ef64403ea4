"""Sealing a block of numbers for a kiosk, and leaving it behind."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime

from hall_server.domain.errors import Conflict, NotFound
from hall_server.domain.hall import Hall
from hall_server.domain.instant import MINUTE, Moment, to_instant
from hall_server.domain.lease import (
    LEAST_PER_HOUR,
    MOST_NUMBERS,
    SKIPPED_BY_RESTORE,
    Lease,
    block_size,
    in_words,
    ranges,
)
from hall_server.service import views
from hall_server.service.context import Context
from hall_server.service.ports import NewEvent, Transaction
from hallkit.wire.ids import new_id
from hallkit.wire.lease import Lease as LeaseMessage

_KEY = "lease_key"
_HOUR = 60 * MINUTE
# Whose the numbers are that were passed over when a backup was restored: nobody's.
_NOBODY = "restore"


def lease_key(tx: Transaction, lease_id: str) -> str:
    """The key of a lease's position pages, made from a secret of this server."""
    secret = tx.meta(_KEY)
    if secret is None:
        secret = secrets.token_hex(32)
        tx.set_meta(_KEY, secret)
    return hmac.new(bytes.fromhex(secret), lease_id.encode(), hashlib.sha256).hexdigest()


def _open(hall: Hall, moment: Moment) -> list[tuple[datetime, datetime]]:
    """When numbers are given today, of what is left of the day. Raises Conflict when it is none:
    a kiosk would give numbers that nobody calls."""
    spans = hall.hours.spans(moment.local.date(), hall.zone)
    left = [span for span in spans if moment.local < span[1]]
    if not left:
        raise Conflict("service_closed", *views.closed_words(hall, moment))
    return left


def _size(tx: Transaction, context: Context, series: str, count: int | None) -> int:
    if count is not None:
        return min(count, MOST_NUMBERS)
    recent = tx.issued_since(context.moment.day, series, context.now - _HOUR)
    return block_size(max(LEAST_PER_HOUR, recent))


def close(tx: Transaction, context: Context, lease: Lease, reason: str) -> None:
    """Nothing more is to be spent of a block; what was spent already is still taken in."""
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
    tx: Transaction,
    context: Context,
    device_id: str,
    series: str,
    count: int | None,
    *,
    begun_only: bool = False,
) -> LeaseMessage:
    """Seals a block of the day's series for the device and closes the one it had. ``count`` None:
    as many as an outage of an hour needs at the recent rate. ``begun_only``: not before the day's
    first number of the series. Raises NotFound, Conflict."""
    hall, day = context.hall, context.moment.day
    if series not in {category.series for category in hall.categories}:
        raise NotFound(
            "unknown_series", f"没有号码字母“{series}”", f"there is no series '{series}'"
        )
    spans = _open(hall, context.moment)
    if begun_only and not tx.last_sequence(day, series):
        raise Conflict(
            "series_not_begun",
            f"“{series}”今天还没有发号",
            f"no number of series '{series}' was given today",
        )
    before = tx.open_lease(device_id, day, series)
    if before is not None:
        close(tx, context, before, "replaced")
    size = _size(tx, context, series, count)
    first = tx.take_sequence(day, series, size)
    last = first + size - 1
    ends = spans[-1][1]
    lease = Lease(new_id(), device_id, day, series, first, last, context.now, to_instant(ends))
    tx.add_lease(lease)
    context.record(
        tx, "lease.granted", lease=lease.id, device=device_id, series=series, first=first, last=last
    )
    return LeaseMessage.model_validate(
        {
            "id": lease.id,
            "series": series,
            "from": first,
            "to": last,
            "expires": ends,
            "open": [{"from": start, "to": end} for start, end in spans],
            "day": day,
            "server_time": context.moment.local,
            "position_url": context.urls.position(""),
            "key": lease_key(tx, lease.id),
        }
    )


def close_earlier(tx: Transaction, context: Context) -> None:
    """Closes the blocks of earlier days: what was not spent of them never will be."""
    for lease in tx.open_leases_before(context.moment.day):
        close(tx, context, lease, "day_closed")


def skip_numbers(
    tx: Transaction, hall: Hall, moment: Moment, actor: str, known: Mapping[str, int]
) -> dict[str, int]:
    """After a backup was restored: passes over the numbers that may be on paper, of every series,
    and returns the next one of each. ``known``: up to where a series is known to have come."""
    day, skipped = moment.day, {}
    for series in sorted({category.series for category in hall.categories} | known.keys()):
        last = tx.last_sequence(day, series)
        count = max(known.get(series, 0) - last, 0) + SKIPPED_BY_RESTORE
        first = tx.take_sequence(day, series, count)
        end = first + count - 1
        tx.add_lease(
            Lease(new_id(), _NOBODY, day, series, first, end, moment.at, moment.at, closed=True)
        )
        skipped[series] = (first, end)
    data = {"day": day, "reason": "restored", "numbers": skipped}
    tx.append(NewEvent("numbers.skipped", data=data), moment.at, day, actor, new_id())
    return {series: end + 1 for series, (_, end) in skipped.items()}
