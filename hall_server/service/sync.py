"""Taking in the tickets that a kiosk gave out while the server was away.

Each ticket is judged by itself and those that are good are taken, whatever the others are. A
ticket's place is that of the time it was issued, so that nobody who came during an outage has to
wait again; that time is the kiosk's, kept between the kiosk's last contact and now, and in the
order of its numbers.

A number that somebody else has is not taken (``number_taken``): its paper is worth another number.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from hall_server.domain.instant import Instant, to_instant
from hall_server.domain.lease import Lease, place_in_time
from hall_server.domain.ticket import Ticket
from hall_server.service.blocks import Blocks
from hall_server.service.cancel import issued_for
from hall_server.service.context import Context
from hall_server.service.ports import Remembered, Transaction
from hall_server.service.quotas import count_printed, give_back
from hallkit.wire.ids import new_id
from hallkit.wire.lease import Block, OfflineTicket, Rejected, SyncAnswer, offline_token

# What a request has become whose number the kiosk gave out by itself.
_GIVEN_OFFLINE = json.dumps({"command": "issued_offline"})
_NUMBER = re.compile(r"([A-HJ-NPR-Z])([0-9]{3,6})")


class _No(Exception):
    """This ticket is not taken; the argument is the code."""


@dataclass(frozen=True)
class _Numbered:
    """A ticket with its number taken apart; ``behind`` counts those of its series that come after
    it in the same call."""

    sent: OfflineTicket
    series: str
    sequence: int
    behind: int = 0


@dataclass(frozen=True)
class _Contact:
    """When a device was here last, and the word that it was told then."""

    at: Instant = 0
    word: str = ""


def _contact_key(device_id: str) -> str:
    # 39 characters: what a key may have is 40.
    return f"synced:{UUID(device_id).hex}"


def _last_contact(tx: Transaction, device_id: str) -> _Contact:
    at, _, word = (tx.meta(_contact_key(device_id)) or "0").partition(" ")
    return _Contact(int(at), word)


def sync(
    tx: Transaction,
    context: Context,
    device_id: str,
    tickets: Sequence[OfflineTicket],
    blocks: Sequence[Block] = (),
    contact: str | None = None,
    *,
    more: bool = False,
) -> SyncAnswer:
    """Takes in what ``device_id`` issued from its leases; a ticket that is there already is
    accepted again and changes nothing. ``blocks``: those it holds, and those of the tickets.
    ``contact``: what the last answer said; when that was another, a second machine has the same
    token, or an answer was lost, and no block is spent further. ``more``: the rest of the outage
    follows in another call, so that this one is not yet the kiosk's last contact."""
    accepted: list[str] = []
    rejected: list[tuple[OfflineTicket, str]] = []
    last = _last_contact(tx, device_id)
    shared = contact is not None and bool(last.word) and contact != last.word
    judged = Blocks(tx, context, device_id, blocks, current=not shared)
    taking = _Taking(tx, context, device_id, last.at, judged)
    numbered: list[_Numbered] = []
    for sent in tickets:
        found = _NUMBER.fullmatch(sent.number)
        if found is None:
            rejected.append((sent, "not_leased"))
        else:
            numbered.append(_Numbered(sent, found[1], int(found[2])))
    for one in _in_order(numbered):
        try:
            taking.take(one)
            accepted.append(one.sent.id)
        except _No as no:
            rejected.append((one.sent, str(no)))
    if rejected:
        # Somebody holds that paper: what is not taken is written down too.
        shown = [{**sent.model_dump(), "code": code} for sent, code in rejected]
        context.record(tx, "sync.rejected", tickets=shown)
    word = last.word
    if not more:
        word = new_id()
        tx.set_meta(_contact_key(device_id), f"{context.now} {word}")
    return SyncAnswer(
        accepted=accepted,
        rejected=[Rejected(id=sent.id, code=code) for sent, code in rejected],
        server_time=context.moment.local,
        spendable=judged.spendable,
        contact=word,
        shared=shared,
    )


def _in_order(numbered: Sequence[_Numbered]) -> list[_Numbered]:
    behind: Counter[str] = Counter()
    ordered: list[_Numbered] = []
    for one in sorted(numbered, key=lambda n: (n.series, n.sequence), reverse=True):
        ordered.append(replace(one, behind=behind[one.series]))
        behind[one.series] += 1
    return ordered[::-1]


class _Taking:
    """One device's tickets, taken in one after the other."""

    def __init__(
        self,
        tx: Transaction,
        context: Context,
        device_id: str,
        last_contact: Instant,
        blocks: Blocks,
    ) -> None:
        self._tx = tx
        self._context = context
        self._device_id = device_id
        self._last_contact = last_contact
        self._blocks = blocks
        self._issued: dict[str, dict[int, Instant]] = {}

    def take(self, one: _Numbered) -> None:
        """Raises _No."""
        if self._is_there(one):
            return
        claimed = self._claimed(one.sent.issued_at)
        lease = self._lease(one, claimed)
        if self._tx.tickets_by_number(lease.day, one.series, one.sequence):
            raise _No("number_taken")
        self._check(one)
        token = offline_token(self._blocks.key(lease), one.sent.number)
        if self._tx.ticket_by_token(token) is not None:
            raise _No("id_taken")
        issued = self._placed(one, lease, claimed)
        ticket = Ticket(
            id=one.sent.id,
            day=lease.day,
            series=one.series,
            sequence=one.sequence,
            service_id=one.sent.service_id,
            priority=one.sent.priority_class,
            state="waiting",
            channel="kiosk",
            token=token,
            base=issued,
            issued=issued,
            offline=True,
        )
        self._add(ticket)
        if one.sent.replaces:
            self._cancel_replaced(f"device:{lease.device_id}", one.sent.replaces)

    def _cancel_replaced(self, actor: str, request_id: str) -> None:
        """The number that the kiosk had asked for before, if it was given after all: nobody has
        its paper. Nor is it given later: the network may still deliver the request."""
        if self._tx.remembered(request_id) is None:
            settled = Remembered(actor, _GIVEN_OFFLINE, "{}")
            self._tx.remember(request_id, settled, self._context.now)
            return
        ticket_id = issued_for(self._tx, actor, request_id)
        ticket = self._tx.ticket(ticket_id) if ticket_id is not None else None
        if ticket is not None and ticket.state == "waiting":
            cancelled = ticket.cancel(self._context.now)
            self._tx.save_ticket(cancelled)
            give_back(self._tx, self._context, cancelled)
            self._context.record(
                self._tx, "ticket.cancelled", cancelled, reason="issued_offline_instead"
            )

    def _add(self, ticket: Ticket) -> None:
        context = self._context
        count_printed(self._tx, context, ticket)
        self._tx.add_ticket(ticket)
        context.record(self._tx, "ticket.issued", ticket, channel="kiosk", offline=True)
        reason = self._too_late(ticket)
        if reason:
            voided = ticket.void(context.now)
            self._tx.save_ticket(voided)
            context.record(self._tx, "ticket.void", voided, reason=reason, offline=True)

    def _too_late(self, ticket: Ticket) -> str:
        if ticket.day != self._context.moment.day:
            return "day_closed"
        closed = self._context.hall.hours.sends_home_at(self._context.moment.local)
        return "hall_closed" if closed else ""

    def _is_there(self, one: _Numbered) -> bool:
        there = self._tx.ticket(one.sent.id)
        if there is None:
            return False
        declared = self._blocks.lease(one.sent.lease)
        mine = self._tx.leases_of(self._device_id, there.series, there.sequence)
        days = {lease.day for lease in ([declared] if declared is not None else mine)}
        same = (there.series, there.sequence) == (one.series, one.sequence)
        if same and there.offline and there.day in days:
            return True
        raise _No("id_taken")

    def _claimed(self, text: str) -> Instant:
        try:
            return to_instant(datetime.fromisoformat(text))
        except (ValueError, OverflowError):
            raise _No("bad_time") from None

    def _lease(self, one: _Numbered, claimed: Instant) -> Lease:
        """The lease that the number was spent from. When the kiosk does not say, the same number
        may be of leases of several days: then the time of issue says which."""
        chosen = self._blocks.lease(one.sent.lease)
        if chosen is None:
            chosen = self._likely(one, claimed)
        elif not chosen.holds(one.series, one.sequence):
            raise _No("not_leased")
        if self._blocks.too_old(chosen.day):
            raise _No("too_old")
        return chosen

    def _likely(self, one: _Numbered, claimed: Instant) -> Lease:
        leases = self._tx.leases_of(self._device_id, one.series, one.sequence)
        if not leases:
            raise _No("not_leased")
        ends = self._blocks.day_ends
        in_time = [lease for lease in leases if lease.at <= claimed < ends(lease.day)]
        return (in_time or leases)[0]

    def _check(self, one: _Numbered) -> None:
        service = self._context.hall.services.get(one.sent.service_id)
        if service is None:
            raise _No("unknown_service")
        if service.series != one.series:
            raise _No("wrong_series")
        if not self._context.hall.has_priority(one.sent.priority_class):
            raise _No("unknown_priority_class")

    def _placed(self, one: _Numbered, lease: Lease, claimed: Instant) -> Instant:
        if lease.id not in self._issued:
            found = self._tx.issued_in(lease.day, lease.series, lease.first, lease.last)
            self._issued[lease.id] = found
        there = self._issued[lease.id]
        # A millisecond apart, so that the order of the numbers is the order of the calls.
        before = [at + 1 for sequence, at in there.items() if sequence < one.sequence]
        after = [at - 1 for sequence, at in there.items() if sequence > one.sequence]
        earliest = max(lease.at, self._last_contact, *before)
        latest = min(self._context.now - one.behind, lease.expires - 1 - one.behind, *after)
        there[one.sequence] = place_in_time(claimed, earliest, latest)
        return there[one.sequence]
