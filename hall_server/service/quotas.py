"""Counting the numbers of services that have a limit, inside the command that gives one."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from hall_server.domain.errors import Conflict
from hall_server.domain.hall import Hall, Service
from hall_server.domain.instant import Moment, from_instant
from hall_server.domain.quota import WHOLE_DAY
from hall_server.domain.ticket import Ticket
from hall_server.service.context import Context
from hall_server.service.ports import Transaction
from hall_server.service.quotas_ports import QuotaReader

# What each entry of the journal does to the count of its services.
_COUNTED = {"ticket.issued": 1, "ticket.cancelled": -1}


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
    """Counts a number that was given while the server was away, when it was given."""
    service = context.hall.services.get(ticket.service_id)
    if service is not None and not service.quota.unlimited:
        local = from_instant(ticket.issued, context.hall.zone)
        _count(tx, ticket.day, local, service, refuse=False)


def _count(tx: Transaction, day: str, local: datetime, service: Service, *, refuse: bool) -> None:
    used = tx.quota_used(day, service.id)
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
        tx.set_quota(day, service.id, key, used.get(key, 0) + 1)


def recount(tx: Transaction, hall: Hall, day: str) -> None:
    """Counts the day's numbers anew, as they were given and given back, for a hall whose limits
    are newer than the day. Where a ticket was sent since then does not matter."""
    limited = {s.id: s.quota for s in hall.services.values() if not s.quota.unlimited}
    if not limited:
        return
    used: Counter[tuple[str, str]] = Counter()
    for entry in tx.entries_of_day(day):
        if entry.type not in _COUNTED:
            continue
        ticket = json.loads(entry.body)["ticket"]
        local = datetime.fromisoformat(ticket["issued_at"]).astimezone(hall.zone)
        kept = entry.type == "ticket.cancelled" and ticket["called_at"] is not None
        if kept or local.date().isoformat() != day:
            continue
        for service_id in (ticket["service_id"], *(s["id"] for s in ticket["more_services"])):
            for key in limited[service_id].keys_at(local) if service_id in limited else ():
                used[service_id, key] += _COUNTED[entry.type]
    for service_id, quota in limited.items():
        for key in (WHOLE_DAY, *(slot.key for slot in quota.slots)):
            tx.set_quota(day, service_id, key, used[service_id, key])


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
