"""A journal entry as the use cases read it."""

from typing import Protocol

from hall_server.domain.instant import Instant


class Entry(Protocol):
    """A journal entry as it was written; ``body`` is JSON text."""

    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> Instant: ...
    @property
    def type(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def body(self) -> str: ...
