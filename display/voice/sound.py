"""Sound as arrays of samples: the chime, checks of what the synthesizer wrote, one file a call.

Everything is mono, signed 16 bit, 22,050 samples a second: what espeak-ng makes.
"""

from __future__ import annotations

import math
import os
import sys
import wave
from array import array
from collections.abc import Sequence
from pathlib import Path

RATE_HZ = 22_050
_FULL = 32_767
# Quieter than this is the hiss before and after speech, not speech (1 % of full scale).
_QUIET = 328
# The mean level (RMS) of speech is about 2,500 at this volume; a broken file is near 0.
_LEAST_LEVEL = 200.0
# A phrase longer than this is not one of ours, whatever the speed.
_MOST_PHRASE_S = 15.0

_CHIME_GAP_S = 0.1
_REPEAT_GAP_S = 0.35
_TAIL_S = 0.1

# Two bell tones, a falling major third (E5, C5): (frequency in Hz, start and length in s).
_BELLS = ((659.26, 0.0, 0.9), (523.25, 0.38, 0.82))
# A bell's partials: (multiple of the frequency, strength, decay per second).
_PARTIALS = ((1.0, 1.0, 3.5), (2.0, 0.4, 5.0), (3.01, 0.16, 8.0), (4.2, 0.07, 12.0))
_ATTACK_S = 0.006
_RELEASE_S = 0.06

Samples = Sequence[int]


class BadSound(Exception):
    """A WAV file that must not be played: missing, not WAV, cut off, silent."""


def read_phrase(path: Path, least_s: float) -> array[int]:
    """The speech in the synthesizer's file, without the silence around it.

    Raises BadSound when it is not a mono 16-bit 22,050 Hz WAV with at least ``least_s`` seconds
    of speech at a plausible level.
    """
    try:
        with wave.open(str(path), "rb") as file:
            form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            raw = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise BadSound(f"{path.name}: {error}") from error
    if form != (1, 2, RATE_HZ):
        raise BadSound(f"{path.name}: not mono 16 bit {RATE_HZ} Hz: {form}")
    samples = array("h", raw[: len(raw) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    speech = _trimmed(samples)
    if not least_s <= seconds(speech) <= _MOST_PHRASE_S:
        raise BadSound(f"{path.name}: {seconds(speech):.2f} s of speech, expected {least_s:.2f}")
    if level(speech) < _LEAST_LEVEL:
        raise BadSound(f"{path.name}: silent")
    return speech


def _trimmed(samples: array[int]) -> array[int]:
    loud = [at for at in range(0, len(samples), 64) if _peak(samples[at : at + 64]) > _QUIET]
    return samples[loud[0] : loud[-1] + 64] if loud else array("h")


def _peak(samples: Samples) -> int:
    return max(max(samples), -min(samples)) if samples else 0


def seconds(samples: Samples) -> float:
    """The length in seconds."""
    return len(samples) / RATE_HZ


def level(samples: Samples) -> float:
    """The mean level (root mean square), 0 to 32,767."""
    return math.sqrt(sum(s * s for s in samples) / len(samples)) if samples else 0.0


def scaled(samples: Samples, volume: int) -> array[int]:
    """The same sound with its peak at ``volume`` percent of full scale: it never clips."""
    peak = _peak(samples)
    if peak == 0:
        return array("h", samples)
    gain = _FULL * volume / 100 / peak
    return array("h", (int(s * gain) for s in samples))


def chime() -> array[int]:
    """A ding-dong of 1.2 s with its peak below full scale."""
    total = int(max(start + length for _, start, length in _BELLS) * RATE_HZ)
    mix = [0.0] * total
    for frequency, start, length in _BELLS:
        first, count = int(start * RATE_HZ), int(length * RATE_HZ)
        for at in range(count):
            mix[first + at] += _bell(frequency, at / RATE_HZ, length)
    most = max(map(abs, mix))
    return array("h", (int(value / most * 0.9 * _FULL) for value in mix))


def _bell(frequency: float, t: float, length: float) -> float:
    edge = min(1.0, t / _ATTACK_S, max(0.0, (length - t) / _RELEASE_S))
    return edge * sum(
        strength * math.exp(-decay * t) * math.sin(2 * math.pi * frequency * multiple * t)
        for multiple, strength, decay in _PARTIALS
    )


def compose(phrase: Samples, *, repeat: int, before: Samples, volume: int) -> array[int]:
    """One call: the chime ``before`` (may be empty), then the phrase ``repeat`` times, with
    pauses. ``volume`` is the peak in percent of full scale; the chime is a little softer."""
    said = scaled(phrase, volume)
    whole = array("h")
    if before:
        whole.extend(scaled(before, volume * 3 // 4))
        whole.extend(_silence(_CHIME_GAP_S))
    for turn in range(repeat):
        if turn:
            whole.extend(_silence(_REPEAT_GAP_S))
        whole.extend(said)
    whole.extend(_silence(_TAIL_S))
    return whole


def _silence(length_s: float) -> array[int]:
    return array("h", bytes(2 * int(length_s * RATE_HZ)))


def write(path: Path, samples: array[int]) -> None:
    """Writes a WAV file that appears under its name only when it is complete.

    Raises OSError when the folder cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    if sys.byteorder == "big":
        samples = array("h", samples)
        samples.byteswap()
    try:
        with part.open("wb") as raw, wave.open(raw, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            file.writeframes(samples.tobytes())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def remove_oldest(folder: Path, pattern: str, keep: int) -> None:
    """Removes the oldest files of ``folder`` that match ``pattern``, so that ``keep`` stay."""
    files = sorted(folder.glob(pattern), key=lambda p: (p.stat().st_mtime_ns, p.name))
    for path in files[: max(0, len(files) - keep)]:
        path.unlink(missing_ok=True)


def writable_folder(path: Path) -> None:
    """Makes the folder. Raises OSError when it cannot be made or written."""
    path.mkdir(parents=True, exist_ok=True)
    if not os.access(path, os.W_OK):
        raise PermissionError(f"cannot be written: {path}")
