"""Waiting for something to become true, with patience for a busy machine."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE_S = 60.0


def wait_for(what: str, look: Callable[[], T | None], within_s: float = PATIENCE_S) -> T:
    """The first thing that ``look`` finds. Fails after ``within_s``."""
    deadline = time.monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"waited {within_s:.0f} s for {what}"
        time.sleep(0.02)
