"""The display program put together: server in, panels and voice out."""

from collections.abc import Sequence
from datetime import tzinfo

from display.announcer import Announcer
from display.hall_clock import HallClock
from display.link import HallLink
from display.panels import Panels
from display.settings import DisplaySettings
from display.voice.hall_voice import HallVoice
from display.voice.phrases import Announcement
from hallkit.runtime.clock import SystemClock
from hallkit.runtime.service import Service
from hallkit.wire.board import Notice
from hallkit.wire.device import PartStatus


class _Later:
    """Stands for the link, which is made later than those who need it."""

    def __init__(self) -> None:
        self.link: HallLink | None = None

    def changed(self) -> None:
        if self.link is not None:
            self.link.changed()

    def still_called(self, announcement: Announcement) -> bool:
        return self.link is None or self.link.still_called(announcement)


class _Everyone:
    """Hears for panels and voice."""

    def __init__(self, panels: Panels, voice: HallVoice) -> None:
        self._panels = panels
        self._voice = voice

    def notices(self, notices: Sequence[Notice], *, live: bool) -> None:
        self._voice.notices(notices, live=live)

    def timezone(self, zone: tzinfo) -> None:
        self._voice.timezone(zone)
        self._panels.timezone(zone)


def run(settings: DisplaySettings, server_url: str | None) -> int:
    """Runs until SIGTERM or SIGINT; returns the exit status."""
    service = Service()
    service.catch_signals()
    later = _Later()
    clock = HallClock(SystemClock())
    panels = Panels(settings, later.changed, clock)
    voice = HallVoice(
        settings.voice, clock=clock, on_state=later.changed, wanted=later.still_called
    )

    def parts() -> list[PartStatus]:
        return [*panels.parts(), *voice.states()]

    panels.start()
    service.add("panels", panels.stop)
    voice.start()
    service.add("voice", voice.stop)
    announcer = Announcer(voice.announce, clock, _Everyone(panels, voice), clock.told)
    lost_after_s = settings.panels.lost_after_s
    link = HallLink(settings.server, server_url, panels.show, announcer, lost_after_s, parts, clock)
    later.link = link
    link.start()
    service.add("link to the server", link.stop)
    service.run()
    return 0
