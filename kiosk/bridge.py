"""The only way from a worker thread to the screen: one queue, drained on the screen's thread.

Nothing here knows Kivy. ``wake`` is the screen's own "come and look" (a Clock trigger), which is
safe to call from any thread and makes the event loop drain at once.
"""

import queue
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from kiosk.flow.inputs import Input

R = TypeVar("R")

# A frame of a busy software-drawn screen takes 0.2 s; ten seconds mean that the screen hangs.
CALL_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Errand:
    """A function to run on the screen's thread; it settles ``future`` now or some frames later."""

    run: Callable[["Future[Any]"], None]
    future: "Future[Any]"


class Bridge:
    """``post`` and ``ask`` from any thread; ``drain`` on the screen's."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Input | Errand] = queue.SimpleQueue()
        self._wake: Callable[[], object] = lambda: None
        self._closed = False

    def attach(self, wake: Callable[[], object]) -> None:
        """Says how to wake the screen; what was posted before is not lost."""
        self._wake = wake
        wake()

    def post(self, happened: Input) -> None:
        """Hands an input to the screen."""
        self._queue.put(happened)
        self._wake()

    def ask(self, run: Callable[["Future[R]"], None]) -> R:
        """Runs ``run`` on the screen's thread and waits for the result that it sets.

        Raises TimeoutError when the screen does not answer, and what ``run`` reports.
        """
        errand: Future[R] = Future()
        self._queue.put(Errand(run, errand))
        self._wake()
        if self._closed:
            self.close()
        return errand.result(timeout=CALL_TIMEOUT_S)

    def drain(self) -> list[Input | Errand]:
        """Everything that came since the last time, oldest first."""
        found: list[Input | Errand] = []
        while True:
            try:
                found.append(self._queue.get_nowait())
            except queue.Empty:
                return found

    def close(self) -> None:
        """The screen is gone: who waits for it gets TimeoutError at once."""
        self._closed = True
        for found in self.drain():
            if isinstance(found, Errand) and not found.future.done():
                found.future.set_exception(TimeoutError("the screen was closed"))
