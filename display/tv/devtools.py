"""Chromium's DevTools protocol over a pair of pipes, for this program alone.

::

    to Chromium    {"id": 7, "method": "Page.navigate", "params": {…}, "sessionId": "…"} NUL
    from Chromium  {"id": 7, "result": {…}} NUL  ·  {"id": 7, "error": {…}} NUL  ·  events

With ``--remote-debugging-pipe`` Chromium reads from descriptor 3 and writes to 4, and ends when the
other side is closed. Source: https://chromedevtools.github.io/devtools-protocol/
"""

import json
import os
import queue
import threading
import time
from typing import Any

_PIECE = 65536
_CLOSE_S = 5.0
# Whoever waits for an answer looks this often whether the program is told to end.
_LOOK_S = 0.2


class ToolsError(Exception):
    """The browser did not do what it was asked.

    ToolsError
    ├── Silent   no answer in time: it hangs
    ├── Refused  it says no, as between two pages
    └── Gone     the pipe is closed: it ended
    """


class Silent(ToolsError):
    """No answer came in time."""


class Refused(ToolsError):
    """The browser understood and said no."""


class Gone(ToolsError):
    """The browser ended."""


class DevTools:
    """Asks the browser, from any thread. Owns both descriptors. Once ``stopping`` is set nobody
    waits for an answer any more, but with ``ending``."""

    def __init__(self, read_fd: int, write_fd: int, stopping: threading.Event) -> None:
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._stopping = stopping
        self._lock = threading.Lock()
        self._waiting: dict[int, queue.SimpleQueue[dict[str, Any]]] = {}
        self._next = 0
        self._ended = False
        self._reader = threading.Thread(target=self._read, name="devtools", daemon=True)
        self._reader.start()

    def call(
        self, method: str, params: dict[str, Any], timeout_s: float, session: str = "",
        *, ending: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        """The ``result``. Raises ToolsError."""
        answer: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        with self._lock:
            self._next += 1
            number = self._next
            if self._ended:
                raise Gone(method)
            self._waiting[number] = answer
            message = {"id": number, "method": method, "params": params}
            if session:
                message["sessionId"] = session
            try:
                os.write(self._write_fd, json.dumps(message).encode() + b"\0")
            except OSError as error:
                raise Gone(method) from error
        try:
            got = self._wait(answer, timeout_s, ending)
        except queue.Empty:
            raise Silent(f"{method}: no answer for {timeout_s:.0f} s") from None
        finally:
            self._waiting.pop(number, None)
        if "error" in got:
            raise Refused(f"{method}: {got['error'].get('message', '')}")
        if "result" not in got:
            raise Gone(method)
        return dict(got["result"])

    def _wait(
        self, answer: "queue.SimpleQueue[dict[str, Any]]", timeout_s: float, ending: bool
    ) -> dict[str, Any]:
        until = time.monotonic() + timeout_s
        while True:
            left = until - time.monotonic()
            try:
                return answer.get(timeout=max(0.0, min(left, _LOOK_S)))
            except queue.Empty:
                if left <= _LOOK_S or (self._stopping.is_set() and not ending):
                    raise

    def close(self) -> None:
        """Closes the pipe, which ends the browser if nothing did."""
        with self._lock:
            os.close(self._write_fd)
            self._ended = True
        # The reader ends when the last process that holds the other side is gone.
        self._reader.join(_CLOSE_S)
        os.close(self._read_fd)

    def _read(self) -> None:
        rest = b""
        while True:
            try:
                piece = os.read(self._read_fd, _PIECE)
            except OSError:
                piece = b""
            if not piece:
                break
            *messages, rest = (rest + piece).split(b"\0")
            for message in messages:
                self._deliver(message)
        with self._lock:
            self._ended = True
            waiting = list(self._waiting.values())
        for answer in waiting:
            answer.put({})

    def _deliver(self, message: bytes) -> None:
        got = json.loads(message)
        answer = self._waiting.get(got.get("id", 0))
        if answer is not None:
            answer.put(got)
