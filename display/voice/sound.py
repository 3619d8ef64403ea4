"""Sound as arrays of samples: the chime, checks of what the synthesizer wrote, one file a call.

Everything is mono, signed 16 bit, 22,050 samples a second: what espeak-ng makes.
"""

from __future__ import annotations

import io
import math
import os
import sys
import wave
from array import array
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

RATE_HZ = 22_050
_FULL = 32_767
# Quieter than this is the hiss before and after speech, not speech (1 % of full scale).
_QUIET = 328
# The mean level (RMS) of speech is about 2,500 at this volume; a broken file is near 0.
_LEAST_LEVEL = 200.0
# The shortest syllable lasts 0.15 s; less is a click.
_LEAST_RECORDING_S = 0.08
# Silence around a recorded word does not matter, but a long file would fill the memory; this is
# 50 s in stereo at 48 kHz.
_MOST_BYTES = 10_000_000

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


def read_phrase(path: Path, least_s: float, most_s: float) -> array[int]:
    """The speech in the synthesizer's file, without the silence around it.

    Raises BadSound when it is not a mono 16-bit 22,050 Hz WAV with ``least_s`` to ``most_s``
    seconds of speech at a plausible level.
    """
    samples, form = _read(path)
    if form != (1, 2, RATE_HZ):
        raise BadSound(f"{path.name}: not mono 16 bit {RATE_HZ} Hz: {form}")
    speech = trimmed(samples)
    if not least_s <= seconds(speech) <= most_s:
        raise BadSound(f"{path.name}: {seconds(speech):.2f} s of speech, expected {least_s:.2f}")
    if level(speech) < _LEAST_LEVEL:
        raise BadSound(f"{path.name}: silent")
    return speech


def read_recording(path: Path, most_s: float) -> array[int]:
    """A recording of a word, without the silence around it, in our own form.

    Any number of channels, any rate from 8,000 Hz to 192,000 Hz. Raises BadSound when it is not
    16-bit PCM, silent or longer than ``most_s`` seconds.
    """
    samples, (channels, width, rate) = _read(path)
    if width != 2 or not 8_000 <= rate <= 192_000:
        raise BadSound(f"{path.name}: not 16 bit, 8 to 192 kHz: {8 * width} bit, {rate} Hz")
    if channels > 1:
        frames = zip(*(samples[at::channels] for at in range(channels)), strict=False)
        samples = array("h", (sum(frame) // channels for frame in frames))
    speech = trimmed(_at_our_rate(samples, rate))
    if level(speech) < _LEAST_LEVEL:
        raise BadSound(f"{path.name}: silent")
    if seconds(speech) < _LEAST_RECORDING_S:
        raise BadSound(f"{path.name}: {seconds(speech):.2f} s of sound, too short for a word")
    if seconds(speech) > most_s:
        raise BadSound(f"{path.name}: {seconds(speech):.1f} s, longer than {most_s:g} s")
    return speech


def _read(path: Path) -> tuple[array[int], tuple[int, int, int]]:
    """The samples and (channels, bytes a sample, rate). Raises BadSound."""
    try:
        with wave.open(str(path), "rb") as file:
            form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            if file.getnframes() * form[0] * form[1] > _MOST_BYTES:
                raise BadSound(f"{path.name}: larger than {_MOST_BYTES // 1_000_000} MB")
            raw = file.readframes(file.getnframes())
    except (OSError, EOFError, RuntimeError, wave.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise BadSound(f"{path.name}: {reason or 'no whole WAV file'}") from error
    samples = array("h", raw[: len(raw) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples, form


def _at_our_rate(samples: array[int], rate: int) -> array[int]:
    """Resampled by the mean of what falls into each of our samples (no aliasing worth hearing in
    speech), or by a straight line between two where there is less than one."""
    if rate == RATE_HZ or not samples:
        return samples
    step, count = rate / RATE_HZ, int(len(samples) * RATE_HZ / rate)
    if step > 1:
        sums = array("q", [0])
        for sample in samples:
            sums.append(sums[-1] + sample)
        edges = [round(at * step) for at in range(count + 1)]
        return array("h", ((sums[b] - sums[a]) // (b - a) for a, b in pairwise(edges)))
    last = len(samples) - 1
    at_least = ((min(last, int(at * step)), at * step % 1) for at in range(count))
    return array(
        "h", (int(samples[i] + (samples[min(last, i + 1)] - samples[i]) * f) for i, f in at_least)
    )


def trimmed(samples: array[int]) -> array[int]:
    """The sound without the silence before and after it; empty when it is all silent."""
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


def compose(phrases: Sequence[Samples], *, before: Samples, volume: int) -> list[array[int]]:
    """One announcement in parts that may be played one after the other: the first phrase with the
    chime ``before`` it (may be empty), then each other phrase with a pause before it. ``volume``
    is the peak in percent of full scale; the chime is a little softer."""
    parts: list[array[int]] = []
    for phrase in phrases:
        part = array("h")
        if parts:
            part.extend(_silence(_REPEAT_GAP_S))
        elif before:
            part.extend(scaled(before, volume * 3 // 4))
            part.extend(_silence(_CHIME_GAP_S))
        part.extend(scaled(phrase, volume))
        parts.append(part)
    if parts:
        parts[-1].extend(_silence(_TAIL_S))
    return parts


def join(pieces: Sequence[Samples], gap_s: float = 0.0) -> array[int]:
    """The pieces one after the other, with a silence of ``gap_s`` seconds between them."""
    whole = array("h")
    for piece in pieces:
        if whole:
            whole.extend(_silence(gap_s))
        whole.extend(piece)
    return whole


def _silence(length_s: float) -> array[int]:
    return array("h", bytes(2 * int(length_s * RATE_HZ)))


def wav(samples: array[int]) -> bytes:
    """The samples as a WAV file."""
    if sys.byteorder == "big":
        samples = array("h", samples)
        samples.byteswap()
    memory = io.BytesIO()
    with wave.open(memory, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return memory.getvalue()


def write(path: Path, samples: array[int]) -> None:
    """Writes a WAV file that appears under its name only when it is complete.

    Raises OSError when the folder cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(wav(samples))
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
