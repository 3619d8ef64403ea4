"""The work profile in force at a window, and what that makes it take."""

from functools import lru_cache

from hall_server.domain.hall import Hall, WindowPlace
from hall_server.domain.instant import Moment
from hall_server.domain.profile import Taken, WorkProfile
from hall_server.hallfile.build import profile_from_rules, rules_from_json
from hall_server.service.ports import QueueReader


@lru_cache(maxsize=512)
def parsed_profile(rules: str) -> WorkProfile:
    """A changed profile as the store keeps it; the same text is parsed once."""
    return profile_from_rules(rules_from_json(rules))


def profile_of(reader: QueueReader, place: WindowPlace) -> WorkProfile:
    """The work profile in force at a window: the manager's, or else the hall file's."""
    changed = reader.profile(place.number)
    return place.profile if changed is None else parsed_profile(changed)


def taken_now(reader: QueueReader, hall: Hall, place: WindowPlace, moment: Moment) -> Taken:
    """What the window takes now. Other windows are looked at only when it stands in for one."""
    profile = profile_of(reader, place)
    opened: set[int] = set()
    if profile.stands_in_for:
        opened = {w.number for w in reader.windows() if w.state == "open"}
    return hall.taken(profile, moment.local, opened)
