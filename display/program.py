"""The display program put together: server in, panels and voice out."""

from display.announcer import Announcer
from display.link import HallLink
from display.panels import Panels
from display.settings import DisplaySettings
from display.voice.speaker import Speaker
from hallkit.runtime.clock import SystemClock
from hallkit.runtime.service import Service
from hallkit.wire.device import PartStatus


class _Notice:
    """Passes a change on to the link, which is made later than those who have changes."""

    def __init__(self) -> None:
        self.link: HallLink | None = None

    def __call__(self) -> None:
        if self.link is not None:
            self.link.changed()


def run(settings: DisplaySettings, server_url: str | None) -> int:
    """Runs until SIGTERM or SIGINT; returns the exit status."""
    service = Service()
    service.catch_signals()
    changed = _Notice()
    panels = Panels(settings, changed)
    speaker = Speaker(settings.voice, on_state=changed)

    def parts() -> list[PartStatus]:
        return [*panels.parts(), speaker.state()]

    panels.start()
    service.add("panels", panels.stop)
    speaker.start()
    service.add("voice", speaker.stop)
    announcer = Announcer(speaker.announce, SystemClock())
    lost_after_s = settings.panels.lost_after_s
    link = HallLink(settings.server, server_url, panels.show, announcer, lost_after_s, parts)
    changed.link = link
    link.start()
    service.add("link to the server", link.stop)
    service.run()
    return 0
