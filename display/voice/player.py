"""Playing a sound through aplay, one at a time."""

import contextlib
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Literal

_APLAY = "aplay"
_CARDS = Path("/proc/asound/cards")
# Opening the device and draining its buffer come on top of the length of the sound.
PLAY_MARGIN_S = 5.0


class PlaybackFailed(Exception):
    """The sound was not played; the message says why."""


def has_sound_card(cards: Path = _CARDS) -> bool:
    """Whether the kernel knows a sound card now (one may be plugged in later)."""
    try:
        return "]:" in cards.read_text(errors="replace")
    except OSError:
        return False


class Player:
    """Plays through ALSA's ``device`` (empty: its default). ``mode`` as in the settings; a sound
    that takes ``margin_s`` seconds longer than it is long is ended."""

    def __init__(
        self,
        mode: Literal["auto", "aplay", "none"],
        device: str = "",
        *,
        margin_s: float = PLAY_MARGIN_S,
    ) -> None:
        self._margin_s = margin_s
        self._mode = mode
        self._device = device
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def wanted(self) -> bool:
        """Whether calls are meant to be heard from this machine."""
        return self._mode != "none"

    def available(self) -> bool:
        """Whether a sound would be played now."""
        if self._mode == "auto":
            return has_sound_card() and shutil.which(_APLAY) is not None
        return self._mode == "aplay"

    def play(self, sound: bytes, length_s: float) -> None:
        """Plays a WAV file's bytes to their end. Raises PlaybackFailed."""
        command = [_APLAY, "-q", *(["-D", self._device] if self._device else []), "-"]
        with self._lock:
            if self._closed:
                return
            try:
                process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                )  # fmt: skip
            except OSError as error:
                raise PlaybackFailed(f"aplay: {error}") from error
            self._process = process
        try:
            _, said = process.communicate(sound, timeout=length_s + self._margin_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            _close(process)
            raise PlaybackFailed("aplay did not end in time") from None
        finally:
            with self._lock:
                self._process = None
        if process.returncode != 0 and not self._closed:
            words = said.decode(errors="replace").strip().splitlines()
            why = words[-1].removeprefix("aplay: ") if words else process.returncode
            raise PlaybackFailed(f"aplay: {why}")

    def close(self) -> None:
        """Ends what plays now and plays nothing more."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()


def _close(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stderr):
        if stream is not None:
            # What it did not take stays in the pipe.
            with contextlib.suppress(OSError):
                stream.close()
