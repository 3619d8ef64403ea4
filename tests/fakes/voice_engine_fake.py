"""A speech engine that fails on command: run as ``python -m tests.fakes.voice_engine_fake MODE``.

It speaks the protocol of ``display.voice.engine``. Every start appends a line to the file named
by ``VOICE_FAKE_LOG``, every order its text.
"""

import json
import os
import sys
import time
import wave
from pathlib import Path

RATE = 22_050


def log(text: str) -> None:
    """Notes what happened."""
    with Path(os.environ["VOICE_FAKE_LOG"]).open("a") as file:
        file.write(text + "\n")


def say(line: str) -> None:
    """One line to the parent."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def save(path: str, frames: bytes) -> None:
    """A WAV file with these frames."""
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(frames)


def answer(mode: str, order: dict[str, object]) -> None:
    """What ``mode`` does with an order."""
    ok: object = {"id": order["id"], "ok": True}
    if mode == "hang":
        time.sleep(600)
    elif mode == "die":
        os._exit(3)
    elif mode == "silent":
        save(str(order["file"]), bytes(2 * 3 * RATE))
    elif mode == "cut":
        save(str(order["file"]), b"\x00\x20" * (RATE // 4))
    elif mode == "no_file":
        pass
    elif mode == "not_wav":
        Path(str(order["file"])).write_bytes(b"hello, this is not sound")
    elif mode == "garbage":
        say("]]] not json")
        return
    elif mode == "endless":
        say("x" * 1_000_000)
    elif mode == "refuse":
        ok = {"id": order["id"], "ok": False, "error": "out of breath"}
    say(json.dumps(ok))


def main(mode: str) -> int:
    """Runs until standard input ends."""
    log("start")
    if mode == "asleep":
        time.sleep(600)
    if mode == "never_ready":
        say(json.dumps({"ready": False, "error": "no voice"}))
        return 1
    say(json.dumps({"ready": True}))
    for line in sys.stdin:
        order = json.loads(line)
        log(order["text"])
        answer(mode, order)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
