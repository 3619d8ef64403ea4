"""A hall's own recordings, joined to calls.

A folder of WAV files, each named by what it says: 请.wav, A.wav, 零.wav, 十.wav, 号.wav,
综合窗口.wav (all of them: :func:`needed`). 16-bit PCM of any usual rate, mono or stereo; silence
around the words does not matter.
"""

from __future__ import annotations

import stat
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from display.voice.phrases import Announcement, Manner, phrase
from display.voice.sound import BadSound, join, read_recording
from hallkit.wire.hall import WindowKind

# Series are never I, O or Q, which are taken for digits.
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
# No word lasts longer; a longer file is a mistake.
MOST_CLIP_S = 4.0
# Words of one call follow each other closely.
_GAP_S = 0.05


def needed(manner: Manner) -> tuple[str, ...]:
    """Every recording that some call said in this manner needs, but for 绿色通道窗口: only windows
    with these words in their name are called so."""
    kinds: tuple[WindowKind, ...] = get_args(WindowKind)
    calls = [Announcement(ticket="01234567", window=1111, window_kind=kind) for kind in kinds]
    calls += [Announcement(ticket="89", window=1, collect=True, green=True)]
    calls += [Announcement(ticket=letter, window=1) for letter in LETTERS]
    said = [phrase(call, manner) for call in calls]
    return tuple(dict.fromkeys(name for one in said for name in one.clips))


class ClipsMissing(Exception):
    """A call cannot be said with the recordings; ``names`` are those that are missing."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"no usable recording of {'、'.join(names)}")
        self.names = tuple(names)


class Clips:
    """The recordings of ``folder``, each read when it is first needed, and again after its file
    was changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, tuple[tuple[int, int], array[int]]] = {}

    def problem(self, name: str) -> str:
        """Why the recording of ``name`` cannot be used; empty when it can."""
        try:
            self._clip(name)
        except BadSound as error:
            return str(error)
        return ""

    def say(self, names: Sequence[str]) -> array[int]:
        """The words joined. Raises ClipsMissing with every one that is missing or unusable."""
        missing = [name for name in dict.fromkeys(names) if self.problem(name)]
        if missing:
            raise ClipsMissing(missing)
        return join([self._clip(name) for name in names], _GAP_S)

    def _clip(self, name: str) -> array[int]:
        path = self._folder / f"{name}.wav"
        try:
            facts = path.stat()
        except OSError as error:
            self._read.pop(name, None)
            raise BadSound(f"{path.name}: {error.strerror}") from error
        if not stat.S_ISREG(facts.st_mode):
            raise BadSound(f"{path.name}: not a file")
        stamp = (facts.st_mtime_ns, facts.st_size)
        known = self._read.get(name)
        if known is None or known[0] != stamp:
            known = self._read[name] = (stamp, read_recording(path, MOST_CLIP_S))
        return known[1]
