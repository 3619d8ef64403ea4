"""Rules for every test."""

import threading
import time
from collections.abc import Iterator

import pytest

# A thread that was told to stop may need a moment to leave its last call.
_GRACE_S = 5.0


def _strays(before: set[threading.Thread]) -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t not in before and t.is_alive()]


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """A test that leaves a thread running has failed."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + _GRACE_S
    while (left := _strays(before)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left, f"threads left running: {[t.name for t in left]}"
