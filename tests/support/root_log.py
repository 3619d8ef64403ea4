"""What a program that a test runs in this process does to the process's log."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_log() -> Iterator[None]:
    """The log is afterwards as it was before, whatever set it up meanwhile: what that wrote to may
    be closed by then."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
