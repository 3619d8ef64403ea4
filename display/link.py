"""The display program's link to the server."""

import threading
from collections.abc import Callable

from display.announcer import Announcer
from display.board.sign import Sign
from display.follow import HallFollow, ShowSigns
from display.voice.phrases import Announcement
from hallkit.link.client import ApiClient
from hallkit.link.member import DeviceLink
from hallkit.link.server import ServerSettings
from hallkit.runtime.clock import Clock
from hallkit.wire.device import PartStatus

NAME = "显示屏与语音"


class HallLink:
    """Finds the server, pairs if needed, then follows the hall and tells how the parts are."""

    def __init__(
        self,
        settings: ServerSettings,
        server_url: str | None,
        show: ShowSigns,
        announcer: Announcer,
        lost_after_s: float,
        parts: Callable[[], list[PartStatus]],
        clock: Clock,
    ) -> None:
        self._show = show
        self._announcer = announcer
        self._lost_after_s = lost_after_s
        self._clock = clock
        self._follow: HallFollow | None = None
        self._link = DeviceLink(settings, "display", NAME, server_url, parts, self._begin)

    def start(self) -> None:
        """Starts looking for the server."""
        self._link.start()

    def stop(self) -> None:
        """Ends the link."""
        self._link.stop()

    def changed(self) -> None:
        """Says that a part's state changed; the server is told at once."""
        self._link.changed()

    def still_called(self, announcement: Announcement) -> bool:
        """Whether the ticket is, as far as is known, still awaited at that window."""
        follow = self._follow
        return follow is None or follow.holds(announcement.ticket, announcement.window)

    def _begin(self, client: ApiClient, _ending: threading.Event) -> Callable[[], None]:
        follow = HallFollow(
            client,
            self._show,
            self._announcer,
            self._lost_after_s,
            self._clock,
            self._link.changed,
        )
        follow.start()
        self._follow = follow

        def end() -> None:
            self._follow = None
            follow.stop()
            # Nobody would take these numbers away any more.
            self._show(lambda window: Sign(window, "lost"))

        return end
