"""What the endpoints work with: set once by the factory, found through the running app."""

from dataclasses import dataclass

from flask import current_app

from hall_server.api.streams import StreamPlaces
from hall_server.api.throttle import Throttles
from hall_server.service.appointments_desk import Appointments
from hall_server.service.commands import Commands
from hall_server.service.devices import Devices
from hall_server.service.feed import Feed
from hall_server.service.notices import Notices
from hall_server.service.people import People
from hall_server.service.priorities import Priorities
from hall_server.service.queries import Queries
from hallkit.runtime.clock import ManualClock

EXTENSION = "yichuang"


@dataclass(frozen=True)
class Parts:
    """The server's use cases. ``manual_clock`` is set only when days are replayed; the numbers
    limit how many event streams may be open at once, in all and without a log-in; ``schema`` is the
    database's revision."""

    commands: Commands
    queries: Queries
    appointments: Appointments
    notices: Notices
    priorities: Priorities
    people: People
    devices: Devices
    feed: Feed
    schema: str
    started_at: float
    manual_clock: ManualClock | None
    streams: StreamPlaces
    throttles: Throttles
    max_streams: int
    max_public_streams: int


def parts() -> Parts:
    """The parts of the app that handles this request."""
    found = current_app.extensions[EXTENSION]
    assert isinstance(found, Parts)
    return found
