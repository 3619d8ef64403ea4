"""The display program put together: server in, panels and voice out."""

import logging

from display.announcer import Announcer
from display.follow import HallFollow
from display.panels import Panels
from display.settings import DisplaySettings
from display.voice.speaker import Speaker
from hallkit.link.heartbeat import Heartbeat
from hallkit.link.server import connect
from hallkit.runtime.clock import SystemClock
from hallkit.runtime.service import Service
from hallkit.wire.device import PartStatus

_log = logging.getLogger(__name__)


class _Notice:
    """Passes a change on to the heartbeat, which exists later than those who have changes."""

    def __init__(self) -> None:
        self.heartbeat: Heartbeat | None = None

    def __call__(self) -> None:
        if self.heartbeat is not None:
            self.heartbeat.changed()


def run(settings: DisplaySettings, server_url: str | None) -> int:
    """Runs until SIGTERM or SIGINT; returns the exit status."""
    service = Service()
    service.catch_signals()
    changed = _Notice()
    panels = Panels(settings, changed)
    panels.start()
    service.add("panels", panels.stop)
    speaker = Speaker(settings.voice, on_state=changed)
    speaker.start()
    service.add("voice", speaker.stop)
    client = connect(settings.server, server_url, service.stopping)
    if client is None:
        service.close()
        return 0
    service.add("server connection", client.close)

    def parts() -> list[PartStatus]:
        return [*panels.parts(), speaker.state()]

    if settings.server.device_id:
        heartbeat = Heartbeat(client, settings.server.device_id, parts)
        heartbeat.start()
        changed.heartbeat = heartbeat
        service.add("heartbeat", heartbeat.stop)
    else:
        _log.warning("no device_id in [server]: the manager's device page will not show this")
    announcer = Announcer(speaker.announce, SystemClock())
    follow = HallFollow(client, panels.show, announcer, settings.panels.lost_after_s)
    follow.start()
    service.add("event stream", follow.stop)
    service.run()
    return 0
