"""The hall's voice: every zone's speaker, and the one engine that they share."""

import logging
from collections.abc import Callable, Sequence
from datetime import tzinfo

from display.voice.phrases import Announcement
from display.voice.render import Renderer
from display.voice.settings import VoiceSettings, ZoneSettings
from display.voice.speaker import GIVE_UP_S, Speaker
from display.voice.status import Facts, part_status
from display.voice.synthesis import ENGINE_COMMAND
from hallkit.runtime.clock import Clock, SystemClock
from hallkit.wire.board import Notice
from hallkit.wire.device import PartStatus

_log = logging.getLogger(__name__)


class HallVoice:
    """Says each call in the zones of its window, and notices in all; silent when it is switched
    off. ``on_caption``, ``on_state``, ``wanted`` and ``give_up_s`` as in :class:`Speaker`, from
    any zone; ``engine_command`` is the child's command."""

    def __init__(
        self,
        settings: VoiceSettings,
        *,
        clock: Clock | None = None,
        on_caption: Callable[[str], None] = lambda _text: None,
        on_state: Callable[[], None] = lambda: None,
        wanted: Callable[[Announcement], bool] = lambda _call: True,
        engine_command: Sequence[str] = ENGINE_COMMAND,
        give_up_s: float = GIVE_UP_S,
    ) -> None:
        self._enabled = settings.enabled
        self._renderer = Renderer(settings, engine_command)
        self._stray: set[int] = set()
        zones: list[ZoneSettings | None] = [*settings.zones] or [None]
        self._speakers = [
            (zone, Speaker(
                settings, self._renderer, clock or SystemClock(), zone=zone,
                on_caption=on_caption, on_state=on_state, wanted=wanted, give_up_s=give_up_s,
            ))
            for zone in zones
        ]  # fmt: skip

    @property
    def engine_pid(self) -> int | None:
        """The process id of the speech engine, None while none runs."""
        return self._renderer.engine_pid

    @property
    def speakers(self) -> list[Speaker]:
        """The zones' speakers, as in the settings."""
        return [speaker for _, speaker in self._speakers]

    def start(self) -> None:
        """Starts speaking; does nothing when the voice is switched off."""
        if self._enabled:
            for speaker in self.speakers:
                speaker.start()

    def stop(self) -> None:
        """Stops at once, also in the middle of a call, and waits for the threads."""
        for speaker in self.speakers:
            speaker.ask_to_stop()
        self._renderer.interrupt()
        for speaker in self.speakers:
            speaker.stop()
        self._renderer.close()

    def announce(self, call: Announcement) -> None:
        """Queues a call; returns at once. One that no zone says is said in all: nobody is called
        unheard."""
        if not self._enabled:
            return
        here = [
            speaker
            for zone, speaker in self._speakers
            if zone is None or zone.says(call.window, call.area)
        ]
        if not here and call.window not in self._stray:
            self._stray.add(call.window)
            _log.warning("no zone says the calls of window %d, so all do", call.window)
        for speaker in here or self.speakers:
            speaker.announce(call)

    def notices(self, notices: Sequence[Notice], *, live: bool) -> None:
        """Takes all notices in force; ``live``: what is new was posted while the link was up."""
        if self._enabled:
            for speaker in self.speakers:
                speaker.notices(notices, live=live)

    def timezone(self, zone: tzinfo) -> None:
        """Sets the hall's time zone."""
        for speaker in self.speakers:
            speaker.timezone(zone)

    def states(self) -> list[PartStatus]:
        """How each zone's voice is, in words."""
        if not self._enabled:
            return [part_status(Facts(enabled=False))]
        return [speaker.state() for speaker in self.speakers]
