"""Who may call what at one moment: the windows, which are open, and what they take."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from hall_server.domain.hall import Hall
from hall_server.domain.instant import Moment
from hall_server.domain.profile import Part, Taken, WorkProfile
from hall_server.domain.ticket import Ticket
from hall_server.domain.window import Window
from hall_server.service.ports import QueueReader
from hall_server.service.profiles import parsed_profile

# A service, a priority class, and the window that alone may call the ticket (None: whichever takes
# the two).
Kind = tuple[str, str, int | None]


def kind_of(ticket: Ticket, hall: Hall) -> Kind:
    """Which windows may call the ticket depends on this."""
    return ticket.service_id, hall.priority(ticket.priority).id, ticket.target


def may_call(window: int, taken: Taken, kind: Kind) -> bool:
    """Whether this window, which takes this, may call such a ticket."""
    service_id, class_id, target = kind
    return taken.takes(service_id, class_id) if target is None else target == window


class Takers(NamedTuple):
    """The windows that may call a ticket, and what they take together. ``opened`` are those of
    them that are open; when none is, ``windows`` are those that would call when open."""

    windows: frozenset[int]
    taken: Taken
    opened: tuple[int, ...]


class Layout:
    """The windows at a moment; every window of the hall file is there, by number."""

    def __init__(
        self,
        hall: Hall,
        local: datetime,
        windows: Mapping[int, Window],
        profiles: Mapping[int, WorkProfile],
    ) -> None:
        self.hall = hall
        self._local = local
        self.windows = windows
        self.profiles = profiles
        self._takers: dict[Kind, Takers] = {}

    @classmethod
    def read(cls, reader: QueueReader, hall: Hall, moment: Moment) -> "Layout":
        """The windows as they are stored; one that never opened is closed, and has the hall
        file's profile unless a manager changed it."""
        stored = {w.number: w for w in reader.windows()}
        changed = reader.profiles()
        places = hall.windows
        return cls(
            hall,
            moment.local,
            {
                p.number: stored.get(p.number) or Window(p.number, "closed", None, None, moment.at)
                for p in places
            },
            {
                p.number: parsed_profile(changed[p.number]) if p.number in changed else p.profile
                for p in places
            },
        )

    @cached_property
    def opened(self) -> frozenset[int]:
        """The numbers of the open windows."""
        return frozenset(n for n, w in self.windows.items() if w.state == "open")

    @cached_property
    def taken(self) -> dict[int, Taken]:
        """What each window takes."""
        return {
            number: self.hall.taken(profile, self._local, self.opened)
            for number, profile in self.profiles.items()
        }

    def with_profile(self, number: int, profile: WorkProfile) -> "Layout":
        """The same, were this the profile of the window."""
        profiles = {**self.profiles, number: profile}
        return Layout(self.hall, self._local, self.windows, profiles)

    def with_window(self, window: Window) -> "Layout":
        """The same, were this the state of the window."""
        windows = {**self.windows, window.number: window}
        return Layout(self.hall, self._local, windows, self.profiles)

    def all_takers(self, kind: Kind) -> list[int]:
        """The windows that may call such a ticket, open or not."""
        return [n for n, taken in self.taken.items() if may_call(n, taken, kind)]

    def takers(self, kind: Kind) -> Takers:
        """Who may call such a ticket."""
        found = self._takers.get(kind)
        if found is None:
            found = self._takers[kind] = self._find_takers(kind)
        return found

    def _find_takers(self, kind: Kind) -> Takers:
        everyone = self.all_takers(kind)
        opened = [n for n in everyone if n in self.opened]
        service_id, class_id, target = kind
        together = [self.taken[n] for n in opened or everyone]
        if target is None and not everyone:
            # Nobody at all: those who want the same are still counted.
            together = [Taken((Part(frozenset({service_id}), frozenset({class_id})),))]
        return Takers(frozenset(opened or everyone), Taken.together(together), tuple(opened))


class Layouts:
    """The layout of the last moment, kept for as long as nothing it depends on changes."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[object, ...], Layout] | None = None

    def at(self, reader: QueueReader, hall: Hall, moment: Moment) -> Layout:
        """The windows now. Rules begin and end with a minute."""
        version = reader.windows_version()
        if version is None:
            return Layout.read(reader, hall, moment)
        minute = moment.local.replace(second=0, microsecond=0)
        key = (version, minute, minute.fold)
        kept = self._kept
        if kept is None or kept[0] != key or kept[1].hall is not hall:
            kept = self._kept = (key, Layout.read(reader, hall, moment))
        return kept[1]
