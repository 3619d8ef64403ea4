"""Which services the windows take while the hall is open."""

from datetime import time

from hall_server.domain.hall import ORDINARY
from hall_server.hallfile.expansion import services_of
from hall_server.hallfile.schema import HallFile, ProfileRule, Session


def _meet(rule: ProfileRule, session: Session) -> bool:
    """Whether the rule is in force at some moment of the session."""
    if rule.weekdays is not None and not set(rule.weekdays) & set(session.weekdays):
        return False
    begins = max(rule.from_ or time.min, session.from_)
    ends = min(rule.to or time.max, session.to)
    return begins < ends


def members_of(hall_file: HallFile) -> dict[str, list[str]]:
    """The ids of the services for which each ``category:ID`` and ``kind:KIND`` stands."""
    members: dict[str, list[str]] = {}
    for category in hall_file.categories:
        for service in services_of(category):
            members.setdefault(f"category:{category.id}", []).append(service.id)
            members.setdefault(f"kind:{service.kind}", []).append(service.id)
    return members


def _by_itself(rule: ProfileRule) -> bool:
    """Whether the rule serves everybody, whatever the other windows do."""
    return rule.while_closed is None and (rule.classes is None or ORDINARY in rule.classes)


def taken_in_hours(hall_file: HallFile) -> set[str]:
    """Ids of the services that some window takes of everybody at some opening hour, and not only
    when it stands in for another; names that exist nowhere are left as they are."""
    members = members_of(hall_file)
    everything = {service_id for ids in members.values() for service_id in ids}
    taken: set[str] = set()
    for window in hall_file.windows:
        for rule in window.rules:
            if _by_itself(rule) and any(_meet(rule, s) for s in hall_file.hours.sessions):
                chosen = everything if rule.services == "*" else set(rule.services)
                taken |= chosen.union(*(members[name] for name in chosen if name in members))
    return taken
