"""The child process that owns pyttsx3: one line of JSON in, one WAV file and one line out.

::

    child  → {"ready": true}                                     once, when the voice is set
    parent → {"id": 7, "voice": "sit/cmn-latn-pinyin", "text": "qing3 …", "rate": 180,
              "file": "/run/…/7.wav"}
    child  → {"id": 7, "ok": true}   or   {"id": 7, "ok": false, "error": "…"}

It ends when its standard input ends. pyttsx3 2.99 keeps only the last of several queued saves,
prints to standard output, accepts unknown voices silently and may hang; and when espeak-ng's own
thread is still busy as its loop starts, it cancels what was just asked for: a changed speed is
lost, or the file is empty. So: one utterance at a time, standard output kept from it, espeak-ng
idle and every property read back before anything is said, an empty file made again, and a parent
that ends this process when an answer is late (:mod:`display.voice.synthesis`).
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

VOICE = "sit/cmn-latn-pinyin"
# espeak-ng clips above about 100; the volume asked for is reached afterwards, by scaling.
_VOLUME = 0.6
# espeak-ng works in a thread of its own and takes a property over within milliseconds.
_SETTLE_S = 0.3
_POLL_S = 0.002
_TRIES = 4
_WAV_HEADER = 44


def _engine() -> Any:
    import pyttsx3

    engine = pyttsx3.init("espeak")
    if VOICE not in {voice.id for voice in engine.getProperty("voices")}:
        raise RuntimeError(f"espeak-ng has no voice {VOICE}")
    # An empty run: from now on properties are passed on when they are set, not queued.
    engine.runAndWait()
    _set(engine, "voice", VOICE)
    _set(engine, "volume", _VOLUME)
    return engine


def _set(engine: Any, name: str, value: str | int | float) -> None:
    for _ in range(_TRIES):
        if engine.getProperty(name) == value:
            return
        _wait(_idle)
        engine.setProperty(name, value)
        _wait(lambda: bool(engine.getProperty(name) == value))
    raise RuntimeError(f"espeak-ng does not take {name} {value}")


def _idle() -> bool:
    from pyttsx3.drivers import _espeak

    return not _espeak.IsPlaying()


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _SETTLE_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(_POLL_S)


def _save(engine: Any, text: str, file: Path) -> None:
    for _ in range(_TRIES):
        file.unlink(missing_ok=True)
        _wait(_idle)
        engine.save_to_file(text, str(file))
        engine.runAndWait()
        if file.exists() and file.stat().st_size > _WAV_HEADER:
            return
    raise RuntimeError("espeak-ng said nothing")


def _speak(engine: Any, order: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"id": order.get("id")}
    try:
        _set(engine, "voice", str(order["voice"]))
        _set(engine, "rate", int(order["rate"]))
        _save(engine, str(order["text"]), Path(order["file"]))
    except (RuntimeError, ValueError, OSError, KeyError, AssertionError) as error:
        return answer | {"ok": False, "error": f"{type(error).__name__}: {error}"}
    return answer | {"ok": True}


def serve(orders: IO[str], answers: IO[str]) -> int:
    """Answers orders until there are no more."""

    def send(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    try:
        engine = _engine()
    except (ImportError, RuntimeError, ValueError, OSError, KeyError) as error:
        send({"ready": False, "error": f"{type(error).__name__}: {error}"})
        return 1
    send({"ready": True})
    for line in orders:
        send(_speak(engine, json.loads(line)))
    return 0


def main() -> int:
    """Runs the child on its own standard input and output."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # pyttsx3 prints a line for each file: it must not be mistaken for an answer.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    try:
        return serve(sys.stdin, answers)
    except (KeyboardInterrupt, BrokenPipeError):
        return 0


if __name__ == "__main__":
    sys.exit(main())
