"""Which services the windows take while the hall is open."""

from datetime import time

from hall_server.hallfile.expansion import services_of
from hall_server.hallfile.schema import HallFile, ProfileRule, Session


def _meet(rule: ProfileRule, session: Session) -> bool:
    """Whether the rule is in force at some moment of the session."""
    if rule.weekdays is not None and not set(rule.weekdays) & set(session.weekdays):
        return False
    begins = max(rule.from_ or time.min, session.from_)
    ends = min(rule.to or time.max, session.to)
    return begins < ends


def taken_in_hours(hall_file: HallFile) -> set[str]:
    """Ids of the services that some window takes at some opening hour; names that exist nowhere
    are left as they are."""
    members = {f"category:{c.id}": [s.id for s in services_of(c)] for c in hall_file.categories}
    everything = {service_id for ids in members.values() for service_id in ids}
    taken: set[str] = set()
    for window in hall_file.windows:
        for rule in window.rules:
            if any(_meet(rule, session) for session in hall_file.hours.sessions):
                chosen = everything if rule.services == "*" else set(rule.services)
                taken |= chosen.union(*(members[name] for name in chosen if name in members))
    return taken
