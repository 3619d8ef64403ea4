"""What a WAV file sounds like, measured."""

import array
import wave
from pathlib import Path


def seconds(path: Path) -> float:
    """How long it is."""
    with wave.open(str(path)) as sound:
        return sound.getnframes() / sound.getframerate()


def loudness(path: Path) -> float:
    """Root mean square of the samples, 0 (silence) to 1."""
    with wave.open(str(path)) as sound:
        assert sound.getsampwidth() == 2
        samples = array.array("h", sound.readframes(sound.getnframes()))
    mean: float = sum(s * s for s in samples) / max(1, len(samples))
    return mean**0.5 / 32768
