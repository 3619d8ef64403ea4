"""The blocks that a kiosk says it holds: which it may go on spending, and those that this server
never gave, as it was restored from an older backup or set up anew.

A block that is not known is taken as reported. Its numbers may be on paper, so the series goes on
after it; what was given from it is taken in where the number is free, and no more of it is spent.
"""

import hmac
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from hall_server.domain.instant import Instant, to_instant
from hall_server.domain.lease import MOST_AHEAD, MOST_NUMBERS, Lease
from hall_server.service.context import Context
from hall_server.service.leases import close, lease_key
from hall_server.service.ports import Transaction
from hallkit.wire.ids import new_id
from hallkit.wire.lease import Block

# A kiosk that was switched off over a long holiday still hands in what it gave out; its tickets
# are void by then, but their numbers are accounted for.
KEPT_DAYS = 14


class Blocks:
    """What one device declared, judged. ``spendable`` are the ids of those that it may go on
    spending; ``current`` False: the device's own account is not the one that was here last, so
    none of them is."""

    def __init__(
        self,
        tx: Transaction,
        context: Context,
        device_id: str,
        declared: Sequence[Block],
        *,
        current: bool,
    ) -> None:
        self._tx = tx
        self._context = context
        self._device_id = device_id
        self._today = context.moment.local.date()
        self._keys = {block.id: block.key for block in declared}
        if not current:
            self._close_all()
        self._leases = {
            block.id: lease for block in declared if (lease := self._judge(block)) is not None
        }
        # Asked last: a block that was reported later may have closed one.
        self.spendable = [
            block.id
            for block in declared
            if (lease := tx.lease(block.id)) is not None
            and block.id in self._leases
            and (lease.device_id, lease.day) == (device_id, context.moment.day)
            and not lease.closed
        ]

    def lease(self, block_id: str | None) -> Lease | None:
        """The block with this id, if it was declared and may be this device's."""
        return self._leases.get(block_id) if block_id is not None else None

    def key(self, lease: Lease) -> str:
        """The key of the block's position pages, as the kiosk printed them."""
        return self._keys.get(lease.id) or lease_key(self._tx, lease.id)

    def too_old(self, day: str) -> bool:
        """Whether nothing of this day is taken in any more."""
        return (self._today - date.fromisoformat(day)).days > KEPT_DAYS

    def day_ends(self, day: str) -> Instant:
        """The midnight at which this day is over."""
        return self._midnight(date.fromisoformat(day) + timedelta(days=1))

    def _midnight(self, day: date) -> Instant:
        return to_instant(datetime.combine(day, time.min, self._context.hall.zone))

    def _close_all(self) -> None:
        for lease in self._tx.open_leases(self._context.moment.day):
            if lease.device_id == self._device_id:
                close(self._tx, self._context, lease, "another_machine")

    def _judge(self, block: Block) -> Lease | None:
        known = self._tx.lease(block.id)
        if known is None:
            return self._adopt(block)
        if (known.day, known.series, known.first, known.last) != (
            block.day, block.series, block.from_, block.to,
        ):  # fmt: skip
            return None
        if known.device_id == self._device_id:
            return known
        # The kiosk was paired anew: what it gave out as the device it was is still its own.
        if not hmac.compare_digest(lease_key(self._tx, known.id), block.key):
            return None
        if not known.closed:
            close(self._tx, self._context, known, "paired_anew")
        return known

    def _adopt(self, block: Block) -> Lease | None:
        day = _date(block.day)
        if day is None or day > self._today or self.too_old(block.day):
            return None
        last = self._tx.last_sequence(block.day, block.series)
        known_series = block.series in {c.series for c in self._context.hall.categories}
        sound = 1 <= block.from_ <= block.to < block.from_ + MOST_NUMBERS
        if not known_series or not sound or block.to > last + MOST_AHEAD:
            return None
        starts = self._midnight(day)
        lease = Lease(
            block.id, self._device_id, block.day, block.series, block.from_, block.to,
            starts, self.day_ends(block.day), closed=True,
        )  # fmt: skip
        self._pass_over(lease, last)
        return lease

    def _pass_over(self, lease: Lease, last: int) -> None:
        """The series goes on after the block, and nobody else spends a number of it."""
        tx, context = self._tx, self._context
        if lease.last > last:
            first = tx.take_sequence(lease.day, lease.series, lease.last - last)
            tx.add_lease(
                Lease(
                    new_id(), self._device_id, lease.day, lease.series, first, lease.last,
                    context.now, lease.expires, closed=True,
                )
            )  # fmt: skip
        for other in tx.open_leases(lease.day):
            if (
                other.series == lease.series
                and other.first <= lease.last
                and lease.first <= other.last
            ):
                close(tx, context, other, "given_twice")
        context.record(
            tx,
            "lease.adopted",
            lease=lease.id,
            device=self._device_id,
            day=lease.day,
            series=lease.series,
            first=lease.first,
            last=lease.last,
        )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
