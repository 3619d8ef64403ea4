"""A small memory of what was read lately, so that not every request reads the database."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

V = TypeVar("V")

# Another process (``hall admin``) may have changed the database: read again after this long.
FRESH_S = 30.0
_MOST = 512


class Recent(Generic[V]):
    """Up to 512 values by key, each for 30 s; thread-safe. The absence of a value is not kept,
    so that made-up keys cannot push the real ones out."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = Lock()
        self._kept: OrderedDict[str, tuple[float, V]] = OrderedDict()
        self._generation = 0

    def get(self, key: str, read: Callable[[], V | None]) -> V | None:
        """The value kept for ``key``, or what ``read`` returns, which is then kept."""
        now = self._monotonic()
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and now - kept[0] < FRESH_S:
                return kept[1]
            generation = self._generation
        value = read()
        with self._lock:
            self._kept.pop(key, None)
            # What was read before a clear() may be what the clear() was about.
            if value is not None and generation == self._generation:
                self._kept[key] = (now, value)
                while len(self._kept) > _MOST:
                    self._kept.popitem(last=False)
        return value

    def clear(self) -> None:
        """Forgets everything; call it after changing what the values came from."""
        with self._lock:
            self._generation += 1
            self._kept.clear()
