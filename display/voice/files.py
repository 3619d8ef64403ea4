"""The WAV files of what was said: one an announcement, the newest kept."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from display.voice.phrases import Announcement
from display.voice.sound import remove_oldest, writable_folder, write

# A file: <sequence, or date and time>-<ticket>-w<window>.wav, with -<ticket>-w<window> for each
# further call of one announcement; <date and time>-notice.wav for a notice.
FILE_PATTERN = "[0-9]" * 8 + "*-*.wav"


class VoiceFiles:
    """The folder ``out_dir`` (empty: a temporary one), in it that of ``zone`` if given."""

    def __init__(self, out_dir: str, zone: str, keep: int) -> None:
        self._out_dir = out_dir
        self._zone = zone
        self._keep = keep
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self.folder: Path | None = None

    def open(self) -> None:
        """Decides on the folder."""
        if not self._out_dir:
            self._temporary = tempfile.TemporaryDirectory(prefix="hall-voice-")
        base = Path(self._out_dir or (self._temporary.name if self._temporary else ""))
        self.folder = base / self._zone if self._zone else base

    def close(self) -> None:
        """Removes the folder if it is a temporary one."""
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None

    def write(self, name: str, samples: array[int]) -> None:
        """Writes a file, again if there is one. Raises OSError."""
        assert self.folder is not None
        writable_folder(self.folder)
        write(self.folder / name, samples)
        remove_oldest(self.folder, FILE_PATTERN, self._keep)


def _stamp() -> str:
    return f"{datetime.now().astimezone():%Y%m%dT%H%M%S%f}"


def name_of_calls(calls: Sequence[Announcement]) -> str:
    """The file of an announcement of these calls."""
    name = f"{calls[0].seq:08d}" if calls[0].seq else _stamp()
    for call in calls:
        ticket = "".join(c for c in call.ticket if c.isascii() and c.isalnum()) or "x"
        name += f"-{ticket}-w{call.window}"
    return f"{name}.wav"


def name_of_notice() -> str:
    """The file of a notice."""
    return f"{_stamp()}-notice.wav"
