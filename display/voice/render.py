"""From spoken words to the samples of one whole call: synthesis, stand-in, check, fit in time."""

from __future__ import annotations

import logging
import tempfile
import time
from array import array
from collections.abc import Sequence
from pathlib import Path

from display.voice.settings import VoiceSettings
from display.voice.sound import BadSound, chime, compose, read_phrase, seconds
from display.voice.synthesis import EngineChild, SynthesisFailed, espeak
from hallkit.link.backoff import Backoff
from hallkit.runtime.logs import Outage

_log = logging.getLogger(__name__)

# A call said once or twice fits in 10 s, so that a minute has room for six; said three times it
# may take 5 s more.
_MOST_CALL_S = {1: 10.0, 2: 10.0, 3: 15.0}
# Faster than this is not understood in a hall, words a minute.
_MOST_RATE = 260
# Speech shortens a little less than its speed grows.
_RATE_MARGIN = 1.04
# A restarted engine that fails again is left alone for 1 s, 2 s, … 60 s; calls meanwhile go to
# the stand-in and are not delayed.
_RETRY_FIRST_S = 1.0
_RETRY_MOST_S = 60.0

# A syllable takes 0.25 s at 180 words a minute; half of that is a phrase that was cut off.
_LEAST_SYLLABLE_S_PER_RATE = 0.125 * 180


def _least_s(spoken: str, rate: int) -> float:
    syllables = sum(char.isdigit() or char.isupper() for char in spoken)
    return syllables * _LEAST_SYLLABLE_S_PER_RATE / rate


class Renderer:
    """Makes the sound of a call. Used from one thread, but for :meth:`interrupt`."""

    def __init__(self, settings: VoiceSettings, engine_command: Sequence[str]) -> None:
        self._settings = settings
        self._child = EngineChild(engine_command)
        self._chime: array[int] = array("h")
        self._backoff = Backoff(_RETRY_FIRST_S, _RETRY_MOST_S)
        self._not_before = 0.0
        self._outage = Outage(_log, "speech engine (espeak-ng stands in)")
        self._interrupted = False

    @property
    def fallback(self) -> bool:
        """Whether the last call was made by the stand-in."""
        return self._outage.down

    @property
    def engine_pid(self) -> int | None:
        """The engine child's process id while it runs."""
        return self._child.pid

    def prepare(self) -> None:
        """Makes the chime and starts the engine, so that the first call is not late."""
        if self._settings.chime:
            self._chime = chime()
        if self._settings.engine == "pyttsx3":
            try:
                self._child.start()
            except SynthesisFailed as error:
                self._failed(error)

    def interrupt(self) -> None:
        """Ends a synthesis that is going on; any thread."""
        self._interrupted = True
        self._child.interrupt()

    def close(self) -> None:
        """Ends the engine."""
        self._child.kill()

    def render(self, spoken: str) -> array[int]:
        """The whole call. Raises SynthesisFailed when neither engine made a usable sound."""
        rate = self._settings.rate
        most_s = _MOST_CALL_S[self._settings.repeat]
        said = self._phrase(spoken, rate)
        whole = self._whole(said)
        if seconds(whole) > most_s and rate < _MOST_RATE:
            spoken_s = seconds(said) * self._settings.repeat
            room_s = most_s - (seconds(whole) - spoken_s)
            rate = min(_MOST_RATE, int(rate * spoken_s / room_s * _RATE_MARGIN) + 1)
            whole = self._whole(self._phrase(spoken, rate))
            _log.debug("said at %d words a minute, %.1f s", rate, seconds(whole))
        return whole

    def _whole(self, said: array[int]) -> array[int]:
        return compose(
            said,
            repeat=self._settings.repeat,
            before=self._chime,
            volume=self._settings.volume,
        )

    def _phrase(self, spoken: str, rate: int) -> array[int]:
        with tempfile.TemporaryDirectory(prefix="hall-say-") as folder:
            file = Path(folder) / "phrase.wav"
            if self._settings.engine == "pyttsx3" and time.monotonic() >= self._not_before:
                try:
                    return self._by_child(spoken, rate, file)
                except (SynthesisFailed, BadSound) as error:
                    if self._interrupted:
                        raise SynthesisFailed("stopping") from error
                    self._failed(error)
            try:
                espeak(spoken, rate, file, self._settings.utterance_timeout_s)
                return read_phrase(file, _least_s(spoken, rate))
            except BadSound as error:
                raise SynthesisFailed(f"espeak-ng: {error}") from error

    def _by_child(self, spoken: str, rate: int, file: Path) -> array[int]:
        try:
            self._child.speak(spoken, rate, file, self._settings.utterance_timeout_s)
            said = read_phrase(file, _least_s(spoken, rate))
        except BadSound:
            self._child.kill()
            raise
        self._outage.recovered()
        self._backoff.reset()
        return said

    def _failed(self, reason: Exception) -> None:
        self._outage.failed(reason)
        self._not_before = time.monotonic() + self._backoff.next_s()
