"""Counting the numbers of services that have a limit, inside the command that gives one."""

from collections.abc import Iterable
from datetime import datetime, time

from hall_server.domain.errors import Conflict
from hall_server.domain.hall import Hall, Service
from hall_server.domain.instant import Instant, Moment, from_instant, to_instant
from hall_server.domain.quota import WHOLE_DAY
from hall_server.domain.ticket import Ticket
from hall_server.service.context import Context
from hall_server.service.ports import Transaction
from hall_server.service.quotas_ports import QuotaReader


def count_numbers(
    tx: Transaction, context: Context, services: Iterable[str], *, refuse: bool = True
) -> None:
    """Counts one number, given now, for each of the services. Raises Conflict ``quota_full`` when
    one has none left; without ``refuse`` it counts all the same (a booking has its place, and a
    kiosk that was offline has printed its number already)."""
    for service_id in services:
        service = context.hall.services.get(service_id)
        if service is not None and not service.quota.unlimited:
            _count(tx, context.moment.day, context.moment.local, service, refuse=refuse)


def count_printed(tx: Transaction, context: Context, ticket: Ticket) -> None:
    """Counts a number that was given while the server was away, when it was given. Call it before
    the ticket is added."""
    service = context.hall.services.get(ticket.service_id)
    if service is not None and not service.quota.unlimited:
        local = from_instant(ticket.issued, context.hall.zone)
        _count(tx, ticket.day, local, service, refuse=False)


def _count(tx: Transaction, day: str, local: datetime, service: Service, *, refuse: bool) -> None:
    used = tx.quota_used(day, service.id)
    for key in service.quota.keys_at(local):
        if key not in used:
            used[key] = _given_before(tx, day, local, service, key)
    full = service.quota.full_at(local, used) if refuse else None
    if full is not None:
        raise Conflict(
            "quota_full",
            f"“{service.name}”{full.zh}",
            f"{service.in_english}: {full.en}",
            [
                {"from": f"{s.start:%H:%M}", "to": f"{s.end:%H:%M}", "left": n}
                for s, n in full.later
            ],
        )
    for key in service.quota.keys_at(local):
        tx.set_quota(day, service.id, key, used[key] + 1)


def _given_before(tx: Transaction, day: str, local: datetime, service: Service, key: str) -> int:
    """What was given before the counter began: the limit may be newer than the day."""
    slot = service.quota.slot_at(local)
    if key == WHOLE_DAY or slot is None:
        return tx.numbers_given(day, service.id, None, None)
    return tx.numbers_given(day, service.id, _on(local, slot.start), _on(local, slot.end))


def _on(local: datetime, clock: time) -> Instant:
    return to_instant(datetime.combine(local.date(), clock, tzinfo=local.tzinfo))


def give_back(tx: Transaction, context: Context, ticket: Ticket) -> None:
    """A number that was cancelled gives its places back, unless it was called before: then
    somebody has spent time on it."""
    if ticket.first_called is not None:
        return
    local = from_instant(ticket.issued, context.hall.zone)
    for service_id in (ticket.service_id, *ticket.more_services):
        service = context.hall.services.get(service_id)
        if service is None or service.quota.unlimited:
            continue
        used = tx.quota_used(ticket.day, service_id)
        for key in service.quota.keys_at(local):
            if used.get(key):
                tx.set_quota(ticket.day, service_id, key, used[key] - 1)


def full_services(reader: QuotaReader, hall: Hall, moment: Moment) -> dict[str, tuple[str, str]]:
    """Why no number is given now, in Chinese and English, by service, for those that have none
    left."""
    limited = [s for s in hall.services.values() if not s.quota.unlimited]
    if not limited:
        return {}
    used = reader.quotas_used(moment.day)
    found = {s.id: s.quota.full_at(moment.local, used.get(s.id, {})) for s in limited}
    return {key: (full.zh, full.en) for key, full in found.items() if full is not None}
