"""From words to the samples of an announcement: recordings, synthesis, stand-in, check, fit."""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from display.voice.clips import Clips, ClipsMissing, needed
from display.voice.commands import Commands
from display.voice.notice_text import english_words
from display.voice.phrases import English, Manner, Phrase
from display.voice.reading import pinyin_of
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
_ENGLISH_RATE = 160
# Notices whose reading is remembered: they are said again and again.
_MOST_READ = 20

# A syllable takes 0.25 s at 180 words a minute; half of that is a phrase that was cut off.
_LEAST_SYLLABLE_S_PER_RATE = 0.125 * 180
# An English word takes 0.3 s at 180 words a minute, a number much longer.
_LEAST_WORD_S_PER_RATE = 0.12 * 180
_MOST_CHAR_S = 0.4
# Speech that lasts this many times what its syllables should is not ours, whatever the speed.
_MOST_TIMES = 5.0
_MOST_MORE_S = 5.0


@dataclass(frozen=True)
class Part:
    """A piece of an announcement that is played without a break, and its caption."""

    samples: array[int]
    caption: str


@dataclass(frozen=True)
class Order:
    """A call to be made: ``repeat`` times ``said`` at ``rate`` words a minute, then ``english``;
    with ``fit`` the speed grows until the Chinese part fits in the time of one call."""

    said: Phrase
    rate: int
    volume: int
    repeat: int = 1
    chime: bool = False
    english: English | None = None
    fit: bool = False


def _bounds_s(spoken: str, rate: int, language: str) -> tuple[float, float]:
    """How long the speech lasts at least and at most, in seconds."""
    if language == "en":
        least = len(spoken.split()) * _LEAST_WORD_S_PER_RATE / rate
        return least, len(spoken) * _MOST_CHAR_S + _MOST_MORE_S
    tones = [char for char in spoken if char.isdigit() or char.isupper() or char >= "\u3400"]
    least = (len(tones) - tones.count("5") / 2) * _LEAST_SYLLABLE_S_PER_RATE / rate
    return least, least * _MOST_TIMES + _MOST_MORE_S


class Renderer:
    """Makes the sound of announcements, one at a time, for every zone of the hall."""

    def __init__(self, settings: VoiceSettings, engine_command: Sequence[str]) -> None:
        self._settings = settings
        self._child = EngineChild(engine_command)
        self._commands = Commands()
        self._chime: array[int] = array("h")
        self._backoff = Backoff(_RETRY_FIRST_S, _RETRY_MOST_S)
        self._not_before = 0.0
        self._outage = Outage(_log, "speech engine (espeak-ng stands in)")
        self._interrupted = False
        self._lock = threading.Lock()
        self._clips = Clips(Path(settings.clips_dir)) if settings.engine == "clips" else None
        self._missing: frozenset[str] = frozenset()
        self._read: dict[tuple[str, ...], list[str]] = {}

    @property
    def missing(self) -> tuple[str, ...]:
        """The recordings that calls so far needed and that cannot be used."""
        return tuple(sorted(self._missing))

    @property
    def fallback(self) -> bool:
        """Whether the last call was made by the stand-in."""
        return self._outage.down

    @property
    def engine_pid(self) -> int | None:
        """The engine child's process id while it runs."""
        return self._child.pid

    def prepare(self) -> None:
        """Makes the chime and starts the engine, so that the first call is not late; once."""
        with self._lock:
            self._prepare()

    def _prepare(self) -> None:
        if self._chime:
            return
        self._chime = chime()
        if self._clips is not None:
            manner = Manner(self._settings.yao, self._settings.green_channel)
            names = needed(manner)
            self._missing = frozenset(name for name in names if self._clips.problem(name))
        # With recordings the engine is needed for few calls: it is started for the first one.
        if self._settings.engine == "pyttsx3":
            try:
                self._child.start()
            except SynthesisFailed as error:
                self._failed(error)

    def interrupt(self) -> None:
        """Ends a synthesis that is going on; any thread."""
        self._interrupted = True
        self._child.interrupt()
        self._commands.interrupt()

    def close(self) -> None:
        """Ends the engine."""
        with self._lock:
            self._child.kill()

    def call(self, order: Order) -> tuple[list[Part], float]:
        """The parts of a call, and how long its words take once, in seconds. Raises
        SynthesisFailed when nothing made a usable sound."""
        with self._lock:
            said = self._words(order.said, order.rate)
            if order.fit:
                said = self._fitting(order, said)
            phrases, captions = [said] * order.repeat, [order.said.caption] * order.repeat
            if order.english is not None:
                self._add_english(phrases, captions, order.english)
        return self._parts(phrases, captions, order.chime, order.volume), seconds(said)

    def _add_english(
        self, phrases: list[array[int]], captions: list[str], english: English
    ) -> None:
        try:
            phrases.append(self._phrase(english.spoken, _ENGLISH_RATE, "en"))
            captions.append(english.caption)
        except SynthesisFailed as error:
            _log.warning("said in Chinese only: %s", error)

    def synthesize(self, said: Phrase) -> array[int]:
        """The words once, by the synthesizer. Raises SynthesisFailed."""
        with self._lock:
            return self._phrase(said.spoken, self._settings.rate)

    def notice(
        self, sentences: Sequence[str], caption: str, text_en: str, volume: int
    ) -> list[Part]:
        """A notice, a part a sentence, then its English words if that is set and there are any.
        Raises SynthesisFailed."""
        read = self._pinyin(tuple(sentences))
        with self._lock:
            said = [self._phrase(spoken, self._settings.rate) for spoken in read]
            captions = [caption] * len(said)
            spoken_en = english_words(text_en) if self._settings.english else ""
            if spoken_en:
                self._add_english(said, captions, English(text_en, spoken_en))
        return self._parts(said, captions, self._settings.chime, volume)

    def _pinyin(self, sentences: tuple[str, ...]) -> Sequence[str]:
        if sentences not in self._read:
            read = pinyin_of(sentences, self._commands)
            if read is None:
                return sentences
            if len(self._read) >= _MOST_READ:
                self._read.clear()
            self._read[sentences] = read
        return self._read[sentences]

    def _parts(
        self, phrases: Sequence[array[int]], captions: Sequence[str], bell: bool, volume: int
    ) -> list[Part]:
        before = self._chime if bell else array("h")
        made = compose(phrases, before=before, volume=volume)
        return [Part(samples, text) for samples, text in zip(made, captions, strict=True)]

    def _fitting(self, order: Order, said: array[int]) -> array[int]:
        """The same words, quicker if the whole call would take too long."""
        most_s = _MOST_CALL_S[order.repeat]
        made = self._parts([said] * order.repeat, [""] * order.repeat, order.chime, order.volume)
        whole_s = sum(seconds(part.samples) for part in made)
        if whole_s <= most_s or order.rate >= _MOST_RATE:
            return said
        spoken_s = seconds(said) * order.repeat
        room_s = most_s - (whole_s - spoken_s)
        rate = min(_MOST_RATE, int(order.rate * spoken_s / room_s * _RATE_MARGIN) + 1)
        return self._words(order.said, rate)

    def _words(self, said: Phrase, rate: int) -> array[int]:
        """The words once: by recordings if there are all of them, else by the synthesizer."""
        if self._clips is not None:
            try:
                made = self._clips.say(said.clips)
            except ClipsMissing as error:
                if not set(error.names) <= self._missing:
                    _log.warning("%s: the synthesizer says such calls", error)
                self._missing = self._missing | set(error.names)
            else:
                self._missing = self._missing - set(said.clips)
                return made
        return self._phrase(said.spoken, rate)

    def _phrase(self, spoken: str, rate: int, language: str = "zh") -> array[int]:
        try:
            with tempfile.TemporaryDirectory(prefix="hall-say-") as folder:
                return self._phrase_in(Path(folder) / "phrase.wav", spoken, rate, language)
        except OSError as error:
            raise SynthesisFailed(f"no temporary file: {error}") from error

    def _phrase_in(self, file: Path, spoken: str, rate: int, language: str) -> array[int]:
        if self._settings.engine != "espeak-ng" and time.monotonic() >= self._not_before:
            try:
                return self._by_child(spoken, rate, file, language)
            except (SynthesisFailed, BadSound) as error:
                if self._interrupted:
                    raise SynthesisFailed("stopping") from error
                self._failed(error)
        try:
            timeout_s = self._settings.utterance_timeout_s
            espeak(self._commands, spoken, rate, file, timeout_s, language)
            return read_phrase(file, *_bounds_s(spoken, rate, language))
        except BadSound as error:
            raise SynthesisFailed(f"espeak-ng: {error}") from error

    def _by_child(self, spoken: str, rate: int, file: Path, language: str) -> array[int]:
        try:
            self._child.speak(spoken, rate, file, self._settings.utterance_timeout_s, language)
            said = read_phrase(file, *_bounds_s(spoken, rate, language))
        except BadSound:
            self._child.kill()
            raise
        self._outage.recovered()
        self._backoff.reset()
        return said

    def _failed(self, reason: Exception) -> None:
        self._outage.failed(reason)
        self._not_before = time.monotonic() + self._backoff.next_s()
