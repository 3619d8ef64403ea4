"""The parent's side of the synthesizer: a supervised child, and espeak-ng itself as a stand-in."""

import json
import logging
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from display.voice.commands import CommandFailed, Commands, reap

_log = logging.getLogger(__name__)

ENGINE_COMMAND = (sys.executable, "-m", "display.voice.engine")
# Starting Python and loading pyttsx3 takes 0.2 s here; a cold SD card needs several seconds.
START_TIMEOUT_S = 20.0
# A fresh child every so often bounds whatever the speech library might leak.
UTTERANCES_PER_CHILD = 500
# An answer is one short line.
_MOST_LINE = 10_000
_ESPEAK = "espeak-ng"
# The voices by language: as pyttsx3 and as the espeak-ng command call them.
VOICES = {"zh": ("sit/cmn-latn-pinyin", "cmn-latn-pinyin"), "en": ("gmw/en", "en")}
_ESPEAK_AMPLITUDE = "60"


class SynthesisFailed(Exception):
    """No file was made; the message says why."""


class EngineChild:
    """One child process of :mod:`display.voice.engine`, started when it is first needed.

    Used from one thread, but for :meth:`interrupt`.
    """

    def __init__(self, command: Sequence[str] = ENGINE_COMMAND) -> None:
        self._command = list(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._buffer = b""
        self._said = 0
        self._lock = threading.Lock()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The running child's process id."""
        process = self._process
        return process.pid if process is not None else None

    def start(self, timeout_s: float = START_TIMEOUT_S) -> None:
        """Starts the child if none runs. Raises SynthesisFailed."""
        if self._process is not None and self._process.poll() is None:
            return
        self.kill()
        with self._lock:
            if self._closed:
                raise SynthesisFailed("the speaker is stopping")
            try:
                self._process = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
                )
            except OSError as error:
                raise SynthesisFailed(f"the speech engine cannot be started: {error}") from error
            self._buffer, self._said = b"", 0
        answer = self._answer(timeout_s)
        if answer.get("ready") is not True:
            self.kill()
            raise SynthesisFailed(f"the speech engine is not usable: {answer.get('error')}")

    def speak(self, text: str, rate: int, file: Path, timeout_s: float, language: str) -> None:
        """Has ``text`` in a language of :data:`VOICES` written to ``file``; a child that must be
        started first has as long for that. Raises SynthesisFailed; the child is then ended."""
        if self._said >= UTTERANCES_PER_CHILD:
            self.kill()
        self.start(timeout_s)
        process = self._process
        if process is None or process.stdin is None:
            raise SynthesisFailed("the speech engine ended")
        self._said += 1
        order = {
            "id": self._said, "voice": VOICES[language][0], "text": text, "rate": rate,
            "file": str(file),
        }  # fmt: skip
        try:
            process.stdin.write(json.dumps(order).encode() + b"\n")
            process.stdin.flush()
        except (OSError, ValueError) as error:
            self.kill()
            raise SynthesisFailed(f"the speech engine ended: {error}") from error
        answer = self._answer(timeout_s)
        if answer.get("id") != order["id"] or answer.get("ok") is not True:
            self.kill()
            raise SynthesisFailed(f"the speech engine failed: {answer.get('error', answer)}")

    def kill(self) -> None:
        """Ends the child at once; the next utterance starts another."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            reap(process)

    def interrupt(self) -> None:
        """Makes a waiting :meth:`speak` fail at once and every later one too; any thread."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()

    def _answer(self, timeout_s: float) -> dict[str, Any]:
        try:
            line = self._line(time.monotonic() + timeout_s)
            answer = json.loads(line)
        except (OSError, ValueError) as error:
            self.kill()
            raise SynthesisFailed(f"the speech engine: {error}") from error
        return answer if isinstance(answer, dict) else {}

    def _line(self, deadline: float) -> bytes:
        process = self._process
        if process is None or process.stdout is None:
            raise ValueError("ended")
        descriptor = process.stdout.fileno()
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while b"\n" not in self._buffer:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise ValueError("no answer in time")
                chunk = os.read(descriptor, 4096)
                if not chunk:
                    raise ValueError("ended before it answered")
                self._buffer += chunk
                if len(self._buffer) > _MOST_LINE:
                    raise ValueError("an answer that never ends")
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line


def espeak(
    commands: Commands, text: str, rate: int, file: Path, timeout_s: float, language: str
) -> None:
    """Has espeak-ng write ``text`` to ``file``, without pyttsx3. Raises SynthesisFailed."""
    command = [
        _ESPEAK, "-v", VOICES[language][1], "-s", str(rate), "-a", _ESPEAK_AMPLITUDE,
        "-w", str(file), "--", text,
    ]  # fmt: skip
    try:
        commands.run(command, timeout_s)
    except CommandFailed as error:
        raise SynthesisFailed(str(error)) from error
