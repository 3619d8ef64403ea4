"""A speaker on a stage: what it said, wrote and told, in order."""

import threading
import wave
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from display.voice.hall_voice import HallVoice
from display.voice.phrases import Announcement
from display.voice.settings import VoiceSettings
from display.voice.sound import level, seconds
from hallkit.wire.device import PartStatus

WAIT_S = 90.0


class Stage:
    """A speaker with settings of a test; keywords are settings or the speaker's own options."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.captions: list[str] = []
        self.states: list[str] = []
        self.texts: list[str] = []
        self.on_caption: Callable[[str], None] = lambda _text: None
        self.changed = threading.Condition()
        options = {
            key: settings.pop(key)
            for key in ("wanted", "engine_command", "give_up_s", "clock")
            if key in settings
        }
        values = {"out_dir": str(folder), "player": "none"} | settings
        self.voice = HallVoice(
            VoiceSettings.model_validate(values),
            on_caption=self.caption,
            on_state=self.state,
            **options,
        )

    def caption(self, text: str) -> None:
        self.on_caption(text)
        with self.changed:
            self.captions.append(text)
            self.changed.notify_all()

    def state(self) -> None:
        parts = self.voice.states()
        with self.changed:
            self.states += [part.state for part in parts]
            self.texts += [part.text for part in parts]
            self.changed.notify_all()

    @property
    def now(self) -> PartStatus:
        """The state of the (first) zone."""
        return self.voice.states()[0]

    def wait(self, condition: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, WAIT_S), (self.captions, self.texts)

    def call(self, *numbers: int, **more: Any) -> None:
        for number in numbers:
            values = {"seq": number, "ticket": f"A{number:03d}", "window": 3} | more
            self.voice.announce(Announcement.model_validate(values))

    def wait_said(self, count: int) -> None:
        self.wait(lambda: self.captions.count("") == count)

    @property
    def files(self) -> list[str]:
        return sorted(p.name for p in self.folder.iterdir())


@contextmanager
def stages(folder: Path) -> Iterator[Callable[..., Stage]]:
    """Makes started stages and stops them at the end."""
    made: list[Stage] = []

    def make(**settings: Any) -> Stage:
        made.append(Stage(folder, **settings))
        made[-1].voice.start()
        return made[-1]

    try:
        yield make
    finally:
        for one in made:
            one.voice.stop()


def samples(path: Path) -> "array[int]":
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 22_050)
        return array("h", file.readframes(file.getnframes()))


def check_call(path: Path) -> None:
    sound = samples(path)
    assert path.read_bytes()[:4] == b"RIFF"
    assert 2.0 <= seconds(sound) <= 10.0
    assert level(sound) > 1_000
    assert 0.7 * 32_767 < max(map(abs, sound)) < 0.9 * 32_767
