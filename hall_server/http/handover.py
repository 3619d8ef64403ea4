"""Handing connections to workers: whoever became idle last goes first.

The library's queue wakes its threads in turn, so that eighty stacks are kept in memory where a few
would do, and none is in the processor's cache.
"""

import threading
from collections import deque
from typing import Any


class _Idle:
    """A worker that waits; a bare lock is what wakes it soonest."""

    def __init__(self) -> None:
        self._given = threading.Lock()
        self._given.acquire()
        self._thing: Any = None

    def give(self, thing: Any) -> None:
        """Ends the wait."""
        self._thing = thing
        self._given.release()

    def take(self) -> Any:
        """What was given; waits for it."""
        self._given.acquire()
        return self._thing


class Handover:
    """As much of ``queue.Queue`` as cheroot's workers use; without bound. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._things: deque[Any] = deque()
        self._idle: list[_Idle] = []

    def put(self, thing: Any, block: bool = True, timeout: float | None = None) -> None:  # noqa: ARG002 - the library's
        """Hands it to the worker that became idle last, or to the next that does."""
        with self._lock:
            if self._idle:
                self._idle.pop().give(thing)
            else:
                self._things.append(thing)

    def get(self) -> Any:
        """The thing that waits longest; waits for one."""
        with self._lock:
            if self._things:
                return self._things.popleft()
            idle = _Idle()
            self._idle.append(idle)
        return idle.take()

    def qsize(self) -> int:
        """How many things wait for a worker."""
        return len(self._things)
