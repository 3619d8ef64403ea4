"""The hall's voice: one serial queue of calls, each one checked file, each heard to its end."""

import logging
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from display.voice.phrases import Announcement, phrase
from display.voice.player import PlaybackFailed, Player
from display.voice.render import Renderer
from display.voice.settings import VoiceSettings
from display.voice.sound import remove_oldest, seconds, writable_folder, write
from display.voice.status import Facts, part_status
from display.voice.synthesis import ENGINE_COMMAND, SynthesisFailed
from hallkit.runtime.logs import Outage
from hallkit.wire.device import PartStatus

_log = logging.getLogger(__name__)

# A visitor who was called a minute ago has seen the panel; an old call would only confuse.
MOST_AGE_S = 60.0
# How long a dropped call stays visible in the state.
DROPPED_SHOWN_S = 600.0
# A call file: <sequence or time>-<ticket>-w<window>.wav
FILE_PATTERN = "*-w*.wav"


class Speaker:
    """Speaks calls one after the other, in the order in which they came.

    ``on_caption(text)`` is called when a call begins to be spoken, and with ``""`` when it ended,
    from the speaker's own thread; ``on_state()`` after every change of :meth:`state`, from any.
    ``wanted(announcement)``, if given, is asked when a call's turn comes: false drops it.
    A call that waited longer than ``most_age_s`` seconds is dropped, with a log line and in the
    state. ``engine_command`` is the child's command.
    """

    def __init__(
        self,
        settings: VoiceSettings,
        *,
        on_caption: Callable[[str], None] | None = None,
        on_state: Callable[[], None] | None = None,
        wanted: Callable[[Announcement], bool] | None = None,
        engine_command: Sequence[str] = ENGINE_COMMAND,
        most_age_s: float = MOST_AGE_S,
    ) -> None:
        self._settings = settings
        self._on_caption = on_caption or (lambda _text: None)
        self._on_state = on_state or (lambda: None)
        self._wanted = wanted
        self._most_age_s = most_age_s
        self._renderer = Renderer(settings, engine_command)
        self._player = Player(settings.player, settings.device)
        self._queue: deque[tuple[float, Announcement]] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._facts = Facts(enabled=settings.enabled)
        self._folder: Path | None = None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._folder_outage = Outage(_log, "writing voice files")
        self._voice_outage = Outage(_log, "voice")
        self._play_outage = Outage(_log, "playing calls")
        self._thread = threading.Thread(target=self._run, name="speaker", daemon=True)

    @property
    def engine_pid(self) -> int | None:
        """The process id of the speech engine, None while none runs."""
        return self._renderer.engine_pid

    @property
    def out_dir(self) -> Path | None:
        """The folder of the WAV files, None before :meth:`start`."""
        return self._folder

    def start(self) -> None:
        """Starts speaking; does nothing when the voice is switched off."""
        if not self._settings.enabled:
            return
        if self._settings.out_dir:
            self._folder = Path(self._settings.out_dir)
        else:
            self._temporary = tempfile.TemporaryDirectory(prefix="hall-voice-")
            self._folder = Path(self._temporary.name)
        self._thread.start()

    def stop(self) -> None:
        """Stops at once, also in the middle of a call, and waits for the thread."""
        with self._changed:
            self._stopping = True
            if self._queue:
                _log.info("stopping: %d calls are not spoken any more", len(self._queue))
            self._queue.clear()
            self._changed.notify()
        self._renderer.interrupt()
        self._player.close()
        if self._thread.is_alive():
            self._thread.join()
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None

    def announce(self, announcement: Announcement) -> None:
        """Queues a call; returns at once. Ignored when the voice is off or stopped."""
        if not self._settings.enabled:
            return
        with self._changed:
            if self._stopping:
                return
            self._queue.append((time.monotonic(), announcement))
            self._changed.notify()
        self._on_state()

    def state(self) -> PartStatus:
        """How the voice is, in words."""
        with self._changed:
            waiting = len(self._queue)
            oldest = time.monotonic() - self._queue[0][0] if self._queue else 0.0
            facts = self._facts
        if facts.dropped and time.monotonic() - facts.dropped_at > DROPPED_SHOWN_S:
            facts = facts.changed(dropped=0)
        return part_status(
            facts.changed(
                waiting=waiting,
                oldest_s=oldest,
                card=self._player.available(),
                card_wanted=self._player.wanted(),
            )
        )

    def _run(self) -> None:
        try:
            self._renderer.prepare()
            while (item := self._next()) is not None:
                try:
                    self._call(*item)
                except Exception:  # noqa: BLE001 - the next call must still be spoken
                    _log.exception("a call could not be spoken")
                    self._note(fault="engine")
        finally:
            self._renderer.close()

    def _next(self) -> tuple[float, Announcement] | None:
        with self._changed:
            while not self._queue and not self._stopping:
                self._changed.wait()
            return None if self._stopping else self._queue.popleft()

    def _call(self, since: float, announcement: Announcement) -> None:
        if time.monotonic() - since > self._most_age_s:
            self._drop(announcement)
            return
        if self._wanted is not None and not self._wanted(announcement):
            _log.info("call of %s is over, not spoken", announcement.ticket)
            return
        words = phrase(announcement, yao=self._settings.yao)
        self._note(speaking=words.caption)
        self._on_caption(words.caption)
        try:
            self._speak(announcement, words.spoken)
        finally:
            self._on_caption("")
            self._note(speaking="")

    def _speak(self, announcement: Announcement, spoken: str) -> None:
        try:
            samples = self._renderer.render(spoken)
        except SynthesisFailed as error:
            if not self._stopping:
                self._voice_outage.failed(error)
                self._note(fault="engine")
            return
        self._voice_outage.recovered()
        path = self._file(announcement)
        try:
            writable_folder(path.parent)
            write(path, samples)
            remove_oldest(path.parent, FILE_PATTERN, self._settings.keep)
        except OSError as error:
            self._folder_outage.failed(error)
            self._note(fault="folder")
            return
        self._folder_outage.recovered()
        # A silent sound card stays reported until it plays again.
        fault = self._facts.fault if self._facts.fault == "playback" else ""
        self._note(fault=fault, fallback=self._renderer.fallback)
        self._play(path, seconds(samples))

    def _play(self, path: Path, length_s: float) -> None:
        if not self._player.available():
            return
        try:
            self._player.play(path, length_s)
        except PlaybackFailed as error:
            self._play_outage.failed(error)
            self._note(fault="playback")
        else:
            self._play_outage.recovered()
            if self._facts.fault:
                self._note(fault="")

    def _file(self, announcement: Announcement) -> Path:
        assert self._folder is not None
        stamp = f"{datetime.now().astimezone():%Y%m%dT%H%M%S%f}"
        first = f"{announcement.seq:08d}" if announcement.seq else stamp
        ticket = "".join(c for c in announcement.ticket if c.isascii() and c.isalnum()) or "x"
        return self._folder / f"{first}-{ticket}-w{announcement.window}.wav"

    def _drop(self, announcement: Announcement) -> None:
        _log.warning(
            "call of %s to window %d waited more than %d s and is not spoken",
            announcement.ticket, announcement.window, self._most_age_s,
        )  # fmt: skip
        self._note(dropped=self._facts.dropped + 1, dropped_at=time.monotonic())

    def _note(self, **changes: object) -> None:
        with self._changed:
            self._facts = self._facts.changed(**changes)
        self._on_state()
